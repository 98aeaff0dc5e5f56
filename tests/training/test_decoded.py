"""A vocoder is trained on what it will hear: each recording's mel as the VAE decodes it, in its place."""

import shutil
from dataclasses import replace
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
from voicevae.training.decoded import RESIDUAL, decoded_mels
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


def test_each_cut_is_decoded_in_its_own_voice_with_part_of_its_residual(exp: Path, bank: FrameBank) -> None:
    made = decoded_mels(exp, bank)
    assert made.shape == (len(bank.frames), CONFIG.features.n_channels) and made.dtype == np.float32
    vae, vocoder = untrained_vae().model, SourceFilter(CONFIG.features, CONFIG.vocoder)
    coder, shares = Coder(bundle_of(vae, vocoder), TorchNetworks(vae, vocoder)), []
    for start, length in zip(bank.start, bank.length, strict=True):
        frames = Frames.from_array(bank.frames[start : start + length])
        code = coder.encode(frames, (int(length) - 1) * CONFIG.features.hop_length, residual=True)
        least, most = (coder.decode(replace(code, residual=share))[0] for share in RESIDUAL)
        whole, found = most - least, made[start : start + length] - least
        shares.append(RESIDUAL[1] * (found * whole).sum() / (whole * whole).sum())
        assert RESIDUAL[0] - 0.05 < shares[-1] < RESIDUAL[1] + 0.05
        kept = replace(code, residual=float(np.clip(shares[-1], 0, 1)))
        np.testing.assert_allclose(made[start : start + length], coder.decode(kept)[0], atol=0.1)
    assert np.std(shares) > 0.1  # not the same for all


def test_without_a_trained_vae_it_says_what_is_missing(exp: Path, bank: FrameBank, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="vae"):
        decoded_mels(tmp_path, bank)
    shutil.copytree(exp / "vae", tmp_path / "vae")
    (tmp_path / "vae" / "last.ckpt").unlink()
    with pytest.raises(TrainingError, match="no checkpoint"):
        decoded_mels(tmp_path, bank)
