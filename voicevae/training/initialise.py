"""Initialise training from the weights of a bundle: fine-tuning, or a change to be measured."""

from pathlib import Path

import torch

from voicevae import bundle
from voicevae.engine.torch_networks import modules_of
from voicevae.models.cvae import CVAE
from voicevae.models.vocoder import SourceFilter
from voicevae.training.config import RecipeConfig
from voicevae.training.settings import TrainingError

SHIPPED = "default"


def take_weights(module: CVAE | SourceFilter, config: RecipeConfig) -> None:
    """Give `module` the parameters of the bundle `config.initialise_from`, if it names one.

    Its buffers (normalisation statistics) stay, and so does a parameter of another shape, such as the prior of other
    speakers.

    Raises:
        BundleError: there is no such bundle. TrainingError: it reads other features, or no parameter fits.
    """
    if not config.initialise_from:
        return
    found = bundle.load(None if config.initialise_from == SHIPPED else Path(config.initialise_from))
    if found.features != config.features:
        raise TrainingError(
            f"initialise_from: {config.initialise_from} reads other features; set `features` as in its config.json."
        )
    vae, vocoder = modules_of(found)
    given = dict((vae if isinstance(module, CVAE) else vocoder).named_parameters())
    own = {k: v for k, v in module.named_parameters() if k in given and v.shape == given[k].shape}
    if not own:
        raise TrainingError(
            f"initialise_from: no weight of {config.initialise_from} fits; set the model as in its config.json."
        )
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(given[name])
