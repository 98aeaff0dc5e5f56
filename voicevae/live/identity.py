"""What a conversion needs of the source beside contours: its content, and its own voice."""

from collections.abc import Callable

import numpy as np

from voicevae.chunks import statistics_of
from voicevae.code import Speaker
from voicevae.coder import Coder
from voicevae.live.corpus import Corpus
from voicevae.live.enrolment import Enrolment
from voicevae.live.source import RECENT_FRAMES, Source
from voicevae.live.statistics import Moments
from voicevae.live.steps import held
from voicevae.models.transport import transport

CONTENT_STEPS = 200  # that the corpus' mean and standard deviation of content count as
SPEAKER_AFTER = (80, 200, 400)  # frames of speech after which z_s is estimated; then each time as many as the last
GROWTH, FIRST_WAIT, LONGEST_WAIT = 0.3, 20, 400  # frames until a matrix is made again: a share of those so far
MIN_VARIANCE = 1e-6


class Identity:
    """Content and voice of the speaker of one stream.

    Args:
        enrolment: what is known of the speaker before.
    """

    def __init__(self, coder: Coder, corpus: Corpus, source: Source, enrolment: Enrolment | None = None) -> None:
        self.coder, self.source = coder, source
        self.content = Moments(*corpus.content, CONTENT_STEPS, CONTENT_STEPS)
        self.canonical = Refreshed()
        self.z, self.next_z = np.zeros(coder.model.speaker_dim, np.float32), SPEAKER_AFTER[0]
        self.counted = 0  # steps of content
        if enrolment is not None:
            self.z, self.next_z = enrolment.speaker.z, SPEAKER_AFTER[-1]
            if enrolment.content is not None:
                self.content = Moments(*enrolment.content, enrolment.n_steps, enrolment.n_steps)

    def feed(self) -> np.ndarray:
        """Content `[T_c, D_c]` of the source's window, and of what is read after it (`held`)."""
        source, spectrum, stride = self.source, self.source.spectrum, self.source.stride
        matrix = self.canonical(spectrum.n_frames, lambda: transport(spectrum.covariance, self.coder.mel_cov))
        found = self.coder.networks.stream_content(held((source.mel - self._mel_mean) @ matrix))
        speech, final = held(source.relative.speech)[::stride], -(-source.n_final // stride)
        new = slice(max(self.counted - source.first // stride, 0), max(final - source.first // stride, 0))
        self.content.add(found[new][speech[new]])
        self.counted = final
        std = np.sqrt(self.content.variance + MIN_VARIANCE)
        return ((found - self.content.mean) / std * speech[:, None]).astype(np.float32)

    def speaker(self) -> Speaker:
        """The speaker, as known so far."""
        n_frames = self.source.spectrum.n_frames
        if n_frames >= self.next_z:
            self.next_z = next((n for n in SPEAKER_AFTER if n > n_frames), n_frames + RECENT_FRAMES)
            weight = 0.1 + 0.9 * self.source.recent_speech
            self.z = self.coder.networks.encode_speaker(self.source.recent, weight, statistics_of(self._voice())).mean
        return self._voice()

    @property
    def _mel_mean(self) -> np.ndarray:
        return self.source.spectrum.mean.astype(np.float32)

    def _voice(self) -> Speaker:
        register, covariance = self.source.register, self.source.spectrum.covariance.astype(np.float32)
        return Speaker(self.z, register.mean, register.std, self._mel_mean, covariance)


class Refreshed:
    """A matrix of growing statistics, made again the more seldom the longer the stream."""

    def __init__(self) -> None:
        self.matrix, self.due = np.zeros((0, 0), np.float32), 0.0

    def __call__(self, n_frames: int, make: Callable[[], np.ndarray]) -> np.ndarray:
        """The matrix, of statistics over `n_frames`."""
        if n_frames >= self.due:
            self.matrix = make()
            self.due = n_frames + min(max(GROWTH * n_frames, FIRST_WAIT), LONGEST_WAIT)
        return self.matrix
