"""Graphs whose matrix products run in 8 bits: quicker, and near to what the others compute, not equal.

Weights are quantised for each output channel, activations for each run (ONNX Runtime's dynamic quantisation). Weights
have 7 bits: without VNNI, a processor's sums of 8-bit products saturate.
"""

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

MOST = 63.0  # of 7 bits
LEAST_STEP = 1e-12  # of a row of zeros
QUANTISED = ("content_encoder", "mel_decoder", "vocoder")  # nearly all of the time is theirs


def quantised(model: bytes) -> bytes:
    """The ONNX `model`, which has its weights, with 8-bit matrix products."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain, folded, made = (Path(folder) / f"{name}.onnx" for name in ("plain", "folded", "made"))
        plain.write_bytes(model)
        options = onnxruntime.SessionOptions()  # constants are folded, as a transposed weight is not quantised
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(plain, options, providers=["CPUExecutionProvider"])
        root, level = logging.getLogger(), logging.getLogger().level
        root.setLevel(logging.ERROR)  # it would ask for a preparation that changes nothing here
        try:
            quantize_dynamic(
                folded,
                made,
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                op_types_to_quantize=["MatMul"],
            )
        finally:
            root.setLevel(level)
        return made.read_bytes()


def in_8_bits(model: Any) -> None:
    """Rewrite an ONNX `model`, whose weights may lie elsewhere, so that its matrix products with weights run in 8 bits.

    What quantises the weights is in the graph, of constants alone: ONNX Runtime computes it once, as it loads. So the
    weights stay where they are, in half precision.
    """
    from onnx import numpy_helper

    graph, nodes = model.graph, []
    constants = {"8_bits.most": np.float32(MOST), "8_bits.least": np.float32(LEAST_STEP), "8_bits.rows": np.array([0])}
    graph.initializer.extend(numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items())
    known = {one.name for one in graph.initializer}
    for node in graph.node:
        if node.input and all(name in known for name in node.input):
            known.update(node.output)
        if node.op_type != "MatMul" or node.input[1] not in known:
            nodes.append(node)
            continue
        read, weight = node.input
        nodes.extend(_product(read, weight, node.output[0]))
    del graph.node[:]
    graph.node.extend(nodes)


def _product(read: str, weight: str, made: str) -> list[Any]:
    """Nodes of `made` = `read @ weight` in 8 bits."""
    from onnx import TensorProto
    from onnx.helper import make_node

    def node(kind: str, inputs: list[str], output: str, *others: str, **more: Any) -> Any:
        return make_node(kind, inputs, [output, *others], **more)

    def own(name: str) -> str:
        return f"{made}.{name}"

    return [
        node("Abs", [weight], own("size")),
        node("ReduceMax", [own("size"), "8_bits.rows"], own("largest"), keepdims=0),
        node("Div", [own("largest"), "8_bits.most"], own("wide")),
        node("Max", [own("wide"), "8_bits.least"], own("step")),
        node("Div", [weight, own("step")], own("steps")),
        node("Round", [own("steps")], own("whole")),
        node("Cast", [own("whole")], own("weight"), to=TensorProto.INT8),
        node("DynamicQuantizeLinear", [read], own("read"), own("read_step"), own("zero")),
        node("MatMulInteger", [own("read"), own("weight"), own("zero")], own("sum")),
        node("Cast", [own("sum")], own("real"), to=TensorProto.FLOAT),
        node("Mul", [own("read_step"), own("step")], own("scale")),
        node("Mul", [own("real"), own("scale")], made),
    ]
