"""Distortion of waves in training: an equaliser, a room, noise and another level."""

import math

import torch
from torch import Tensor

ROOM_S = 0.4  # length of an impulse response
EQUALISER_DB = 5.0  # standard deviation
SNR_DB = (5.0, 40.0)
LEVEL_DB = (-60.0, 0.0)  # of the loudest sample
CLEAN = 0.3  # share of a batch without noise; as many have no room, and no equaliser
BABBLE = 0.25  # share of the noise that is others' speech
DRAWN_BANDS = 8


def distort(wave: Tensor, sample_rate: int) -> Tensor:
    """`wave` `[B, n]` as other microphones in other rooms would have heard it, none of it earlier or later."""
    return _with_level(_with_noise(_in_room(wave, sample_rate), sample_rate))


def _with_level(wave: Tensor) -> Tensor:
    peak = wave.abs().amax(1, keepdim=True).clamp_min(1e-6)
    return wave / peak * 10 ** (_uniform(*LEVEL_DB, len(wave), wave.device) / 20)


def _in_room(wave: Tensor, sample_rate: int) -> Tensor:
    """Filtered by a random smooth gain over log-frequency, and by a direct sound with a decaying tail."""
    (batch, n), device = wave.shape, wave.device
    length = round(ROOM_S * sample_rate)
    time = torch.arange(1, length + 1, device=device) / sample_rate
    decay = _log_uniform(0.1, 0.7, batch, device)  # s, to -60 dB
    tail = torch.randn(batch, length, device=device) * torch.exp(-3 * math.log(10) * time / decay)
    tail /= tail.square().sum(1, keepdim=True).sqrt()
    gain = 10 ** (-_uniform(0.0, 15.0, batch, device) / 20) * _present(batch, device)
    response = torch.cat([torch.ones(batch, 1, device=device), gain * tail], 1)
    size = n + length
    spectrum = torch.fft.rfft(wave, size) * torch.fft.rfft(response, size)
    gain_db = EQUALISER_DB * _curve(spectrum.shape[1], batch, device) * _present(batch, device)
    return torch.fft.irfft(spectrum * 10 ** (gain_db / 20), size)[:, :n]


def _with_noise(wave: Tensor, sample_rate: int) -> Tensor:
    """With coloured noise, or the speech of three others of the batch."""
    (batch, n), device = wave.shape, wave.device
    hz = torch.fft.rfftfreq(n, 1 / sample_rate, device=device).clamp_min(20.0)
    slope = _uniform(-1.2, 0.2, batch, device)  # of amplitude: -1 is brown, -0.5 pink, 0 white
    colour = (hz / 1000) ** slope * 10 ** (EQUALISER_DB * _curve(len(hz), batch, device) / 20)
    noise = torch.fft.irfft(torch.fft.rfft(torch.randn(batch, n, device=device)) * colour, n)
    others = torch.stack([wave.roll(k, 0).roll(k * n // 5, 1) for k in (1, 2, 3)]).sum(0)
    noise = torch.where(torch.rand(batch, 1, device=device) < BABBLE, others, noise)
    snr = 10 ** (_uniform(*SNR_DB, batch, device) / 20)
    ratio = wave.square().mean(1, keepdim=True).sqrt() / noise.square().mean(1, keepdim=True).sqrt().clamp_min(1e-6)
    return wave + noise * ratio / snr * _present(batch, device)


def _curve(n: int, batch: int, device: torch.device) -> Tensor:
    """Random curves over `n` bins of frequency, smooth over its logarithm, `[batch, n]`, of standard deviation 1."""
    place = torch.log1p(torch.arange(n, device=device) * (100 / n)) / math.log(101) * torch.pi
    order = torch.arange(1, DRAWN_BANDS + 1, device=device)
    weights = torch.randn(batch, DRAWN_BANDS, device=device) * (2 / DRAWN_BANDS) ** 0.5
    return weights @ torch.cos(order[:, None] * place)


def _present(batch: int, device: torch.device) -> Tensor:
    return (torch.rand(batch, 1, device=device) >= CLEAN).float()


def _uniform(low: float, high: float, batch: int, device: torch.device) -> Tensor:
    return low + (high - low) * torch.rand(batch, 1, device=device)


def _log_uniform(low: float, high: float, batch: int, device: torch.device) -> Tensor:
    return _uniform(math.log(low), math.log(high), batch, device).exp()
