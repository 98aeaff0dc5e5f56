"""The interface of the networks: arrays of one recording in, arrays out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Graph:
    """One network: the part of the bundle with its weights, and the names of inputs and outputs with their axes.

    An axis is one of `LENGTHS`, or the name of a size (`voicevae.engine.export.examples`). With `in_8_bits`, its matrix
    products run in 8 bits (`voicevae.engine.quantization`).
    """

    part: str
    inputs: dict[str, tuple[str, ...]]
    outputs: dict[str, tuple[str, ...]]
    in_8_bits: bool = False


def _posterior(steps: tuple[str, ...], dim: str) -> dict[str, tuple[str, ...]]:
    return {"mean": (*steps, dim), "log_variance": (*steps, dim)}


GRAPHS = {
    "speaker_encoder": Graph(
        "vae",
        {"mel": ("frames", "channels"), "weight": ("frames",), "statistics": ("statistics",)},
        _posterior((), "speaker"),
    ),
    "content_encoder": Graph("vae", {"mel": ("frames", "channels")}, _posterior(("content_steps",), "content")),
    "prosody_encoder": Graph("vae", {"contours": ("frames", "3")}, _posterior(("prosody_steps",), "prosody")),
    "contour_decoder": Graph("vae", {"prosody": ("prosody_steps", "prosody")}, {"contours": ("frames", "3")}),
    "mel_decoder": Graph(
        "vae",
        {
            "content": ("content_steps", "content"),
            "contours": ("frames", "3"),
            "speaker": ("speaker",),
            "statistics": ("statistics",),
        },
        {"mel": ("frames", "channels")},
    ),
    "speaker_head": Graph("vae", {"speaker": ("speaker",)}, {"statistics": ("statistics",)}),
    "vocoder": Graph(
        "vocoder", {"mel": ("frames", "channels"), "source": ("frames", "3")}, {"filters": ("frames", "filters")}
    ),
    # For streams, where most of the time goes into reading weights; the last two are of the last frames alone, whose
    # past is all given.
    "stream_content_encoder": Graph(
        "vae", {"mel": ("frames", "channels")}, _posterior(("content_steps",), "content"), in_8_bits=True
    ),
    "stream_mel_decoder": Graph(
        "vae",
        {
            "content": ("content_steps", "content"),
            "contours": ("frames", "3"),
            "speakers": ("voices", "speaker"),
            "statistics": ("voices", "statistics"),
        },
        {"mels": ("voices", "last_frames", "channels")},
        in_8_bits=True,
    ),
    "stream_vocoder": Graph(
        "vocoder",
        {"mel": ("frames", "channels"), "source": ("frames", "3")},
        {"filters": ("last_frames", "filters")},
        in_8_bits=True,
    ),
}
LENGTHS = ("frames", "last_frames", "content_steps", "prosody_steps", "voices")
"""Axes whose length changes."""


CONVERSION = ("speaker_encoder", "prosody_encoder", "content_encoder", "contour_decoder", "mel_decoder", "vocoder")
"""Graphs that a conversion runs, in the order in which it first does."""


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Diagonal Gaussian: `mean` and `log_variance`, `[..., D]`."""

    mean: np.ndarray
    log_variance: np.ndarray

    def kl(self) -> np.ndarray:
        """KL from N(0, I) of each dimension, nats `[..., D]`."""
        return 0.5 * (np.exp(self.log_variance) + np.square(self.mean) - 1 - self.log_variance)


def product(posteriors: Sequence[Gaussian]) -> Gaussian:
    """The posterior given several observations, of those given each alone, all under the prior N(0, I).

    Independent observations multiply their likelihoods, so precisions add and the prior counts once:
    q(z) ~ prod_i q_i(z) / p(z)^(n - 1). A posterior wider than the prior, which no observation gives, adds nothing.

    >>> one = Gaussian(np.array([0.5]), -np.log([2.0]))  # precision 2: the observation alone says 1
    >>> product([one, one]).mean.round(4)
    array([0.6667])
    """
    if len(posteriors) == 1:
        return posteriors[0]
    precisions = [np.exp(-q.log_variance) for q in posteriors]
    precision = 1 + np.sum([np.maximum(one - 1, 0) for one in precisions], 0)
    weighted = np.sum([one * q.mean for one, q in zip(precisions, posteriors, strict=True)], 0)
    return Gaussian(weighted / precision, -np.log(precision))


class Networks(ABC):
    """Networks of a bundle, all float32, for one recording of `T` frames or a part of it.

    Statistics `[2 n_channels + 2]` of a voice are mean and standard deviation of log-F0 (ln Hz), means and standard
    deviations of the mel's channels (nats).
    """

    engine: str
    device: str

    @abstractmethod
    def run(self, name: str, *inputs: np.ndarray) -> list[np.ndarray]:
        """Outputs of the graph `name` (`GRAPHS`)."""

    def prepare(self, *names: str) -> None:  # noqa: B027, there is nothing that torch could do
        """Load the graphs `names`, in this order, in a thread beside, where the engine loads them one by one."""

    def encode_speaker(self, mel: np.ndarray, weight: np.ndarray, statistics: np.ndarray) -> Gaussian:
        """q(z_s | x) `[D_s]`: mel `[T, n_channels]`, weight `[T]` (1 for speech frames)."""
        return Gaussian(*self.run("speaker_encoder", mel, weight, statistics))

    def encode_content(self, mel: np.ndarray) -> Gaussian:
        """q(z_c | x~) `[T_c, D_c]`, before its normalisation, of a mel `[T, n_channels]` without its mean and with the
        corpus' covariance."""
        return Gaussian(*self.run("content_encoder", mel))

    def encode_prosody(self, contours: np.ndarray) -> Gaussian:
        """q(z_p | c) `[T_p, D_p]` of relative contours `[T, 3]`."""
        return Gaussian(*self.run("prosody_encoder", contours))

    def decode_contours(self, prosody: np.ndarray) -> np.ndarray:
        """Relative contours of z_p `[T_p, D_p]`, `[stride * T_p, 3]`."""
        return self.run("contour_decoder", prosody)[0]

    def decode_mel(
        self, content: np.ndarray, contours: np.ndarray, speaker: np.ndarray, statistics: np.ndarray
    ) -> np.ndarray:
        """Mel `[T, n_channels]` of z_c `[T_c, D_c]`, relative contours `[T, 3]`, z_s `[D_s]`."""
        return self.run("mel_decoder", content, contours, speaker, statistics)[0]

    def stream_content(self, mel: np.ndarray) -> np.ndarray:
        """The mean of `encode_content`."""
        return self.run("stream_content_encoder", mel)[0]

    def decode_ends(
        self, content: np.ndarray, contours: np.ndarray, speakers: np.ndarray, statistics: np.ndarray
    ) -> np.ndarray:
        """The last frames of `decode_mel` in `V` voices at once, z_s `[V, D_s]`: `[V, T - past, n_channels]`, without
        those whose past is not all given (`ModelConfig.decoder_past`)."""
        return self.run("stream_mel_decoder", content, contours, speakers, statistics)[0]

    def implied_statistics(self, speaker: np.ndarray) -> np.ndarray:
        """Statistics predicted from z_s `[D_s]`, for voices without a recording."""
        return self.run("speaker_head", speaker)[0]

    def filters(self, mel: np.ndarray, source: np.ndarray) -> np.ndarray:
        """The vocoder's network: see `voicevae.vocoders.source_filter.Filters`."""
        return self.run("vocoder", mel, source)[0]

    def filters_ends(self, mel: np.ndarray, source: np.ndarray) -> np.ndarray:
        """The last frames of `filters`, without those whose past is not all given (`VocoderConfig.reach`)."""
        return self.run("stream_vocoder", mel, source)[0]
