"""The networks of a bundle over recordings of any length, a chunk at a time; results do not depend on the chunks."""

from collections.abc import Iterator

import numpy as np

from voicevae.code import Speaker
from voicevae.engine import Gaussian, Networks
from voicevae.features.statistics import moments
from voicevae.models.config import ModelConfig

CHUNK_FRAMES = 1600  # 20 s at a time bounds the networks' memory
MIN_CONTENT_VARIANCE = 1e-6


class ChunkedNetworks:
    """Each chunk is given with the frames around it that its result depends on."""

    def __init__(self, networks: Networks, model: ModelConfig) -> None:
        self.networks, self.model = networks, model
        self.content_stride, self.prosody_stride = model.content_stride, model.prosody_stride

    def prosody(self, relative: np.ndarray) -> Gaussian:
        """z_p `[T_p, D_p]` of relative contours `[T, 3]`."""
        q = _empty(-(-len(relative) // self.prosody_stride), self.model.prosody_dim)
        for start, stop, first, last in self._spans(len(relative), self.model.prosody_reach):
            _put(q, self.networks.encode_prosody(relative[first:last]), start, stop, first, self.prosody_stride)
        return q

    def content(self, mel: np.ndarray, mean: np.ndarray, transport: np.ndarray, speech: np.ndarray) -> Gaussian:
        """z_c `[T_c, D_c]` of a mel `[T, n_channels]`, whose canonical form is without its `mean` `[n_channels]` and
        mapped by `transport`, normalised over its `speech` `[T]` (bool)."""
        q = _empty(-(-len(mel) // self.content_stride), self.model.content_dim)
        for start, stop, first, last in self._spans(len(mel), self.model.content_reach):
            found = self.networks.encode_content((mel[first:last] - mean) @ transport)
            _put(q, found, start, stop, first, self.content_stride)
        _normalise(q, speech[:: self.content_stride])
        return q

    def mel(self, content: np.ndarray, relative: np.ndarray, speaker: Speaker) -> np.ndarray:
        """Decoded mel `[T, n_channels]` of content `[T_c, D_c]` and relative contours `[T, 3]`."""
        mel = np.empty((len(relative), len(speaker.mel_mean)), np.float32)
        for span, made in self.mels(content, relative, speaker):
            mel[span] = made
        return mel

    def mels(self, content: np.ndarray, relative: np.ndarray, speaker: Speaker) -> Iterator[tuple[slice, np.ndarray]]:
        """`mel` a chunk at a time: its span, and its frames."""
        stride, statistics = self.content_stride, statistics_of(speaker)
        for start, stop, first, last in self._spans(len(relative), self.model.decoder_reach):
            part = content[first // stride : -(-last // stride)]
            made = self.networks.decode_mel(part, relative[first:last], speaker.z, statistics)
            yield slice(start, stop), made[start - first : stop - first]

    def contours(self, prosody: np.ndarray, n_frames: int) -> np.ndarray:
        """Decoded relative contours `[T, 3]` of prosody `[T_p, D_p]`."""
        stride, parts = self.prosody_stride, []
        for start, stop, first, last in self._spans(n_frames, self.model.contours_reach):
            part = prosody[first // stride : -(-last // stride)]
            parts.append(self.networks.decode_contours(part)[start - first : stop - first])
        return np.concatenate(parts)

    def _spans(self, n_frames: int, look_ahead: int) -> Iterator[tuple[int, int, int, int]]:
        """(start, stop) of each chunk, and (first, last) of what it must see, on whole steps of the slowest latent."""
        context = (-(-look_ahead // self.prosody_stride) + 1) * self.prosody_stride
        for start in range(0, n_frames, CHUNK_FRAMES):
            stop = min(start + CHUNK_FRAMES, n_frames)
            yield start, stop, max(start - context, 0), min(stop + context, n_frames)


def statistics_of(speaker: Speaker) -> np.ndarray:
    """Of a voice, as the networks read them, `[2 n_channels + 2]`."""
    return np.concatenate([speaker.register, speaker.mel_mean, np.sqrt(speaker.mel_cov.diagonal())])


def _empty(n_steps: int, dim: int) -> Gaussian:
    return Gaussian(np.empty((n_steps, dim), np.float32), np.empty((n_steps, dim), np.float32))


def _put(whole: Gaussian, part: Gaussian, start: int, stop: int, first: int, stride: int) -> None:
    """Into `whole`, the steps of the frames `start` to `stop`, of a `part` that begins at the frame `first`."""
    steps, seen = (
        slice(begin // stride, -(-end // stride)) for begin, end in ((start, stop), (start - first, stop - first))
    )
    whole.mean[steps], whole.log_variance[steps] = part.mean[seen], part.log_variance[seen]


def _normalise(content: Gaussian, speech: np.ndarray) -> None:
    """In place, the instance norm of z_c `[T_c, D_c]`: mean 0 and standard deviation 1 over the steps of a recording
    that are speech `[T_c]` (bool), and the prior in the background, so that neither identifies the speaker."""
    if not speech.any():
        content.mean[:], content.log_variance[:] = 0, 0
        return
    _, mean, covariance = moments([(content.mean, speech)])
    content.mean[:] -= mean.astype(np.float32)
    content.mean[:] /= np.sqrt(covariance.diagonal() + MIN_CONTENT_VARIANCE).astype(np.float32)
    content.mean[~speech], content.log_variance[~speech] = 0, 0
