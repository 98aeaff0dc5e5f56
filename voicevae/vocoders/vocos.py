"""Vocos (Siuzdak, 2023), for inference: mel -> ConvNeXt at the frame rate -> complex spectrum -> inverse STFT.

Modules are named as in the published checkpoints of gemelo-ai/vocos.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from voicevae.errors import BundleError, VoiceVAEError
from voicevae.features.foreign_spectrum import filterbank
from voicevae.features.mel_config import MelConfig
from voicevae.vocoders.weights import required, whole

PARTS = {"feature_extractor": "MelSpectrogramFeatures", "backbone": "VocosBackbone", "head": "ISTFTHead"}
KNOWN = {
    "feature_extractor": {
        "sample_rate",
        "n_fft",
        "hop_length",
        "n_mels",
        "padding",
        "f_min",
        "f_max",
        "norm",
        "mel_scale",
    },
    "backbone": {"input_channels", "dim", "intermediate_dim", "num_layers", "layer_scale_init_value"},
    "head": {"dim", "n_fft", "hop_length", "padding"},
}
FILTERS = "feature_extractor.mel_spec.mel_scale.fb"
KERNEL = 7
EPSILON = 1e-6
LOUDEST = 100.0  # of a bin's magnitude, as published


@dataclass(frozen=True)
class VocosConfig:
    """Sizes of the network, and the mel that it reads."""

    dim: int
    intermediate_dim: int
    num_layers: int
    mel: MelConfig


class Vocos(nn.Module):
    """Log-mel `[B, n_mels, T]` to wave `[B, n]`: `T` hops, one less where frames are centred."""

    def __init__(self, config: VocosConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone, self.head = Backbone(config), Head(config)
        overlap = -(-config.mel.n_fft // config.mel.hop_length)
        self.context = (config.num_layers + 1) * (KERNEL // 2) + overlap  # frames either side that a sample depends on

    def forward(self, mel: Tensor) -> Tensor:
        """Log-mel `[B, n_mels, T]` -> wave `[B, T * hop_length]`."""
        return self.head(self.backbone(mel))


class Backbone(nn.Module):
    """`[B, n_mels, T]` -> `[B, T, dim]`."""

    def __init__(self, config: VocosConfig) -> None:
        super().__init__()
        self.embed = nn.Conv1d(config.mel.n_mels, config.dim, KERNEL, padding=KERNEL // 2)
        self.norm = nn.LayerNorm(config.dim, eps=EPSILON)
        self.convnext = nn.ModuleList(Block(config.dim, config.intermediate_dim) for _ in range(config.num_layers))
        self.final_layer_norm = nn.LayerNorm(config.dim, eps=EPSILON)

    def forward(self, mel: Tensor) -> Tensor:
        x = self.norm(self.embed(mel).transpose(1, 2))
        for block in self.convnext:
            x = block(x)
        return self.final_layer_norm(x)


class Block(nn.Module):
    """ConvNeXt block `[B, T, dim]` -> `[B, T, dim]`."""

    def __init__(self, dim: int, intermediate_dim: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(dim, dim, KERNEL, padding=KERNEL // 2, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=EPSILON)
        self.pwconv1, self.pwconv2 = nn.Linear(dim, intermediate_dim), nn.Linear(intermediate_dim, dim)
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x.transpose(1, 2)).transpose(1, 2))
        return x + self.gamma * self.pwconv2(nn.functional.gelu(self.pwconv1(y)))


class Head(nn.Module):
    """`[B, T, dim]` -> log-magnitude and phase of each bin -> wave `[B, n]`."""

    def __init__(self, config: VocosConfig) -> None:
        super().__init__()
        self.out = nn.Linear(config.dim, config.mel.n_fft + 2)
        self.istft = InverseSTFT(config.mel)

    def forward(self, x: Tensor) -> Tensor:
        magnitude, phase = self.out(x).transpose(1, 2).chunk(2, dim=1)
        return self.istft(torch.polar(magnitude.exp().clamp_max(LOUDEST), phase))


class InverseSTFT(nn.Module):
    """Spectra `[B, bins, T]` to wave `[B, n]`: windowed overlap-add, divided by the overlapped squares of the window.

    Frames stand where `config.padding` says; torch.istft knows only "center".
    """

    window: Tensor

    def __init__(self, config: MelConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("window", torch.hann_window(config.n_fft))

    def forward(self, spectrum: Tensor) -> Tensor:
        c, n_frames = self.config, spectrum.shape[-1]
        frames = torch.fft.irfft(spectrum, c.n_fft, dim=1) * self.window[:, None]
        squares = self.window.square()[None, :, None].repeat(1, 1, n_frames)
        span = (1, (n_frames - 1) * c.hop_length + c.n_fft)
        sums, weights = (
            nn.functional.fold(x, span, (1, c.n_fft), stride=(1, c.hop_length))[:, 0, 0] for x in (frames, squares)
        )
        before = (c.n_fft - (c.hop_length if c.padding == "same" else 0)) // 2
        inside = slice(before, before + c.n_samples(n_frames))
        return sums[:, inside] / weights[:, inside]


def vocos_config(values: Any, path: Path) -> VocosConfig:
    """Sizes and mel of a published `config.yaml`.

    Raises:
        BundleError: a field is missing or asks for what this network is not; the sentence names it.
    """
    for part, known in KNOWN.items():
        found = str(required(values, f"{part}.class_path", path)).rpartition(".")[-1]
        if found != PARTS[part]:
            raise BundleError(f"{path}: {part}.class_path is {found}; only {PARTS[part]} is read here.")
        arguments = required(values, f"{part}.init_args", path)
        foreign = sorted(set(arguments) - known) if isinstance(arguments, Mapping) else [str(arguments)]
        if foreign:
            raise BundleError(f"{path}: {part}.init_args.{foreign[0]} is not known here; only plain Vocos is read.")
    mel = _mel_config(values["feature_extractor"]["init_args"], path)
    for name, wanted in (("n_fft", mel.n_fft), ("hop_length", mel.hop_length), ("padding", mel.padding)):
        found = values["head"]["init_args"].get(name, "same")
        if found != wanted:
            raise BundleError(f"{path}: head.init_args.{name} is {found!r}, but the feature extractor's is {wanted!r}.")
    backbone = {
        name: f"backbone.init_args.{name}" for name in ("input_channels", "dim", "intermediate_dim", "num_layers")
    }
    channels, dim, intermediate_dim, num_layers = (whole(values, name, path) for name in backbone.values())
    if channels != mel.n_mels:
        raise BundleError(f"{path}: {backbone['input_channels']} is {channels}, but n_mels is {mel.n_mels}.")
    if whole(values, "head.init_args.dim", path) != dim:
        raise BundleError(f"{path}: head.init_args.dim is not {backbone['dim']}, {dim}.")
    return VocosConfig(dim, intermediate_dim, num_layers, mel)


def _mel_config(given: Mapping[str, Any], path: Path) -> MelConfig:
    """With the defaults of Vocos and of torchaudio's MelSpectrogram."""
    rate, n_fft = given.get("sample_rate", 24000), given.get("n_fft", 1024)
    try:
        return MelConfig(
            sample_rate=rate,
            hop_length=given.get("hop_length", 256),
            win_length=n_fft,
            n_fft=n_fft,
            n_mels=given.get("n_mels", 100),
            f_min_hz=given.get("f_min", 0.0),
            f_max_hz=rate / 2 if given.get("f_max") is None else given["f_max"],
            scale=given.get("mel_scale", "htk"),
            norm=given.get("norm") or "none",
            floor=1e-7,
            padding=given.get("padding", "center"),
        )
    except (VoiceVAEError, TypeError) as error:
        raise BundleError(f"{path}: feature_extractor.init_args: {error}") from error


def vocos_state(state: dict[str, Any], mel: MelConfig, path: Path) -> dict[str, Any]:
    """The network's own weights; BundleError if the mel filters beside them are not those of the configuration."""
    filters = state.get(FILTERS)
    if isinstance(filters, Tensor):
        own = torch.from_numpy(filterbank(mel))
        if filters.shape != own.shape or not torch.allclose(filters.float(), own, atol=1e-4):
            raise BundleError(f"{path}: {FILTERS} are other mel filters than feature_extractor.init_args say.")
    return {name: tensor for name, tensor in state.items() if not name.startswith("feature_extractor.")}
