"""From a checkpoint of the live F0 tracker to one ONNX file, which steps through a stream frame by frame."""

import tempfile
import warnings
from pathlib import Path

import torch

from voicevae.aside import written
from voicevae.errors import needs
from voicevae.features import FeatureConfig
from voicevae.features.live_f0 import GRID
from voicevae.features.salience import CHANNELS, N_BANDS, pitches_hz
from voicevae.models.config import LiveF0Config
from voicevae.models.live_f0 import LiveF0Network
from voicevae.training.export import load_weights

LIVE_F0 = "live_f0"  # folder of an experiment, and name of the file
OPSET = 20
FRAMES = {"pitch": 2, "context": 2, "pitch_logits": 1, "voicing_logit": 1}  # where their axis is


def export_f0(exp: Path, features: FeatureConfig, config: LiveF0Config) -> Path:
    """Write the averaged weights of `exp / "live_f0"` as `live_f0.onnx` there; returns its path.

    Raises:
        TrainingError: there is no checkpoint. MissingPackageError: onnx is not installed.
    """
    network = LiveF0Network(config, len(pitches_hz(features)))
    steps = load_weights(network, exp / LIVE_F0, "network.")
    path = exp / LIVE_F0 / f"{LIVE_F0}.onnx"
    about = {name: repr(float(getattr(features, name))) for name in GRID} | {"steps": str(steps)}
    with written(path) as aside:
        aside.write_bytes(traced(network.eval(), about))
    return path


def traced(network: LiveF0Network, about: dict[str, str]) -> bytes:
    """The network for any number of frames as an ONNX model, with `about` as its metadata."""
    with needs("torch", "Export"):
        import onnx
    states = network.states(1)
    inputs = (torch.zeros(1, CHANNELS, 1, network.n_pitches), torch.zeros(1, N_BANDS + 1, 1), *states)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter by tracing is called old; the new one needs onnxscript
        file = Path(folder) / "graph.onnx"
        torch.onnx.export(
            network,
            inputs,
            file,
            input_names=["pitch", "context", *(f"before_{i}" for i in range(len(states)))],
            output_names=["pitch_logits", "voicing_logit", *(f"after_{i}" for i in range(len(states)))],
            dynamic_axes={name: {place: "frames"} for name, place in FRAMES.items()},
            opset_version=OPSET,
            dynamo=False,
        )
        model = onnx.load(file)
    onnx.helper.set_model_props(model, about)
    return model.SerializeToString(deterministic=True)
