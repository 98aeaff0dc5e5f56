"""Griffin-Lim: no weights, any mel configuration. For sanity checks and for mels without F0."""

import torch
import torchaudio
from torch import Tensor

from voicevae.features import FeatureConfig
from voicevae.features.mel import mel_filters


def griffin_lim(mel: Tensor, features: FeatureConfig, n_iterations: int = 60) -> Tensor:
    """Wave `[(T - 1) * hop_length]` from an ordinary log-mel `[T, n_mels]` (natural log of power).

    The mel is brought to linear frequency by non-negative least squares' first step, the clipped pseudo-inverse;
    then phase is found by fast Griffin-Lim (Perraudin et al., 2013).
    """
    filters = mel_filters(features).to(mel)
    power = (mel.exp() @ torch.linalg.pinv(filters)).clamp_min(0) * torch.hann_window(
        features.win_length
    ).square().sum()
    return torchaudio.functional.griffinlim(
        power.T.sqrt(),
        torch.hann_window(features.win_length, device=mel.device),
        features.n_fft,
        features.hop_length,
        features.win_length,
        power=1.0,
        n_iter=n_iterations,
        momentum=0.99,
        length=None,
        rand_init=False,
    )
