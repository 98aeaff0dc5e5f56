"""Blends of voices (all statistics of a `Speaker`), and of prosodies.

`z_s`, the mean of the mel, and mean and standard deviation of log-F0 are averaged, which is the Wasserstein line
between Gaussians. The covariance follows it, too: the barycentre is the fixed point of S <- M S M, with M the mean of
the transports from S (Alvarez-Esteban et al., 2016).
"""

from collections.abc import Sequence
from dataclasses import replace
from numbers import Real

import numpy as np

from voicevae.code import Code, Speaker
from voicevae.coder import Coder
from voicevae.errors import EditError
from voicevae.features import RelativeContours
from voicevae.models.transport import RIDGE, transport
from voicevae.verbs.contour import with_contours

STEPS = 10
NEAR = 1e-3  # of the largest element
MIN_DEPTH = 0.02  # 0.4 dB: a steady tone has no dynamics to widen


def normalised(weights: Sequence[float] | None, n: int) -> np.ndarray:
    """Weights `[n]` that sum to 1; equal ones where none are given.

    Raises:
        EditError: not one weight for each voice, or one below 0, or none above.
    """
    if n == 0:
        raise EditError("There is nothing to blend; give at least one voice.")
    given = [1.0] * n if weights is None else list(weights)
    if len(given) != n:
        raise EditError(f"There are {len(given)} weights for {n} voices; give one weight for each voice.")
    for weight in given:
        if isinstance(weight, bool) or not isinstance(weight, Real) or not 0 <= weight < float("inf"):
            raise EditError(f"A weight is {weight!r}; give numbers of 0 or more.")
    if not sum(given) > 0:
        raise EditError("All weights are 0; give at least one above 0.")
    return np.asarray(given, np.float64) / sum(given)


def voices(speakers: Sequence[Speaker], weights: Sequence[float] | None = None) -> Speaker:
    """The blend of `speakers`; with all weight on one, that voice to the bit.

    Raises:
        EditError: weights that cannot be used, as `normalised`.
    """
    shares = normalised(weights, len(speakers))
    used = [(one, share) for one, share in zip(speakers, shares, strict=True) if share > 0]
    if len(used) == 1:
        return used[0][0]

    def mean(name: str) -> np.ndarray:
        return np.sum([share * np.asarray(getattr(one, name), np.float64) for one, share in used], 0)

    return Speaker(
        mean("z").astype(np.float32),
        float(mean("log_f0_mean")),
        float(mean("log_f0_std")),
        mean("mel_mean").astype(np.float32),
        barycentre(np.stack([one.mel_cov for one, _ in used]), np.array([share for _, share in used])),
    )


def barycentre(covariances: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Wasserstein barycentre `[D, D]`, float32, of `covariances` `[n, D, D]` with `weights` `[n]` that sum to 1."""
    ridge = RIDGE * np.eye(covariances.shape[-1])  # as `transport` adds to both sides
    found = covariances[weights.argmax()].astype(np.float64)  # for two covariances, one step is the closed form
    for _ in range(STEPS):
        maps = np.stack([transport(found, one) for one in covariances]).astype(np.float64)
        middle = np.einsum("n,nij->ij", weights, maps)
        moved = middle @ (found + ridge) @ middle - ridge
        change, found = np.abs(moved - found).max(), moved
        if change < NEAR * np.abs(found).max():
            break
    return ((found + found.T) / 2).astype(np.float32)


def prosody(coder: Coder, codes: Sequence[Code], weights: Sequence[float] | None = None) -> Code:
    """The first of `codes`, with the mean of all their prosodies.

    Prosody is here two statistics: the standard deviation of log-F0, and how far speech lies below its loud frames on
    average (dB). Words, rate, voice and the shape of the intonation stay those of the first.

    Raises:
        EditError: weights that cannot be used, as `normalised`.
    """
    shares = normalised(weights, len(codes))
    first = codes[0]
    if shares[0] == 1:
        return first
    contours = coder.contours(first)
    depths = np.array([depth(contours), *(depth(coder.contours(code)) for code in codes[1:])])
    residual = RelativeContours.from_array(first.contour_residual)
    residual = replace(residual, loudness=residual.loudness + (shares @ depths / depths[0] - 1) * contours.loudness)
    std = float(shares @ [code.speaker.log_f0_std for code in codes])
    return replace(with_contours(coder, first, residual), speaker=replace(first.speaker, log_f0_std=std))


def depth(contours: RelativeContours) -> float:
    """Mean of how far speech lies below the loud frames, in units of 20 dB; little where there is no speech."""
    spoken = contours.loudness[contours.speech]
    return max(-float(spoken.mean()), MIN_DEPTH) if len(spoken) else MIN_DEPTH
