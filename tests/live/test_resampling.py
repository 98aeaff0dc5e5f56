"""Resampling of a stream: tones stay, other rates' images do not, and the delay is what it says."""

import numpy as np
import pytest

from voicevae.live.resampling import Resampler


@pytest.mark.parametrize(("rate", "out_rate"), [(48000, 16000), (16000, 48000), (44100, 16000), (8000, 16000)])
def test_a_tone_stays_and_comes_after_the_delay(rate: int, out_rate: int) -> None:
    pipe = Resampler(rate, out_rate)
    made = pipe.feed(np.sin(2 * np.pi * 1000 * np.arange(rate) / rate).astype(np.float32))
    wanted = np.sin(2 * np.pi * 1000 * (np.arange(len(made)) / out_rate - pipe.delay_s))
    assert np.abs(made - wanted)[out_rate // 10 :].max() < 1e-3


def test_what_the_lower_rate_cannot_hold_is_taken_off() -> None:
    made = Resampler(48000, 16000).feed(np.sin(2 * np.pi * 10000 * np.arange(48000) / 48000).astype(np.float32))
    assert np.abs(made[1000:]).max() < 1e-3


@pytest.mark.parametrize("out_rate", [16000, 22050, 48000])
def test_the_samples_do_not_depend_on_the_blocks(out_rate: int) -> None:
    noise = np.random.default_rng(0).standard_normal(9000).astype(np.float32)
    whole, pieces = Resampler(44100, out_rate), Resampler(44100, out_rate)
    cut = np.concatenate([pieces.feed(noise[start : start + 7]) for start in range(0, len(noise), 7)])
    assert np.array_equal(whole.feed(noise), cut)
