"""How natural: DNSMOS of sources and of what is made of them; and how exact an unedited round trip is."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from voicevae.evaluation import quality, world
from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.conversion import Conversion
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import Row, absent
from voicevae.training.spectral import SpectralLoss

PAIRS, QUICK_PAIRS = 40, 12
DB_PER_NAT = 20 / math.log(10)  # of amplitude
WORLD_ABSENT = f"WORLD: pyworld is not installed; {EXTRA}"
ROUND_TRIP = "unedited round trip"
Figures = Mapping[str, float]


def steps(study: Study) -> int:
    return min(study.plan.of(PAIRS, QUICK_PAIRS), len(study.pairs.get(study.headline, [])))


def run(study: Study) -> None:
    done = [c for c in next(iter(study.done.values()), []) if c.wave is not None]
    found: dict[str, list[Figures]] = {}
    for one in done[: study.plan.of(PAIRS, QUICK_PAIRS)]:
        found.setdefault(one.pair.target, []).append(_figures(study, one))
        study.step()
    if found:
        study.report.add("listening", found, rows(list(found.values()), quality.missing(), study.plan.seed))
    else:
        study.report.add("listening", None, [absent("DNSMOS drop", "nothing was converted")])


def rows(found: Sequence[Sequence[Figures]], without: Mapping[str, str], seed: int) -> list[Row]:
    """Rows of the figures of pairs, by target speaker; `without` says why a metric is absent."""

    def mean(name: str, less: str = "") -> tuple[float, tuple[float, float] | None] | None:
        groups = [np.array([one[name] - one.get(less, 0.0) for one in own if name in one]) for own in found]
        groups = [kept for group in groups if len(kept := group[np.isfinite(group)])]
        return (mean_of_means(groups), interval(groups, mean_of_means, seed)) if groups else None

    def row(figure: str, metric: str, name: str, less: str, beside: str, at_most: float | None, better: str) -> Row:
        value = None if metric in without else mean(name, less)
        if value is None:
            return absent(figure, without.get(metric, "it hears no speech"))
        return Row(figure, value[0], "", value[1], None, at_most, beside, better)

    def beside(name: str, less: str = "") -> str:
        value = mean(name, less)
        return WORLD_ABSENT if value is None else f"WORLD's copy {value[0]:.2f}"

    source = mean("source")
    of = f"sources {source[0]:.2f}; {sum(map(len, found))} pairs; " if source else ""
    dropped, copied = "DNSMOS drop of conversion from its source", f"{ROUND_TRIP}: DNSMOS drop"
    return [
        row(dropped, "dnsmos", "source", "converted", of + beside("source", "world"), 0.2, "lower"),
        row(copied, "dnsmos", "source", "copy", beside("source", "world"), None, "lower"),
        row(f"{ROUND_TRIP}: PESQ-WB", "pesq", "copy_pesq", "", beside("world_pesq"), None, "higher"),
        row(f"{ROUND_TRIP}: STOI", "stoi", "copy_stoi", "", beside("world_stoi"), None, "higher"),
        row(f"{ROUND_TRIP}: STFT distance in dB", "", "copy_stft", "", beside("world_stft"), None, "lower"),
    ]


def _figures(study: Study, done: Conversion) -> dict[str, float]:
    """DNSMOS of source, converted, copy and world; pesq, stoi and stft of copy and world. None that is not installed,
    NaN where a metric hears no speech."""
    rate, source = study.vv.sample_rate, done.pair.source.load(study.vv.sample_rate)
    copies = {"copy": study.vv.modulate(source, rate)} | _world(source, rate)
    assert done.wave is not None
    without, spectral = quality.missing(), SpectralLoss(study.vv.config)
    found: dict[str, float] = {}
    if "dnsmos" not in without:
        heard = {"source": source, "converted": done.wave, **copies}
        found |= {name: _or_nan(quality.dnsmos, wave, rate) for name, wave in heard.items()}
    for name, wave in copies.items():
        for metric, measure in (("pesq", quality.pesq), ("stoi", quality.stoi)):
            if metric not in without:
                found[f"{name}_{metric}"] = _or_nan(measure, source, wave, rate)
        parts = spectral(torch.from_numpy(wave)[None], torch.from_numpy(source)[None])
        found[f"{name}_stft"] = DB_PER_NAT * float(parts["log_magnitude"])
    return found


def _world(wave: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    try:
        return {"world": world.shifted(wave, sample_rate)}
    except ImportError:
        return {}


def _or_nan(measure: Callable[..., float], *args: object) -> float:
    try:
        return measure(*args)
    except ValueError:
        return math.nan
