"""Conversions of units: semitones and ratios of frequency, decibels and power, and their natural logarithms (nats)."""

import math
from typing import TypeVar

import numpy as np

Number = TypeVar("Number", float, np.ndarray)

SEMITONES_PER_NAT = 12 / math.log(2)  # of log-F0
NATS_PER_SEMITONE = math.log(2) / 12
DB_PER_NAT = 10 / math.log(10)  # of log-power
NATS_PER_DB = math.log(10) / 10


def ratio(semitones: Number) -> Number:
    """Ratio of two frequencies that lie so many semitones apart.

    >>> ratio(12.0)
    2.0
    """
    return 2 ** (semitones / 12)


def amplitude_db(gain: float) -> float:
    """A gain of amplitude in dB.

    >>> round(amplitude_db(0.5), 2)
    -6.02
    """
    return 20 * math.log10(gain)
