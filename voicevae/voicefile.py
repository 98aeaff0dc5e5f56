"""A voice as a small file: a `Speaker`, and the checksum of the VAE that its `z_s` belongs to.

A `.voice` file is a compressed `.npz`.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.aside import written
from voicevae.code import Speaker, single
from voicevae.errors import DAMAGED, InputError, OutputError

EXTENSION = ".voice"
FORMAT = "voicevae voice 1"
FLOATS = ("log_f0_mean", "log_f0_std")
LARGEST_BYTES = 1 << 20  # unpacked; a voice of 512 channels has half of it


def save(speaker: Speaker, path: str | Path, vae: str) -> None:
    """Write `speaker` to `path`, aside first; `vae` is the checksum of the VAE that it belongs to.

    Raises:
        OutputError: the path has another extension than .voice, or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != EXTENSION:
        raise OutputError(f"{path} is no name for a voice; end it in {EXTENSION}.")
    about = json.dumps({"format": FORMAT, "vae": vae} | {name: getattr(speaker, name) for name in FLOATS})
    rows, columns = np.triu_indices(len(speaker.mel_cov))
    arrays: dict[str, Any] = {"z": speaker.z, "mel_mean": speaker.mel_mean, "mel_cov": speaker.mel_cov[rows, columns]}
    with written(path) as aside:
        with open(aside, "wb") as file:
            np.savez_compressed(file, about=np.array(about), **arrays)


def load(path: str | Path, vae: str) -> Speaker:
    """Read what `save` wrote.

    Raises:
        InputError: `path` is no voice file, or belongs to another VAE than `vae`.
    """
    try:
        with zipfile.ZipFile(path) as parts:  # checked first: a small file can unpack to any size
            if sum(part.file_size for part in parts.infolist()) > LARGEST_BYTES:
                raise ValueError("too large")
        with np.load(path, allow_pickle=False) as file:
            arrays: dict[str, Any] = dict(file)
        about = json.loads(str(arrays.pop("about")))
        if about["format"] != FORMAT:
            raise ValueError("another format")
        speaker = _speaker(arrays, about)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; give a voice file or a recording.") from None
    except DAMAGED as error:
        raise InputError(f"{path} is not a voice file; give one that `voicevae sample` or `blend` wrote.") from error
    if about.get("vae") != vae:
        raise InputError(f"{path} was made with another bundle; make the voice again with this one.")
    return speaker


def _speaker(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> Speaker:
    """Raises ValueError unless all numbers are finite, and shapes are right."""
    z, mean, triangle = (single(arrays[name]) for name in ("z", "mel_mean", "mel_cov"))
    if mean.ndim != 1 or triangle.shape != (len(mean) * (len(mean) + 1) // 2,):
        raise ValueError("another number of channels")
    rows, columns = np.triu_indices(len(mean))
    covariance = np.zeros((len(mean), len(mean)), np.float32)
    covariance[rows, columns] = covariance[columns, rows] = triangle
    speaker = Speaker(z, float(about["log_f0_mean"]), float(about["log_f0_std"]), mean, covariance)
    numbers = [np.asarray(value) for value in vars(speaker).values()]
    if not all(np.issubdtype(a.dtype, np.floating) and np.isfinite(a).all() for a in numbers) or z.ndim != 1:
        raise ValueError("not finite numbers")
    if speaker.log_f0_std <= 0 or covariance.diagonal().min() <= 0:
        raise ValueError("a standard deviation that is not positive")
    return speaker
