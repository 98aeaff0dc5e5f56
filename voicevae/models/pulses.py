"""`voicevae.vocoders.excitation.pulse_train` for training: in torch, of a batch, with gradients."""

import math

import torch
from torch import Tensor


def pulse_train(
    log_f0: Tensor, voicing: Tensor, hop_length: int, sample_rate: int, phase: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Band-limited pulse train: every partial up to Nyquist, at equal power and zero phase.

    The sum of `K` cosines in closed form is the Dirichlet kernel,
    `sum_k cos(k w) = sin((K + 1/2) w) / (2 sin(w / 2)) - 1/2`; one more partial fades in and out below Nyquist
    as F0 moves, so that none enters with a click.

    Args:
        log_f0: `[B, T]`, ln Hz; frame `t` stands at sample `t * hop_length`.
        voicing: `[B, T]`, 0..1, gates the pulses.
        phase: `[B]`, phase at the first sample, in periods (float64); 0 by default.

    Returns:
        pulses: `[B, T * hop_length]`.
        phases: `[B, T]`, phase at each frame's first sample, to go on from (float64, periods).
    """
    f0_hz = _upsample(log_f0, hop_length).exp().clamp(20.0, sample_rate / 4)
    cycles = f0_hz.double().cumsum(-1) / sample_rate
    cycles = torch.nn.functional.pad(cycles[:, :-1], (1, 0))
    if phase is not None:
        cycles = cycles + phase[:, None]
    cycles = cycles - cycles.floor()
    angle = (2 * math.pi * cycles).to(f0_hz.dtype)
    ratio = sample_rate / 2 / f0_hz
    partials = ratio.floor() - 1
    half_sine = (angle / 2).sin()
    near = half_sine.abs() < 1e-4
    kernel = ((partials + 0.5) * angle).sin() / (2 * torch.where(near, 1.0, half_sine)) - 0.5
    kernel = torch.where(near, partials, kernel) + (ratio - ratio.floor()) * ((partials + 1) * angle).cos()
    gate = _upsample(voicing, hop_length)
    return kernel * gate * (2 / ratio).sqrt(), cycles[:, ::hop_length]


def _upsample(frames: Tensor, hop_length: int) -> Tensor:
    """Linear interpolation `[B, T]` -> `[B, T * hop_length]`; the last frame is held."""
    after = torch.cat([frames[:, 1:], frames[:, -1:]], 1)
    weight = torch.arange(hop_length, device=frames.device, dtype=frames.dtype) / hop_length
    return (frames[..., None] + (after - frames)[..., None] * weight).flatten(1)
