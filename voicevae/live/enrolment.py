"""What is known of a speaker before a stream begins."""

from dataclasses import dataclass

import numpy as np

from voicevae.code import Speaker
from voicevae.coder import Coder
from voicevae.features import Frames
from voicevae.models.transport import transport

SPEAKER_FRAMES = 400  # that a voice counts as whose recording is not there
LEAST_STEPS = 50  # of content that show its mean and covariance


@dataclass(frozen=True, eq=False)
class Enrolment:
    """A speaker's voice, from `n_frames` frames of speech.

    level_db: of a recording at this microphone, dB of full scale. content: mean `[D_c]` and covariance `[D_c, D_c]` of
    z_c before its normalisation, over n_steps. Each is None where only the voice is known.
    """

    speaker: Speaker
    n_frames: int = SPEAKER_FRAMES
    level_db: float | None = None
    content: tuple[np.ndarray, np.ndarray] | None = None
    n_steps: int = 0

    @staticmethod
    def of(coder: Coder, frames: Frames) -> "Enrolment":
        """That of a recording."""
        q = coder.infer(frames)
        matrix = transport(q.speaker.mel_cov, coder.mel_cov)
        found = coder.networks.encode_content((frames.mel - q.speaker.mel_mean) @ matrix).mean
        spoken = found[q.speech[:: coder.content_stride]]
        content = (spoken.mean(0), np.cov(spoken.T)) if len(spoken) >= LEAST_STEPS else None
        return Enrolment(q.speaker, int(q.speech.sum()), q.loudness_db, content, len(spoken))
