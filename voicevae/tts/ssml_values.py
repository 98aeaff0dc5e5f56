"""Values of SSML's <prosody> and <emphasis> as edits.

| attribute | labels | relative | absolute |
| --- | --- | --- | --- |
| pitch | x-low -6, low -3, medium 0, high +3, x-high +6 semitones | +10%, +2st, +15Hz | 150Hz, of the voice's mean |
| range | x-low 0.4, low 0.7, medium 1, high 1.4, x-high 2 | +10%, +2st, +15Hz | 60Hz, of 4 deviations of log-F0 |
| rate | x-slow 0.6, slow 0.8, medium 1, fast 1.25, x-fast 1.6 | +10% | 80%, 0.8 |
| volume | silent -40, x-soft -10, soft -5, medium 0, loud +5, x-loud +10 dB | +6dB | |

`default` is medium. A relative value is added to the edit of the outer element; an absolute one and a label replace it.
"""

import math
import re
from collections.abc import Callable
from dataclasses import replace

from voicevae.code import Speaker
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.units import NATS_PER_SEMITONE

NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(%|st|hz|db)?", re.IGNORECASE)
FIELDS = {"pitch": "pitch_semitones", "range": "pitch_range", "rate": "rate", "volume": "energy_db"}
LABELS = {
    "pitch": {"x-low": -6.0, "low": -3.0, "medium": 0.0, "high": 3.0, "x-high": 6.0},
    "range": {"x-low": 0.4, "low": 0.7, "medium": 1.0, "high": 1.4, "x-high": 2.0},
    "rate": {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "fast": 1.25, "x-fast": 1.6},
    "volume": {"silent": -40.0, "x-soft": -10.0, "soft": -5.0, "medium": 0.0, "loud": 5.0, "x-loud": 10.0},
}
NUMBERS = {"pitch": "+10%, +2st, +15Hz or 150Hz", "range": "+10%, +2st, +15Hz or 60Hz", "rate": "80%", "volume": "+6dB"}
EMPHASIS = {
    "strong": Edit(pitch_semitones=3.0, pitch_range=1.3, energy_db=4.0),
    "moderate": Edit(pitch_semitones=1.5, pitch_range=1.15, energy_db=2.0),
    "none": Edit(),
    "reduced": Edit(pitch_semitones=-1.5, pitch_range=0.8, energy_db=-3.0),
}
STDS = 4.0  # standard deviations of log-F0 in a range in Hz or semitones: two above the mean and two below
Attributes = dict[str, str]


def prosody(edit: Edit, attributes: Attributes, speaker: Speaker | None) -> tuple[Edit, list[str]]:
    """The edit of a <prosody> element within `edit`, and its unread attributes.

    Raises:
        EditError: an unknown or out-of-range value, or one in Hz without a `speaker`.
    """
    inner = edit
    for name, field in FIELDS.items():
        if name in attributes:
            inner = replace(inner, **{field: _value(name, attributes[name].strip().lower(), edit, speaker)})
    return inner, [name for name in attributes if name not in FIELDS]


def emphasis(edit: Edit, attributes: Attributes, _: Speaker | None) -> tuple[Edit, list[str]]:
    """The edit of <emphasis> within `edit`, and its unread attributes. Raises EditError: an unknown level."""
    level = attributes.get("level", "moderate").strip().lower()
    if level not in EMPHASIS:
        raise EditError(f'level="{level}" of <emphasis> is none of SSML; give {", ".join(EMPHASIS)}.')
    return edit.then(EMPHASIS[level]), [name for name in attributes if name != "level"]


def _value(name: str, text: str, edit: Edit, speaker: Speaker | None) -> float:
    """Value of an attribute as its field of `Edit`."""
    labels = LABELS[name]
    if text in labels or text == "default":
        return labels.get(text, labels["medium"])
    found = NUMBER.fullmatch(text)
    read = _READERS.get((name, found[3] or "")) if found else None
    value = None if found is None or read is None else read(found[1], float(found[1] + found[2]), edit, speaker)
    if value is None:
        raise EditError(
            f'{name}="{text}" of <prosody> is no value of SSML; give {", ".join(labels)} or {NUMBERS[name]}.'
        )
    return value


# Each gives the field's value, or None where there is no such value: (sign, number with its sign, edit, speaker).


def _pitch_percent(sign: str, number: float, edit: Edit, _: Speaker | None) -> float | None:
    return edit.pitch_semitones + _semitones(1 + number / 100) if sign and number > -100 else None


def _pitch_semitones(sign: str, number: float, edit: Edit, _: Speaker | None) -> float | None:
    return edit.pitch_semitones + number if sign else None


def _pitch_hz(sign: str, number: float, edit: Edit, speaker: Speaker | None) -> float | None:
    own = _mean_hz(speaker)
    wanted = number + (own * math.exp(edit.pitch_semitones * NATS_PER_SEMITONE) if sign else 0)
    return _semitones(wanted / own) if wanted > 0 else None


def _percent(sign: str, number: float, ratio: float) -> float | None:
    return ratio * (1 + number / 100) if sign and number > -100 else None


def _range_percent(sign: str, number: float, edit: Edit, _: Speaker | None) -> float | None:
    return _percent(sign, number, edit.pitch_range)


def _range_semitones(sign: str, number: float, edit: Edit, speaker: Speaker | None) -> float | None:
    own = _range_of(speaker)
    return max(edit.pitch_range + number / own, 0.0) if sign else None


def _range_hz(sign: str, number: float, edit: Edit, speaker: Speaker | None) -> float | None:
    """A range of R semitones about a mean of m Hz is m (2^(R/24) - 2^(-R/24)) Hz wide."""
    own, mean = _range_of(speaker), _mean_hz(speaker) * math.exp(edit.pitch_semitones * NATS_PER_SEMITONE)
    now = 2 * mean * math.sinh(own * edit.pitch_range * NATS_PER_SEMITONE / 2)
    wanted = max(number + (now if sign else 0), 0.0)
    return 2 * math.asinh(wanted / (2 * mean)) / NATS_PER_SEMITONE / own


def _rate_percent(sign: str, number: float, edit: Edit, _: Speaker | None) -> float | None:
    return _percent(sign, number, edit.rate) if sign else number / 100


def _rate_number(sign: str, number: float, edit: Edit, _: Speaker | None) -> float | None:
    return None if sign else number


def _volume_db(sign: str, number: float, edit: Edit, _: Speaker | None) -> float | None:
    return edit.energy_db + number if sign else None


_READERS: dict[tuple[str, str], Callable[[str, float, Edit, Speaker | None], float | None]] = {
    ("pitch", "%"): _pitch_percent,
    ("pitch", "st"): _pitch_semitones,
    ("pitch", "hz"): _pitch_hz,
    ("range", "%"): _range_percent,
    ("range", "st"): _range_semitones,
    ("range", "hz"): _range_hz,
    ("rate", "%"): _rate_percent,
    ("rate", ""): _rate_number,
    ("volume", "db"): _volume_db,
}


def _semitones(ratio: float) -> float:
    return math.log(ratio) / NATS_PER_SEMITONE


def _mean_hz(speaker: Speaker | None) -> float:
    return math.exp(_given(speaker).log_f0_mean)


def _range_of(speaker: Speaker | None) -> float:
    """Range of a voice in semitones."""
    return STDS * _given(speaker).log_f0_std / NATS_PER_SEMITONE


def _given(speaker: Speaker | None) -> Speaker:
    if speaker is None:
        raise EditError("A pitch or range in Hz, or a range in semitones, needs the voice; give its Speaker.")
    return speaker
