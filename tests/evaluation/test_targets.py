import pytest

from voicevae.evaluation.document import Row
from voicevae.evaluation.targets import TARGETS, target


def test_bounds_scale_with_chance_and_rise() -> None:
    assert target("speaker from z_c, times chance", 12.5) == {"at_most": 20.0}
    assert target("speaker from z_p, points above its contours", plus=30.0) == {"at_most": 35.0}
    assert target("closure") == TARGETS["closure"]


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_can_be_met_and_missed(name: str) -> None:
    ((side, bound),) = TARGETS[name].items()
    beyond = -0.01 if side == "at_least" else 0.01
    assert Row("x", bound, **target(name)).met is True
    assert Row("x", bound + beyond, **target(name)).met is False


def test_an_unknown_target_is_an_error() -> None:
    with pytest.raises(KeyError):
        target("clousure")
