"""Quality: distance from a recording, and naturalness as networks predict it.

    PESQ-WB  ITU-T P.862.2, of a wave against its recording, 1.04..4.64: how little an ear would notice
    STOI     Taal et al., 2011, of a wave against its recording, up to 1: how much of it is understood
    DNSMOS   Reddy et al., 2022 (P.835, overall), of a wave alone, 1..5: how a listener would rate it

PESQ and DNSMOS work at 16 kHz; other rates are resampled. PESQ and STOI need the same words at the same time and pitch.
Packages are imported where they are used, so that what is missing is one absent figure: `missing` names it.
"""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch

from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics import world
from voicevae.evaluation.pairs import Conversion
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import Target, target
from voicevae.training.spectral import SpectralLoss
from voicevae.units import DB_PER_NAT

RATE = 16000
MIN_SECONDS = 0.25  # what PESQ asks for
WINDOW_SAMPLES = 144160  # DNSMOS rates 9.01 s at a time
PACKAGES = {"pesq": ["pesq"], "stoi": ["pystoi"], "dnsmos": ["speechmos", "onnxruntime", "librosa", "requests"]}
PAIRS, QUICK_PAIRS = 40, 12
WORLD_ABSENT = f"WORLD: pyworld is not installed; {EXTRA}"
ROUND_TRIP = "unedited round trip"
Figures = Mapping[str, float]


def missing() -> dict[str, str]:
    """One sentence for each metric whose package is not installed."""
    absent = {metric: [name for name in names if find_spec(name) is None] for metric, names in PACKAGES.items()}
    return {
        metric: f'{names[0]} is not installed; `pip install "voicevae[eval]"` brings it'
        for metric, names in absent.items()
        if names
    }


def validate(wave: np.ndarray, sample_rate: int, reference: np.ndarray | None = None) -> None:
    """Raise ValueError unless waves are `[n]`, equally long, finite, hold sound, and last 0.25 s at least."""
    waves = [wave] if reference is None else [wave, reference]
    if np.ndim(wave) != 1 or len({np.shape(one) for one in waves}) != 1:
        raise ValueError("Waves must have the same shape [n].")
    if len(wave) < MIN_SECONDS * sample_rate:
        raise ValueError(f"Waves must last {MIN_SECONDS} s at least.")
    if not all(np.isfinite(one).all() and np.any(one) for one in waves):
        raise ValueError("Waves must be finite and hold sound.")


def pesq(reference: np.ndarray, made: np.ndarray, sample_rate: int) -> float:
    """PESQ-WB of `made` `[n]` against `reference` `[n]`, 1.04..4.64; levels are aligned first.

    Raises:
        ValueError: `validate`, or PESQ takes nothing for speech. ImportError: no package pesq.
    """
    import pesq as package

    validate(made, sample_rate, reference)
    try:
        return float(package.pesq(RATE, _resampled(reference, sample_rate), _resampled(made, sample_rate), "wb"))
    except package.PesqError as error:
        text = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"PESQ cannot rate it: {text}.") from None


def stoi(reference: np.ndarray, made: np.ndarray, sample_rate: int) -> float:
    """STOI of `made` `[n]` against `reference` `[n]`, up to 1.

    Raises:
        ValueError: `validate`, or the reference holds less than 0.4 s of speech. ImportError: no package pystoi.
    """
    import pystoi

    validate(made, sample_rate, reference)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Not enough STFT frames")
        try:
            return float(pystoi.stoi(reference.astype(np.float64), made.astype(np.float64), sample_rate))
        except RuntimeWarning:
            raise ValueError("STOI needs 0.4 s of speech in the reference.") from None


def dnsmos(wave: np.ndarray, sample_rate: int) -> float:
    """DNSMOS P.835, overall, of `wave` `[n]`, scaled where it goes beyond +-1.

    A wave shorter than 9.01 s is repeated to fill them once; a longer one is rated every second.

    Raises:
        ValueError: `validate`. ImportError: no package speechmos.
    """
    rate = _dnsmos()
    validate(wave, sample_rate)
    wave = _resampled(wave, sample_rate)
    wave = wave / max(float(np.abs(wave).max()), 1.0)
    return float(rate(np.resize(wave, max(len(wave), WINDOW_SAMPLES)), RATE, False)["ovrl_mos"])


def evaluate(pairs: Sequence[tuple[np.ndarray, np.ndarray]], sample_rate: int) -> dict[str, Any]:
    """Medians over recordings.

    Args:
        pairs: (recording, what was made from it), each `[n]`, at the same pitch and time.

    Returns:
        pesq, stoi, dnsmos, and dnsmos_reference, that of the recordings; None where the package is missing.
    """
    if not pairs:
        raise ValueError("Give at least one pair of waves.")
    absent = missing()
    values: dict[str, list[float]] = {}
    if "pesq" not in absent:
        values["pesq"] = [pesq(reference, made, sample_rate) for reference, made in pairs]
    if "stoi" not in absent:
        values["stoi"] = [stoi(reference, made, sample_rate) for reference, made in pairs]
    if "dnsmos" not in absent:
        values["dnsmos"] = [dnsmos(made, sample_rate) for _, made in pairs]
        values["dnsmos_reference"] = [dnsmos(reference, sample_rate) for reference, _ in pairs]
    names = ("pesq", "stoi", "dnsmos", "dnsmos_reference")
    return {name: float(np.median(values[name])) if name in values else None for name in names}


def _resampled(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    wave = np.asarray(wave, np.float32)
    return wave if sample_rate == RATE else soxr.resample(wave, sample_rate, RATE)


@lru_cache(maxsize=1)
def _dnsmos() -> Any:
    """The package's model, on one thread: its own sessions take all, and wait in turn where others work, too."""
    import onnxruntime
    from speechmos import dnsmos as package

    folder = Path(package.__file__).parent / "dnsmos_models"
    model = package.DNSMOS(str(folder / "sig_bak_ovr.onnx"), str(folder / "model_v8.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model.onnx_sess = onnxruntime.InferenceSession(str(folder / "sig_bak_ovr.onnx"), options)
    model.p808_onnx_sess = onnxruntime.InferenceSession(str(folder / "model_v8.onnx"), options)
    return model


def steps(study: Study) -> int:
    """Conversions that are rated."""
    return min(study.plan.of(PAIRS, QUICK_PAIRS), len(study.pairs.get(study.headline, [])))


def run(study: Study) -> None:
    """Add rows of DNSMOS, PESQ and STOI of conversions and of unedited copies, beside WORLD's."""
    done = [c for c in next(iter(study.done.values()), []) if c.wave is not None]
    found: dict[str, list[Figures]] = {}
    for one in done[: study.plan.of(PAIRS, QUICK_PAIRS)]:
        found.setdefault(one.pair.target, []).append(_figures(study, one))
        study.step()
    if found:
        on = f"{study.headline}, {sum(map(len, found.values()))} pairs"
        study.report.add("quality", found, rows(list(found.values()), missing(), study.plan.seed), on)
    else:
        study.report.add("quality", None, [absent("DNSMOS drop", "nothing was converted")])


def rows(found: Sequence[Sequence[Figures]], without: Mapping[str, str], seed: int) -> list[Row]:
    """Rows of the figures of pairs, by target speaker; `without` says why a metric is absent."""

    def mean(name: str, less: str = "") -> tuple[float, tuple[float, float] | None] | None:
        groups = [np.array([one[name] - one.get(less, 0.0) for one in own if name in one]) for own in found]
        groups = [kept for group in groups if len(kept := group[np.isfinite(group)])]
        return (mean_of_means(groups), interval(groups, mean_of_means, seed)) if groups else None

    def row(figure: str, metric: str, name: str, less: str, beside: str, asked: Target, better: str) -> Row:
        value = None if metric in without else mean(name, less)
        if value is None:
            return absent(figure, without.get(metric, "it finds no speech"))
        return Row(figure, value[0], "", value[1], **asked, beside=beside, better=better)

    def beside(name: str, less: str = "") -> str:
        value = mean(name, less)
        return WORLD_ABSENT if value is None else f"WORLD's copy {value[0]:.2f}"

    source = mean("source")
    of = f"sources {source[0]:.2f}; {sum(map(len, found))} pairs; " if source else ""
    dropped, copied = "DNSMOS drop of conversion from its source", f"{ROUND_TRIP}: DNSMOS drop"
    return [
        row(dropped, "dnsmos", "source", "converted", of + beside("source", "world"), target("DNSMOS drop"), "lower"),
        row(copied, "dnsmos", "source", "copy", beside("source", "world"), Target(), "lower"),
        row(f"{ROUND_TRIP}: PESQ-WB", "pesq", "copy_pesq", "", beside("world_pesq"), Target(), "higher"),
        row(f"{ROUND_TRIP}: STOI", "stoi", "copy_stoi", "", beside("world_stoi"), Target(), "higher"),
        row(f"{ROUND_TRIP}: STFT distance in dB", "", "copy_stft", "", beside("world_stft"), Target(), "lower"),
    ]


def _figures(study: Study, done: Conversion) -> dict[str, float]:
    """DNSMOS of source, converted, copy and world; pesq, stoi and stft of copy and world. None that is not installed,
    NaN where a metric finds no speech."""
    rate, source = study.vv.sample_rate, done.pair.source.load(study.vv.sample_rate)
    copies = {"copy": study.vv.modulate(source, rate)} | _world(source, rate)
    assert done.wave is not None
    without, spectral = missing(), SpectralLoss(study.vv.config)
    found: dict[str, float] = {}
    if "dnsmos" not in without:
        waves = {"source": source, "converted": done.wave, **copies}
        found |= {name: or_nan(dnsmos, wave, rate) for name, wave in waves.items()}
    for name, wave in copies.items():
        for metric, measure in (("pesq", pesq), ("stoi", stoi)):
            if metric not in without:
                found[f"{name}_{metric}"] = or_nan(measure, source, wave, rate)
        parts = spectral(torch.from_numpy(wave)[None], torch.from_numpy(source)[None])
        found[f"{name}_stft"] = 2 * DB_PER_NAT * float(parts["log_magnitude"])  # of amplitude
    return found


def _world(wave: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    try:
        return {"world": world.shifted(wave, sample_rate)}
    except ImportError:
        return {}


def or_nan(measure: Callable[..., float], *args: object) -> float:
    """`measure(*args)`; NaN where it finds no speech."""
    try:
        return measure(*args)
    except ValueError:
        return math.nan
