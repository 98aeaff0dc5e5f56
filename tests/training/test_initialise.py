"""Training that is initialised from a bundle's weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.experiment import CONFIG, leave_checkpoint, prepared, untrained_vae
from voicevae.bundle import load as bundle_of
from voicevae.errors import BundleError
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.training.config import About, RecipeConfig
from voicevae.training.export import export
from voicevae.training.initialise import take_weights
from voicevae.training.settings import TrainingError
from voicevae.training.vocoder import VocoderTraining

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    exp, ones = tmp_path / "exp", torch.ones(CONFIG.features.n_channels)
    prepared(exp)
    leave_checkpoint(exp / "vae", untrained_vae())
    leave_checkpoint(
        exp / "vocoder", VocoderTraining(CONFIG.features, CONFIG.vocoder, CONFIG.vocoder_training, ones, ones)
    )
    export(exp, tmp_path / "bundle", About())
    return tmp_path / "bundle"


def fresh(config: RecipeConfig) -> CVAE:
    torch.manual_seed(1)
    return CVAE(config.features.n_channels, config.model)


def test_it_is_initialised_with_the_parameters_of_the_bundle_and_its_own_statistics(bundle: Path) -> None:
    config = replace(CONFIG, initialise_from=str(bundle), model=replace(CONFIG.model, n_speakers=5))
    module, before, wanted = fresh(config), fresh(config).state_dict(), untrained_vae().model
    take_weights(module, config)
    given = dict(wanted.named_parameters())
    for name, value in module.named_parameters():
        if name.startswith("prior."):  # of two speakers there, of five here
            assert torch.equal(value, before[name])
        else:
            torch.testing.assert_close(value, given[name], atol=2e-3, rtol=2e-3)  # stored in half precision
    for name, buffer in module.named_buffers():
        assert torch.equal(buffer, before[name]), name


def test_a_vocoder_that_is_not_trained_is_that_of_the_bundle(bundle: Path, tmp_path: Path) -> None:
    exp = tmp_path / "tuned"
    prepared(exp)
    leave_checkpoint(exp / "vae", untrained_vae(), config=replace(CONFIG, initialise_from=str(bundle)))
    made, given = export(exp, tmp_path / "second", About()), bundle_of(bundle)
    assert made.training["steps"]["vocoder"] == 0
    for name, value in made.weights["vocoder"].items():
        np.testing.assert_array_equal(value, given.weights["vocoder"][name], err_msg=name)


def test_the_vocoder_is_initialised_too(bundle: Path) -> None:
    module = SourceFilter(CONFIG.features, CONFIG.vocoder)
    with torch.no_grad():
        module.leave.weight.fill_(7.0)
    take_weights(module, replace(CONFIG, initialise_from=str(bundle)))
    assert not (module.leave.weight == 7.0).any()


def test_without_a_bundle_nothing_changes() -> None:
    module, before = fresh(CONFIG), fresh(CONFIG).state_dict()
    take_weights(module, CONFIG)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_what_does_not_fit_is_one_sentence(bundle: Path, tmp_path: Path) -> None:
    config = replace(CONFIG, initialise_from=str(bundle))
    other = replace(config, features=replace(CONFIG.features, n_mels=24))
    with pytest.raises(TrainingError, match="reads other features"):
        take_weights(fresh(other), other)
    with pytest.raises(BundleError, match="not a bundle folder"):
        take_weights(fresh(config), replace(config, initialise_from=str(tmp_path / "none")))
