"""Mels that the VAE decodes of its own training corpus: the input of a vocoder in use."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from voicevae.coder import Coder
from voicevae.data.batches import FrameBank
from voicevae.engine.torch_networks import TorchNetworks, bundle_of
from voicevae.features import FeatureConfig, Frames
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.training.export import load_vae
from voicevae.vocoders.source_filter import VocoderConfig

RESIDUAL = (0.0, 0.7)  # share of it that a conversion keeps


def coder_of(features: FeatureConfig, vae: CVAE) -> Coder:
    """A coder of a VAE that has no vocoder yet."""
    vocoder = SourceFilter(features, VocoderConfig(channels=8, blocks=1))
    return Coder(bundle_of(vae, vocoder), TorchNetworks(vae, vocoder))


def decoded_mels(exp: Path, bank: FrameBank) -> np.ndarray:
    """Each cut of `bank` decoded in its own voice with a random share of its residual, as a conversion has it:
    `[sum of T, n_channels]`."""
    features, vae, _ = load_vae(exp)
    coder = coder_of(features, vae)
    mels = np.empty((len(bank.frames), features.n_channels), np.float32)
    spans, shares = (
        list(zip(bank.start, bank.length, strict=True)),
        np.random.default_rng(0).uniform(*RESIDUAL, len(bank.cuts)),
    )
    for (start, length), share in zip(tqdm(spans, desc="decoded mels", unit="cut"), shares, strict=True):
        frames = Frames.from_array(bank.frames[start : start + length])
        code = coder.encode(frames, (length - 1) * features.hop_length, residual=True)
        mels[start : start + length] = coder.decode(replace(code, residual=float(share)))[0]
    return mels
