"""The two sources of a voice, built from F0 and voicing and nothing else: a pulse train and noise.

Both are white with unit power where they sound, so that a filter with gain `G(f)` gives either the power spectrum
`|G(f)|^2`.
"""

from functools import lru_cache

import numpy as np

NOISE_BLOCK = 1 << 15  # samples that share one generator state, so that noise does not depend on chunking
LEAST_HZ = 20.0


def pulse_train(
    log_f0: np.ndarray, voicing: np.ndarray, hop_length: int, sample_rate: int, phase: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Band-limited pulse train: every partial up to Nyquist, at equal power and zero phase.

    The sum of `K` cosines in closed form is the Dirichlet kernel,
    `sum_k cos(k w) = sin((K + 1/2) w) / (2 sin(w / 2)) - 1/2`; one more partial fades in and out below Nyquist
    as F0 moves, so that none enters with a click.

    Args:
        log_f0: `[T]`, ln Hz; frame `t` stands at sample `t * hop_length`.
        voicing: `[T]`, 0..1, gates the pulses.
        phase: at the first sample, in periods.

    Returns:
        pulses: `[T * hop_length]`, float32.
        phases: `[T]`, phase at each frame's first sample, to go on from (float64, periods).
    """
    f0_hz = np.clip(np.exp(_upsampled(log_f0, hop_length)), np.float32(LEAST_HZ), np.float32(sample_rate / 4))
    cycles = np.empty(len(f0_hz))
    cycles[0] = phase
    np.cumsum(f0_hz[:-1], dtype=np.float64, out=cycles[1:])
    cycles[1:] = cycles[1:] / sample_rate + phase
    cycles -= np.floor(cycles)
    angle = (2 * np.pi * cycles).astype(np.float32)
    ratio = np.float32(sample_rate / 2) / f0_hz
    partials = np.floor(ratio) - 1
    half_sine = np.sin(angle / 2)
    near = np.abs(half_sine) < 1e-4
    kernel = np.sin((partials + np.float32(0.5)) * angle) / (2 * np.where(near, np.float32(1), half_sine))
    kernel = np.where(near, partials, kernel - np.float32(0.5))
    kernel += (ratio - np.floor(ratio)) * np.cos((partials + 1) * angle)
    return kernel * _upsampled(voicing, hop_length) * np.sqrt(2 / ratio), cycles[::hop_length]


def _upsampled(frames: np.ndarray, hop_length: int) -> np.ndarray:
    """Linear interpolation `[T]` -> `[T * hop_length]`, float32; the last frame is held."""
    frames = frames.astype(np.float32)
    steps = np.diff(frames, append=frames[-1:])
    weight = np.arange(hop_length, dtype=np.float32) / np.float32(hop_length)
    return (frames[:, None] + steps[:, None] * weight).ravel()


def white_noise(start: int, n_samples: int, seed: int) -> np.ndarray:
    """Samples `start .. start + n_samples` `[n_samples]` of the white Gaussian noise that `seed` names, float32."""
    blocks = range(start // NOISE_BLOCK, (start + n_samples - 1) // NOISE_BLOCK + 1)
    offset = start % NOISE_BLOCK
    if len(blocks) == 1:
        return _noise_block(seed, blocks[0])[offset : offset + n_samples]
    return np.concatenate([_noise_block(seed, index) for index in blocks])[offset : offset + n_samples]


@lru_cache(maxsize=8)
def _noise_block(seed: int, index: int) -> np.ndarray:
    """Block `index` of the noise, `[NOISE_BLOCK]`; kept, as live speech asks for a few samples at a time."""
    drawn = np.random.default_rng((seed, index)).standard_normal(NOISE_BLOCK, np.float32)
    drawn.flags.writeable = False
    return drawn
