"""The networks of a bundle, run by ONNX Runtime or by torch; all other arithmetic is numpy and knows neither."""

from voicevae.engine.networks import Gaussian, Networks, product

__all__ = ["Gaussian", "Networks", "product"]
