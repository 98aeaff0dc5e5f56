"""What an adapted voice changes in a stream: `voicevae.adapted`, of what is known so far."""

import numpy as np

from voicevae import adapted
from voicevae.code import AdaptedSpeaker
from voicevae.features.contours import LOUDNESS_UNIT_DB
from voicevae.live.statistics import RunningLevel
from voicevae.live.steps import STEP_FRAMES, shifted


class Adapting:
    """An adapted voice at work in one stream, of which `known` frames may be made again."""

    def __init__(self, voice: AdaptedSpeaker, known: int) -> None:
        self.voice, self.known = voice, known
        past = max(adapted.SMOOTHED - min(adapted.CONTEXT), known - STEP_FRAMES)
        self.mel = np.tile(voice.mel_mean.astype(np.float32), (past + STEP_FRAMES, 1))  # decoded
        self.told = RunningLevel(0.0)

    def louder_db(self, mel: np.ndarray, content: np.ndarray, loudness: np.ndarray, voiced: np.ndarray) -> np.ndarray:
        """What to add to the loudness of the newest frames, dB `[STEP_FRAMES]`.

        The frames after them are not known: the last one stands for those.

        Args:
            mel: `[known, n_channels]`, decoded in the voice. content: that of each frame, `[T, D_c]`.
            loudness: relative, of each frame, `[T]`, units of 20 dB; voiced (bool): of the newest, `[STEP_FRAMES]`.
        """
        self.mel = shifted(self.mel, mel[:STEP_FRAMES], self.known - STEP_FRAMES)
        self.mel[-self.known :] = mel
        if self.voice.dynamics == 0:
            return np.zeros(STEP_FRAMES, np.float32)
        newest = slice(-STEP_FRAMES - adapted.SMOOTHED, None)
        told = LOUDNESS_UNIT_DB * adapted.told(self.voice, self.mel, content[-len(self.mel) :])[newest]
        self.told.add(told[-STEP_FRAMES:][voiced])
        wanted = (told - self.told.db) / LOUDNESS_UNIT_DB
        return LOUDNESS_UNIT_DB * adapted.change(self.voice, loudness[newest], wanted)[-STEP_FRAMES:]
