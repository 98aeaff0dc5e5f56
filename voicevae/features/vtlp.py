"""Warping a mel along frequency, as a longer or shorter vocal tract would."""

import numpy as np

from voicevae.features.config import FeatureConfig
from voicevae.features.mel import mel_centres_hz


def warp_matrix(ratio: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Matrices `[B, C, C]`: `mel @ matrix` moves all formants of a mel `[B, T, C]` of `n_channels` by `ratio` `[B]`.

    The envelope at `f` comes from `f / ratio` (vocal-tract length perturbation, Jaitly & Hinton, 2013), linearly
    interpolated between bands; beyond the last band it is held. Harmonicity stays.
    """
    centres = mel_centres_hz(config)
    wanted = centres / np.asarray(ratio)[:, None]
    above = np.clip(np.searchsorted(centres, wanted), 1, config.n_mels - 1)
    weight = np.clip((wanted - centres[above - 1]) / (centres[above] - centres[above - 1]), 0, 1)
    bands = np.arange(config.n_mels)[:, None]
    lower = (bands == above[:, None] - 1) * (1 - weight)[:, None]
    matrix = np.tile(np.eye(config.n_channels, dtype=np.float32), (len(wanted), 1, 1))
    matrix[:, : config.n_mels, : config.n_mels] = lower + (bands == above[:, None]) * weight[:, None]
    return matrix
