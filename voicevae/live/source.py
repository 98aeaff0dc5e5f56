"""Who speaks into a stream: the last frames, and statistics of all so far."""

import numpy as np

from voicevae.features import Frames
from voicevae.features.contours import Contours, RelativeContours
from voicevae.live.corpus import Corpus
from voicevae.live.enrolment import Enrolment
from voicevae.live.statistics import Moments, RunningLevel, RunningRegister
from voicevae.live.steps import STEP_FRAMES, shifted

RECENT_FRAMES = 400  # for the speaker encoder
MEL_FRAMES, COVARIANCE_FRAMES = 60, 40  # that the corpus' mean and covariance count as
ENROLLED_FRAMES = 400  # that an enrolment's level counts as
QUIET_DB = -100.0


class Source:
    """The speaker of one stream.

    Args:
        look_ahead: frames after the final ones of a step.
        enrolment: what is known of the speaker before.
    """

    def __init__(self, corpus: Corpus, look_ahead: int, enrolment: Enrolment | None = None) -> None:
        self.known = STEP_FRAMES + look_ahead
        self.stride, self.past = corpus.coder.content_stride, corpus.coder.model.decoder_past
        self.n_frames = 0  # so far
        n_channels = len(corpus.mel_mean)
        self.window = np.zeros((self.past + self.known + self.stride - 1, n_channels + 3), np.float32)
        self.window[:, -3], self.window[:, -1] = corpus.register.mean, QUIET_DB
        self.recent = np.zeros((RECENT_FRAMES, n_channels), np.float32)
        self.recent_speech = np.zeros(RECENT_FRAMES, np.float32)
        self.level = RunningLevel()
        if enrolment is None:
            self.register = RunningRegister(*corpus.register)
            self.spectrum = Moments(corpus.mel_mean, corpus.mel_cov, MEL_FRAMES, COVARIANCE_FRAMES)
        else:
            own, n_frames = enrolment.speaker, enrolment.n_frames
            self.register = RunningRegister(*own.register, known=True)
            self.spectrum = Moments(own.mel_mean, own.mel_cov, n_frames, n_frames)
            if enrolment.level_db is not None:
                self.level = RunningLevel(enrolment.level_db, ENROLLED_FRAMES)

    def feed(self, frames: Frames) -> None:
        """The next `STEP_FRAMES` frames."""
        self.window = shifted(self.window, frames.array())
        self.n_frames += len(frames)
        if frames.voiced.any():
            self.register.add(frames.log_f0[frames.voiced])
            self.level.add(frames.loudness_db[frames.voiced])
        speech = self.relative.speech[-STEP_FRAMES:]
        self.spectrum.add(frames.mel[speech])
        self.recent = shifted(self.recent, frames.mel)
        self.recent_speech = shifted(self.recent_speech, speech.astype(np.float32))

    @property
    def first(self) -> int:
        """Frame of the stream that the window begins with, as a step of content does, at least `past` before the
        known ones."""
        start = self.n_frames - self.known - self.past
        return start - start % self.stride

    @property
    def n_final(self) -> int:
        """Frames of the stream that are not made again."""
        return max(self.n_frames - self.known + STEP_FRAMES, 0)

    @property
    def mel(self) -> np.ndarray:
        """Of the window, `[T, n_channels]`."""
        return self.window[self.first - self.n_frames :, :-3]

    @property
    def contours(self) -> np.ndarray:
        """Of the window, `[T, 3]`, as `Contours.array`."""
        return self.window[self.first - self.n_frames :, -3:]

    @property
    def relative(self) -> RelativeContours:
        """Of the window."""
        contours = Contours.from_array(self.contours)
        return contours.relative(self.register.mean, self.register.std, self.level.db)
