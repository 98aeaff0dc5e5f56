"""From a bundle's modules to ONNX graphs whose weights stay where they are, in the bundle's `.safetensors` files.

An initialiser of a graph is external data: a name of such a file, an offset and a length. So weights lie on disk once,
in half precision, and whatever runs ONNX reads them.
"""

import json
import tempfile
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import torch

from voicevae import bundle
from voicevae.engine.networks import GRAPHS, LENGTHS, Graph
from voicevae.engine.onnx_networks import OnnxNetworks, forget
from voicevae.engine.quantization import QUANTISED, in_8_bits, quantised
from voicevae.engine.torch_networks import Network, TorchNetworks, modules_of, networks_of
from voicevae.errors import VoiceVAEError, needs

OPSET = 20
FRAMES = 64  # of the example that a graph is traced with
CHECKED_FRAMES = (16, 212)  # of the examples that both engines must agree on
TOLERANCE = 1e-3  # of the standard deviation of an output
INT8_TOLERANCE = 0.15  # likewise, of the RMS error of a quantised one
PRECISIONS = ("float32", "int8")


def export(folder: Path, precision: str = "float32") -> list[Path]:
    """Write the `.onnx` graphs of the bundle in `folder`, and their checksums into its config.json.

    Args:
        precision: that the large networks compute in: "float32", or "int8" (`voicevae.engine.quantization`).

    Raises:
        BundleError: it cannot be loaded. MissingPackageError: onnx is not installed. VoiceVAEError: ONNX Runtime
            computes something else than torch.
    """
    with needs("torch", "Export"):
        import onnx
    parts = bundle.load(folder)
    vae, vocoder = modules_of(parts)
    networks = networks_of(vae.eval(), vocoder.eval())
    bundle.list_graphs(folder, [])  # until all are written, there are none
    for name, graph in GRAPHS.items():
        traced = _traced(networks[name], graph, examples(graph, parts, FRAMES))
        if precision == "int8" and name in QUANTISED:
            made = quantised(traced)
        else:
            model = onnx.load_model_from_string(traced)
            _refer(model, folder / f"{graph.part}.safetensors")
            if graph.in_8_bits:
                in_8_bits(model)
            made = model.SerializeToString(deterministic=True)
        (folder / f"{name}{bundle.GRAPH}").write_bytes(made)
    coarse = {name for name, graph in GRAPHS.items() if graph.in_8_bits}
    _check(parts, folder, TorchNetworks(vae, vocoder), coarse | set(QUANTISED if precision == "int8" else ()))
    names = [f"{name}{bundle.GRAPH}" for name in GRAPHS]
    bundle.list_graphs(folder, names)
    return [folder / name for name in names]


def examples(graph: Graph, parts: bundle.Bundle, n_frames: int) -> list[np.ndarray]:
    """Random inputs of a graph, for a recording of `n_frames`; for a stream, after a past."""
    model, n_channels = parts.model, parts.features.n_channels
    if any("last_frames" in axes for axes in graph.outputs.values()):
        n_frames += model.decoder_past if graph.part == "vae" else parts.vocoder.reach
    sizes = {
        "frames": n_frames,
        "content_steps": -(-n_frames // model.content_stride),
        "prosody_steps": -(-n_frames // model.prosody_stride),
        "channels": n_channels,
        "statistics": 2 * n_channels + 2,
        "content": model.content_dim,
        "prosody": model.prosody_dim,
        "speaker": model.speaker_dim,
        "3": 3,
        "voices": 2,
    }
    random = np.random.default_rng(0)
    shapes = [tuple(sizes[axis] for axis in axes) for axes in graph.inputs.values()]
    return [np.abs(random.standard_normal(shape, np.float32)) for shape in shapes]


def _traced(network: Network, graph: Graph, inputs: list[np.ndarray]) -> bytes:
    """The graph as an ONNX model, with its weights."""
    axes = {name: dict(enumerate(axes)) for name, axes in (graph.inputs | graph.outputs).items()}
    lengths = {name: {place: axis for place, axis in own.items() if axis in LENGTHS} for name, own in axes.items()}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter by tracing is called old; the new one needs onnxscript
        torch.onnx.export(
            network,
            tuple(torch.from_numpy(one) for one in inputs),
            Path(folder) / "graph.onnx",
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_axes=lengths,
            opset_version=OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
        return (Path(folder) / "graph.onnx").read_bytes()


def _refer(model: Any, file: Path) -> None:
    """Replace the weights of an ONNX model by references into the `.safetensors` `file`; half precision is cast."""
    from onnx import TensorProto, helper

    header, start = _header(file)
    casts = []
    for tensor in model.graph.initializer:
        entry = header.get(tensor.name.removeprefix("owner."))
        if entry is None:
            continue
        first, last = entry["data_offsets"]
        name, half = tensor.name, entry["dtype"] == "F16"
        tensor.Clear()
        tensor.name = f"{name}.half" if half else name
        tensor.dims.extend(entry["shape"])
        tensor.data_type = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", file.name), ("offset", start + first), ("length", last - first)):
            tensor.external_data.add(key=key, value=str(value))
        if half:
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """What a `.safetensors` file says of its tensors, and where their data begin."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        return json.loads(opened.read(length)), 8 + length


def _check(parts: bundle.Bundle, folder: Path, torch_networks: TorchNetworks, in_int8: Collection[str]) -> None:
    forget()
    onnx_networks = OnnxNetworks(folder)
    for name, graph in GRAPHS.items():
        for n_frames in CHECKED_FRAMES:
            inputs = examples(graph, parts, n_frames)
            both = zip(torch_networks.run(name, *inputs), onnx_networks.run(name, *inputs), strict=True)
            for wanted, found in both:
                if found.shape != wanted.shape or not _near(found - wanted, max(wanted.std(), 1e-3), name in in_int8):
                    raise VoiceVAEError(f"{folder}: ONNX Runtime computes another {name} than torch; update both.")


def _near(error: np.ndarray, std: float, in_int8: bool) -> bool:
    if in_int8:
        return float(np.sqrt(np.square(error).mean())) <= INT8_TOLERANCE * std
    return float(np.abs(error).max()) <= TOLERANCE * std
