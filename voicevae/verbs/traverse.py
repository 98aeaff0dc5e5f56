"""Latent traversals: each dimension moved in steps, all else fixed, and its effect, measured and in words.

A dimension moves by multiples of the standard deviation of its posterior means over the training speech; unused
dimensions have next to none (active units: Burda et al., 2016). The decoded frames are measured, without vocoder or F0
detector.

A step of `z_s` also changes the statistics of the voice, as the heads on `z_s` predict; a step of `z_p` is added to the
whole recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicevae.calibration import Calibration
from voicevae.code import Code, Speaker
from voicevae.coder import Coder
from voicevae.errors import EditError
from voicevae.features.statistics import LOG_F0_STD_FLOOR
from voicevae.verbs.measure import MEASURES, formant_shift, measure

LATENTS = ("z_s", "z_p")
DIMENSIONS = 10
STEPS, SPAN = 5, 2.0
RANGES = {"dimensions": (1, 1000), "steps": (3, 99), "span": (0.1, 5.0)}
LEAST_EFFECT = 0.05  # standard deviations; smaller effects are left out of the words


@dataclass(frozen=True, eq=False)
class Sweep:
    """One dimension of a latent, moved by `offsets` `[S]` in units of its `std`.

    codes: one for each step; values: `[S, M]`, the `measure.MEASURES` of each, as a change from the middle; slopes:
    `[M]`, the change for one standard deviation of the dimension, in each measure's unit; effects: `[M]`, the same in
    standard deviations of the training recordings.
    """

    latent: str
    dimension: int
    std: float
    offsets: np.ndarray
    codes: list[Code]
    values: np.ndarray
    slopes: np.ndarray
    effects: np.ndarray

    @property
    def name(self) -> str:
        """Such as "z_s 12"."""
        return f"{self.latent} {self.dimension}"

    def words(self, n: int = 3) -> str:
        """Its largest effects in words."""
        order = np.argsort(-np.abs(self.effects))[:n]
        told = [
            _words(*MEASURES[i], self.slopes[i], self.effects[i]) for i in order if abs(self.effects[i]) >= LEAST_EFFECT
        ]
        return "; ".join(told) or "nothing that is measured here"


def traverse(
    coder: Coder,
    calibration: Calibration,
    code: Code,
    latent: str = "z_s",
    dimensions: Sequence[int] | int = DIMENSIONS,
    steps: int = STEPS,
    span: float = SPAN,
) -> list[Sweep]:
    """Move `dimensions` of `latent` from -`span` to `span` standard deviations in `steps`; the middle is `code` itself.

    Args:
        dimensions: how many, the most active first; or which.

    Raises:
        EditError: an unknown latent or dimension, or a number out of range. BundleError: the bundle was not calibrated.
    """
    known = calibration.part("traverse")
    if latent not in LATENTS:
        raise EditError(f"latent is {latent!r}; give one of {', '.join(LATENTS)}.")
    stds = known[latent]
    chosen = _dimensions(dimensions, stds)
    _check("steps", steps)
    _check("span", span)
    if steps % 2 == 0:
        raise EditError(f"steps is {steps}; give an odd number, so that the middle is the speech itself.")
    plain = replace(code, mel_residual=None)
    offsets = np.linspace(-span, span, steps)
    return [_sweep(coder, plain, latent, d, float(stds[d]), offsets, known["measures"]) for d in chosen]


def moved(coder: Coder, code: Code, latent: str, dimension: int, by: float) -> Code:
    """`code` with `by` added to one dimension of `latent`."""
    if by == 0:
        return code
    if latent == "z_p":
        prosody = code.prosody.copy()
        prosody[:, dimension] += by
        return replace(code, prosody=prosody)
    z = code.speaker.z.copy()
    z[dimension] += by
    return replace(code, speaker=_implied(coder, code.speaker, z))


def _implied(coder: Coder, speaker: Speaker, z: np.ndarray) -> Speaker:
    """`speaker` with another `z`, and its statistics changed as the heads predict."""
    before, after = (coder.implied_speaker(x) for x in (speaker.z, z))
    ratio = np.sqrt(after.mel_cov.diagonal() / before.mel_cov.diagonal())
    return Speaker(
        z,
        speaker.log_f0_mean + after.log_f0_mean - before.log_f0_mean,
        max(speaker.log_f0_std * after.log_f0_std / before.log_f0_std, LOG_F0_STD_FLOOR),
        speaker.mel_mean + after.mel_mean - before.mel_mean,
        speaker.mel_cov * ratio * ratio[:, None],
    )


def _sweep(
    coder: Coder, code: Code, latent: str, dimension: int, std: float, offsets: np.ndarray, units: np.ndarray
) -> Sweep:
    codes = [moved(coder, code, latent, dimension, std * float(offset)) for offset in offsets]
    frames = [coder.decode(one) for one in codes]
    middle = frames[len(frames) // 2]
    values = np.stack([measure(mel, contours, coder.config) for mel, contours in frames])
    values[:, -1] = [formant_shift(middle[0], mel, middle[1], coder.config) for mel, _ in frames]
    values -= values[len(values) // 2]
    slopes = offsets @ values / (offsets @ offsets)
    return Sweep(latent, dimension, std, offsets, codes, values, slopes, slopes / units)


def _dimensions(wanted: Sequence[int] | int, stds: np.ndarray) -> list[int]:
    if isinstance(wanted, int):
        _check("dimensions", wanted)
        return [int(i) for i in np.argsort(-stds, kind="stable")[:wanted]]
    for one in wanted:
        if isinstance(one, bool) or not isinstance(one, int) or not 0 <= one < len(stds):
            raise EditError(f"A dimension is {one!r}; give whole numbers from 0 to {len(stds) - 1}.")
    return list(wanted)


def _check(name: str, value: float) -> None:
    low, high = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise EditError(f"{name} is {value!r}; give a number from {low:g} to {high:g}.")


def _words(name: str, unit: str, slope: float, effect: float) -> str:
    return f"{name} {slope:+.2g} {unit} (effect {effect:+.2f})"
