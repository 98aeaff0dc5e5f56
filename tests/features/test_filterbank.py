"""Our mel filters are those of torchaudio and librosa."""

import warnings

import numpy as np
import pytest
import torchaudio

from voicevae.features.filterbank import hz_to_mel, mel_to_hz, triangles

SIZES = [(513, 80, 0.0, 8000.0, 16000), (513, 100, 0.0, 12000.0, 24000), (513, 80, 80.0, 7600.0, 22050)]


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize("unit_area", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_filters_are_torchaudios(size: tuple[int, int, float, float, int], scale: str, unit_area: bool) -> None:
    n_bins, n_mels, f_min_hz, f_max_hz, sample_rate = size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty filters
        expected = torchaudio.functional.melscale_fbanks(
            n_bins, f_min_hz, f_max_hz, n_mels, sample_rate, "slaney" if unit_area else None, scale
        )
    made = triangles(n_bins, n_mels, f_min_hz, f_max_hz, sample_rate, scale, unit_area)
    np.testing.assert_allclose(made, expected, rtol=0, atol=1e-5)  # torchaudio rounds on the way


@pytest.mark.parametrize("htk", [False, True])
def test_filters_are_librosas(htk: bool) -> None:
    librosa = pytest.importorskip("librosa")
    expected = librosa.filters.mel(sr=16000, n_fft=1024, n_mels=80, htk=htk, norm="slaney").T
    made = triangles(513, 80, 0.0, 8000.0, 16000, "htk" if htk else "slaney", unit_area=True)
    np.testing.assert_allclose(made, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_mels_go_back_to_hertz(scale: str) -> None:
    hz = [0.0, 50.0, 999.0, 1000.0, 1001.0, 8000.0]
    mels = np.array([hz_to_mel(f, scale) for f in hz])
    np.testing.assert_allclose(mel_to_hz(mels, scale), hz, rtol=1e-5, atol=1e-4)
