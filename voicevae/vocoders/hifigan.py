"""HiFi-GAN's generator (Kong, Kim & Bae, 2020), for inference: transposed convolutions from frames to samples.

Modules are named as in the published checkpoints of jik876/hifi-gan.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from voicevae.errors import BundleError, VoiceVAEError
from voicevae.features.mel_config import MelConfig
from voicevae.vocoders.weights import required, whole, without_weight_norm

SLOPE, LAST_SLOPE = 0.1, 0.01
KERNEL = 7  # of the first and the last convolution


@dataclass(frozen=True)
class HiFiGANConfig:
    """The network's fields of `config.json`, and the mel that it reads."""

    resblock: str
    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    upsample_initial_channel: int
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: tuple[tuple[int, ...], ...]
    mel: MelConfig


class HiFiGAN(nn.Module):
    """Log-mel `[B, n_mels, T]` to wave `[B, T * hop_length]`."""

    def __init__(self, config: HiFiGANConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.upsample_initial_channel
        kinds = list(zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True))
        self.conv_pre = nn.Conv1d(config.mel.n_mels, channels, KERNEL, padding=KERNEL // 2)
        self.ups, self.resblocks = nn.ModuleList(), nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            self.ups.append(nn.ConvTranspose1d(channels, channels // 2, kernel, rate, padding=(kernel - rate) // 2))
            channels //= 2
            block = PairedBlock if config.resblock == "1" else SingleBlock
            self.resblocks.extend(block(channels, size, dilations) for size, dilations in kinds)
        self.conv_post = nn.Conv1d(channels, 1, KERNEL, padding=KERNEL // 2)
        self.context = self._context()

    def forward(self, mel: Tensor) -> Tensor:
        """Log-mel `[B, n_mels, T]` -> wave `[B, T * hop_length]`."""
        x, n_kinds = self.conv_pre(mel), len(self.config.resblock_kernel_sizes)
        for i, up in enumerate(self.ups):
            x = up(leaky_relu(x, SLOPE))
            x = sum(block(x) for block in self.resblocks[i * n_kinds : (i + 1) * n_kinds]) / n_kinds
        wave = torch.tanh(self.conv_post(leaky_relu(x, LAST_SLOPE)))[:, 0]
        return wave[:, : mel.shape[-1] * self.config.mel.hop_length]

    def _context(self) -> int:
        """Frames either side that a sample depends on."""
        c = self.config
        twice = 2 if c.resblock == "1" else 1
        reach = KERNEL // 2
        for rate, kernel in zip(reversed(c.upsample_rates), reversed(c.upsample_kernel_sizes), strict=True):
            reach += max(
                size // 2 * (sum(dilations) + (twice - 1) * len(dilations))
                for size, dilations in zip(c.resblock_kernel_sizes, c.resblock_dilation_sizes, strict=True)
            )
            reach = -(-(reach + kernel) // rate)
        return reach + KERNEL // 2


class PairedBlock(nn.Module):
    """Residual pairs of a dilated and a plain convolution, resblock "1": `[B, C, T]` -> `[B, C, T]`."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(_same(channels, kernel, 1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            x = x + plain(leaky_relu(dilated(leaky_relu(x, SLOPE)), SLOPE))
        return x


class SingleBlock(nn.Module):
    """Residual dilated convolutions, resblock "2": `[B, C, T]` -> `[B, C, T]`."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for dilated in self.convs:
            x = x + dilated(leaky_relu(x, SLOPE))
        return x


def _same(channels: int, kernel: int, dilation: int) -> nn.Conv1d:
    return nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=(kernel - 1) * dilation // 2)


def hifigan_config(values: Any, path: Path) -> HiFiGANConfig:
    """Sizes and mel of a published `config.json`.

    Raises:
        BundleError: a field is missing or contradicts another; the sentence names it.
    """
    resblock = str(required(values, "resblock", path))
    if resblock not in ("1", "2"):
        raise BundleError(f"{path}: resblock is {resblock!r}; known are '1' and '2'.")
    rates, kernels = (_counts(values, name, path) for name in ("upsample_rates", "upsample_kernel_sizes"))
    if len(kernels) != len(rates) or any(kernel < rate for kernel, rate in zip(kernels, rates, strict=True)):
        raise BundleError(f"{path}: upsample_kernel_sizes must have one size for each of upsample_rates, no smaller.")
    sizes = _counts(values, "resblock_kernel_sizes", path)
    if not all(size % 2 for size in sizes):
        raise BundleError(f"{path}: resblock_kernel_sizes are {list(sizes)}; they must be odd.")
    dilations = required(values, "resblock_dilation_sizes", path)
    if not isinstance(dilations, list) or len(dilations) != len(sizes):
        raise BundleError(f"{path}: resblock_dilation_sizes must have one list for each of resblock_kernel_sizes.")
    channels = whole(values, "upsample_initial_channel", path)
    if channels % 2 ** len(rates):
        raise BundleError(f"{path}: upsample_initial_channel is {channels}, which cannot be halved {len(rates)} times.")
    mel = _mel_config(values, path)
    if math.prod(rates) != mel.hop_length:
        raise BundleError(
            f"{path}: upsample_rates make {math.prod(rates)} samples a frame, but hop_size is {mel.hop_length}."
        )
    by_kernel = tuple(_counts({name: row}, name, path) for name, row in _numbered("resblock_dilation_sizes", dilations))
    return HiFiGANConfig(resblock, rates, kernels, channels, sizes, by_kernel, mel)


def _numbered(name: str, rows: list[Any]) -> list[tuple[str, Any]]:
    return [(f"{name}[{i}]", row) for i, row in enumerate(rows)]


def _counts(values: Any, name: str, path: Path) -> tuple[int, ...]:
    found = required(values, name, path)
    if not isinstance(found, list) or not found or not all(type(n) is int and n > 0 for n in found):
        raise BundleError(f"{path}: {name} is {found!r}; it must be a list of whole numbers above 0.")
    return tuple(found)


def _mel_config(values: Any, path: Path) -> MelConfig:
    """As the published `meldataset.py` computes it."""
    names = ("sampling_rate", "hop_size", "win_size", "n_fft", "num_mels")
    rate, hop, window, n_fft, n_mels = (whole(values, name, path) for name in names)
    f_min, f_max = required(values, "fmin", path), required(values, "fmax", path)
    try:
        return MelConfig(rate, hop, window, n_fft, n_mels, f_min, rate / 2 if f_max is None else f_max, padding="same")
    except VoiceVAEError as error:
        raise BundleError(f"{path}: {error}") from error


def hifigan_state(state: dict[str, Any], path: Path) -> dict[str, Any]:
    """Plain weights of a published checkpoint, `{"generator": state_dict}`, or of a state_dict alone."""
    if "generator" in state:
        state = state["generator"]
    if not isinstance(state, dict) or not any(name.startswith("conv_pre.") for name in state):
        raise BundleError(f"{path} holds no HiFi-GAN generator: no 'generator' and no conv_pre; give its g_* file.")
    return without_weight_norm(state)
