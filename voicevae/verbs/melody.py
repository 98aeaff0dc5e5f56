"""Speech becomes song: notes set on its syllables, or its intonation drawn to a scale.

`voicevae.verbs.setting` sets syllables to notes. The code is read along that map of time, so that the result is a
`Code` like any other. Another voice has another register: change the voice before the melody, and notes stay in tune. A
pitch edit transposes.
"""

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.features import Contours
from voicevae.units import SEMITONES_PER_NAT
from voicevae.verbs import notes as note_reader
from voicevae.verbs import scales, setting, syllables
from voicevae.verbs.setting import Tone

GLIDE_S = 0.04  # from note to note, centred on the beginning of the note
REST_DB = -70.0
VIBRATO_S = 0.25  # until it has its full depth
LOWEST_HZ, HIGHEST_HZ = 40.0, 1200.0
RANGES = {"strength": (0.0, 1.0), "vibrato rate": (0.5, 12.0), "vibrato depth": (0.0, 300.0)}


def melody(
    coder: Coder,
    code: Code,
    notes: Any = None,
    tune: str | None = None,
    strength: float = 1.0,
    vibrato: Sequence[float] | None = None,
    transpose: str = "octaves",
) -> Code:
    """`sing`, where there are `notes`, or `snap`, where there is a `tune`.

    Raises:
        EditError: both are given, or neither.
    """
    if (notes is None) == (tune is None):
        raise EditError("Give either notes, or a tune such as C:major.")
    if tune is not None:
        return snap(coder, code, tune, strength, vibrato)
    return sing(coder, code, notes, strength, vibrato, transpose)


def sing(
    coder: Coder,
    code: Code,
    notes: Any,
    strength: float = 1.0,
    vibrato: Sequence[float] | None = None,
    transpose: str = "octaves",
) -> Code:
    """`code` sung to `notes`, as `voicevae.verbs.notes.read` takes them; it lasts as long as they do.

    Args:
        strength: 1 sings the notes, 0 keeps the intonation on the stretched syllables; between, log-F0 is between.
        vibrato: rate in Hz and depth in cents to each side, reached a quarter of a second into each note.
        transpose: move the tune to where its mean is nearest to the speaker's, by whole "octaves", or by semitones to
            any "key"; or "none", as written.

    Raises:
        EditError: notes that cannot be read or sung, no syllables, edits of spans, or a number out of range.
    """
    _check(strength, vibrato)
    if code.marks:
        raise EditError("The code has edits of spans, whose times a melody would move; mark spans after the melody.")
    tune = note_reader.transposed(note_reader.read(notes), code.speaker.log_f0_mean, transpose)
    tones = setting.tones(tune)
    _check_register(tones)
    mel, contours = coder.decode(replace(code, changes=Edit(), marks=()))
    frame_rate = coder.config.frame_rate
    sung = setting.assign(syllables.find(mel, contours, coder.config), tones, frame_rate)
    n_samples = round(sum(note.seconds for note in tune) * code.sample_rate)
    times = np.arange(coder.config.n_frames(n_samples)) / frame_rate
    position = np.minimum(setting.time_map(sung, times, frame_rate), len(mel) - 1)
    read = replace(
        code,
        content=_read(code.content, position[:: coder.content_stride] / coder.content_stride),
        prosody=_read(code.prosody, position[:: coder.prosody_stride] / coder.prosody_stride),
        n_samples=n_samples,
    )
    mel, stretched = _read(mel, position), Contours.from_array(_read(contours.array(), position))
    change = strength * (log_f0(tones, times) - stretched.log_f0) + _vibrato(tones, times, vibrato)
    loudness_db = stretched.loudness_db + REST_DB * (1 - setting.sounding(sung, tones, times))
    return with_frames(coder, read, mel, Contours(stretched.log_f0 + change, stretched.voicing, loudness_db))


def snap(coder: Coder, code: Code, tune: str, strength: float = 1.0, vibrato: Sequence[float] | None = None) -> Code:
    """`code` with its log-F0 drawn to the nearest tones of a scale such as "C:major"; time is unchanged.

    Args:
        strength: 0 changes nothing; at 1 every frame lies on a tone, except for short glides.
        vibrato: rate in Hz and depth in cents to each side.

    Raises:
        EditError: an unknown scale, or a number out of range.
    """
    _check(strength, vibrato)
    steps = scales.scale(tune)
    mel, contours = coder.decode(replace(code, changes=Edit(), marks=()))
    midi = note_reader.midi_of(contours.log_f0.astype(np.float64))
    wanted = _smoothed(scales.snapped(midi, steps), round(GLIDE_S * coder.config.frame_rate))
    times = np.arange(len(midi)) / coder.config.frame_rate
    whole = [Tone(0.0, float(times[-1]), 0.0)]
    drawn = note_reader.log_f0_of(midi + strength * (wanted - midi)) + _vibrato(whole, times, vibrato)
    return with_frames(coder, code, mel, replace(contours, log_f0=drawn))


def with_frames(coder: Coder, code: Code, mel: np.ndarray, contours: Contours) -> Code:
    """`code` with residuals such that it decodes to mel `[T, n_channels]` and `contours`, before its edits."""
    speaker = code.speaker
    single = Contours.from_array(contours.array())  # as the vocoder reads them
    relative = single.relative(*speaker.register, code.loudness_db).array()
    plain = replace(
        code,
        contour_residual=np.zeros_like(relative),
        mel_residual=np.zeros_like(mel),
        changes=Edit(),
        marks=(),
        recorded=None,
        residual=1.0,
    )
    told = replace(plain, contour_residual=relative - coder.contours(plain).array())
    return replace(told, mel_residual=mel - coder.decode(told)[0], changes=code.changes, marks=code.marks)


def log_f0(tones: Sequence[Tone], times: np.ndarray) -> np.ndarray:
    """log-F0 of `tones` at `times` `[T]` (s), ln Hz: straight lines of `GLIDE_S` from tone to tone, steps at rests."""
    at, values = [0.0], [tones[0].midi]
    for one, other in zip(tones, tones[1:], strict=False):
        glide = min(GLIDE_S, one.end_s - one.start_s, other.end_s - other.start_s) / 2
        before, after = (glide, glide) if one.end_s >= other.start_s else (0.0, setting.INSTANT_S)
        at += [one.end_s - before, one.end_s + after]
        values += [one.midi, other.midi]
    return note_reader.log_f0_of(np.interp(times, at, values))


def _vibrato(tones: Sequence[Tone], times: np.ndarray, vibrato: Sequence[float] | None) -> np.ndarray:
    """The vibrato's part of log-F0 at `times` `[T]`, ln Hz."""
    added = np.zeros(len(times))
    if vibrato is None:
        return added
    rate_hz, depth_cents = vibrato
    for tone in tones:
        inside = (times >= tone.start_s) & (times < tone.end_s)
        since = times[inside] - tone.start_s
        added[inside] = np.sin(2 * np.pi * rate_hz * since) * np.minimum(since / VIBRATO_S, 1)
    return added * depth_cents / 100 / SEMITONES_PER_NAT


def _read(frames: np.ndarray, position: np.ndarray) -> np.ndarray:
    """`frames` `[T, C]` at fractional positions `[T']`, linearly interpolated."""
    before = np.minimum(position.astype(np.int64), len(frames) - 1)
    after = np.minimum(before + 1, len(frames) - 1)
    weight = np.minimum(position - before, 1).astype(np.float32)[:, None]
    return frames[before] * (1 - weight) + frames[after] * weight


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    """Running mean of `[T]` over about `width` frames."""
    reach = max(width // 2, 1)
    padded = np.pad(values, reach, mode="edge")
    return np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid")


def _check(strength: float, vibrato: Sequence[float] | None) -> None:
    given = [("strength", strength)]
    if vibrato is not None:
        if isinstance(vibrato, str) or not isinstance(vibrato, Sequence) or len(vibrato) != 2:
            raise EditError(f"vibrato is {vibrato!r}; give its rate in Hz and its depth in cents, such as (5.5, 40).")
        given += [("vibrato rate", vibrato[0]), ("vibrato depth", vibrato[1])]
    for name, value in given:
        low, high = RANGES[name]
        if isinstance(value, bool) or not isinstance(value, Real) or not low <= value <= high:
            raise EditError(f"{name} is {value!r}; give a number from {low:g} to {high:g}.")


def _check_register(tones: Sequence[Tone]) -> None:
    for tone in tones:
        hz = note_reader.frequency_hz(tone.midi)
        if not LOWEST_HZ <= hz <= HIGHEST_HZ:
            raise EditError(f"A note would be sung at {hz:.0f} Hz; give notes from {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz.")
