"""Warping a mel along frequency, as a longer or shorter vocal tract would."""

import torch
from torch import Tensor

from voicevae.features.config import FeatureConfig
from voicevae.features.mel import mel_centres_hz


def warp_matrix(ratio: Tensor, config: FeatureConfig) -> Tensor:
    """Matrices `[B, n_mels, n_mels]`: `mel @ matrix` moves all formants of a log-mel `[B, T, n_mels]` by `ratio` `[B]`.

    The envelope at `f` comes from `f / ratio` (vocal-tract length perturbation, Jaitly & Hinton, 2013), linearly
    interpolated between bands; beyond the last band it is held.
    """
    centres = mel_centres_hz(config).to(ratio)
    wanted = centres / ratio[:, None]
    above = torch.searchsorted(centres, wanted.contiguous()).clamp(1, config.n_mels - 1)
    weight = ((wanted - centres[above - 1]) / (centres[above] - centres[above - 1])).clamp(0, 1)
    bands = torch.arange(config.n_mels, device=ratio.device)
    lower = (bands[:, None] == above[:, None] - 1) * (1 - weight)[:, None]
    return lower + (bands[:, None] == above[:, None]) * weight[:, None]
