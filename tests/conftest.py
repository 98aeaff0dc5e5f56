"""What many tests share: recordings, where there are any, a small bundle, and a bounded number of threads."""

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported; tests run in two processes

import pytest  # noqa: E402


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recordings that VOICEVAE_RECORDINGS names."""
    folder = os.environ.get("VOICEVAE_RECORDINGS")
    if not folder:
        pytest.skip("VOICEVAE_RECORDINGS names no folder of recordings")
    if not Path(folder).is_dir():
        pytest.fail(f"VOICEVAE_RECORDINGS is {folder}, which is not a folder")
    return Path(folder)


@pytest.fixture(scope="session")
def make_bundle(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """f(seed, channels) -> an untrained bundle with networks so small that they take no time."""

    def make(seed: int = 0, channels: int = 16) -> Path:
        import torch

        from voicevae import bundle
        from voicevae.engine.torch_networks import bundle_of
        from voicevae.features import FeatureConfig
        from voicevae.models.config import ModelConfig
        from voicevae.models.cvae import CVAE
        from voicevae.models.vocoder import SourceFilter
        from voicevae.vocoders.source_filter import VocoderConfig

        features = FeatureConfig()
        sizes = ModelConfig(
            channels=channels, content_blocks=1, decoder_blocks=1, prosody_channels=16, prosody_blocks=1
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            vae = CVAE(features.n_channels, sizes)
            vocoder = SourceFilter(features, VocoderConfig(channels=channels, blocks=1))
        path = tmp_path_factory.mktemp("bundles") / "bundle"
        bundle.save(bundle_of(vae, vocoder, card="# Untrained\n"), path)
        return path

    return make


@pytest.fixture(scope="session")
def small_bundle(make_bundle: Callable[..., Path]) -> Path:
    """One that many tests read; none may change it."""
    return make_bundle()
