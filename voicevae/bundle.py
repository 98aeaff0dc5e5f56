"""A bundle is one folder: config.json + *.safetensors + card.md. Nothing in it is unpickled.

vae.safetensors and vocoder.safetensors are required, calibration.safetensors is optional.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from voicevae import calibration
from voicevae.calibration import Calibration
from voicevae.errors import DAMAGED, BundleError
from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.models.cvae import CVAE
from voicevae.typed import changed
from voicevae.vocoders.source_filter import SourceFilter, VocoderConfig

SCHEMA = 1
WEIGHTS = ("vae", "vocoder")
PARTS = ("features", "model", "vocoder", "speakers")
DEFAULT = Path(__file__).parent / "pretrained" / "default"


@dataclass
class Bundle:
    """Everything needed to encode and decode. `training` names the training data and licence; `checksum` identifies the
    weights (12 hexadecimal digits), `vae_checksum` those of the VAE; without a `calibration` some verbs do not work."""

    features: FeatureConfig
    vae: CVAE
    vocoder: SourceFilter
    speakers: list[str]
    training: dict[str, Any]
    card: str = ""
    checksum: str = ""
    path: Path | None = None
    vae_checksum: str = ""
    calibration: Calibration = field(default_factory=Calibration)


def save(bundle: Bundle, path: Path) -> None:
    """Write `bundle` as the folder `path`: aside first, then renamed, replacing an earlier one.

    Other files in the folder stay; a calibration does if it was made with the same VAE and the bundle has none. Weights
    are stored in half precision, normalisation statistics in full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        aside = Path(folder) / path.name
        if path.exists():
            shutil.copytree(path, aside)
        aside.mkdir(exist_ok=True)
        modules = {"vae": bundle.vae, "vocoder": bundle.vocoder}
        for name, module in modules.items():
            save_file(_half(module), aside / f"{name}.safetensors")
            (aside / f"{name}.safetensors").chmod(0o644)  # safetensors makes it readable by its owner alone
        parts = {
            "features": asdict(bundle.features),
            "model": asdict(bundle.vae.config),
            "vocoder": asdict(bundle.vocoder.config),
            "speakers": bundle.speakers,
        }
        sums = {f"{name}.safetensors": _sha256(aside / f"{name}.safetensors") for name in modules}
        sums |= _save_calibration(bundle.calibration, aside / calibration.FILE, sums["vae.safetensors"])
        sums["config"] = _sha256_of(parts)
        config = {"schema": SCHEMA, **parts, "training": bundle.training, "sha256": sums}
        (aside / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        (aside / "card.md").write_text(bundle.card, encoding="utf-8")
        old = Path(folder) / "old"
        if path.exists():
            path.rename(old)
        aside.rename(path)


def load(path: str | Path | None = None, device: str = "cpu") -> Bundle:
    """Load the bundle in the folder `path`, or the shipped one.

    Raises:
        BundleError: one sentence that names the file and what is wrong with it.
    """
    folder = DEFAULT if path is None else Path(path)
    config = _read_config(folder)
    try:
        features = changed(FeatureConfig(), config["features"], "features")
        sizes = changed(ModelConfig(), config["model"], "model"), changed(VocoderConfig(), config["vocoder"], "vocoder")
        sums = {f"{name}.safetensors": str(config["sha256"][f"{name}.safetensors"]) for name in WEIGHTS}
        speakers, training = list(config["speakers"]), dict(config["training"])
        if config["sha256"]["config"] != _sha256_of({name: config[name] for name in PARTS}):
            raise ValueError("it was changed after it was written")
        vae, vocoder = CVAE(features.n_channels, sizes[0]), SourceFilter(features, sizes[1])
    except DAMAGED as error:
        raise BundleError(
            f"{folder / 'config.json'}: not a configuration of this version ({_first_line(error)}); "
            "save the bundle again or update voicevae."
        ) from error
    for name, module in zip(WEIGHTS, (vae, vocoder), strict=True):
        _load_weights(module, folder / f"{name}.safetensors", sums)
        module.to(device).eval()
    card = _read_card(folder / "card.md")
    checksum = hashlib.sha256("".join(sums[k] for k in sorted(sums)).encode()).hexdigest()[:12]
    vae_checksum = sums["vae.safetensors"][:12]
    measured = _load_calibration(folder / calibration.FILE, config["sha256"].get(calibration.FILE), vae_checksum)
    return Bundle(features, vae, vocoder, speakers, training, card, checksum, folder, vae_checksum, measured)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def _read_card(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BundleError(f"{file} is missing; copy the whole bundle folder.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{file} is not readable text; copy the bundle again.") from error


def _read_config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise BundleError(
            f"{folder} is not a bundle folder; give a folder with config.json, card.md and *.safetensors."
        )
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{file} is missing; give a folder that voicevae saved as a bundle.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{file} is not readable JSON; copy the bundle again.") from error
    if not isinstance(config, dict) or config.get("schema") != SCHEMA:
        found = config.get("schema") if isinstance(config, dict) else None
        raise BundleError(
            f"{file} has schema {found!r}, this version reads {SCHEMA}; update voicevae or save the bundle again."
        )
    return config


def _load_weights(module: nn.Module, file: Path, sums: dict[str, str]) -> None:
    _check_sum(file, sums[file.name])
    try:
        weights = {name: value.float() for name, value in load_file(file).items()}
        module.load_state_dict(weights)
    except (SafetensorError, RuntimeError) as error:
        first = str(error).strip().splitlines()[-1].strip()
        raise BundleError(f"{file} does not fit config.json ({first}); copy both from the same bundle.") from error


def _check_sum(file: Path, checksum: str) -> None:
    if not file.is_file():
        raise BundleError(f"{file} is missing; copy the whole bundle folder.")
    if _sha256(file) != checksum:
        raise BundleError(
            f"{file} is damaged or foreign: its checksum is not the one in config.json; copy the bundle again."
        )


def _save_calibration(measured: Calibration, file: Path, vae_sum: str) -> dict[str, str]:
    """Write `measured`; returns the checksum of the calibration in the folder, by file name."""
    if measured.arrays:
        calibration.write(measured, file, vae_sum[:12])
    elif file.exists() and not _is_of(file, vae_sum[:12]):
        file.unlink()
    return {file.name: _sha256(file)} if file.exists() else {}


def _is_of(file: Path, vae_checksum: str) -> bool:
    try:
        return calibration.read(file)[1] == vae_checksum
    except BundleError:
        return False


def _load_calibration(file: Path, checksum: str | None, vae_checksum: str) -> Calibration:
    if checksum is None:
        return Calibration()
    _check_sum(file, checksum)
    measured, of = calibration.read(file)
    if of != vae_checksum:
        raise BundleError(f"{file} was measured with other weights; measure it again: {calibration.MAKE}.")
    return measured


def _half(module: nn.Module) -> dict[str, torch.Tensor]:
    buffers = {name for name, _ in module.named_buffers()}
    return {
        name: (value if name in buffers else value.half()).cpu().contiguous()
        for name, value in module.state_dict().items()
    }


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _sha256_of(parts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
