"""Checkpoints with random weights, laid out as their authors publish them, written out apart from our modules."""

import json
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

VOCOS: dict[str, Any] = {
    "feature_extractor": {
        "class_path": "vocos.feature_extractors.MelSpectrogramFeatures",
        "init_args": {"sample_rate": 24000, "n_fft": 1024, "hop_length": 256, "n_mels": 100, "padding": "center"},
    },
    "backbone": {
        "class_path": "vocos.models.VocosBackbone",
        "init_args": {"input_channels": 100, "dim": 24, "intermediate_dim": 48, "num_layers": 2},
    },
    "head": {
        "class_path": "vocos.heads.ISTFTHead",
        "init_args": {"dim": 24, "n_fft": 1024, "hop_length": 256, "padding": "center"},
    },
}

HIFIGAN_V1: dict[str, Any] = {
    "resblock": "1",
    "num_gpus": 0,
    "batch_size": 16,
    "learning_rate": 0.0002,
    "upsample_rates": [8, 8, 2, 2],
    "upsample_kernel_sizes": [16, 16, 4, 4],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
    "segment_size": 8192,
    "num_mels": 80,
    "num_freq": 1025,
    "n_fft": 1024,
    "hop_size": 256,
    "win_size": 1024,
    "sampling_rate": 22050,
    "fmin": 0,
    "fmax": 8000,
    "fmax_for_loss": None,
}

HIFIGAN_V3: dict[str, Any] = HIFIGAN_V1 | {
    "resblock": "2",
    "upsample_rates": [8, 8, 4],
    "upsample_kernel_sizes": [16, 16, 8],
    "resblock_kernel_sizes": [3, 5, 7],
    "resblock_dilation_sizes": [[1, 2], [2, 6], [3, 12]],
}


def vocos_state(config: dict[str, Any] = VOCOS, seed: int = 0) -> dict[str, Tensor]:
    """The tensors of `pytorch_model.bin`."""
    random = torch.Generator().manual_seed(seed)
    sizes = config["backbone"]["init_args"]
    n_mels, dim, wide, layers = (sizes[k] for k in ("input_channels", "dim", "intermediate_dim", "num_layers"))
    n_fft = config["head"]["init_args"]["n_fft"]
    shapes = {"backbone.embed.weight": (dim, n_mels, 7), "backbone.embed.bias": (dim,)}
    for norm in ("norm", "final_layer_norm"):
        shapes |= {f"backbone.{norm}.weight": (dim,), f"backbone.{norm}.bias": (dim,)}
    for layer in range(layers):
        block = f"backbone.convnext.{layer}"
        shapes |= {f"{block}.gamma": (dim,), f"{block}.dwconv.weight": (dim, 1, 7), f"{block}.dwconv.bias": (dim,)}
        shapes |= {f"{block}.norm.weight": (dim,), f"{block}.norm.bias": (dim,)}
        shapes |= {f"{block}.pwconv1.weight": (wide, dim), f"{block}.pwconv1.bias": (wide,)}
        shapes |= {f"{block}.pwconv2.weight": (dim, wide), f"{block}.pwconv2.bias": (dim,)}
    shapes |= {"head.out.weight": (n_fft + 2, dim), "head.out.bias": (n_fft + 2,)}
    state = {name: 0.2 * torch.randn(shape, generator=random) for name, shape in shapes.items()}
    return state | {"head.istft.window": torch.hann_window(n_fft)}


def hifigan_state(config: dict[str, Any] = HIFIGAN_V1, seed: int = 0) -> dict[str, Tensor]:
    """The weights of a generator without weight norm."""
    random = torch.Generator().manual_seed(seed)
    channels = config["upsample_initial_channel"]
    shapes = {"conv_pre": (channels, config["num_mels"], 7)}
    biases = {"conv_pre": channels}
    kinds = list(zip(config["resblock_kernel_sizes"], config["resblock_dilation_sizes"], strict=True))
    for i, kernel in enumerate(config["upsample_kernel_sizes"]):
        shapes[f"ups.{i}"], biases[f"ups.{i}"] = (channels, channels // 2, kernel), channels // 2
        channels //= 2
        for j, (size, dilations) in enumerate(kinds):
            for part in ("convs1", "convs2") if config["resblock"] == "1" else ("convs",):
                for k in range(len(dilations)):
                    name = f"resblocks.{i * len(kinds) + j}.{part}.{k}"
                    shapes[name], biases[name] = (channels, channels, size), channels
    shapes["conv_post"], biases["conv_post"] = (1, channels, 7), 1
    state = {}
    for name, shape in shapes.items():
        state[f"{name}.weight"] = torch.randn(shape, generator=random) * (shape[1] * shape[2]) ** -0.5
        state[f"{name}.bias"] = 0.1 * torch.randn(biases[name], generator=random)
    return state


def with_weight_norm(state: dict[str, Tensor], magnitude: str, direction: str) -> dict[str, Tensor]:
    """Each weight as its magnitude over the first dimension, and a direction of any length."""
    made = {}
    for name, value in state.items():
        if not name.endswith(".weight"):
            made[name] = value
            continue
        base = name.removesuffix("weight")
        made[base + magnitude] = value.flatten(1).norm(dim=1).reshape(-1, 1, 1)
        made[base + direction] = 3.7 * value
    return made


def write_vocos(folder: Path, state: dict[str, Any] | None = None, config: dict[str, Any] = VOCOS) -> tuple[Path, Path]:
    """(checkpoint, config) in `folder`."""
    checkpoint, file = folder / "pytorch_model.bin", folder / "config.yaml"
    torch.save(vocos_state(config) if state is None else state, checkpoint)
    file.write_text(yaml.safe_dump(config))
    return checkpoint, file


def write_hifigan(
    folder: Path, state: dict[str, Any] | None = None, config: dict[str, Any] = HIFIGAN_V1
) -> tuple[Path, Path]:
    """(checkpoint, config) in `folder`."""
    checkpoint, file = folder / "g_02500000", folder / "config.json"
    if state is None:
        state = {"generator": with_weight_norm(hifigan_state(config), "weight_g", "weight_v")}
    torch.save(state, checkpoint)
    file.write_text(json.dumps(config))
    return checkpoint, file
