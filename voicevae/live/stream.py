"""`vv.live`: speech changed while it is spoken, block by block.

    live = vv.live(48000, voice="warm.voice", pitch_semitones=1)
    for block in microphone:
        loudspeaker.write(live.feed(block))

Samples are resampled (`resampling`) and gathered to steps of 37.5 ms; of each step frames are measured (`analysis`),
the speaker's statistics go on (`source`, `identity`), mel and contours are changed (`change`) and made sound
(`synthesis`).
"""

import math
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from voicevae import audio
from voicevae.code import Speaker
from voicevae.coder import Coder
from voicevae.errors import AudioError
from voicevae.features import Frames
from voicevae.live.analysis import Analysis, Tracker
from voicevae.live.change import Change, Setting
from voicevae.live.corpus import Corpus
from voicevae.live.enrolment import Enrolment
from voicevae.live.identity import Identity
from voicevae.live.resampling import Resampler
from voicevae.live.source import Source
from voicevae.live.synthesis import Synthesis
from voicevae.samples import check_rate
from voicevae.vocoders.source_filter import Vocoder

LOOK_AHEAD = 1  # frames of 12.5 ms
RAMP_STEPS = 4  # over which a change of setting is faded in
GATE_STEPS = 12  # that must be softer than the gate before it closes


class Live:
    """One stream of live speech, mono, float32; `VoiceVAE.live` makes it.

    `feed` gives as many seconds as it was fed, `latency_ms` late: silence first. What comes out does not depend on how
    the stream is cut into blocks. One thread may feed while another sets.

    Args:
        rate, out_rate: of what is fed and of what comes out, Hz.
        resolve: from a voice as the user gives it to a `Speaker`.
        enrolment: what is known of the speaker, whose statistics need not be waited for.
        gate_db: frames below it are silence, dB of full scale; None keeps all.
    """

    def __init__(
        self,
        coder: Coder,
        vocoder: Vocoder,
        corpus: Corpus,
        tracker: Tracker,
        *,
        rate: int,
        out_rate: int | None = None,
        setting: Setting,
        resolve: Callable[[Any], Speaker],
        enrolment: Enrolment | None = None,
        gate_db: float | None = None,
        look_ahead: int = LOOK_AHEAD,
        seed: int = 0,
    ) -> None:
        config = coder.config
        self.rate, self.out_rate = _checked(rate), _checked(rate if out_rate is None else out_rate)
        self.coder, self.corpus, self.enrolment, self.resolve = coder, corpus, enrolment, resolve
        self.gate_db, self.quiet_steps = gate_db, 0
        self.source = Source(corpus, look_ahead, enrolment)
        self.analysis = Analysis(config, tracker, self.source.level)
        self.synthesis = Synthesis(vocoder, coder.networks.filters_ends, look_ahead, seed)
        self.identity: Identity | None = None
        self.setting, self.change = setting, self._change(setting)
        self.fading: Change | None = None
        self.faded = 0
        self._lock = Lock()
        behind = config.win_length + (look_ahead - 1) * config.hop_length + self.analysis.delay
        self._pipes(config.sample_rate, behind)

    def feed(self, block: object) -> np.ndarray:
        """As many seconds of changed speech, float32 `[m]`, as `block` `[n]` has.

        Raises:
            AudioError: a block that is no mono sound. It counts for nothing, and the stream goes on.
        """
        wave = _mono(block)
        with self._lock:
            return self._fed(wave)

    def flush(self) -> np.ndarray:
        """The rest of the stream, of `latency_ms`. More may be fed after it, as after a pause."""
        with self._lock:
            n = math.ceil(self.latency_ms * self.rate / 1000 - 1e-6)
            return self._fed(np.zeros(n, np.float32))

    def set(self, **changes: Any) -> None:
        """Change the `voice` (None for the speaker's own), `residual`, `likeness` or edits, by name, within 0.1 s and
        without a click; what is not named stays.

        Raises:
            EditError, AudioError, InputError: a value or voice that cannot be; nothing is changed.
        """
        if changes.get("voice") is not None:
            changes["voice"] = self.resolve(changes["voice"])
        setting = self.setting.changed(**changes)
        change = self._change(setting)
        with self._lock:
            self.fading, self.faded = self.change, 0
            self.setting, self.change = setting, change

    def _change(self, setting: Setting) -> Change:
        if setting.voice is not None and self.identity is None:
            self.identity = Identity(self.coder, self.corpus, self.source, self.enrolment)
        return Change(self.coder, self.source, self.identity, setting)

    def _pipes(self, sample_rate: int, delay: int) -> None:
        """Resamplers, queues and `latency_ms`; a step makes samples that are `delay` of `sample_rate` behind it."""
        step = self.analysis.n_samples
        self._into = Resampler(self.rate, sample_rate) if self.rate != sample_rate else None
        self._out_of = Resampler(sample_rate, self.out_rate) if self.out_rate != sample_rate else None
        self._waiting = np.zeros(0, np.float32)
        # So much is always there: what waits for a step to be full, and roundings of both rates.
        ahead = -(-(step - 1) * self.out_rate // sample_rate) + (self._into is not None or self._out_of is not None) * 2
        self._ready = np.zeros(ahead, np.float32)
        self._taken = 0  # samples that nothing was given for yet, times out_rate
        pipes = [pipe.delay_s for pipe in (self._into, self._out_of) if pipe is not None]
        self.latency_ms = 1000 * (ahead / self.out_rate + delay / sample_rate + sum(pipes))

    def _fed(self, wave: np.ndarray) -> np.ndarray:
        sound = wave if self._into is None else self._into.feed(wave)
        self._waiting = np.concatenate([self._waiting, sound])
        step, made = self.analysis.n_samples, [self._ready]
        while len(self._waiting) >= step:
            found = self._step(self._waiting[:step])
            self._waiting = self._waiting[step:]
            made.append(found if self._out_of is None else self._out_of.feed(found))
        self._ready = np.concatenate(made)
        self._taken += len(wave) * self.out_rate
        n, self._taken = divmod(self._taken, self.rate)
        ready, self._ready = self._ready[:n], self._ready[n:]
        return ready

    def _step(self, wave: np.ndarray) -> np.ndarray:
        """The samples that a step of samples `[n]` makes final, as many."""
        frames = self.analysis.feed(wave)
        gated = self._gate(frames)
        self.source.feed(frames)
        if gated and self.quiet_steps > GATE_STEPS:
            self.synthesis.rest()
            return np.zeros(len(wave), np.float32)
        mel, contours = self._changed()
        if gated:
            contours[:, 2] = -100.0
        return self.synthesis.feed(mel, contours)

    def _gate(self, frames: Frames) -> bool:
        if self.gate_db is None or frames.loudness_db.max() >= self.gate_db:
            self.quiet_steps = 0
        else:
            self.quiet_steps += 1
        return self.quiet_steps > GATE_STEPS // 2

    def _changed(self) -> tuple[np.ndarray, np.ndarray]:
        """Mel of the known and contours of the newest frames, changed."""
        changes = [self.change] if self.fading is None else [self.change, self.fading]
        content = None
        if self.identity is not None and any(one.setting.voice is not None for one in changes):
            content = self.identity.feed()
        made = [(one.mel(None if one.setting.voice is None else content), one.contours()) for one in changes]
        if len(made) == 1:
            return made[0]
        self.faded += 1
        share = np.float32(self.faded / RAMP_STEPS)
        if self.faded == RAMP_STEPS:
            self.fading = None
        (mel, contours), (old_mel, old_contours) = made
        return share * mel + (1 - share) * old_mel, share * contours + (1 - share) * old_contours


def _checked(rate: Any) -> int:
    check_rate(rate, "Live speech")
    if rate != int(rate):
        raise AudioError(f"Live speech has a sample rate of {rate:g} Hz; give a whole number.")
    return int(rate)


def _mono(block: object) -> np.ndarray:
    """A block as float32 `[n]`."""
    wave = audio.chunk(block)
    if wave.shape[1] != 1 and wave.size:
        raise AudioError(f"A block of {wave.shape[1]} channels was fed to live speech; give mono, [n].")
    return wave.reshape(-1)
