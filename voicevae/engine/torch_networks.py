"""Networks run by torch, on any device: those that training makes, and that ONNX graphs are exported from."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from voicevae.bundle import Bundle
from voicevae.engine.networks import Networks
from voicevae.errors import BundleError
from voicevae.models.cvae import CVAE, VoiceStatistics
from voicevae.models.latents import Gaussian
from voicevae.models.vocoder import SourceFilter


class Network(nn.Module):
    """One network with inputs and outputs of one recording: `function` of the module whose weights it has."""

    def __init__(self, owner: nn.Module, function: Callable[..., tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.owner, self.function = owner, function

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Arrays of one recording, without a batch, in and out, as `voicevae.engine.networks.GRAPHS` names them."""
        return tuple(made[0] for made in self.function(*(one[None] for one in inputs)))


def networks_of(vae: CVAE, vocoder: SourceFilter) -> dict[str, Network]:
    """The networks of `voicevae.engine.networks.GRAPHS`."""

    def speaker_encoder(mel: Tensor, weight: Tensor, statistics: Tensor) -> tuple[Tensor, ...]:
        return _parts(vae.encode_speaker(mel, weight, VoiceStatistics.of(statistics)))

    def mel_decoder(content: Tensor, contours: Tensor, speaker: Tensor, statistics: Tensor) -> tuple[Tensor, ...]:
        return (vae.decode_mel(content, contours, speaker, VoiceStatistics.of(statistics)),)

    def contour_decoder(prosody: Tensor) -> tuple[Tensor, ...]:
        return (vae.decode_contours(prosody, vae.config.prosody_stride * prosody.shape[1]),)

    def stream_mel_decoder(content: Tensor, contours: Tensor, speakers: Tensor, statistics: Tensor) -> tuple[Tensor]:
        voices = VoiceStatistics.of(statistics[0])
        return (vae.decode_mel(content, contours, speakers[0], voices, ends=True)[None],)

    return {
        "speaker_encoder": Network(vae, speaker_encoder),
        "content_encoder": Network(vae, lambda mel: _parts(vae.encode_content(mel / vae.mel_std))),
        "prosody_encoder": Network(vae, lambda contours: _parts(vae.encode_prosody(contours))),
        "contour_decoder": Network(vae, contour_decoder),
        "mel_decoder": Network(vae, mel_decoder),
        "speaker_head": Network(vae, lambda speaker: (vae.implied_statistics(speaker).vector(),)),
        "vocoder": Network(vocoder, lambda mel, source: (vocoder.filters(mel, source),)),
        "stream_content_encoder": Network(vae, lambda mel: _parts(vae.encode_content(mel / vae.mel_std))),
        "stream_mel_decoder": Network(vae, stream_mel_decoder),
        "stream_vocoder": Network(vocoder, lambda mel, source: (vocoder.filters(mel, source, ends=True),)),
    }


class TorchNetworks(Networks):
    """The networks of a bundle on a torch `device`."""

    engine = "torch"

    def __init__(self, vae: CVAE, vocoder: SourceFilter, device: str = "cpu") -> None:
        self.vae, self.vocoder, self.device = vae.to(device).eval(), vocoder.to(device).eval(), device
        self._networks = networks_of(self.vae, self.vocoder)

    @torch.inference_mode()
    def run(self, name: str, *inputs: np.ndarray) -> list[np.ndarray]:
        """See `Networks.run`."""
        tensors = [torch.from_numpy(np.ascontiguousarray(one, np.float32)).to(self.device) for one in inputs]
        return [made.float().cpu().numpy() for made in self._networks[name](*tensors)]


def load(parts: Bundle, device: str = "cpu") -> TorchNetworks:
    """The networks of a bundle. Raises BundleError where its weights do not fit its configuration."""
    return TorchNetworks(*modules_of(parts), device)


def modules_of(parts: Bundle) -> tuple[CVAE, SourceFilter]:
    """The modules of a bundle with its weights. Raises BundleError where these do not fit its configuration."""
    vae, vocoder = CVAE(parts.features.n_channels, parts.model), SourceFilter(parts.features, parts.vocoder)
    for name, module in (("vae", vae), ("vocoder", vocoder)):
        try:
            module.load_state_dict({key: torch.from_numpy(value).float() for key, value in parts.weights[name].items()})
        except RuntimeError as error:
            first = str(error).strip().splitlines()[-1].strip()
            file = f"{name}.safetensors" if parts.path is None else parts.path / f"{name}.safetensors"
            raise BundleError(f"{file} does not fit config.json ({first}); copy both from the same bundle.") from error
    return vae, vocoder


def bundle_of(vae: CVAE, vocoder: SourceFilter, **about: object) -> Bundle:
    """A bundle of trained modules; `about` are further fields of `Bundle`."""
    weights = {"vae": _stored(vae), "vocoder": _stored(vocoder)}
    return Bundle(vocoder.features, vae.config, vocoder.config, weights, **about)  # type: ignore[arg-type]


def _stored(module: nn.Module) -> dict[str, np.ndarray]:
    """Weights in half precision, normalisation statistics (buffers) in full."""
    buffers = {name for name, _ in module.named_buffers()}
    return {
        name: np.ascontiguousarray((value if name in buffers else value.half()).cpu().numpy())
        for name, value in module.state_dict().items()
    }


def _parts(q: Gaussian) -> tuple[Tensor, Tensor]:
    return q.mean, q.log_variance
