"""What other speakers' content is, where they say the same.

A step of content tells in part who speaks. The mean of the content of other speakers' steps that sound the same to a
teacher does not, and tells the words more surely; a share of the way to it is what the content encoder is taught.
(kNN-VC, Baas et al., 2023, finds such steps to convert with; here they only teach.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

NEIGHBOURS = 16
SHARPNESS = 12.0  # of the weights of neighbours, over the cosine
DIMENSIONS = 96  # of what is heard
LEAST = 1e-3  # of the largest variance: what is smaller is noise, and is not scaled up
BANK_STEPS = 70_000
AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class Utterance:
    """A recording's content `[T_c, D_c]`, 0 in the background, what a teacher heard `[T_c, D]`, and its speaker."""

    content: np.ndarray
    heard: np.ndarray
    speaker: str

    @property
    def spoken(self) -> np.ndarray:
        """Which steps are speech, `[T_c]` bool."""
        return np.asarray(self.content.any(1))


def consensus(recordings: Sequence[Utterance], seed: int = 0) -> Iterator[np.ndarray]:
    """For each of `recordings` the mean content `[T_c, D_c]` of the nearest steps of other speakers, `normalised`."""
    random = np.random.default_rng(seed)
    basis = _basis(recordings)
    total = sum(int(one.spoken.sum()) for one in recordings)
    kept = [one.spoken & (random.random(len(one.spoken)) < BANK_STEPS / max(total, 1)) for one in recordings]
    bank = np.concatenate([one.content[k] for one, k in zip(recordings, kept, strict=True)]).astype(np.float32)
    keys = np.concatenate([_places(one, basis)[k] for one, k in zip(recordings, kept, strict=True)])
    names = sorted({one.speaker for one in recordings})
    owner = np.concatenate(
        [np.full(k.sum(), names.index(one.speaker)) for one, k in zip(recordings, kept, strict=True)]
    )
    for one in recordings:
        found = np.zeros(one.content.shape, np.float32)
        found[one.spoken] = _means(
            _places(one, basis)[one.spoken], keys, bank, np.flatnonzero(owner == names.index(one.speaker))
        )
        yield normalised(found, one.spoken)


def normalised(content: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """Content `[T_c, D_c]` with mean 0 and standard deviation 1 over the steps `spoken` `[T_c]`, and 0 elsewhere."""
    made = np.zeros_like(content)
    if spoken.any():
        part = content[spoken]
        made[spoken] = (part - part.mean(0)) / (part.std(0) + 1e-3)
    return made


def _means(queries: np.ndarray, keys: np.ndarray, bank: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Mean of the `bank` `[n, D_c]` at the nearest `keys` `[n, D]` of each of `queries` `[m, D]`, but for those at the
    places `own`."""
    n_neighbours, made = min(NEIGHBOURS, len(keys) - len(own)), np.zeros((len(queries), bank.shape[1]), np.float32)
    if n_neighbours < 1:
        return made
    for start in range(0, len(queries), AT_ONCE):
        near = torch.from_numpy(queries[start : start + AT_ONCE] @ keys.T)
        near[:, own] = -torch.inf
        cosine, nearest = (found.numpy() for found in near.topk(n_neighbours, 1))
        weight = np.exp(SHARPNESS * (cosine - cosine[:, :1]))
        made[start : start + AT_ONCE] = np.einsum("mk,mkd->md", weight, bank[nearest]) / weight.sum(1, keepdims=True)
    return made


def _basis(recordings: Sequence[Utterance]) -> np.ndarray:
    """Principal components `[D, DIMENSIONS]` of what is heard, each scaled by the root of its standard deviation."""
    covariance, n = 0.0, 0
    for one in recordings:
        steps = _centred(one)[one.spoken]
        covariance, n = covariance + steps.T @ steps, n + len(steps)
    values, vectors = np.linalg.eigh(covariance / max(n, 1))
    first = slice(None, -DIMENSIONS - 1, -1)
    return vectors[:, first] / np.maximum(values[first], LEAST * values[-1]) ** 0.25


def _places(one: Utterance, basis: np.ndarray) -> np.ndarray:
    """Unit vectors `[T_c, DIMENSIONS]` whose products tell how alike steps sound."""
    at = _centred(one) @ basis
    return (at / np.maximum(np.linalg.norm(at, axis=1, keepdims=True), 1e-6)).astype(np.float32)


def _centred(one: Utterance) -> np.ndarray:
    """What was heard without its mean over the recording's speech, which tells the microphone."""
    heard = one.heard.astype(np.float32)
    return heard - heard[one.spoken].mean(0) if one.spoken.any() else heard
