"""Standard deviations of latents and plain measures over training recordings (`voicevae.verbs.traverse`)."""

import numpy as np

from voicevae.coder import Coder, Posterior
from voicevae.features import Frames
from voicevae.verbs.measure import measure, warp_between

MIN_STD = 1e-6
LOUDNESS = 3  # its place among the measures


class StdFit:
    """Collects recordings."""

    def __init__(self, coder: Coder) -> None:
        self.coder = coder
        self.speakers: list[np.ndarray] = []
        self.prosody: list[np.ndarray] = []
        self.measures: list[np.ndarray] = []
        self.mels: list[np.ndarray] = []

    def add(self, frames: Frames, q: Posterior) -> None:
        """Add a recording and its posterior."""
        steps = q.speech[:: self.coder.prosody_stride]
        prosody = q.prosody.mean
        measured = measure(frames.mel, frames.contours, self.coder.config)
        measured[LOUDNESS] -= q.loudness_db  # regardless of the gain of the recording
        self.speakers.append(q.speaker.z)
        self.prosody.append(prosody[steps[: len(prosody)]])
        self.measures.append(measured)
        self.mels.append(q.speaker.mel_mean)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of `traverse`: standard deviations of z_s over recordings, of z_p over their speech, and of the
        measures over recordings, where formants are the warp of a recording's mean mel from the mean of all."""
        measures = np.stack(self.measures)
        mels = np.stack(self.mels)[:, : self.coder.config.n_mels]
        measures[:, -1] = [warp_between(mels.mean(0, keepdims=True), own[None], self.coder.config) for own in mels]
        found = {
            "z_s": np.std(self.speakers, 0),
            "z_p": np.concatenate(self.prosody).std(0),
            "measures": np.maximum(measures.std(0), MIN_STD),
        }
        return {name: value.astype(np.float32) for name, value in found.items()}
