"""What a stream is changed to: a voice, or the speaker's own, and edits."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from voicevae.chunks import statistics_of
from voicevae.code import CONVERTED_RESIDUAL, LIKENESS, AdaptedSpeaker, Speaker
from voicevae.coder import Coder
from voicevae.edits import Edit, edit_contours
from voicevae.errors import EditError
from voicevae.live.adapting import Adapting
from voicevae.live.identity import Identity, Refreshed
from voicevae.live.source import Source
from voicevae.live.statistics import Moments
from voicevae.live.steps import HELD_FRAMES, STEP_FRAMES, held
from voicevae.models.transport import transport

SHIFT_FRAMES = 60.0  # that the voice's own mean counts as, before anything was decoded; and likewise its covariance
COVARIANCE_FRAMES = 40.0


@dataclass(frozen=True)
class Setting:
    """A voice (None for the speaker's own) and edits; residual and likeness as in `Code.edit`.

    Raises:
        EditError: a value that cannot be, or another rate: a stream cannot be slower than its speaker.
    """

    voice: Speaker | None = None
    edit: Edit = field(default_factory=Edit)
    residual: float = CONVERTED_RESIDUAL
    likeness: float = LIKENESS

    def __post_init__(self) -> None:
        if self.edit.rate != 1:
            raise EditError(f"rate is {self.edit.rate:g}, but live speech keeps its speaker's; leave it at 1.")
        for name in ("residual", "likeness"):
            share = getattr(self, name)
            if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 <= share <= 1:
                raise EditError(f"{name} is {share!r}; give a share from 0 to 1.")

    def changed(self, **changes: Any) -> "Setting":
        """This one with other values, by name: `voice`, `residual`, `likeness`, or those of `Edit`."""
        own = {name: changes.pop(name) for name in ("voice", "residual", "likeness") if name in changes}
        return replace(self, edit=Edit.of(vars(self.edit) | changes), **own)


class Change:
    """A setting at work in one stream; a voice needs the speaker's `identity`."""

    def __init__(self, coder: Coder, source: Source, identity: Identity | None, setting: Setting) -> None:
        self.coder, self.source, self.identity, self.setting = coder, source, identity, setting
        voice = setting.voice
        if voice is not None:
            self.statistics = statistics_of(voice)
            self.decoded = Moments(voice.mel_mean, voice.mel_cov, SHIFT_FRAMES, COVARIANCE_FRAMES)
            self.matrix = Refreshed()
        self.adapting = Adapting(voice, source.known) if isinstance(voice, AdaptedSpeaker) else None
        self.louder_db = np.zeros(STEP_FRAMES, np.float32)  # that an adapted voice makes the newest frames

    def mel(self, content: np.ndarray | None) -> np.ndarray:
        """The changed mel of the known frames, `[STEP_FRAMES + look_ahead, n_channels]`; `content` `[T_c, D_c]` is that
        of the window, if there is a voice."""
        mel = self.source.mel[-self.source.known :] if content is None else self._converted(content)
        return self.coder.shift_formants(mel, self.setting.edit.formant_semitones)

    def contours(self) -> np.ndarray:
        """The changed contours of the newest frames, `[STEP_FRAMES, 3]`; after `mel`."""
        contours, register, voice = self.source.contours[-STEP_FRAMES:], self.source.register, self.setting.voice
        mean = register.mean
        if voice is not None:
            contours, mean = contours.copy(), voice.log_f0_mean
            contours[:, 0] = (contours[:, 0] - register.mean) / register.std * voice.log_f0_std + mean
            contours[:, 2] += self.louder_db
        return edit_contours(contours, mean, self.setting.edit)

    def _converted(self, content: np.ndarray) -> np.ndarray:
        voice, known, relative = self.setting.voice, self.source.known, self.source.relative
        assert voice is not None and self.identity is not None
        zs, statistics = [voice.z], [self.statistics]
        if self.setting.residual:
            own = self.identity.speaker()
            zs.append(own.z)
            statistics.append(statistics_of(own))
        decoded = self.coder.networks.decode_ends(content, held(relative.array()), np.array(zs), np.array(statistics))
        decoded = decoded[:, -known - HELD_FRAMES : -HELD_FRAMES]
        made = decoded[0]
        if self.adapting is not None:
            self.louder_db = self._louder_db(self.adapting, made, content)
        if self.setting.residual:
            made += np.float32(self.setting.residual) * (self.source.mel[-known:] - decoded[1])
        speech = relative.speech[-known:][:STEP_FRAMES]
        self.decoded.add(made[:STEP_FRAMES][speech])
        if self.setting.likeness:
            made = self._nearer(made, voice)
        made[:, : self.coder.config.n_mels] -= self.coder.level(made)  # the loudness contour holds the level
        return made

    def _louder_db(self, adapting: Adapting, mel: np.ndarray, content: np.ndarray) -> np.ndarray:
        relative = self.source.relative
        each = np.repeat(content, self.source.stride, 0)[: len(self.source.mel)]  # without what is held
        return adapting.louder_db(mel, each, relative.loudness, relative.voicing[-STEP_FRAMES:] >= 0)

    def _nearer(self, mel: np.ndarray, voice: Speaker) -> np.ndarray:
        """Moved part of the way to the mean and covariance of the voice's recordings, as in `transport.towards`."""
        share, own = self.setting.likeness, self.decoded
        whole = self.matrix(own.n_frames, lambda: transport(own.covariance, voice.mel_cov))
        matrix = share * whole + (1 - share) * np.eye(len(whole))
        centre = own.mean + share * (voice.mel_mean - own.mean)
        return ((mel - own.mean) @ matrix + centre).astype(np.float32)
