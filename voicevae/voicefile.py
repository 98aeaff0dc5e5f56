"""A voice as a small file: a `Speaker`, and the checksum of the VAE that its `z_s` belongs to.

A `.voice` file is one of safetensors: nothing in it is unpickled or unpacked. It holds the upper triangle of a
covariance.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as save_arrays

from voicevae.aside import written
from voicevae.code import MOST_DYNAMICS, AdaptedSpeaker, Speaker, single
from voicevae.errors import DAMAGED, InputError, OutputError

EXTENSION = ".voice"
FORMAT = "voicevae voice 2"
FLOATS = ("log_f0_mean", "log_f0_std")
LARGEST_BYTES = 2 << 20


def save(speaker: Speaker, path: str | Path, vae: str) -> None:
    """Write `speaker` to `path`, aside first; `vae` is the checksum of the VAE that it belongs to.

    Raises:
        OutputError: the path has another extension than .voice, or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != EXTENSION:
        raise OutputError(f"{path} is no name for a voice; end it in {EXTENSION}.")
    about = {"format": FORMAT, "vae": vae} | {name: float(getattr(speaker, name)) for name in FLOATS}
    rows, columns = np.triu_indices(len(speaker.mel_cov))
    arrays = {"z": speaker.z, "mel_mean": speaker.mel_mean, "mel_cov": speaker.mel_cov[rows, columns]}
    if isinstance(speaker, AdaptedSpeaker):
        about["dynamics"] = float(speaker.dynamics)
        arrays["loudness"] = speaker.loudness
    content = save_arrays(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()}, {"about": json.dumps(about)}
    )
    with written(path) as aside:
        aside.write_bytes(content)


def load(path: str | Path, vae: str) -> Speaker:
    """Read what `save` wrote.

    Raises:
        InputError: `path` is no voice file, or belongs to another VAE than `vae`.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError("too large")
        with safe_open(path, "numpy") as opened:
            about = json.loads((opened.metadata() or {})["about"])
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118, it is no dict
        if about["format"] != FORMAT:
            raise ValueError("another format")
        speaker = _speaker(arrays, about)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; give a voice file or a recording.") from None
    except (*DAMAGED, SafetensorError) as error:
        raise InputError(
            f"{path} is not a voice file; give one that `voicevae sample`, `blend` or `adapt` wrote."
        ) from error
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
    voice: Any = {"z": z, "mel_mean": mean, "mel_cov": covariance} | {name: float(about[name]) for name in FLOATS}
    if "loudness" in arrays:
        voice |= {"loudness": single(arrays["loudness"]), "dynamics": float(about["dynamics"])}
        if voice["loudness"].ndim != 1:
            raise ValueError("another shape")
        if not 0 <= voice["dynamics"] <= MOST_DYNAMICS:
            raise ValueError("no share")
    numbers = [np.asarray(value) for value in voice.values()]
    if not all(np.issubdtype(a.dtype, np.floating) and np.isfinite(a).all() for a in numbers) or z.ndim != 1:
        raise ValueError("not finite numbers")
    if voice["log_f0_std"] <= 0 or covariance.diagonal().min() <= 0:
        raise ValueError("a standard deviation that is not positive")
    return AdaptedSpeaker(**voice) if "loudness" in arrays else Speaker(**voice)
