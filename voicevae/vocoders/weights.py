"""Foreign checkpoints: read without unpickling, freed of weight norm, and fitted to a network by name and shape."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from voicevae.errors import BundleError

WEIGHT_NORMS = (
    (".weight_g", ".weight_v"),
    (".parametrizations.weight.original0", ".parametrizations.weight.original1"),
)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What a `.safetensors` or torch file holds: tensors by name, or dictionaries of them.

    Raises:
        BundleError: there is no such file, it is damaged, or it holds objects that would have to be unpickled.
    """
    if not path.is_file():
        raise BundleError(f"{path} does not exist; give the file of the generator's weights.")
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BundleError(
            f"{path} is no checkpoint, or holds Python objects, which are never unpickled; "
            "save the generator's state_dict alone, best as .safetensors."
        ) from error
    except (SafetensorError, OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise BundleError(f"{path} is damaged or is no checkpoint; give a .safetensors or a torch file.") from error
    if not isinstance(found, Mapping):
        raise BundleError(f"{path} holds a {type(found).__name__}; give a state_dict: tensors by name.")
    return dict(found)


def without_weight_norm(state: dict[str, Any]) -> dict[str, Any]:
    """`state` with each pair of magnitude `g` and direction `v` as the weight `g v / ||v||` (Salimans & Kingma, 2016).

    The norm is over all dimensions but the first, as torch has it.
    """
    state = dict(state)
    for magnitude, direction in WEIGHT_NORMS:
        for name in [name for name in state if name.endswith(magnitude)]:
            base = name.removesuffix(magnitude)
            if base + direction in state:
                g, v = state.pop(name), state.pop(base + direction)
                norm = v.float().flatten(1).norm(dim=1).view(-1, *[1] * (v.ndim - 1))
                state[base + ".weight"] = g.float() * v.float() / norm
    return state


def fill(network: nn.Module, state: dict[str, Any], path: Path) -> None:
    """Put `state` into `network`, whose buffers it may lack.

    Raises:
        BundleError: a tensor is missing, foreign, of another shape than the configuration asks for, or not finite.
    """
    wanted, may_lack = network.state_dict(), {name for name, _ in network.named_buffers()}
    for name, tensor in wanted.items():
        if name not in state:
            if name in may_lack:
                continue
            raise BundleError(f"{path} lacks {name}; give the checkpoint that belongs to this configuration.")
        found = state[name]
        if not isinstance(found, Tensor) or found.shape != tensor.shape:
            shape = list(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise BundleError(f"{path}: {name} is {shape}, but its configuration asks for {list(tensor.shape)}.")
        if not found.is_floating_point() or not found.isfinite().all():
            raise BundleError(f"{path}: {name} holds NaN, infinity or whole numbers; the checkpoint is damaged.")
    foreign = sorted(set(state) - set(wanted))
    if foreign:
        raise BundleError(
            f"{path} holds {foreign[0]}, which its configuration knows nothing of; give both of one model."
        )
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=False)


def whole(values: Any, name: str, path: Path) -> int:
    """The field `name` of a configuration, a whole number above 0."""
    value = required(values, name, path)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise BundleError(f"{path}: {name} is {value!r}; it must be a whole number above 0.")
    return value


def required(values: Any, name: str, path: Path) -> Any:
    """The field `name` of a configuration; `a.b` is `b` in `a`."""
    for part in name.split("."):
        if not isinstance(values, Mapping) or part not in values:
            raise BundleError(f"{path} lacks {name}; give the configuration that belongs to the checkpoint.")
        values = values[part]
    return values
