"""A fixed set of edits for the output of a text-to-speech engine."""

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.code import Code, Speaker
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.features.mel_config import MelConfig
from voicevae.tts.ssml import Timing, read_ssml
from voicevae.tts.stream import Stream
from voicevae.voice import VoiceVAE, load

Wave = tuple[np.ndarray, int]


class Modulator:
    """A fixed set of edits, loaded once and called as often as needed, from any number of threads.

        mod = Modulator(pitch_range=1.6, style=("joy", 0.7), voice="warm.voice")
        wave, rate = mod(tts_wave, tts_rate)

    The output lasts as long as the input, divided by the rate (with that of the style), within a hop of 12.5 ms.

    Args:
        style: (name, strength), as in `VoiceVAE.style`.
        voice: to speak in, as in `VoiceVAE.convert`; the engine's own by default.
        bundle: a folder, or a loaded `VoiceVAE` that several modulators may share; the shipped one by default.
        seed: random seed of the unvoiced noise.
        edits: those of `Edit`, by name, which states their order.

    Raises:
        EditError, AudioError, BundleError: at once, if any of these cannot be used.
    """

    def __init__(
        self,
        *,
        style: tuple[str, float] | None = None,
        voice: Any = None,
        bundle: str | Path | VoiceVAE | None = None,
        seed: int = 0,
        **edits: float,
    ) -> None:
        self.changes = Edit.of(edits)
        self.style, self.seed = _style(style), seed
        self.vv = bundle if isinstance(bundle, VoiceVAE) else load(bundle)
        self.voice: Speaker | None = None if voice is None else self.vv.speaker(voice)
        self.sample_rate = self.vv.sample_rate
        self(_tone(self.sample_rate), self.sample_rate)  # raises what a later call would raise

    def __call__(
        self,
        wave: Any,
        rate: int,
        *,
        marks: Iterable[tuple[float, float, Edit]] = (),
        ssml: str | None = None,
        timings: Iterable[Timing] = (),
    ) -> Wave:
        """The edited wave, float32 `[n]`, and its rate in Hz.

        Args:
            wave: `[n]`, float within +-1 or integers, at `rate` Hz.
            marks: (start_s, end_s, Edit) upon spans of `wave`. See `voicevae.marks`.
            ssml, timings: text with <prosody> and <emphasis>, and (word, start_s, end_s) of its words in `wave`, which
                become marks; what is ignored is named in a warning. See `voicevae.tts.ssml`.

        Raises:
            AudioError: the sound cannot be used. EditError: marks, SSML or timings that cannot.
        """
        own = self.voice is None and self.style is None
        code = self.vv.encode_to_edit(wave, rate, {}) if own else self.vv.encode(wave, rate, residual=True)
        code = self._edited(code)
        return self._marked(code, marks, ssml, timings)

    def mel(
        self,
        mel: Any,
        config: MelConfig,
        *,
        f0_hz: Any = None,
        marks: Iterable[tuple[float, float, Edit]] = (),
        ssml: str | None = None,
        timings: Iterable[Timing] = (),
    ) -> Wave:
        """The same for a mel `[T, n_mels]` of the configuration `config`, with F0 in Hz `[T]` if the engine has it.

        Raises:
            VoiceVAEError: as in `VoiceVAE.from_mel`; and as above.
        """
        code = self._edited(self.vv.from_mel(mel, config, f0_hz=f0_hz, residual=True))
        return self._marked(code, marks, ssml, timings)

    def stream(
        self, chunks: Iterable[Any], rate: int, *, speaker: Any = None, low_latency: bool = False
    ) -> Iterator[np.ndarray]:
        """Edited speech at `self.sample_rate` while `chunks` of a wave at `rate` Hz arrive.

        The stream is cut at pauses. Latency is at most `voicevae.tts.stream.LATENCY_S` of sound, and about as much is
        kept. With `low_latency` it is live speech (`VoiceVAE.live`): less than 0.1 s, and a little less exact.

        Args:
            chunks: of any length, as `wave` above.
            low_latency: for mono chunks, without a style and without a change of rate.
            speaker: the engine's own voice, a `Speaker` or a recording at `rate`; with it the pitch range is about this
                voice's mean from the first word, instead of the mean of all speech so far.

        Raises:
            AudioError: a chunk, or the whole, cannot be used. EditError: what live speech cannot do.
        """
        if low_latency:
            yield from self._live(chunks, rate, speaker)
            return
        known = None if speaker is None else self.vv.speaker(speaker, rate)
        register = None if known is None else known.register
        stream = Stream(self.vv, self._edited, rate, residual=True, seed=self.seed, register=register)
        for chunk in chunks:
            yield from stream.feed(chunk)
        yield from stream.flush()

    def _live(self, chunks: Iterable[Any], rate: int, speaker: Any) -> Iterator[np.ndarray]:
        """`stream` with low latency: as long as the input."""
        if self.style is not None:
            raise EditError("A stream with low latency takes no style; leave one of them out.")
        edits = vars(self.changes)
        live = self.vv.live(rate, out_rate=self.sample_rate, voice=self.voice, enrol=speaker, seed=self.seed, **edits)
        late = round(live.latency_ms * self.sample_rate / 1000)  # samples of silence, that come first
        n_given = n_made = 0
        for chunk in chunks:
            made = live.feed(chunk)
            n_given += len(made)
            begin = max(late - n_made, 0)
            n_made += len(made)
            if len(made) > begin:
                yield made[begin:]
        rest = live.flush()
        yield rest[max(late - n_made, 0) :][: n_given - max(n_made - late, 0)]

    def _edited(self, code: Code) -> Code:
        """`code` in the voice, then the style, then the edits."""
        code = code.edit(speaker=self.voice)
        if self.style is not None:
            code = self.vv.style(code, style=self.style[0], strength=self.style[1])
        return code.edit(**vars(self.changes))

    def _marked(self, code: Code, marks: Iterable[Any], ssml: str | None, timings: Iterable[Timing]) -> Wave:
        spans, words = list(marks), list(timings)
        if words and ssml is None:
            raise EditError("There are timings and no SSML that they belong to; give ssml, too.")
        if ssml is not None:
            read = read_ssml(ssml, words, code.speaker)
            spans += read.marks
            if read.ignored:
                warnings.warn(f"SSML that changes nothing: {', '.join(read.ignored)}.", stacklevel=3)
        return self.vv.decode(code.edit(marks=spans), self.seed), self.sample_rate


def _style(style: Any) -> tuple[str, float] | None:
    if style is None:
        return None
    if not isinstance(style, tuple | list) or len(style) != 2:
        raise EditError(f'The style is {style!r}; give its name and strength, such as ("joy", 0.7).')
    return style[0], style[1]


def _tone(sample_rate: int) -> np.ndarray:
    """A tone of 0.2 s at 150 Hz."""
    return 0.1 * np.sin(2 * np.pi * 150 * np.arange(sample_rate // 5) / sample_rate).astype(np.float32)
