"""A bundle is one folder: config.json + *.safetensors + *.onnx + card.md. Nothing in it is unpickled.

vae.safetensors and vocoder.safetensors are required. calibration.safetensors is optional, and so are the `.onnx`
graphs, which have no weights of their own but refer to those files (`voicevae.engine.export`).
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from voicevae import calibration
from voicevae.aside import written
from voicevae.calibration import Calibration
from voicevae.errors import DAMAGED, BundleError, first_line
from voicevae.features import FeatureConfig
from voicevae.models.config import ModelConfig
from voicevae.typed import changed
from voicevae.vocoders.source_filter import VocoderConfig

SCHEMA = 1
WEIGHTS = ("vae", "vocoder")
PARTS = ("features", "model", "vocoder", "speakers")
GRAPH = ".onnx"
DEFAULT = Path(__file__).parent / "pretrained" / "default"


@dataclass
class Bundle:
    """Everything needed to encode and decode.

    weights: of the parts "vae" and "vocoder", by name, as stored: half precision, and normalisation statistics single.
    `training` names the training data and licence; `checksum` identifies the weights (12 hexadecimal digits),
    `vae_checksum` those of the VAE; without a `calibration` some verbs do not work. graphs: checksums of the `.onnx`
    files by name, none where it was not exported.
    """

    features: FeatureConfig
    model: ModelConfig
    vocoder: VocoderConfig
    weights: dict[str, dict[str, np.ndarray]]
    speakers: list[str] = field(default_factory=list)
    training: dict[str, Any] = field(default_factory=dict)
    card: str = ""
    checksum: str = ""
    path: Path | None = None
    vae_checksum: str = ""
    calibration: Calibration = field(default_factory=Calibration)
    graphs: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, int]:
        """How many weights the networks of each part have; normalisation statistics do not count."""
        half = {name: [v.size for v in part.values() if v.dtype == np.float16] for name, part in self.weights.items()}
        return {name: sum(sizes) for name, sizes in half.items()}


def save(bundle: Bundle, path: Path) -> None:
    """Write `bundle` as the folder `path`: aside first, then renamed, replacing an earlier one.

    Other files in the folder stay; a calibration does if it was made with the same VAE and the bundle has none, and so
    do the `.onnx` files of the same weights.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        aside = Path(folder) / path.name
        if path.exists():
            shutil.copytree(path, aside)
        aside.mkdir(exist_ok=True)
        for name in WEIGHTS:
            (aside / f"{name}.safetensors").write_bytes(safetensors.save(bundle.weights[name]))
        parts = {
            "features": asdict(bundle.features),
            "model": asdict(bundle.model),
            "vocoder": asdict(bundle.vocoder),
            "speakers": bundle.speakers,
        }
        sums = {f"{name}.safetensors": _sha256(aside / f"{name}.safetensors") for name in WEIGHTS}
        sums |= _save_calibration(bundle.calibration, aside / calibration.FILE, sums["vae.safetensors"])
        sums |= _kept_graphs(aside, bundle)
        sums["config"] = _sha256_of(parts)
        config = {"schema": SCHEMA, **parts, "training": bundle.training, "sha256": sums}
        (aside / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        (aside / "card.md").write_text(bundle.card, encoding="utf-8")
        old = Path(folder) / "old"
        if path.exists():
            path.rename(old)
        aside.rename(path)


def load(path: str | Path | None = None) -> Bundle:
    """Load the bundle in the folder `path`, or the shipped one.

    Raises:
        BundleError: one sentence that names the file and what is wrong with it.
    """
    folder = DEFAULT if path is None else Path(path)
    config = _read_config(folder)
    try:
        features = changed(FeatureConfig(), config["features"], "features")
        sizes = changed(ModelConfig(), config["model"], "model"), changed(VocoderConfig(), config["vocoder"], "vocoder")
        listed = {str(name): str(checksum) for name, checksum in config["sha256"].items()}
        sums = {f"{name}.safetensors": listed[f"{name}.safetensors"] for name in WEIGHTS}
        speakers, training = list(config["speakers"]), dict(config["training"])
        if listed["config"] != _sha256_of({name: config[name] for name in PARTS}):
            raise ValueError("it was changed after it was written")
    except DAMAGED as error:
        raise BundleError(
            f"{folder / 'config.json'}: not a configuration of this version ({first_line(error)}); "
            "save the bundle again or update voicevae."
        ) from error
    weights = {name: _read_weights(folder / f"{name}.safetensors", sums) for name in WEIGHTS}
    graphs = {name: checksum for name, checksum in listed.items() if name.endswith(GRAPH)}
    for name in graphs:
        _check_sum(folder / name, graphs[name], f"`voicevae export {folder}` writes it")
    card = _read_card(folder / "card.md")
    checksum = hashlib.sha256("".join(sums[k] for k in sorted(sums)).encode()).hexdigest()[:12]
    vae_checksum = sums["vae.safetensors"][:12]
    measured = _load_calibration(folder / calibration.FILE, listed.get(calibration.FILE), vae_checksum)
    return Bundle(features, *sizes, weights, speakers, training, card, checksum, folder, vae_checksum, measured, graphs)


def examples() -> dict[str, Path]:
    """Recordings of the example voices that lie beside the shipped bundle, by name."""
    return {path.stem: path for path in sorted((DEFAULT / "voices").glob("*.flac"))}


def list_graphs(folder: Path, names: Sequence[str]) -> None:
    """Write the checksums of the `.onnx` files `names` in a bundle's folder into its config.json, and no others."""
    config = _read_config(folder)
    kept = {name: checksum for name, checksum in config["sha256"].items() if not name.endswith(GRAPH)}
    config["sha256"] = kept | {name: _sha256(folder / name) for name in names}
    with written(folder / "config.json") as aside:
        aside.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


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


def _read_weights(file: Path, sums: dict[str, str]) -> dict[str, np.ndarray]:
    _check_sum(file, sums[file.name])
    try:
        return safetensors.load(file.read_bytes())
    except (SafetensorError, KeyError) as error:
        raise BundleError(f"{file} is damaged ({first_line(error)}); copy the bundle again.") from error


def _check_sum(file: Path, checksum: str, cure: str = "copy the bundle again") -> None:
    if not file.is_file():
        raise BundleError(f"{file} is missing; copy the whole bundle folder.")
    if _sha256(file) != checksum:
        raise BundleError(f"{file} is damaged or foreign: its checksum is not the one in config.json; {cure}.")


def _kept_graphs(folder: Path, bundle: Bundle) -> dict[str, str]:
    """Checksums of the `.onnx` files in the folder that `bundle` lists; others, of other weights, are deleted."""
    found = {file.name: _sha256(file) for file in folder.glob(f"*{GRAPH}")}
    kept = {name: checksum for name, checksum in found.items() if bundle.graphs.get(name) == checksum}
    for name in set(found) - set(kept):
        (folder / name).unlink()
    return kept


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


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _sha256_of(parts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
