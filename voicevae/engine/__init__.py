"""The networks of a bundle, run by ONNX Runtime or by torch; all other arithmetic is numpy and knows neither."""

from voicevae.engine.networks import CONVERSION, Gaussian, Networks, product

__all__ = ["CONVERSION", "Gaussian", "Networks", "product"]
