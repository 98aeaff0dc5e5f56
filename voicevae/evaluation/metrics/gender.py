"""Classification of gender by mean F0 and formants.

The first four formants are the roots of linear prediction in voiced frames (Markel & Gray, 1976), at 10 kHz, order 10;
a recording's are the medians over its frames. A logistic regression on mean log-F0 and the logarithms of the formants,
trained on recordings whose speakers' gender is known, decides. How often it is right on other real recordings stands
beside every figure: a classifier that errs there proves little elsewhere.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.metrics import pitch
from voicevae.features import FeatureConfig

LPC_RATE, ORDER = 10000, 10
FRAME_S, HOP_S = 0.03, 0.05
N_FORMANTS = 4
LOWEST_HZ, HIGHEST_HZ, WIDEST_HZ = 150.0, 4900.0, 600.0
MIN_FRAMES = 10


def validate(features: np.ndarray, genders: Sequence[str]) -> None:
    """Raise ValueError unless there are finite features `[n, D]` of at least two genders."""
    if features.ndim != 2 or len(features) != len(genders) or not np.isfinite(features).all():
        raise ValueError("Give finite features [n, D] and as many genders.")
    if len(set(genders)) < 2:
        raise ValueError("Give recordings of at least two genders.")


def formants_hz(wave: np.ndarray, voiced_s: np.ndarray, sample_rate: int) -> np.ndarray:
    """The first four formants `[4]` in Hz of `wave` `[n]`, medians over frames centred at `voiced_s` `[T]` seconds.

    NaN where fewer than ten frames show four.
    """
    import librosa

    sound = librosa.resample(np.asarray(wave, np.float32), orig_sr=sample_rate, target_sr=LPC_RATE)
    sound = np.append(sound[:1], sound[1:] - 0.97 * sound[:-1])
    half = round(FRAME_S * LPC_RATE) // 2
    centres = np.round(voiced_s * LPC_RATE).astype(int)
    centres = centres[(centres >= half) & (centres < len(sound) - half)]
    frames = sound[centres[:, None] + np.arange(-half, half)] * np.hamming(2 * half)
    frames = frames[np.square(frames).mean(1) > 1e-10]
    found = [_resonances(one) for one in librosa.lpc(frames.astype(np.float64), order=ORDER)] if len(frames) else []
    whole = np.array([one[:N_FORMANTS] for one in found if len(one) >= N_FORMANTS])
    return np.median(whole, 0) if len(whole) >= MIN_FRAMES else np.full(N_FORMANTS, np.nan)


def features(wave: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Mean log-F0 and log-formants of `wave` `[n]`, `[5]`; NaN where there is too little voice."""
    track = pitch.measure(wave, config)
    seconds = np.flatnonzero(track.voiced) / config.frame_rate
    formants = formants_hz(wave, seconds[:: max(round(HOP_S * config.frame_rate), 1)], config.sample_rate)
    return np.concatenate([[pitch.mean_log_f0([track])], np.log(formants)])


class GenderClassifier:
    """Trained on features `[n, 5]` of recordings, and their genders."""

    def __init__(self, known: np.ndarray, genders: Sequence[str]) -> None:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        validate(known, genders)
        self._model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))
        self._model.fit(known, list(genders))

    def classify(self, features: np.ndarray) -> list[str]:
        """The gender of each row of features `[n, 5]`; "" where there are none."""
        finite = np.isfinite(features).all(1)
        found = np.full(len(features), "", object)
        if finite.any():
            found[finite] = self._model.predict(features[finite])
        return [str(one) for one in found]


def evaluate(asked: Sequence[str], classified: Sequence[str]) -> dict[str, Any]:
    """accuracy, 0..1, of all, and of each gender that was asked for."""
    right = np.array(asked) == np.array(classified)
    return {"accuracy": float(right.mean())} | {
        name: float(right[np.array(asked) == name].mean()) for name in set(asked)
    }


def _resonances(filter_: np.ndarray) -> np.ndarray:
    """Frequencies in Hz, ascending, of the sharp resonances of a prediction-error filter `[ORDER + 1]`."""
    roots = np.roots(filter_)
    roots = roots[roots.imag > 0]
    hz = np.angle(roots) * LPC_RATE / (2 * np.pi)
    width = -np.log(np.maximum(np.abs(roots), 1e-6)) * LPC_RATE / np.pi
    return np.sort(hz[(hz > LOWEST_HZ) & (hz < HIGHEST_HZ) & (width < WIDEST_HZ)])
