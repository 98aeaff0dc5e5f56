"""Graphs whose matrix products run in 8 bits: quicker, and near to what the others compute, not equal.

Weights are quantised for each output channel, activations for each run (ONNX Runtime's dynamic quantisation). Weights
have 7 bits: without VNNI, a processor's sums of 8-bit products saturate.
"""

import logging
import tempfile
from pathlib import Path

import onnxruntime

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
