"""A vocoder is trained on what it will hear: each recording's mel as the VAE decodes it, in its place."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.experiment import CONFIG, leave_checkpoint, prepared, untrained_vae
from voicevae.coder import Coder
from voicevae.data.batches import FrameBank
from voicevae.data.prepare import load_cuts
from voicevae.engine.torch_networks import TorchNetworks, bundle_of
from voicevae.features import Frames
from voicevae.models.vocoder import SourceFilter
from voicevae.training.decoded import decoded_mels
from voicevae.training.settings import TrainingError

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def exp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decoded") / "exp"
    prepared(folder)
    leave_checkpoint(folder / "vae", untrained_vae())
    return folder


@pytest.fixture(scope="module")
def bank(exp: Path) -> FrameBank:
    return FrameBank(load_cuts(exp / "data", "train"))


def test_each_cut_is_decoded_in_its_own_voice(exp: Path, bank: FrameBank) -> None:
    made = decoded_mels(exp, bank)
    assert made.shape == (len(bank.frames), CONFIG.features.n_channels) and made.dtype == np.float32
    vae, vocoder = untrained_vae().model, SourceFilter(CONFIG.features, CONFIG.vocoder)
    coder = Coder(bundle_of(vae, vocoder), TorchNetworks(vae, vocoder))
    for start, length in zip(bank.start, bank.length, strict=True):
        frames = Frames.from_array(bank.frames[start : start + length])
        code = coder.encode(frames, (int(length) - 1) * CONFIG.features.hop_length, residual=False)
        mel, _ = coder.decode(code)
        np.testing.assert_allclose(made[start : start + length], mel, atol=1e-5)
        assert np.abs(mel - frames.mel).mean() > 0.05  # nothing of the recording's own residual is kept


def test_without_a_trained_vae_it_says_what_is_missing(exp: Path, bank: FrameBank, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="vae"):
        decoded_mels(tmp_path, bank)
    shutil.copytree(exp / "vae", tmp_path / "vae")
    (tmp_path / "vae" / "last.ckpt").unlink()
    with pytest.raises(TrainingError, match="no checkpoint"):
        decoded_mels(tmp_path, bank)
