"""`VoiceEncoder`: recordings to feature vectors, as a scikit-learn transformer. It needs scikit-learn.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from voicevae.sklearn import VoiceEncoder

model = make_pipeline(VoiceEncoder(), LogisticRegression()).fit(paths, speakers)
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from voicevae import audio
from voicevae.samples import MIN_SECONDS
from voicevae.verbs.embed import Embeddings

if TYPE_CHECKING:
    from voicevae.voice import VoiceVAE

DEFAULT_GROUPS = ("z_s", "register", "z_p", "prosody")


class VoiceEncoder(TransformerMixin, BaseEstimator):
    """Feature vectors of recordings (`voicevae.verbs.embed`), standardised on what it was fitted to.

    Parameters:
        bundle: folder of a bundle, or None for the shipped one.
        groups: of features: "z_s", "register", "z_p", "prosody", "mel".
        sample_rate: of waves, in Hz; None is the bundle's own. Files say theirs.
        standardise: bring every feature to mean 0 and standard deviation 1 over the recordings fitted to.

    X is a list of sounds `[n]` as `VoiceVAE.embed` takes them, paths, file objects or arrays of any lengths; or equally
    long waves `[n, samples]`, a row each, within +-1. The latter, if shorter than 0.1 s, go on in silence up to there.

    Attributes:
        n_features_in_: samples of the waves it was fitted to, where it was waves; mean_, scale_: `[features]`.
    """

    def __init__(
        self,
        bundle: str | Path | None = None,
        groups: Sequence[str] = DEFAULT_GROUPS,
        sample_rate: int | None = None,
        standardise: bool = True,
    ) -> None:
        self.bundle, self.groups = bundle, groups
        self.sample_rate, self.standardise = sample_rate, standardise

    def fit(self, X: Any, y: Any = None) -> "VoiceEncoder":
        """Learn mean and standard deviation of the features of `X`."""
        vectors = self._vectors(X, reset=True)
        self.mean_ = vectors.mean(0) if self.standardise else np.zeros(vectors.shape[1])
        std = vectors.std(0)
        self.scale_ = np.where(std > 1e-6, std, 1.0) if self.standardise else np.ones(vectors.shape[1])
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Features `[n, features]` of `X`. Raises AudioError where a sound cannot be used."""
        check_is_fitted(self)
        return (self._vectors(X, reset=False) - self.mean_) / self.scale_

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Such as "z_s.3"."""
        check_is_fitted(self)
        return np.array(self._columns, object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags

    def _vectors(self, X: Any, reset: bool) -> np.ndarray:
        vv = _load(self.bundle)
        if _are_sounds(X):
            found: Embeddings = vv.embed(list(X), self.sample_rate)
        else:
            waves = validate_data(self, X, reset=reset, dtype=np.float64)
            rate = self.sample_rate or vv.sample_rate
            missing = max(int(np.ceil(MIN_SECONDS * rate)) - waves.shape[1], 0)
            found = vv.embed(list(np.pad(waves, ((0, 0), (0, missing)))), rate)
        if reset:
            self._columns = found.columns(self.groups)
        return found.matrix(self.groups).astype(np.float64)


@lru_cache(maxsize=2)
def _load(bundle: str | Path | None) -> "VoiceVAE":
    from voicevae.voice import load

    return load(bundle)


def _are_sounds(X: Any) -> bool:
    """Whether `X` is a list of files, or of arrays of samples that are not the rows of one matrix."""
    if not isinstance(X, Sequence | np.ndarray) or isinstance(X, str) or not len(X):
        return False
    if all(audio.is_file(one) for one in X):
        return True
    shapes: list[Any] = [getattr(one, "shape", None) for one in X]
    return None not in shapes and (len(set(shapes)) > 1 or any(len(shape) == 2 for shape in shapes))
