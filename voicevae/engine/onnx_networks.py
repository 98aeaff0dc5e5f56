"""Networks run by ONNX Runtime on the CPU, from the graphs that `voicevae export` writes beside the weights."""

from pathlib import Path

import numpy as np
import onnxruntime

from voicevae import threads
from voicevae.bundle import Bundle
from voicevae.engine.networks import GRAPHS, Networks
from voicevae.errors import BundleError, first_line


class OnnxNetworks(Networks):
    """The networks of a bundle; each is loaded when it is first used, for as many threads as `threads.count` says."""

    engine, device = "onnx", "cpu"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, name: str, *inputs: np.ndarray) -> list[np.ndarray]:
        session = _sessions(self.folder / f"{name}.onnx", threads.count())
        named = zip(GRAPHS[name].inputs, inputs, strict=True)
        return session.run(None, {key: np.ascontiguousarray(one, np.float32) for key, one in named})

    def prepare(self, *names: str) -> None:
        n_threads = threads.count()
        threads.meanwhile(lambda: [_sessions(self.folder / f"{name}.onnx", n_threads) for name in names])


def load(parts: Bundle) -> OnnxNetworks:
    """The networks of a bundle.

    Raises:
        BundleError: it was not exported.
    """
    if parts.path is None or not parts.graphs:
        raise BundleError(f"{parts.path} has no networks for ONNX Runtime; `voicevae export {parts.path}` writes them.")
    return OnnxNetworks(parts.path)


def forget() -> None:
    """Close the sessions of files that have changed, with all others."""
    _sessions.forget()


def _session(file: Path, n_threads: int) -> onnxruntime.InferenceSession:
    try:
        return threads.session(file, n_threads, arena=False)  # which would make them no quicker
    except Exception as error:  # onnxruntime has classes of its own, without a common base
        raise BundleError(f"{file} cannot be run ({first_line(error)}); export the bundle again.") from error


_sessions = threads.Once(_session)
