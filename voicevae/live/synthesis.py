"""The source-filter vocoder for a stream: a step of frames in, as many samples out, the phase of the pulses carried.

It is the arithmetic of `voicevae.vocoders.source_filter` with a look-ahead of a few frames. The network and both
corrections read frames that are not final yet; what is added up to the wave are final spectra alone, each made once, so
that steps join without a seam. With a look-ahead of the whole vocoder, the samples are those of `Vocoder.synthesize`.
"""

from itertools import pairwise

import numpy as np

from voicevae.features import VOICED, FeatureConfig
from voicevae.features.stft import istft, stft, weight
from voicevae.live.steps import HELD_FRAMES, STEP_FRAMES, held, shifted
from voicevae.vocoders.consistency import nearer
from voicevae.vocoders.excitation import pulse_train, white_noise
from voicevae.vocoders.source_filter import Filters, Vocoder, told

SILENT = (5.0, 0.0, -100.0)  # contours before the stream: ln Hz, voicing, dB


class Synthesis:
    """One stream of speech from mels and contours.

    Args:
        network: the vocoder's, of the frames whose past is all given (`Networks.filters_ends`).
        look_ahead: frames after those of a step that are known.
        seed: random seed of the unvoiced noise.
    """

    def __init__(self, vocoder: Vocoder, network: Filters, look_ahead: int, seed: int = 0) -> None:
        self.vocoder, self.network, self.features, self.seed = vocoder, network, vocoder.features, seed
        f, known = vocoder.features, STEP_FRAMES + look_ahead
        past = vocoder.config.reach + 1  # one more, for a change of loudness
        self.mel = np.zeros((past + known, f.n_channels), np.float32)
        self.contours = np.tile(np.array(SILENT, np.float32), (past + known, 1))
        self.known, self.phase, self.step = known, 0.0, 0
        self.n_made = known + HELD_FRAMES  # frames at once, of which the last are made again
        self.pulses = np.zeros((self.n_made - 1) * f.hop_length + f.win_length, np.float32)
        overlap = (f.win_length - 1) // f.hop_length  # frames after one that share samples with it
        last = vocoder.config.corrections
        self.stages = [OverlapAdd(f, min(STEP_FRAMES + overlap * (last - i), self.n_made)) for i in range(last + 1)]

    def feed(self, mel: np.ndarray, contours: np.ndarray) -> np.ndarray:
        """The next samples, float32 `[STEP_FRAMES * hop_length]`, from half a window before the first final frame.

        Args:
            mel: `[STEP_FRAMES + look_ahead, n_channels]`: the final frames of this step, and those that may still
                change.
            contours: `[STEP_FRAMES, 3]` of the newest frames, as `Contours.array`.
        """
        f, known, made = self.features, self.known, slice(-self.n_made, None)
        self.mel = shifted(self.mel, mel[:STEP_FRAMES], known - STEP_FRAMES)
        self.mel[-known:] = mel
        self.contours = shifted(self.contours, contours)
        mel, contours = held(self.mel), held(self.contours)
        filters = self.network(mel[1:], told(contours)[1:])
        mel, (log_f0, voicing, loudness_db) = mel[made], contours[made].T
        voiced = voicing >= VOICED
        pulse_gain, noise_gain = self.vocoder.gains(filters, mel, loudness_db)
        spectra = pulse_gain * self._spectra(self._pulses(), self.n_made)
        spectra += noise_gain * self._spectra(self._noise(), self.n_made)
        wanted, f0_hz = self.vocoder.wanted(filters, mel), np.exp(log_f0)
        for stage, after in pairwise(self.stages):
            n = after.n_frames
            found = self._spectra(stage.wave(spectra[: stage.n_frames]), n)
            spectra = nearer(found, wanted[:n], f0_hz[:n], voiced[:n], loudness_db[:n], f)
        self.step += 1
        return self.stages[-1].wave(spectra[:STEP_FRAMES])[: STEP_FRAMES * f.hop_length]

    def rest(self) -> None:
        """A step of silence: nothing is made, and what was before is forgotten."""
        self.step += 1
        self.mel[:], self.contours[:], self.pulses[:] = 0, SILENT, 0
        for stage in self.stages:
            stage.final[:] = 0

    def _spectra(self, wave: np.ndarray, n_frames: int) -> np.ndarray:
        """Spectra `[n_frames, bins]` of the samples from the window of the first final frame on."""
        f = self.features
        return stft(wave, n_frames, f.win_length, f.hop_length, f.n_fft)

    def _pulses(self) -> np.ndarray:
        """The pulses of the frames; those of the newest hop and beyond, whose F0 is held, are made again."""
        hop = self.features.hop_length
        frames = self.contours[-STEP_FRAMES - 1 :]
        frames = held(np.concatenate([frames, frames[-1:]]))
        voiced = frames[:, 1] >= VOICED
        new, phases = pulse_train(frames[:, 0], voiced, hop, self.features.sample_rate, self.phase)
        self.phase = float(phases[STEP_FRAMES])
        kept = (self.known - 1 - STEP_FRAMES) * hop + self.features.win_length // 2
        self.pulses[:kept] = self.pulses[STEP_FRAMES * hop :][:kept].copy()
        self.pulses[kept:] = new[: len(self.pulses) - kept]
        return self.pulses

    def _noise(self) -> np.ndarray:
        f, n = self.features, len(self.pulses)
        first = (self.step * STEP_FRAMES - (self.known - STEP_FRAMES)) * f.hop_length - f.win_length // 2
        before = min(max(-first, 0), n)
        if before == n:
            return np.zeros(n, np.float32)
        return np.concatenate([np.zeros(before, np.float32), white_noise(first + before, n - before, self.seed)])


class OverlapAdd:
    """Sum of the windowed frames of a stream, `n_frames` a call, of which the first `STEP_FRAMES` are final."""

    def __init__(self, features: FeatureConfig, n_frames: int) -> None:
        f = self.features = features
        self.n_frames = n_frames
        past = -(-f.win_length // f.hop_length)
        self.length = (n_frames - 1) * f.hop_length + f.win_length
        self.final = np.zeros(self.length, np.float32)
        start = past * f.hop_length
        self.norm = weight(past + n_frames, f.win_length, f.hop_length)[start : start + self.length]

    def wave(self, spectra: np.ndarray) -> np.ndarray:
        """Samples of `spectra` `[n_frames, bins]`, from the beginning of the first one's window to the end of the last
        one's, by least squares."""
        f, n_new = self.features, STEP_FRAMES * self.features.hop_length
        total = self.final + istft(spectra, f.win_length, f.hop_length, f.n_fft)[: self.length]
        added = istft(spectra[:STEP_FRAMES], f.win_length, f.hop_length, f.n_fft)[: self.length]
        self.final[: len(added)] += added
        self.final[:-n_new] = self.final[n_new:].copy()
        self.final[-n_new:] = 0
        return total / np.maximum(self.norm, np.finfo(np.float32).tiny)
