"""F0 and voicing of a stream, 20 ms behind it: swift-f0 waits for 176 ms.

A small causal network, distilled from swift-f0, on saliences of pitches (`voicevae.features.salience`). ONNX Runtime
runs it on the same number of frames each time, so that no bit depends on how a stream is cut into blocks. docs/f0.md
has its figures.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicevae.errors import BundleError, VoiceVAEError, first_line
from voicevae.features.config import FeatureConfig
from voicevae.features.prosody import VOICED
from voicevae.features.salience import Saliences, look_ahead, pitches_hz, saliences, span
from voicevae.samples import LOUDEST

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SHIPPED = Path(__file__).parents[1] / "pretrained" / "live_f0" / "live_f0.onnx"
DECAY_DB = 3.0  # a second, of the loudness that the level is relative to
QUIETEST_DB = -80.0  # that loudness at least, dB of full scale
LEVEL_UNIT_DB = 20.0
SOFTEST = -3.0  # level at least, in these units
AROUND = 2  # pitches to either side of the best one, whose mean is the F0
GRID = ("sample_rate", "hop_length", "f0_min_hz", "f0_max_hz")  # of a `FeatureConfig`: what weights are made for


class Loud:
    """Loudness of the loud frames of `n` streams so far, `db` `[n]`: it rises at once and falls slowly."""

    def __init__(self, config: FeatureConfig, n: int = 1) -> None:
        self.db = np.full(n, QUIETEST_DB, np.float32)
        self._fall = np.float32(DECAY_DB / config.frame_rate)

    def level(self, power_db: np.ndarray) -> np.ndarray:
        """The next frame's level relative to it, `[n]`, units of 20 dB, at least `SOFTEST`; of its power `[n]`, dB."""
        self.db = np.maximum(np.maximum(power_db, self.db - self._fall), np.float32(QUIETEST_DB))
        return np.maximum((power_db - self.db) / np.float32(LEVEL_UNIT_DB), np.float32(SOFTEST))


def context(found: Saliences, frame: int, loud: Loud) -> np.ndarray:
    """What the network reads of the next frame beside its saliences, `[n, N_BANDS + 1]`, of `found` `[n, T]`."""
    level = loud.level(found.power_db[:, frame])
    return np.concatenate([found.bands[:, frame], level[:, None]], 1).astype(np.float32)


class LiveF0:
    """Tracks the F0 of one stream.

    Frame `t` is centred on sample `t * hop_length` and depends on `look_ahead` samples from there on, no more.

    Args:
        config: the frame grid and the range of F0; that of the weights.
        at_once: frames that are run at once, which is quicker; a stream is then to be fed in blocks that complete as
            many, or its last bits depend on them.
        weights: a file that `voicevae.recipes.train_f0` wrote.

    Raises:
        BundleError: the weights cannot be read. VoiceVAEError: they are for another grid.
    """

    def __init__(self, config: FeatureConfig, weights: Path = SHIPPED, at_once: int = 1) -> None:
        self.config, self.look_ahead, self.at_once = config, look_ahead(config), at_once
        self._session = _session(weights)
        _check_grid(self._session, config, weights)
        self._log_hz = np.log(pitches_hz(config)).astype(np.float32)
        self._names = [one.name for one in self._session.get_inputs()]
        self._begin()

    def feed(self, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The frames that `wave` `[n]`, mono float32 at `config.sample_rate`, the stream's next samples, completes.

        Returns:
            log_f0: `[k]`, ln Hz, float32; in an unvoiced frame that of the last voiced one.
            voicing: `[k]`, 0..1, float32; voiced at `VOICED` and above.

        Raises:
            VoiceVAEError: samples are no numbers or beyond +-100; the stream stays as it was.
        """
        wave = np.asarray(wave, np.float32)
        if wave.ndim != 1 or not (np.abs(wave) <= LOUDEST).all():
            raise VoiceVAEError("A block for the F0 tracker must be samples [n], finite and within +-1.")
        self._n_samples += len(wave)
        return self._run(wave)

    def flush(self) -> tuple[np.ndarray, np.ndarray]:
        """The frames left, as of a stream that ends in silence: `config.n_frames` in all. Then another can begin."""
        n_left = self.config.n_frames(self._n_samples) - self._n_frames if self._n_samples else 0
        reach = self._n_frames * self.config.hop_length + (n_left - 1) * self.config.hop_length + self.look_ahead
        found = self._run(np.zeros(max(reach - self._n_samples, 0), np.float32)) if n_left > 0 else self._run(_NONE)
        self._begin()
        return found

    def _begin(self) -> None:
        self._waiting = np.zeros(span(self.config) - self.look_ahead, np.float32)  # before the first sample is silence
        self._n_samples = self._n_frames = 0
        self._loud = Loud(self.config)
        states = self._session.get_inputs()[2:]
        self._states = [np.zeros([1, *one.shape[1:]], np.float32) for one in states]
        self._held = np.float32(self._log_hz.mean())

    def _run(self, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hop, n = self.config.hop_length, span(self.config)
        samples = np.concatenate([self._waiting, wave])
        k = max((len(samples) - n) // hop + 1, 0)
        log_f0, voicing = np.empty(k, np.float32), np.empty(k, np.float32)
        for i in range(0, k, self.at_once):
            several = slice(i, min(i + self.at_once, k))
            starts = range(several.start * hop, several.stop * hop, hop)
            # A copy: how memory is aligned may change a sum's last bit.
            frames = np.stack([samples[start : start + n] for start in starts])
            log_f0[several], voicing[several] = self._frames(frames)
        self._waiting = samples[k * hop :].copy()
        self._n_frames += k
        return log_f0, voicing

    def _frames(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log-F0 and voicing of frames whose samples are `[k, span]`, `[k]` each."""
        found = saliences(samples[None], self.config)
        steps = np.stack([context(found, i, self._loud) for i in range(len(samples))], 2)
        inputs = [found.pitch.transpose(0, 2, 1, 3), steps, *self._states]
        logits, voicing, *self._states = self._session.run(None, dict(zip(self._names, inputs, strict=True)))
        voiced = (1 / (1 + np.exp(-voicing[0]))).astype(np.float32)
        log_f0 = np.empty_like(voiced)
        for i, share in enumerate(voiced):
            if share >= VOICED:
                self._held = self._pitch(logits[0, i])
            log_f0[i] = self._held
        return log_f0, voiced

    def _pitch(self, logits: np.ndarray) -> np.float32:
        """Mean log-F0 around the best pitch, of logits `[n_pitches]`."""
        best = int(logits.argmax())
        near = slice(max(best - AROUND, 0), best + AROUND + 1)
        weight = np.exp(logits[near] - logits[best])
        return np.float32((weight * self._log_hz[near]).sum() / weight.sum())


_NONE = np.zeros(0, np.float32)


@lru_cache(maxsize=4)
def _session(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a frame is too little work for more
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has classes of its own, without a common base
        raise BundleError(f"{path} cannot be run ({first_line(error)}); install voicevae again.") from error


def _check_grid(session: "InferenceSession", config: FeatureConfig, path: Path) -> None:
    said = session.get_modelmeta().custom_metadata_map
    for name in GRID:
        if float(said.get(name, "nan")) != getattr(config, name):
            raise VoiceVAEError(
                f"{path.name} tracks F0 at {name} {said.get(name, 'unknown')}, not {getattr(config, name):g}; train "
                "another with `python -m voicevae.recipes.train_f0`."
            )
