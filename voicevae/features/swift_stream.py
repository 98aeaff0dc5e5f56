"""F0 and voicing of a stream by swift-f0, 192 ms behind it: as of a recording, for who can wait."""

import numpy as np

from voicevae import threads
from voicevae.errors import VoiceVAEError
from voicevae.features.config import FeatureConfig
from voicevae.features.live_f0 import Loud
from voicevae.features.prosody import LEVEL_DB, VOICED, detector
from voicevae.units import DB_PER_NAT

RATE = 16000  # of swift-f0, Hz
HOP, REACH = 256, 11 * 256  # samples of swift-f0's frames; from the centre of one to where its stream gives it
GAINS_DB = (-20.0, 25.0)  # before anybody spoke, noise is not made speech


class SwiftStream:
    """Tracks the F0 of one stream as `voicevae.features.live_f0.LiveF0` does, from which its interface is.

    What it gives depends on how the stream is cut into blocks, by rounding errors: feed it the same ones.

    Raises:
        VoiceVAEError: `config.sample_rate` is not swift-f0's, 16 kHz.
    """

    def __init__(self, config: FeatureConfig) -> None:
        if config.sample_rate != RATE:
            raise VoiceVAEError(
                f"swift-f0 tracks streams at {RATE} Hz, not {config.sample_rate}; use the quick tracker."
            )
        self.config, self.look_ahead = config, REACH + HOP - 1
        self._stream = detector(threads.count()).stream()
        self._loud, self._gain = Loud(config), np.float32(1)
        self._frames = np.zeros((0, 3))  # of swift-f0: sample, ln Hz, confidence
        self._place, self._held = 0, float(np.log(config.f0_min_hz * config.f0_max_hz) / 2)

    def feed(self, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log-F0 (ln Hz) and voicing (0..1), `[k]` each, of the frames that samples `[n]` complete."""
        found = self._stream.push(self._levelled(wave), self.config.sample_rate)
        log_f0 = np.log(np.maximum(found.pitch_hz, 1.0))
        beyond = (found.pitch_hz < self.config.f0_min_hz) | (found.pitch_hz > self.config.f0_max_hz)
        confidence = np.where(beyond, 0.0, found.confidence)
        samples = np.round(found.timestamps * self.config.sample_rate)
        self._frames = np.concatenate([self._frames, np.stack([samples, log_f0, confidence], 1)])
        made = []
        while len(self._frames) and self._frames[-1, 0] >= self._place:
            made.append(self._at(self._place))
            self._place += self.config.hop_length
        passed = int(np.searchsorted(self._frames[:, 0], self._place, "right")) - 1
        self._frames = self._frames[max(passed, 0) :]
        log_f0, voicing = np.array(made, np.float32).reshape(-1, 2).T
        return log_f0, voicing

    def _at(self, place: int) -> tuple[float, float]:
        """log-F0 and voicing at a sample between frames of swift-f0; an unvoiced one has the F0 of the last voiced."""
        after = int(np.searchsorted(self._frames[:, 0], place))
        before = max(after - 1, 0)
        (first, one, sure), (last, other, surer) = self._frames[before], self._frames[after]
        share = 1.0 if first == last else (place - first) / (last - first)
        voicing = (1 - share) * sure + share * surer
        if sure >= VOICED and surer >= VOICED:
            self._held = (1 - share) * one + share * other
        elif max(sure, surer) >= VOICED:
            self._held = one if sure >= VOICED else other
        return self._held, voicing

    def _levelled(self, wave: np.ndarray) -> np.ndarray:
        """At the level at which swift-f0 is surest, by a gain that goes on without a jump."""
        if not len(wave):
            return wave
        power_db = DB_PER_NAT * np.log(np.square(wave, dtype=np.float64).mean() + 1e-12)
        self._loud.level(np.array([power_db], np.float32))
        gain = np.float32(10 ** (np.clip(LEVEL_DB - self._loud.db[0], *GAINS_DB) / 20))
        ramp = np.linspace(self._gain, gain, len(wave) + 1, dtype=np.float32)[1:]
        self._gain = gain
        return wave * ramp
