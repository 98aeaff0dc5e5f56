"""What is measured of every clip and peer, and its summary over clips: quality, pitch, formants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.peers import Peer
from voicevae.evaluation.metrics import formants, pitch, quality
from voicevae.features import FeatureConfig

COPY = 0.0
SEMITONES = (COPY, -6.0, -3.0, 4.0, 7.0)
DRIFT_SEMITONES = 4.0


@dataclass(frozen=True)
class Made:
    """One wave made from one clip.

    pesq, stoi: against the clip, of copies only; dnsmos: of all. drift_cents: of the formants, at +4
    semitones. NaN where not measured.
    tracks: requested F0, and measured F0.
    """

    semitones: float
    pesq: float
    stoi: float
    dnsmos: float
    drift_cents: float
    tracks: tuple[pitch.Track, pitch.Track]


@dataclass(frozen=True)
class Summary:
    """All clips of one peer; NaN where nothing was measured.

    pesq, stoi: medians of the copies. dnsmos: medians, by semitones. drift_cents: median at +4 semitones, signed.
    pitch: `pitch.evaluate` of the frames at one shift, by semitones; edits: of those at all shifts.
    """

    pesq: float = float("nan")
    stoi: float = float("nan")
    dnsmos: dict[float, float] = field(default_factory=dict)
    drift_cents: float = float("nan")
    pitch: dict[float, dict[str, float]] = field(default_factory=dict)
    edits: dict[str, float] = field(default_factory=dict)


def measure(peer: Peer, wave: np.ndarray, config: FeatureConfig) -> list[Made]:
    """Everything that `peer` makes of the clip `wave` `[n]`, at `config.sample_rate`."""
    features, source = peer.analyse(wave), pitch.measure(wave, config)
    return [
        _made(wave, fitted(peer.synthesize(features, semitones), len(wave)), semitones, source, config)
        for semitones in peer.amounts(SEMITONES)
    ]


def fitted(wave: np.ndarray, n_samples: int) -> np.ndarray:
    """`wave` cut or padded at its end to `[n_samples]`, float32: peers work in whole frames."""
    wave = np.asarray(wave[:n_samples], np.float32)
    return np.pad(wave, (0, n_samples - len(wave)))


def summarise(made: Sequence[Made]) -> Summary:
    """The figures of one peer."""
    by_shift = {s: [one for one in made if one.semitones == s] for s in SEMITONES}
    by_shift = {semitones: own for semitones, own in by_shift.items() if own}
    copies, shifted = by_shift.get(COPY, []), [one for one in made if one.semitones != COPY]
    return Summary(
        median([one.pesq for one in copies]),
        median([one.stoi for one in copies]),
        {semitones: median([one.dnsmos for one in own]) for semitones, own in by_shift.items()},
        median([one.drift_cents for one in by_shift.get(DRIFT_SEMITONES, [])]),
        {semitones: pitch.evaluate([one.tracks for one in own]) for semitones, own in by_shift.items()},
        pitch.evaluate([one.tracks for one in shifted]) if shifted else {},
    )


def median(values: Sequence[float]) -> float:
    """Of those that are numbers; NaN where there is none."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _made(wave: np.ndarray, made: np.ndarray, semitones: float, source: pitch.Track, config: FeatureConfig) -> Made:
    rate, absent = config.sample_rate, quality.missing()
    copy, drifts = semitones == COPY, semitones == DRIFT_SEMITONES
    return Made(
        semitones,
        _number(lambda: quality.pesq(wave, made, rate), copy and "pesq" not in absent),
        _number(lambda: quality.stoi(wave, made, rate), copy and "stoi" not in absent),
        _number(lambda: quality.dnsmos(made, rate), "dnsmos" not in absent),
        _number(lambda: formants.drift_cents(wave, made, config), drifts),
        (source.shifted(semitones), pitch.measure(made, config)),
    )


def _number(measured: Callable[[], float], wanted: bool) -> float:
    """NaN where it is not `wanted`, or the metric takes nothing in the wave for speech."""
    try:
        return measured() if wanted else float("nan")
    except ValueError:
        return float("nan")
