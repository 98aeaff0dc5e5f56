"""Transfer of the intonation of a reference to other words.

Where the reference has the same words, each frame takes the pitch and the loudness of the frame it is aligned with
(`voicevae.verbs.alignment`). Otherwise the pitch contour of each phrase, or of the whole where the numbers of phrases
differ, is stretched to the source's, and of the loudness its slow contour and its dynamics.

Pitch is relative to the speaker's own mean, so that the register stays; loudness is relative to the recording's level.
Voicing, timing and words are the source's.
"""

from dataclasses import replace
from numbers import Real

import numpy as np

from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.edits import smoothed
from voicevae.errors import EditError
from voicevae.features import RelativeContours
from voicevae.features.contours import LOUDNESS_UNIT_DB
from voicevae.verbs import alignment
from voicevae.verbs.contour import with_contours

SMOOTH_S = {"aligned": (0.05, 0.2), "stretched": (0.1, 0.8)}  # of pitch, and of loudness
PATH_S = 0.1  # width of the smoothing of an alignment
PAUSE_S = 0.2  # a longer pause separates phrases
FADE_S = 0.05
MAX_CHANGE = 12 / LOUDNESS_UNIT_DB  # of the loudness
MAX_DYNAMICS = 2.0  # ratio


def transfer(coder: Coder, source: Code, reference: Code, mix: float) -> Code:
    """`source` with `mix` (0..1) of the intonation of `reference`; 0 is the source itself.

    Edits of the reference are ignored; those of the source stay, and apply to its new intonation.

    Raises:
        EditError: a mix out of range, or a recording without voiced speech.
    """
    if isinstance(mix, bool) or not isinstance(mix, Real) or not 0 <= mix <= 1:
        raise EditError(f"mix is {mix!r}; give a number from 0 to 1.")
    if mix == 0:
        return source
    own, other = coder.contours(source), coder.contours(reference)
    for contours, name in ((own, "source"), (other, "reference")):
        if not contours.voiced.any():
            raise EditError(f"The {name} has no voiced speech, and so no intonation; give a recording of speech.")
    place = aligned_places(coder, source, reference)
    how = "stretched" if place is None else "aligned"
    if place is None:
        place = stretched_places(own, other, coder.config.frame_rate)
    ratio = reference.speaker.log_f0_std / source.speaker.log_f0_std  # semitones stay semitones
    residual = RelativeContours.from_array(source.contour_residual)
    pitch = residual.pitch + float(mix) * _pitch_change(own, other, place, ratio, coder.config.frame_rate, how)
    loudness = residual.loudness + float(mix) * _loudness_change(own, other, place, coder.config.frame_rate, how)
    return with_contours(coder, source, replace(residual, pitch=pitch, loudness=loudness))


def aligned_places(coder: Coder, source: Code, reference: Code) -> np.ndarray | None:
    """The frame of the reference for each of the source's `[T]`, NaN beyond the common words; None for other words."""
    one, other = alignment.said(coder, source), alignment.said(coder, reference)
    if one is None or other is None:
        return None
    path = alignment.align(one.cepstra, other.cepstra)
    if not path.agrees:
        return None
    steps = np.unique(path.one)
    stride = coder.content_stride
    middles = np.array([path.other[path.one == step].mean() for step in steps])
    frames = np.arange(len(source.contour_residual))
    place = np.interp(frames, stride * (steps + one.start), stride * (middles + other.start))
    place = _smooth(place, PATH_S, coder.config.frame_rate)
    place[frames > stride * (steps[-1] + one.start + 1)] = np.nan
    return place


def stretched_places(own: RelativeContours, other: RelativeContours, frame_rate: float) -> np.ndarray:
    """The frame of the reference for each of the source's `[T]`: phrase by phrase, each from its first voiced frame to
    its last; or the whole, where the numbers of phrases differ."""
    here, there = phrases(own, frame_rate), phrases(other, frame_rate)
    if len(here) != len(there):
        here, there = [(here[0][0], here[-1][1])], [(there[0][0], there[-1][1])]
    return np.interp(np.arange(len(own)), np.ravel(here), np.ravel(there))


def phrases(contours: RelativeContours, frame_rate: float) -> list[tuple[int, int]]:
    """First and last voiced frame of each phrase; phrases are separated by pauses."""
    speech, voiced = contours.speech, contours.voiced
    spoken = np.flatnonzero(speech)
    parts = np.split(spoken, np.flatnonzero(np.diff(spoken) > PAUSE_S * frame_rate) + 1)
    sung = [part[voiced[part]] for part in parts]
    found = [(int(part[0]), int(part[-1])) for part in sung if len(part) > 1 and part[-1] > part[0]]
    whole = np.flatnonzero(voiced)
    return found or [(int(whole[0]), int(whole[-1]))]


def _pitch_change(
    own: RelativeContours, other: RelativeContours, place: np.ndarray, ratio: float, frame_rate: float, how: str
) -> np.ndarray:
    """Change of the source's relative log-F0, `[T]`; its mean over voiced frames is 0."""
    known, voiced = np.isfinite(place), own.voiced
    there = _at(_smooth(other.pitch, SMOOTH_S[how][0], frame_rate), place) * ratio
    change = np.where(known, there - own.pitch, 0)
    if (known & voiced).any():
        change -= np.where(known, change[known & voiced].mean(), 0)
    return _faded(change, known, frame_rate)


def _loudness_change(
    own: RelativeContours, other: RelativeContours, place: np.ndarray, frame_rate: float, how: str
) -> np.ndarray:
    """Change of the source's relative loudness, `[T]`, where it speaks."""
    width = SMOOTH_S[how][1]
    speech, there = own.speech, other.speech
    slow = _slow(own.loudness, speech, width, frame_rate)
    slow_there = _slow(other.loudness, there, width, frame_rate)
    known = np.isfinite(place)
    change = np.where(known, _at(slow_there, place) - slow, 0)
    if how == "stretched":
        fine, fine_there = own.loudness - slow, other.loudness - slow_there
        dynamics = fine_there[there].std() / max(float(fine[speech].std()), 1e-3)
        change += (np.clip(dynamics, 1 / MAX_DYNAMICS, MAX_DYNAMICS) - 1) * fine
    return _faded(np.clip(change, -MAX_CHANGE, MAX_CHANGE), known & speech, frame_rate)


def _slow(loudness: np.ndarray, speech: np.ndarray, width_s: float, frame_rate: float) -> np.ndarray:
    """Running mean `[T]` over `width_s` of the loudness of speech; elsewhere of the nearest speech."""
    filled = np.interp(np.arange(len(loudness)), np.flatnonzero(speech), loudness[speech])
    return _smooth(filled, width_s, frame_rate)


def _smooth(values: np.ndarray, width_s: float, frame_rate: float) -> np.ndarray:
    """Hann-weighted running mean `[T]` over twice `width_s`, the ends held."""
    return smoothed(values, max(round(width_s * frame_rate), 1) - 1)


def _at(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    return np.interp(np.nan_to_num(place), np.arange(len(values)), values)


def _faded(change: np.ndarray, where: np.ndarray, frame_rate: float) -> np.ndarray:
    """`change` `[T]` in the frames `where`, faded out elsewhere."""
    return (change * _smooth(where.astype(np.float64), FADE_S / 2, frame_rate)).astype(np.float32)
