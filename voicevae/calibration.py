"""Calibration of a bundle: statistics of its training recordings, measured after training, that some verbs need.

One file of arrays, each named "<part>.<name>", beside the weights, all measured by `voicevae.recipes.calibrate`. A
bundle without the file does everything else.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from voicevae.errors import BundleError

FILE = "calibration.safetensors"
MAKE = "`python -m voicevae.recipes.calibrate --exp <experiment> --bundle <bundle>` measures it"


@dataclass(frozen=True, eq=False)
class Calibration:
    """Arrays by name, and lists of names that they are indexed by."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)

    def part(self, name: str) -> dict[str, np.ndarray]:
        """The arrays "<name>.*" without that prefix, float32.

        Raises:
            BundleError: there is no such part.
        """
        prefix = f"{name}."
        found = {k.removeprefix(prefix): v.astype(np.float32) for k, v in self.arrays.items() if k.startswith(prefix)}
        if not found:
            raise BundleError(f"The bundle has no calibration of {name}; {MAKE}.")
        return found


def write(calibration: Calibration, file: Path, vae: str) -> None:
    """Write to `file`; `vae` is the checksum of the weights that it was measured with."""
    arrays = {name: np.ascontiguousarray(value) for name, value in calibration.arrays.items()}
    save_file(arrays, file, {"labels": json.dumps(calibration.labels), "vae": vae})
    file.chmod(0o644)  # safetensors makes it readable by its owner alone


def read(file: Path) -> tuple[Calibration, str]:
    """What `write` wrote, and the checksum of the weights.

    Raises:
        BundleError: it is no such file.
    """
    try:
        with safe_open(file, "numpy") as opened:
            about = opened.metadata() or {}
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118, it is no dict
        labels = {str(name): [str(label) for label in own] for name, own in json.loads(about["labels"]).items()}
        return Calibration(arrays, labels), about["vae"]
    except (OSError, SafetensorError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise BundleError(f"{file} is no calibration; measure it again: {MAKE}.") from error
