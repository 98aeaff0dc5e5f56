"""Random new voices."""

from numbers import Real

import numpy as np

from voicevae.bundle import Bundle
from voicevae.code import Speaker
from voicevae.coder import Coder
from voicevae.errors import EditError
from voicevae.verbs import blend
from voicevae.verbs.voices import VoiceSpace

DISTANCE = 0.3
SOURCES = ("mixture", "prior")
PRIOR_LOG_VARIANCE = (-4.0, 0.0)  # its bounds, as in training


def sample(
    parts: Bundle,
    coder: Coder,
    seed: int,
    gender: str | None,
    like: Speaker | None,
    distance: float,
    label: str | None,
    source: str | None,
) -> Speaker:
    """A voice drawn with `seed`: from the mixture of the training speakers, or one `gender` of it; or, with a `label`
    or the `source` "prior", from the VAE's prior, with the register and the mel statistics that the heads predict.

    With `like`, the draw is of that voice's gender unless another is given, and the result lies on the line from `like`
    to it, `distance` (0..1) of the way.

    Raises:
        EditError: an unknown gender, label or source, or a number out of range. BundleError: the bundle was not
            calibrated.
    """
    _check(seed, distance, label, source, gender)
    calibrated = bool(parts.calibration.arrays)
    if label is not None or source == "prior" or (source is None and gender is None and not calibrated):
        drawn = from_prior(parts, coder, seed, label)
    else:
        space = VoiceSpace.of(parts.calibration)
        drawn = space.draw(seed, space.gender(like) if gender is None and like is not None else gender)
    return drawn if like is None else blend.voices([like, drawn], [1 - distance, distance])


def from_prior(parts: Bundle, coder: Coder, seed: int, label: str | None) -> Speaker:
    """A voice from N(0, I), or from the Gaussian of the training speaker `label`. Raises EditError: it is unknown."""
    if label is not None and label not in parts.speakers:
        raise EditError(f"The bundle knows no speaker {label!r}; `voicevae info --speakers` lists those it knows.")
    noise = np.random.default_rng(seed).standard_normal(parts.model.speaker_dim, np.float32)
    if label is None:
        return coder.implied_speaker(noise)
    mean, log_variance = (
        parts.weights["vae"][f"prior.{name}.weight"][parts.speakers.index(label)].astype(np.float32)
        for name in ("means", "log_variances")
    )
    return coder.implied_speaker(mean + np.exp(0.5 * np.clip(log_variance, *PRIOR_LOG_VARIANCE)) * noise)


def _check(seed: int, distance: float, label: str | None, source: str | None, gender: str | None) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise EditError(f"seed is {seed!r}; give a whole number of 0 or more.")
    if isinstance(distance, bool) or not isinstance(distance, Real) or not 0 <= distance <= 1:
        raise EditError(f"distance is {distance!r}; give a number from 0 to 1.")
    if source not in (None, *SOURCES):
        raise EditError(f"source is {source!r}; give one of {', '.join(SOURCES)}.")
    if gender is not None and (label is not None or source == "prior"):
        raise EditError("The prior knows no gender; leave out the gender, or draw from the mixture.")
