"""Speaking styles for which the training corpus has labels, applied to any speech.

A style is the difference of its recordings from neutral ones of the same sentence and speaker, on average over
speakers: mean and range of F0, rate, level, depth of loudness, and the mean mel (with the harmonicity). `neutral` is
its difference from all other styles. All of it is added, times `strength`; 1 is as much as the actors did.
"""

from dataclasses import replace
from numbers import Real

import numpy as np

from voicevae.calibration import Calibration
from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.features import RelativeContours
from voicevae.features.contours import LOUDNESS_UNIT_DB, SPEECH_RANGE_DB
from voicevae.verbs.contour import with_contours

MAX_STRENGTH = 2.0
EFFECTS = ("pitch", "range", "rate", "level", "depth")  # semitones, ln, ln, dB, ln
ALSO = {"joy": "happiness"}  # other names in corpora
FLOOR = -SPEECH_RANGE_DB / LOUDNESS_UNIT_DB
FADE_FRAMES = 9


def names(calibration: Calibration) -> list[str]:
    """The styles that a bundle knows, in alphabetical order."""
    return list(calibration.labels.get("styles", []))


def style(coder: Coder, calibration: Calibration, code: Code, name: str, strength: float) -> Code:
    """`code` with `strength` (0..2) of the style `name`; 0 is the code itself.

    Raises:
        EditError: an unknown style, or a strength out of range. BundleError: the bundle knows no styles.
    """
    effects, mel = _known(calibration, name)
    if isinstance(strength, bool) or not isinstance(strength, Real) or not 0 <= strength <= MAX_STRENGTH:
        raise EditError(f"strength is {strength!r}; give a number from 0 to {MAX_STRENGTH:g}.")
    if strength == 0:
        return code
    moved = {effect: float(strength) * float(value) for effect, value in zip(EFFECTS, effects, strict=True)}
    changes = {
        "pitch_semitones": moved["pitch"],
        "pitch_range": float(np.exp(moved["range"])),
        "rate": float(np.exp(moved["rate"])),
        "energy_db": moved["level"],
    }
    contours = coder.contours(code)
    residual = RelativeContours.from_array(code.contour_residual)
    loudness = residual.loudness + (np.exp(moved["depth"]) - 1) * np.maximum(contours.loudness, FLOOR)
    deeper = with_contours(coder, code, replace(residual, loudness=loudness))
    return _coloured(coder, deeper, float(strength) * mel, contours.speech).edit(**changes)


def _known(calibration: Calibration, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Effects `[5]` (as `EFFECTS` names them) and change of the mean mel `[n_channels]` of a style."""
    found, known = calibration.part("style"), names(calibration)
    name = name if name in known else ALSO.get(name, name)
    if name not in known:
        raise EditError(f"The bundle knows no style {name!r}; known are {', '.join(known)}.")
    place = known.index(name)
    return found["effects"][place], found["mel"][place]


def _coloured(coder: Coder, code: Code, change: np.ndarray, speech: np.ndarray) -> Code:
    """`code` with `change` `[n_channels]` added to the mean of its mel where there is `speech` `[T]`: in its residual
    where it speaks with it in its own voice, else in the statistics of the voice. The level of each frame stays."""
    if code.mel_residual is None or code.recorded is not None:
        return replace(code, speaker=replace(code.speaker, mel_mean=code.speaker.mel_mean + change))
    kernel = np.hanning(FADE_FRAMES + 2)[1:-1]
    share = np.convolve(speech, kernel / kernel.sum(), "same").astype(np.float32)
    added = share[:, None] * change.astype(np.float32)
    mel, _ = coder.decode(replace(code, changes=Edit(), marks=()))
    added[:, : coder.config.n_mels] += coder.level(mel) - coder.level(mel + added)
    return replace(code, mel_residual=code.mel_residual + added)
