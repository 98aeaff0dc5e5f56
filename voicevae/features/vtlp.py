"""Warping a mel along frequency, as a longer or shorter vocal tract would."""

import torch
from torch import Tensor

from voicevae.features.config import FeatureConfig
from voicevae.features.mel import mel_centres_hz


def warp_matrix(ratio: Tensor, config: FeatureConfig) -> Tensor:
    """Matrices `[B, C, C]`: `mel @ matrix` moves all formants of a mel `[B, T, C]` of `n_channels` by `ratio` `[B]`.

    The envelope at `f` comes from `f / ratio` (vocal-tract length perturbation, Jaitly & Hinton, 2013), linearly
    interpolated between bands; beyond the last band it is held. Harmonicity stays.
    """
    centres = mel_centres_hz(config).to(ratio)
    wanted = centres / ratio[:, None]
    above = torch.searchsorted(centres, wanted.contiguous()).clamp(1, config.n_mels - 1)
    weight = ((wanted - centres[above - 1]) / (centres[above] - centres[above - 1])).clamp(0, 1)
    bands = torch.arange(config.n_mels, device=ratio.device)
    lower = (bands[:, None] == above[:, None] - 1) * (1 - weight)[:, None]
    matrix = torch.eye(config.n_channels).to(ratio).repeat(len(ratio), 1, 1)
    matrix[:, : config.n_mels, : config.n_mels] = lower + (bands[:, None] == above[:, None]) * weight[:, None]
    return matrix
