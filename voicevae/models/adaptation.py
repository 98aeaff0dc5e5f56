"""What a reference recording adds to z_s: a linear map from what the decoder says of the voice to what the voice is.

The reference is decoded from its own content, frame by frame, which gives pairs for free; the map is their ridge
regression (the linear regression of speaker adaptation, Leggetter & Woodland, 1995, with a Gaussian prior about
identity), and its gain restores the spread that an average of possible mels has lost (global variance, Toda et al.,
2007).
"""

import numpy as np

PRIOR_FRAMES = 40  # the map of a short reference stays near identity
PRIOR_VARIANCE = 0.1  # nats squared, of the decoded mel, that the prior weighs a frame with
MAX_GAIN = 2.0


def fit(decoded: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Affine map `[n_mels + 1, n_mels]` (see `apply`) from decoded to recorded speech frames, both `[n, n_mels]`."""
    n, n_mels = decoded.shape
    if n == 0:
        return identity(n_mels)
    trust = n / (n + PRIOR_FRAMES)
    centre, residual = decoded.mean(0, dtype=np.float64), (recorded - decoded).astype(np.float64)
    x = decoded - centre
    prior = PRIOR_VARIANCE * (n + PRIOR_FRAMES) * np.eye(n_mels)
    slope = np.eye(n_mels) + np.linalg.solve(x.T @ x + prior, x.T @ (residual - residual.mean(0)))
    spread = (x @ slope).std(0)
    gain = (recorded.std(0) / np.maximum(spread, 1e-3)).clip(1 / MAX_GAIN, MAX_GAIN) ** trust
    slope = slope * gain
    offset = centre + trust * residual.mean(0) - centre @ slope
    return np.concatenate([slope, offset[None]]).astype(np.float32)


def identity(n_mels: int) -> np.ndarray:
    """The map that changes nothing, of voices without a recording."""
    return np.eye(n_mels + 1, n_mels, dtype=np.float32)


def apply(voice_map: np.ndarray, mel: np.ndarray) -> np.ndarray:
    """The mel `[T, n_mels]` that the voice of `voice_map` would have."""
    return mel @ voice_map[:-1] + voice_map[-1]
