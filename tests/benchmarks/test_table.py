import pytest

from benchmarks.cost import Cost
from benchmarks.measures import Summary
from benchmarks.sounds import Survival
from benchmarks.table import Results, markdown

SHIFTS = {-6.0: {"median_cents": 5.0}, 7.0: {"median_cents": 6.0}}
EDITS = {"median_cents": 4.4, "share_over_50_cents": 0.007, "voicing_agreement": 0.985}


@pytest.fixture
def lines() -> list[str]:
    results = Results(
        about={"bundle": "0123456789ab"},
        summaries={
            "ours": Summary(3.5, 0.95, {0.0: 3.1, -6.0: 3.0, -3.0: 3.0, 4.0: 3.0, 7.0: 2.9}, 12.4, SHIFTS, EDITS),
            "copier": Summary(2.0, float("nan"), {0.0: 2.5}),
        },
        costs={"ours": {1: Cost(0.0123, 80.4), 2: Cost(0.00712, 90.6)}},
        sounds={"noise": Survival(True, -10.5, 0.2), "chords": Survival(False, float("nan"), float("nan"))},
        absent=["WORLD: pyworld is not installed"],
    )
    return [" ".join(line.split()) for line in markdown(results, "python -m this").splitlines()]


def test_figures_stand_in_their_columns(lines: list[str]) -> None:
    assert "| ours | 3.50 | 0.950 | 3.10 | 3.00 | 3.00 | 3.00 | 2.90 |" in lines
    assert "| ours | 4.4 | 0.7 % | 1.5 % | 5.0 | | | 6.0 | +12 |" in lines
    assert "| ours | 0.012 | 0.0071 | 91 MB |" in lines
    assert "| noise | yes | -10.5 dB | +0.2 dB | no |" in lines


def test_what_was_not_measured_is_blank_and_what_is_missing_named(lines: list[str]) -> None:
    assert "| copier | 2.00 | | 2.50 | | | | |" in lines
    assert sum(line.startswith("| copier") for line in lines) == 1  # it has no pitch
    assert "Absent: WORLD: pyworld is not installed." in lines
    assert any(line.startswith("| chords | no |") for line in lines)


def test_it_says_how_it_was_made(lines: list[str]) -> None:
    assert "- made by: `python -m this`" in lines
    assert "- bundle: 0123456789ab" in lines
