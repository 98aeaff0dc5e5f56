"""Vocoders that a TTS user already has, from local files in their published layout.

vocoder = voicevae.vocoders.load("hifigan", "g_02500000", "config.json")
wave = vocoder(mel)
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from torch import nn

from voicevae.errors import BundleError
from voicevae.features.foreign_mel import convert_mel
from voicevae.features.mel_config import MelConfig
from voicevae.vocoders.hifigan import HiFiGAN, hifigan_config, hifigan_state
from voicevae.vocoders.vocos import Vocos, vocos_config, vocos_state
from voicevae.vocoders.weights import fill, read_checkpoint

KINDS = ("vocos", "hifigan")
CHUNK_FRAMES = 400  # bounds the networks' memory


class NeuralVocoder:
    """A `MelVocoder`: a network `[1, n_mels, T]` -> `[1, n]` whose samples depend on `context` frames either side."""

    def __init__(self, network: nn.Module, mel_config: MelConfig, context: int, device: str = "cpu") -> None:
        self.network, self.mel_config, self.device = network.to(device).eval(), mel_config, device
        self.context = context

    @torch.inference_mode()
    def __call__(self, mel: Any, config: MelConfig | None = None) -> np.ndarray:
        own, context = self.mel_config, self.context
        found = torch.from_numpy(convert_mel(mel, config or own, own))
        blocks, n_frames = [], len(found)
        for start in range(0, n_frames, CHUNK_FRAMES):
            stop = min(start + CHUNK_FRAMES, n_frames)
            first, last = max(start - context, 0), min(stop + context, n_frames)
            wave = self.network(found[None, first:last].transpose(1, 2).to(self.device))[0]
            blocks.append(wave[(start - first) * own.hop_length : (stop - first) * own.hop_length].cpu())
        return torch.cat(blocks).numpy()


def load(kind: str, checkpoint: str | Path, config: str | Path, device: str = "cpu") -> NeuralVocoder:
    """A generator from the files that its authors publish.

    Args:
        kind: "vocos" (`pytorch_model.bin` and `config.yaml` of gemelo-ai) or "hifigan" (`g_*` or `generator_*` and
            `config.json` of jik876; V1 to V3).
        checkpoint: a torch file, read without unpickling anything, or the same tensors as `.safetensors`.
        config: of the same model.

    Raises:
        BundleError: what is wrong with which file, and its field.
    """
    checkpoint, config = Path(checkpoint), Path(config)
    if kind not in KINDS:
        raise BundleError(f"There is no vocoder {kind!r}; known are {' and '.join(KINDS)}.")
    values = _read_config(config)
    network: Vocos | HiFiGAN
    if kind == "vocos":
        network = Vocos(vocos_config(values, config))
        state = vocos_state(read_checkpoint(checkpoint), network.config.mel, checkpoint)
    else:
        network = HiFiGAN(hifigan_config(values, config))
        state = hifigan_state(read_checkpoint(checkpoint), checkpoint)
    fill(network, state, checkpoint)
    return NeuralVocoder(network, network.config.mel, network.context, device)


def _read_config(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except FileNotFoundError:
        raise BundleError(f"{path} does not exist; give the configuration that belongs to the checkpoint.") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BundleError(f"{path} cannot be read as JSON or YAML; give the configuration as published.") from error
