"""Quality: does speech sound like the recording it was made from, and does it sound natural?

    PESQ-WB  ITU-T P.862.2, of a wave against its recording, 1.04..4.64: how little an ear would notice
    STOI     Taal et al., 2011, of a wave against its recording, up to 1: how much of it is understood
    DNSMOS   Reddy et al., 2022 (P.835, overall), of a wave alone, 1..5: how a listener would rate it

PESQ and DNSMOS hear 16 kHz; other rates are resampled. PESQ and STOI ask for the same words at the same time and pitch.
Packages are imported where they are used, so that what is missing is one absent figure: `missing` names it.
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soxr

RATE = 16000
MIN_SECONDS = 0.25  # what PESQ asks for
WINDOW_SAMPLES = 144160  # DNSMOS hears 9.01 s at a time
PACKAGES = {"pesq": ["pesq"], "stoi": ["pystoi"], "dnsmos": ["speechmos", "onnxruntime", "librosa", "requests"]}


def missing() -> dict[str, str]:
    """One sentence for each metric whose package is not installed."""
    absent = {metric: [name for name in names if find_spec(name) is None] for metric, names in PACKAGES.items()}
    return {
        metric: f"{names[0]} is not installed; `pip install voicevae[eval]` brings it"
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

    A wave shorter than the 9.01 s that it hears is repeated to fill them once; a longer one is heard every second.

    Raises:
        ValueError: `validate`. ImportError: no package speechmos.
    """
    judge = _judge()
    validate(wave, sample_rate)
    wave = _resampled(wave, sample_rate)
    wave = wave / max(float(np.abs(wave).max()), 1.0)
    return float(judge(np.resize(wave, max(len(wave), WINDOW_SAMPLES)), RATE, False)["ovrl_mos"])


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
def _judge() -> Any:
    """The package's model, on one thread: its own sessions take all, and wait in turn where others work, too."""
    import onnxruntime
    from speechmos import dnsmos as package

    folder = Path(package.__file__).parent / "dnsmos_models"
    judge = package.DNSMOS(str(folder / "sig_bak_ovr.onnx"), str(folder / "model_v8.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    judge.onnx_sess = onnxruntime.InferenceSession(str(folder / "sig_bak_ovr.onnx"), options)
    judge.p808_onnx_sess = onnxruntime.InferenceSession(str(folder / "model_v8.onnx"), options)
    return judge
