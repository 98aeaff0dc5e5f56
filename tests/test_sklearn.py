"""The transformer keeps scikit-learn's contract, and says what the API says."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

import voicevae  # noqa: E402
from voicevae.errors import AudioError, EditError  # noqa: E402
from voicevae.sklearn import VoiceEncoder  # noqa: E402

NO_SOUND = "its numbers are no sound"
NOT_APPLICABLE = {
    "check_estimators_dtypes": f"{NO_SOUND}: 1-bit steps are silence",
    "check_fit_idempotent": f"{NO_SOUND}: they lie about 100 times full scale",
    "check_fit_check_is_fitted": f"{NO_SOUND}: they lie about 100 times full scale",
    "check_n_features_in": f"{NO_SOUND}: they lie about 100 times full scale",
}


def tone(f0_hz: float, seconds: float = 0.4) -> np.ndarray:
    time = np.arange(round(16000 * seconds)) / 16000
    return (0.1 * sum(np.sin(2 * np.pi * k * f0_hz * time) / k for k in range(1, 8))).astype(np.float32)


CHECKS = [check for _, check in estimator_checks_generator(VoiceEncoder(), legacy=True)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(len(CHECKS)), ids=[f"{i}-{one.func.__name__}" for i, one in enumerate(CHECKS)])
def test_scikit_learns_own_checks(small_bundle: Path, number: int) -> None:
    """Each of them but those that fit numbers which no microphone gives; these are refused as such."""
    check = CHECKS[number]
    if reason := NOT_APPLICABLE.get(check.func.__name__):
        with pytest.raises(AudioError):
            check(VoiceEncoder(str(small_bundle)))
        pytest.skip(reason)
    check(VoiceEncoder(str(small_bundle)))


def test_files_and_waves_become_the_embeddings_of_the_api(small_bundle: Path, tmp_path: Path) -> None:
    waves = np.stack([tone(f) for f in (110, 150, 220)])
    paths = []
    for i, wave in enumerate(waves):
        sf.write(tmp_path / f"{i}.wav", wave, 16000, subtype="FLOAT")
        paths.append(tmp_path / f"{i}.wav")
    wanted = voicevae.load(small_bundle).embed(list(waves)).matrix(["z_s", "prosody"])
    encoder = VoiceEncoder(str(small_bundle), groups=("z_s", "prosody"), standardise=False)
    np.testing.assert_allclose(encoder.fit_transform(waves), wanted, atol=1e-5)
    np.testing.assert_allclose(encoder.fit(paths).transform([str(p) for p in paths]), wanted, atol=1e-5)
    assert (
        encoder.get_feature_names_out()[0] == "z_s.0"
        and encoder.get_feature_names_out()[-1] == "prosody.content change"
    )


def test_sounds_are_taken_as_the_api_takes_them(small_bundle: Path, tmp_path: Path) -> None:
    waves = [tone(f, seconds) for f, seconds in ((110, 0.4), (150, 0.5), (220, 0.6))]
    data = []
    for i, wave in enumerate(waves):
        sf.write(tmp_path / f"{i}.wav", wave, 16000, subtype="FLOAT")
        data.append((tmp_path / f"{i}.wav").read_bytes())
    wanted = voicevae.load(small_bundle).embed(waves).matrix(["z_s"])
    encoder = VoiceEncoder(str(small_bundle), groups=("z_s",), standardise=False)
    ways = [
        waves,
        [np.stack([wave, wave], 1) for wave in waves],
        [io.BytesIO(one) for one in data],
        [_Place(tmp_path / "0.wav"), str(tmp_path / "1.wav"), tmp_path / "2.wav"],
    ]
    for X in ways:
        np.testing.assert_allclose(encoder.fit(X).transform(X), wanted, atol=1e-5)
    slow = VoiceEncoder(str(small_bundle), groups=("z_s",), sample_rate=8000, standardise=False)
    assert not np.allclose(slow.fit_transform(waves), wanted, atol=1e-2)


class _Place(os.PathLike):
    """A path that is no `Path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_features_are_standardised_on_what_they_were_fitted_to(small_bundle: Path) -> None:
    waves = np.stack([tone(f) for f in (100, 130, 160, 190)])
    found = VoiceEncoder(str(small_bundle), groups=("register",)).fit_transform(waves)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(found.std(0)[0], 1, atol=1e-6)


def test_a_pipeline_learns_to_tell_voices(small_bundle: Path) -> None:
    waves = np.stack([tone(f) for f in (100, 105, 110, 200, 210, 220)])
    model = make_pipeline(VoiceEncoder(str(small_bundle), groups=("register",)), LogisticRegression())
    assert model.fit(waves, [0, 0, 0, 1, 1, 1]).predict(np.stack([tone(103), tone(215)])).tolist() == [0, 1]


def test_what_cannot_be_encoded_is_refused(small_bundle: Path) -> None:
    with pytest.raises(EditError, match="no group 'z_q'"):
        VoiceEncoder(str(small_bundle), groups=("z_q",)).fit(tone(110)[None])
    with pytest.raises(AudioError, match="silence"):
        VoiceEncoder(str(small_bundle)).fit(np.zeros((2, 8000)))
    with pytest.raises(AudioError, match=r"missing\.wav does not exist"):
        VoiceEncoder(str(small_bundle)).fit(["missing.wav"])
