"""Streaming: speech edited while it arrives, phrase by phrase, in bounded memory.

A phrase ends in a pause (`phrases`). It is encoded with up to `CONTEXT_S` of sound before it and `MARGIN_S` after it,
so that speaker and content are estimated from more than one phrase, and the vocoder has its look-ahead; the phrase
alone is synthesised, cross-faded over `FADE_S`. The register, about which the pitch range is widened, is that of all
speech so far, or a given one. The latency is at most `LATENCY_S`, and `n` samples become `n / rate`: boundaries are
rounded, not the lengths of phrases.
"""

import warnings
from collections.abc import Callable

import numpy as np
import soxr

from voicevae import audio
from voicevae.code import Code, Register
from voicevae.downmix import StreamDownmix
from voicevae.errors import AudioError
from voicevae.features import Frames, extract
from voicevae.features.statistics import LOG_F0_STD_FLOOR, MIN_VOICED
from voicevae.samples import check_rate
from voicevae.tts import phrases
from voicevae.voice import VoiceVAE

CONTEXT_S = 8.0
MARGIN_S = 0.4
LEAD_S = 0.6  # of sound before a phrase, that F0 is measured from
FADE_S = 0.02
LATENCY_S = phrases.MAX_PHRASE_S + MARGIN_S


class Stream:
    """One stream of speech, fed in chunks of any length.

    Args:
        vv: the bundle, which many streams may share.
        edit: from each `Code` to the one to decode; always at the same rate.
        residual: as in `VoiceVAE.encode`.
        rate: of the chunks, in Hz.
        seed: random seed of the unvoiced noise.
        register: of the speaker; by default that of all speech so far.
    """

    def __init__(
        self,
        vv: VoiceVAE,
        edit: Callable[[Code], Code],
        rate: int,
        *,
        residual: bool = True,
        seed: int = 0,
        register: Register | None = None,
    ) -> None:
        self.vv, self.edit, self.residual, self.seed, self.given = vv, edit, residual, seed, register
        check_rate(rate, "A stream")
        self.hop = vv.config.hop_length
        self.downmix = StreamDownmix(rate)
        self.resampler = soxr.ResampleStream(rate, vv.sample_rate, 1) if rate != vv.sample_rate else None
        self.sound, self.first = np.zeros(0, np.float32), 0  # what is kept, and the place of its first sample
        self.done = 0  # samples of the stream that have been synthesised
        self.context = np.zeros((0, vv.config.n_channels + 3), np.float32)  # frames, as `Frames.array`
        self.tail = np.zeros(0, np.float32)  # waits for the next phrase
        self.warned = False
        self.voiced_sums = np.zeros(3)  # voiced frames, and the sums of log-F0 and of its square

    def feed(self, chunk: object) -> list[np.ndarray]:
        """Add speech `[n]`; returns the finished part of the edited speech, float32 `[m]`."""
        self._take(self.downmix.feed(audio.chunk(chunk)))
        ready = []
        while (end := self._cut()) > self.done:
            ready.append(self._phrase(end, last=False))
        return ready

    def flush(self) -> list[np.ndarray]:
        """End the stream; returns the rest, float32 `[n]`.

        Raises:
            AudioError: all of it was too short or silent.
        """
        self._take(self.downmix.flush(), last=True)
        if self.done == 0 and len(self.sound) == 0:
            raise AudioError("The stream holds no samples; feed it speech.")
        return [self._phrase(self.first + len(self.sound), last=True)]

    def _take(self, samples: np.ndarray, last: bool = False) -> None:
        if self.resampler is not None:
            samples = self.resampler.resample_chunk(np.ascontiguousarray(samples), last=last)
        self.sound = np.concatenate([self.sound, samples])

    def _cut(self) -> int:
        """Where the next phrase ends, in samples of the stream; where it begins, if that is not known yet."""
        margin, most = (round(seconds * self.vv.sample_rate) for seconds in (MARGIN_S, phrases.MAX_PHRASE_S))
        start = self.done - self.first
        waiting = self.sound[start : max(min(len(self.sound) - margin, start + most), 0)]
        return self.done + self.hop * phrases.cut(phrases.levels_db(waiting, self.hop), self.vv.config.frame_rate)

    def _phrase(self, end: int, last: bool) -> np.ndarray:
        """Edited speech up to sample `end` of the stream, but for a cross-fade that waits for the next phrase."""
        half = round(FADE_S / 2 * self.vv.sample_rate)
        spoken = self._spoken(end, half if self.done else 0, 0 if last else half, last)
        fade = min(len(self.tail), len(spoken))
        share = (np.arange(fade, dtype=np.float32) + 0.5) / max(fade, 1)
        spoken[:fade] = (1 - share) * self.tail[:fade] + share * spoken[:fade]
        ready = len(spoken) - (0 if last else 2 * half)
        self.tail = spoken[ready:]
        self.done = end
        forget = max(end - self._lead - self.first, 0)
        self.sound, self.first = self.sound[forget:], self.first + forget
        return spoken[:ready]

    def _spoken(self, end: int, before: int, after: int, last: bool) -> np.ndarray:
        """Edited speech from `self.done` to `end`, and some samples before and after."""
        margin = 0 if last else round(MARGIN_S * self.vv.sample_rate)
        frames = np.concatenate([self.context, self._frames(end + margin)])
        known, n_frames = len(self.context), len(frames) if last else len(self.context) + (end - self.done) // self.hop
        self._count(frames[known:n_frames])
        n_samples = known * self.hop + end + margin - self.done
        code = self.vv.coder.encode(Frames.from_array(frames), n_samples, self.residual, self._register())
        code = self.edit(code)
        rate = code.changes.rate
        n_spoken = round(end / rate) - round(self.done / rate)
        start = code.n_spoken - n_spoken if last else round(known * self.hop / rate)
        self.context = frames[max(n_frames - round(CONTEXT_S * self.vv.config.frame_rate), 0) : n_frames]
        return self._vocoded(code, start - before, start + n_spoken + after)

    def _frames(self, end: int) -> np.ndarray:
        """Frames from `self.done` to sample `end`, as `Frames.array`, measured with some sound before them."""
        start = max(self.done - self._lead, self.first)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            found = extract(self.sound[start - self.first : end - self.first], self.vv.config)
        if heard and not self.warned:  # its times are those of a piece
            self.warned, f = True, self.vv.config
            warnings.warn(
                f"F0 after {start / f.sample_rate:.1f} s of the stream lies outside {f.f0_min_hz:g} to {f.f0_max_hz:g} "
                "Hz and counts as unvoiced: no edit moves it; later times are not named.",
                stacklevel=5,
            )
        return found.array()[(self.done - start) // self.hop :]

    def _vocoded(self, code: Code, start: int, stop: int) -> np.ndarray:
        """Samples `start` to `stop` of what `code` says."""
        reach = self.vv.vocoder.look_ahead
        first, last = max(start // self.hop - reach, 0), -(-stop // self.hop) + reach
        mel, contours = self.vv.coder.decode(code)
        found = self.vv.vocoder.synthesize(mel[first:last], contours.array()[first:last], self.seed)
        return np.concatenate(list(found))[start - first * self.hop : stop - first * self.hop]

    def _count(self, frames: np.ndarray) -> None:
        found = Frames.from_array(frames)
        log_f0 = found.log_f0[found.voiced].astype(np.float64)
        self.voiced_sums += len(log_f0), log_f0.sum(), np.square(log_f0).sum()

    def _register(self) -> Register | None:
        """Mean and standard deviation of log-F0 so far (ln Hz); None while there are too few voiced frames."""
        n, total, squares = self.voiced_sums
        if self.given is not None or n < MIN_VOICED:
            return self.given
        mean = total / n
        return Register(mean, max(np.sqrt(max(squares / n - mean**2, 0.0)), LOG_F0_STD_FLOOR))

    @property
    def _lead(self) -> int:
        return round(LEAD_S * self.vv.sample_rate) // self.hop * self.hop
