import numpy as np
import pytest

from voicevae.evaluation.metrics import timing


def test_errors_are_relative_to_the_request() -> None:
    assert timing.error_percent(2.0, 2.0) == 0
    assert timing.error_percent(2.0, 1.9) == pytest.approx(5)
    assert timing.evaluate([(2.0, 2.1), (1.0, 1.0)]) == pytest.approx({"mean_percent": 2.5, "max_percent": 5})


def test_speech_lasts_from_first_to_last_voiced_frame_whatever_pads_it() -> None:
    voiced = np.array([0, 1, 0, 0, 1, 1, 0], bool)
    assert timing.speech_s(voiced, 10.0) == pytest.approx(0.5)
    assert timing.speech_s(np.pad(voiced, 50), 10.0) == pytest.approx(0.5)
    assert timing.speech_s(np.zeros(5, bool), 10.0) == 0


@pytest.mark.parametrize("durations", [(0.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (1.0, float("inf"))])
def test_bad_durations_raise(durations: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="Durations"):
        timing.error_percent(*durations)
