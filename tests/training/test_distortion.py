"""Distorted waves: as loud and noisy as allowed, none of it earlier or later."""

import pytest
import torch

from voicevae.training import distortion

RATE = 16000


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_a_click_stays_where_it_was() -> None:
    wave = torch.zeros(8, 8000)
    wave[:, 3000] = 0.5
    heard = distortion._in_room(wave, RATE)
    assert (heard.abs().argmax(1) - 3000).abs().max() <= 2
    before, after = heard[:, :2900].square().sum(1), heard[:, 3100:].square().sum(1)
    assert (before < 0.01 * heard.square().sum(1)).all() and (after > before).sum() >= 4  # the tail of most rooms


def test_noise_has_the_drawn_ratio() -> None:
    wave = torch.randn(400, 2000)
    added = distortion._with_noise(wave, RATE) - wave
    snr = 20 * torch.log10(wave.square().mean(1).sqrt() / added.square().mean(1).sqrt().clamp_min(1e-9))
    noisy = snr < 100
    assert noisy.float().mean() == pytest.approx(1 - distortion.CLEAN, abs=0.08)
    low, high = distortion.SNR_DB
    assert low - 0.1 < snr[noisy].min() < low + 3 and high - 3 < snr[noisy].max() < high + 0.1


def test_peaks_lie_in_their_range_and_each_draw_is_another() -> None:
    wave = torch.randn(64, 4000)
    torch.manual_seed(0)
    heard = distortion.distort(wave, RATE)
    peak_db = 20 * torch.log10(heard.abs().amax(1))
    assert heard.shape == wave.shape and heard.isfinite().all()
    assert distortion.LEVEL_DB[0] - 0.1 <= peak_db.min() < -50 and -10 < peak_db.max() <= distortion.LEVEL_DB[1] + 0.1
    assert not torch.equal(heard, distortion.distort(wave, RATE))
    torch.manual_seed(0)
    assert torch.equal(heard, distortion.distort(wave, RATE))


def test_silence_stays_finite() -> None:
    assert distortion.distort(torch.zeros(3, 4000), RATE).isfinite().all()
