import json

import numpy as np
import pytest

from voicevae.evaluation.document import Row, markdown, plain, show


@pytest.mark.parametrize(
    ("value", "least", "most", "met"),
    [
        (0.4, 0.4, None, True),
        (0.39, 0.4, None, False),
        (15.0, None, 15.0, True),
        (15.1, None, 15.0, False),
        (1.0, None, None, None),
        (None, 0.4, None, None),
        (float("nan"), 0.4, None, False),
        (float("nan"), None, 0.4, False),
    ],
)
def test_a_target_is_met_or_not(value: float | None, least: float | None, most: float | None, met: bool | None) -> None:
    assert Row("figure", value, "", None, least, most).met is met


def test_absent_is_not_zero() -> None:
    cells = Row("closure", None, at_least=0.4, beside="resemblyzer is not installed").cells()
    assert cells[1] == "absent" and cells[4] == "" and "not installed" in cells[5]


def test_three_digits_and_a_unit() -> None:
    assert [show(v, "") for v in (0.1234, 1.234, 12.34, 123.4)] == ["0.123", "1.23", "12.3", "123"]
    assert show(90, "%") == "90.0 %"
    assert show(float("nan"), "dB") == "undefined"


def test_the_table_has_one_line_a_row_and_all_as_wide() -> None:
    lines = markdown([Row("a", 1.0, "dB", (0.5, 1.5), at_most=2), Row("a longer name", 2.0)]).splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    assert "0.500 to 1.50" in lines[2] and "at most 2.00 dB" in lines[2] and "yes" in lines[2]


def test_plain_values_are_valid_json() -> None:
    value = {1.5: (np.float32(0.5), float("nan"), np.bool_(True)), "x": [np.int64(3), None]}
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {"1.5": [0.5, None, True], "x": [3, None]}
