"""Which engine runs the networks of a bundle."""

from voicevae.bundle import Bundle
from voicevae.engine.networks import Networks
from voicevae.errors import BundleError, VoiceVAEError, needs

ENGINES = ("onnx", "torch")


def start(parts: Bundle, device: str = "cpu", engine: str | None = None) -> Networks:
    """The networks of a bundle; arguments and errors as of `voicevae.load`."""
    if engine not in (None, *ENGINES):
        raise VoiceVAEError(f"There is no engine {engine!r}; choose one of {', '.join(ENGINES)}.")
    if engine == "onnx" and device != "cpu":
        raise VoiceVAEError(f"ONNX Runtime runs on the CPU only; choose the engine torch for the device {device!r}.")
    if engine == "onnx" or (engine is None and device == "cpu" and parts.graphs):
        from voicevae.engine import onnx_networks

        return onnx_networks.load(parts)
    return _torch(parts, device, engine)


def _torch(parts: Bundle, device: str, engine: str | None) -> Networks:
    try:
        with needs("torch", "The engine torch"):
            import torch

            from voicevae.engine import torch_networks
    except VoiceVAEError as error:
        if engine is None and device == "cpu":
            raise BundleError(
                f"{parts.path} has no networks for ONNX Runtime; `voicevae export {parts.path}` writes them, where "
                'pip install "voicevae[torch]" has brought torch.'
            ) from None
        raise error
    if device != "cpu" and not (device.startswith("cuda") and torch.cuda.is_available()):
        raise VoiceVAEError(f"There is no device {device!r} that this torch can use; choose cpu.")
    return torch_networks.load(parts, device)
