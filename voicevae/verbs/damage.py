"""Damage of a recording, found in its samples: dropouts, clicks and clipping.

    dropout   constant samples (digital silence, a frozen converter) beside sound
    click     a few samples that jump far more than their surroundings
    clipping  samples in a row at the recording's highest or lowest value

Resampling rounds off clipping, so a recording is examined at its own rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae import audio

DROPOUT_S = (0.005, 0.4)  # sound is not constant so long; longer gaps are pauses
STILL = 1e-5  # of the loudest sample: less than half a step of 16-bit sound
SOUND = 0.01  # of the loud parts' level; a pause of digital silence is no damage
SIDE_S = 0.02
LIMIT_RUN, LIMIT_SHARE = 3, 0.999  # samples; of the limit
LIMIT_LEAST, LIMIT_STEPS = 0.05, 1000  # of full scale, or in steps of the samples; what is coarser repeats itself
CLICK_S = 0.004  # what lasts longer is sound
JUMP = 40.0  # third differences over the median of their surroundings: two false alarms in four minutes of speech
JUMP_LEAST = 2.0  # in levels of the loud parts
SURROUNDINGS_S = 0.01  # a block; five are examined
JOIN_S = 0.001  # damage closer than this is one piece


@dataclass(frozen=True)
class Span:
    """From `start_s` to `end_s` seconds; kind "dropout", "click" or "clipping"."""

    start_s: float
    end_s: float
    kind: str


def damage(source: Any, sample_rate: int) -> list[Span]:
    """`find` in a recording at its own rate: a file, or an array at `sample_rate`, as `VoiceVAE.encode` takes it.

    Raises:
        AudioError: the sound cannot be used.
    """
    rate = audio.header(source).sample_rate if audio.is_file(source) else sample_rate
    return find(audio.load(source, rate, rate), rate)


def find(wave: np.ndarray, sample_rate: int) -> list[Span]:
    """The damage in `wave` `[n]`, in order; pieces with less than 1 ms between are one."""
    wave = wave - np.float32(np.median(wave))  # an offset is no sound
    found = sorted([*_dropouts(wave, sample_rate), *_clipped(wave), *_clicks(wave, sample_rate)])
    groups: list[list[tuple[int, int, str]]] = []
    for piece in found:
        if groups and piece[0] <= max(end for _, end, _ in groups[-1]) + JOIN_S * sample_rate:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [_joined(group, sample_rate) for group in groups]


def _joined(pieces: list[tuple[int, int, str]], sample_rate: int) -> Span:
    """One span, with the kind of its longest piece."""
    first, last = min(start for start, _, _ in pieces), max(end for _, end, _ in pieces)
    return Span(first / sample_rate, last / sample_rate, max(pieces, key=lambda piece: piece[1] - piece[0])[2])


def _dropouts(wave: np.ndarray, sample_rate: int) -> Iterator[tuple[int, int, str]]:
    side, loud = round(SIDE_S * sample_rate), SOUND * _loud(wave, sample_rate)
    for start, end in _runs(np.abs(np.diff(wave)) <= STILL * float(np.abs(wave).max())):
        beside = [wave[max(start - side, 0) : start], wave[end + 1 : end + 1 + side]]
        seconds, inside = (end - start) / sample_rate, start > 0 and end + 1 < len(wave)
        if inside and DROPOUT_S[0] <= seconds <= DROPOUT_S[1] and max(_rms(one) for one in beside) > loud:
            yield start, end + 1, "dropout"


def _clipped(wave: np.ndarray) -> Iterator[tuple[int, int, str]]:
    steps = np.abs(np.diff(wave))
    least = min(LIMIT_LEAST, LIMIT_STEPS * float(steps[steps > 0].min(initial=np.inf)))
    for signed in (wave, -wave):
        limit = float(signed.max())
        if limit >= least:
            yield from ((a, b, "clipping") for a, b in _runs(signed >= LIMIT_SHARE * limit) if b - a >= LIMIT_RUN)


def _clicks(wave: np.ndarray, sample_rate: int) -> Iterator[tuple[int, int, str]]:
    jumps = np.abs(np.diff(wave, 3, prepend=np.zeros(2), append=np.zeros(1)))
    block = round(SURROUNDINGS_S * sample_rate)
    usual = np.median(np.pad(jumps, (0, -len(jumps) % block)).reshape(-1, block), 1)
    around = np.stack([np.pad(usual, 2, mode="edge")[i : i + len(usual)] for i in range(5)]).max(0)
    least = JUMP_LEAST * _loud(wave, sample_rate)
    high = jumps > np.maximum(JUMP * around.repeat(block)[: len(jumps)], least)
    longest = CLICK_S * sample_rate
    pieces: list[tuple[int, int]] = []
    for start, end in _runs(high):
        if pieces and start - pieces[-1][1] < longest:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    yield from ((a, b, "click") for a, b in pieces if b - a < longest)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """(start, end) of each run of True in `flags` `[n]`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _loud(wave: np.ndarray, sample_rate: int) -> float:
    """95th percentile of the level in 20 ms."""
    block = round(SIDE_S * sample_rate)
    whole = wave[: len(wave) // block * block] if len(wave) >= block else wave
    power = np.square(whole, dtype=np.float64).reshape(-1, min(block, len(wave))).mean(1)
    return float(np.sqrt(np.percentile(power, 95)))


def _rms(wave: np.ndarray) -> float:
    return float(np.sqrt(np.square(wave, dtype=np.float64).mean())) if len(wave) else 0.0
