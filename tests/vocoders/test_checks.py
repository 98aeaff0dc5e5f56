"""Frames that cannot be spoken are refused by the name of what is wrong with them."""

import numpy as np
import pytest

from voicevae.errors import VoiceVAEError
from voicevae.vocoders.checks import check_frames


def frames(n_frames: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """mel `[T, 8]`, contours `[T, 3]`, the first half voiced."""
    contours = np.tile([np.log(150.0), 1.0, -20.0], (n_frames, 1))
    contours[n_frames // 2 :, 1] = 0.0
    return np.zeros((n_frames, 8)), contours


@pytest.mark.parametrize("n_frames", [1, 2, 20])
def test_good_frames_pass(n_frames: int) -> None:
    check_frames(*frames(n_frames), 8)


@pytest.mark.parametrize("semitones", [-48, 48])
def test_edits_far_out_pass(semitones: int) -> None:
    mel, contours = frames()
    contours[:, 0] += semitones * np.log(2) / 12
    check_frames(mel, contours, 8)


@pytest.mark.parametrize(
    ("mel", "contours", "reason"),
    [
        ((20, 7), (20, 3), r"mel has shape \[20, 7\]; give \[frames, 8\]"),
        ((8, 20), (20, 3), r"mel has shape \[8, 20\]"),
        ((1, 20, 8), (20, 3), r"mel has shape \[1, 20, 8\]"),
        ((0, 8), (0, 3), r"mel has shape \[0, 8\]"),
        ((20, 8), (20, 2), r"contours have shape \[20, 2\]; give \[frames, 3\]: log_f0, voicing, loudness_db"),
        ((20, 8), (20,), r"contours have shape \[20\]"),
        ((20, 8), (19, 3), "mel has 20 frames and F0 has 19"),
    ],
)
def test_shapes_that_do_not_fit_are_named(mel: tuple[int, ...], contours: tuple[int, ...], reason: str) -> None:
    with pytest.raises(VoiceVAEError, match=reason):
        check_frames(np.zeros(mel), np.zeros(contours), 8)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("column", "name"), [(-1, "mel"), (0, "log_f0"), (1, "voicing"), (2, "loudness_db")])
def test_what_is_not_finite_is_named_with_its_frame(column: int, name: str, value: float) -> None:
    mel, contours = frames()
    if column < 0:
        mel[7, 3] = value
    else:
        contours[7, column] = value
    with pytest.raises(VoiceVAEError, match=f"^{name} holds NaN or infinity, first in frame 7;"):
        check_frames(mel, contours, 8)


def test_an_f0_of_zero_or_less_in_a_voiced_frame_is_named() -> None:
    mel, contours = frames()
    f0_hz = np.full(20, 150.0)
    f0_hz[4] = 0.0
    with np.errstate(divide="ignore"):
        contours[:, 0] = np.log(f0_hz)
    with pytest.raises(VoiceVAEError, match="F0 is 0 Hz in frame 4, which is voiced"):
        check_frames(mel, contours, 8)
    contours[:, 0] = np.where(f0_hz > 0, np.log(np.maximum(f0_hz, 1)), np.nan)
    with pytest.raises(VoiceVAEError, match="log_f0 holds NaN or infinity, first in frame 4"):
        check_frames(mel, contours, 8)


def test_hertz_in_place_of_their_logarithm_are_named() -> None:
    mel, contours = frames()
    contours[:, 0] = 150.0
    with pytest.raises(VoiceVAEError, match="log_f0 is about 150; give the natural logarithm of Hz"):
        check_frames(mel, contours, 8)
