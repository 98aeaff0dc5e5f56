"""Damaged spans filled in from both sides.

Up to 10 ms are predicted linearly (`voicevae.verbs.prediction`). A longer gap is resynthesised:

1. Its samples are predicted from both sides, so that frames at its edges, half of which are intact, can be used; frames
within are interpolated (`voicevae.features.gaps`), as in training.
2. The VAE encodes and decodes them in the voice of the recording. Its residual beside the gap is interpolated, too.
3. The vocoder synthesises a stretch about the gap, shifted by up to half a period so that its pulses meet those of the
recording. Within the gap, the prediction at its ends is cross-faded to the synthesis.

No sample outside the spans changes.
"""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from voicevae.coder import Coder
from voicevae.errors import EditError
from voicevae.features import Contours, FeatureConfig, Frames, RelativeContours, extract
from voicevae.features.conditioning import offset
from voicevae.features.gaps import bridge
from voicevae.verbs import prediction
from voicevae.vocoders.source_filter import Vocoder

SHORT_S = 0.01  # predicted alone
FADE_S = 0.015  # at each end of a gap, from prediction to synthesis
LOUDEST = 2.0  # of the known samples' peak, that a repair may reach
LEAST_ALIKE = -0.3  # correlation; bounds the gain of a cross-fade
KNOWN_S = 0.005  # frames up to so far within a gap still show the sound beside it
LEAST_S = 0.1  # of intact sound, to repair the rest from
NOTHING_LEFT = "The spans leave nothing of the recording to repair it from; give shorter ones."
STRETCH_FRAMES = 30  # synthesised on each side of a gap, more than the look-ahead


def samples_of(spans: Any, n_samples: int, sample_rate: int) -> list[tuple[int, int]]:
    """Spans (start, end) in seconds as samples of a wave of `n_samples`, in order; those that touch are one.

    Raises:
        EditError: a span that is empty, reversed or out of range, or overlaps another.
    """
    duration = n_samples / sample_rate
    if not isinstance(spans, Sequence | np.ndarray) or isinstance(spans, str):
        raise EditError(f"spans is {spans!r}; give a list of (start, end) in seconds.")
    seconds = sorted(_checked(span, duration) for span in spans)
    for (_, before), (after, _) in zip(seconds, seconds[1:], strict=False):
        if after < before:
            raise EditError(f"Two spans overlap between {after:g} and {before:g} s; give them one after another.")
    samples = [(round(start * sample_rate), min(round(end * sample_rate), n_samples)) for start, end in seconds]
    joined: list[tuple[int, int]] = []
    for start, end in samples:
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        elif end > start:
            joined.append((start, end))
    return joined


def repair(
    coder: Coder, vocoder: Vocoder, wave: np.ndarray, spans: Sequence[tuple[int, int]], seed: int = 0
) -> np.ndarray:
    """`wave` `[n]` with `spans` (as of `samples_of`) filled in.

    Raises:
        EditError: the spans leave nothing to repair from.
    """
    done, rate = wave.astype(np.float32), coder.config.sample_rate
    inside = np.zeros(len(wave), bool)
    for start, end in spans:
        inside[start:end] = True
    # The damage of one span must not count when another is predicted.
    for start, end in spans:
        before, after = done[start - 1 : start], done[end : end + 1]
        if not len(before) and not len(after):
            raise EditError(NOTHING_LEFT)
        low, high = (before if len(before) else after)[0], (after if len(after) else before)[0]
        done[start:end] = np.linspace(low, high, end - start)
    slow = offset(done, rate)
    done -= slow
    for start, end in spans:
        done[start:end] = prediction.interpolate(done, start, end, rate)
    long = [(start, end) for start, end in spans if end - start > SHORT_S * rate]
    if long:
        mel, contours = imputed(coder, done, long)
        for start, end in long:
            _synthesise(vocoder, mel, contours, done, start, end, seed)
    # Between gaps with little known sound, a prediction may diverge.
    limit = LOUDEST * float(np.abs(wave[~inside]).max(initial=0.0))
    return np.where(inside, np.clip(done + slow, -limit, limit), wave).astype(np.float32)


def imputed(coder: Coder, wave: np.ndarray, gaps: Sequence[tuple[int, int]]) -> tuple[np.ndarray, Contours]:
    """Mel `[T, n_channels]` and contours of `wave` `[n]`, in whose `gaps` they come from
    the VAE.

    Raises:
        EditError: the gaps leave nothing to repair from.
    """
    frames = extract(wave, coder.config)
    missing = _missing(gaps, len(frames), coder.config)
    if sum(end - start for start, end in gaps) > len(wave) - round(LEAST_S * coder.config.sample_rate):
        raise EditError(NOTHING_LEFT)
    frames = Frames.from_array(bridge(frames.array(), missing))
    q = coder.infer(frames)
    mel, made = coder.reconstruct(q)
    relative = made.array()
    mel += bridge(frames.mel - mel, missing)
    relative += bridge(q.relative - relative, missing)
    return mel, RelativeContours.from_array(relative).absolute(*q.speaker.register, q.loudness_db)


def _missing(gaps: Sequence[tuple[int, int]], n_frames: int, config: FeatureConfig) -> np.ndarray:
    """Frames `[T]` (bool) whose centre lies in a gap, but not near its edge; at least one for each gap."""
    centres, edge = np.arange(n_frames) * config.hop_length, KNOWN_S * config.sample_rate
    missing = np.zeros(n_frames, bool)
    for start, end in gaps:
        missing |= (centres >= start + edge) & (centres <= end - edge)
        missing[min(round((start + end) / 2 / config.hop_length), n_frames - 1)] = True
    return missing


def _synthesise(
    vocoder: Vocoder, mel: np.ndarray, contours: Contours, wave: np.ndarray, start: int, end: int, seed: int
) -> None:
    """Put the vocoder's samples between `start` and `end` into `wave` `[n]`, cross-faded."""
    config = vocoder.features
    hop, rate = config.hop_length, config.sample_rate
    first = max(start // hop - STRETCH_FRAMES, 0)
    part = slice(first, min(end // hop + STRETCH_FRAMES, len(mel)))
    made = np.concatenate(list(vocoder.synthesize(mel[part], contours.array()[part], seed)))
    fade = min(round(FADE_S * rate), (end - start) // 2)
    f0_hz = float(np.exp(contours.log_f0[start // hop : end // hop + 1].mean()))
    sides = (range(max(start - fade, 0), start + fade), range(end - fade, min(end + fade, len(wave))))
    known = [side for side, beside in zip(sides, (start, len(wave) - end), strict=True) if beside]
    lag = _lag(wave, made, known, first * hop, round(rate / f0_hz / 2))
    place = np.arange(start, end) - first * hop + lag
    spoken, predicted = made[np.clip(place, 0, len(made) - 1)], wave[start:end].copy()
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    wave[start:end] = spoken
    if start:
        wave[start : start + fade] = _cross_faded(predicted[:fade], spoken[:fade], rise)
    if end < len(wave):
        wave[end - fade : end] = _cross_faded(predicted[-fade:], spoken[-fade:], rise[::-1])


def _lag(wave: np.ndarray, made: np.ndarray, sides: Sequence[range], offset: int, reach: int) -> int:
    """Samples by which `made`, whose first is `offset` of `wave`, is read later, so that both agree best in `sides`."""
    if not sides:
        return 0
    place = np.concatenate([np.arange(side.start, side.stop) for side in sides])
    lags = np.arange(-reach, reach + 1)
    shifted = made[np.clip(place[None] - offset + lags[:, None], 0, len(made) - 1)]
    return int(lags[np.argmax(shifted @ wave[place] / (np.linalg.norm(shifted, axis=1) + 1e-9))])


def _cross_faded(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """From one sound to another, `[n]` each, by the `share` of the second; the power is kept however alike they are."""
    alike = float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second) + 1e-9))
    power = share**2 + (1 - share) ** 2 + 2 * share * (1 - share) * max(alike, LEAST_ALIKE)
    return ((first * (1 - share) + second * share) / np.sqrt(power)).astype(np.float32)


def _checked(span: Any, duration_s: float) -> tuple[float, float]:
    """A span (start, end) in seconds within the recording. Raises EditError."""
    given = list(span) if isinstance(span, Sequence | np.ndarray) and not isinstance(span, str) else []
    numbers = [float(v) for v in given if isinstance(v, Real) and not isinstance(v, bool)]
    if len(given) != 2 or len(numbers) != 2 or not 0 <= numbers[0] < numbers[1] <= duration_s:
        raise EditError(
            f"A span is {span!r}; give a start and a later end in seconds, from 0 to {duration_s:.3f}, the recording's."
        )
    return numbers[0], numbers[1]
