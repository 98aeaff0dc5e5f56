"""Calibration of styles (`voicevae.verbs.style`): their differences, from labelled training recordings."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.features import Frames
from voicevae.units import SEMITONES_PER_NAT
from voicevae.verbs import alignment
from voicevae.verbs.alignment import Said
from voicevae.verbs.blend import depth
from voicevae.verbs.style import EFFECTS

NEUTRAL = "neutral"
MIN_RECORDINGS = 5  # of a style
RATE = EFFECTS.index("rate")


@dataclass(frozen=True, eq=False)
class Styled:
    """One recording: effects as `EFFECTS` orders them, absolute, the rate unknown; mel its mean `[n_channels]`."""

    speaker: str
    style: str
    text: str
    effects: np.ndarray
    mel: np.ndarray
    said: Said | None


class StyleFit:
    """Collects recordings whose style is known."""

    def __init__(self, coder: Coder) -> None:
        self.coder = coder
        self.recordings: list[Styled] = []

    def add(self, frames: Frames, speaker: str, style: str, text: str) -> None:
        """One recording of a `style`; `text` may be "", if it is not known."""
        code = self.coder.encode(frames, (len(frames) - 1) * self.coder.config.hop_length, residual=False)
        said = alignment.said(self.coder, code) if text else None
        effects = _effects(self.coder, code)
        self.recordings.append(Styled(speaker, style, text.casefold(), effects, code.speaker.mel_mean, said))

    def arrays(self) -> tuple[dict[str, np.ndarray], list[str]]:
        """The arrays of `style` and the names of the styles, both empty where fewer than two are known."""
        names = [name for name, n in Counter(one.style for one in self.recordings).items() if n >= MIN_RECORDINGS]
        found = {name: difference(self.recordings, name) for name in sorted(names)}
        known = {name: values for name, values in found.items() if values is not None}
        if len(known) < 2:
            return {}, []
        effects, mel = (np.stack(values).astype(np.float32) for values in zip(*known.values(), strict=True))
        return {"effects": effects, "mel": mel}, list(known)


def difference(recordings: Sequence[Styled], name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """How a style differs from neutral, or neutral from all others: effects `[5]` and mean mel `[n_channels]`.

    A mean over speakers of the means of their `differences`; None where no speaker has both.
    """
    found = differences(recordings, name)
    if not found:
        return None
    values = np.nan_to_num(_mean(np.stack([_mean(own) for own in found.values()])))
    return values[: len(EFFECTS)], values[len(EFFECTS) :]


def differences(recordings: Sequence[Styled], name: str) -> dict[str, np.ndarray]:
    """Effects and mean mel `[n, 5 + n_channels]` of each speaker's recordings in a style, less those in neutral.

    Each is compared with the same speaker's neutral ones of the same sentence, or with all where there are none;
    neutral itself, or any style where nothing is neutral, with all others. A rate that no sentence shows is NaN.
    """
    neutral = name != NEUTRAL and any(one.style == NEUTRAL for one in recordings)
    found = defaultdict(list)
    for one in recordings:
        if one.style != name:
            continue
        own = [o for o in recordings if o.speaker == one.speaker and o.style != name]
        own = [o for o in own if o.style == NEUTRAL] if neutral else own
        same = [o for o in own if o.text and o.text == one.text]
        if own:
            found[one.speaker].append(_between(one, same or own))
    return {speaker: np.stack(values) for speaker, values in found.items()}


def _between(one: Styled, others: Sequence[Styled]) -> np.ndarray:
    """Effects, of which the rate may be NaN, and mean mel of `one`, less the mean of `others`."""
    change = np.mean([np.concatenate([one.effects - o.effects, one.mel - o.mel]) for o in others], 0)
    rates = [rate for o in others if o.text == one.text and (rate := _rate(one, o)) is not None]
    change[RATE] = np.mean(rates) if rates else np.nan
    return change


def _rate(one: Styled, other: Styled) -> float | None:
    """Logarithm of the ratio of speaking rates, of `one` over `other`; None where the words differ."""
    if one.said is None or other.said is None:
        return None
    path = alignment.align(one.said.cepstra, other.said.cepstra)
    return float(np.log((path.other[-1] + 1) / (path.one[-1] + 1))) if path.agrees else None


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the rows of `[n, D]`, NaN left out; NaN where all are."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(0)
    return np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)


def _effects(coder: Coder, code: Code) -> np.ndarray:
    """`EFFECTS` of one recording, the rate NaN."""
    mean, std = SEMITONES_PER_NAT * code.speaker.log_f0_mean, np.log(code.speaker.log_f0_std)
    return np.array([mean, std, np.nan, code.loudness_db, np.log(depth(coder.contours(code)))])
