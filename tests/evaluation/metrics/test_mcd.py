import numpy as np
import pytest

from voicevae.evaluation.metrics import mcd
from voicevae.features import Frames

BANDS = 80
DB = 10 / np.log(10)


def frames(mel: np.ndarray) -> Frames:
    n = len(mel)
    return Frames(mel, np.full(n, 5.0), np.ones(n), np.zeros(n))


def ripple(cycles: int, depth_db: float) -> np.ndarray:
    """`[80]` nats: a cosine over frequency, of so many half cycles."""
    return depth_db / DB * np.cos(np.pi * cycles * (np.arange(BANDS) + 0.5) / BANDS)


def test_a_recording_is_no_distance_from_itself_nor_from_a_slower_one() -> None:
    mel = np.random.default_rng(0).standard_normal((30, BANDS))
    assert mcd.distortion_db(frames(mel), frames(mel)) == 0
    assert mcd.distortion_db(frames(mel), frames(np.repeat(mel, 2, 0))) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("cycles", [1, 5, 24])
def test_a_ripple_is_its_root_mean_square(cycles: int) -> None:
    flat = np.zeros((10, BANDS))
    assert mcd.distortion_db(frames(flat), frames(flat + ripple(cycles, 3.0))) == pytest.approx(3 / 2**0.5)


def test_level_and_fine_structure_do_not_count() -> None:
    flat = np.zeros((10, BANDS))
    assert mcd.distortion_db(frames(flat), frames(flat + 2.0)) == pytest.approx(0, abs=1e-9)
    assert mcd.distortion_db(frames(flat), frames(flat + ripple(25, 3.0))) == pytest.approx(0, abs=1e-9)


def test_every_speaker_weighs_the_same() -> None:
    assert mcd.evaluate([np.array([2.0, 2.0, 2.0]), np.array([4.0])])["mean_db"] == 3


def test_bad_frames_raise() -> None:
    with pytest.raises(ValueError, match="bands"):
        mcd.distortion_db(frames(np.zeros((3, 80))), frames(np.zeros((3, 40))))
    with pytest.raises(ValueError, match="finite"):
        mcd.distortion_db(frames(np.full((3, 80), np.nan)), frames(np.zeros((3, 80))))
