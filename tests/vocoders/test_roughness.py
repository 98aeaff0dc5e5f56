"""A voice that is raised stays nearly as harmonic as it was recorded."""

import numpy as np
import pytest

import voicevae
from voicevae import audio
from voicevae.features import FeatureConfig, extract

WORST_DB = 2.0  # under the recording's ratio of harmonics to noise, at most
MARGIN = 800  # samples


def harmonics_to_noise_db(wave: np.ndarray, config: FeatureConfig) -> float:
    """Median over voiced frames of the autocorrelation at one period, as harmonics over noise (Boersma, 1993)."""
    frames, padded, found = extract(wave, config), np.pad(wave, MARGIN), []
    for place in np.flatnonzero(frames.voiced):
        period = config.sample_rate / np.exp(frames.log_f0[place])
        size = int(max(3 * period, 320))
        start = MARGIN + place * config.hop_length - size // 2
        one, best = padded[start : start + size], 0.0
        for lag in range(int(0.95 * period), int(1.05 * period) + 2):
            two = padded[start + lag : start + lag + size]
            if len(two) == size:
                best = max(best, float(one @ two / np.sqrt((one @ one) * (two @ two) + 1e-12)))
        if 0 < best < 0.9999:
            found.append(10 * np.log10(best / (1 - best)))
    return float(np.median(found))


@pytest.mark.parametrize("name", ["female", "male"])
@pytest.mark.parametrize("semitones", [5, 12])
def test_a_raised_voice_gets_no_rougher(name: str, semitones: int) -> None:
    vv = voicevae.load()
    source = vv.path / "voices" / f"{name}.flac"  # type: ignore[operator]
    raised = harmonics_to_noise_db(vv.modulate(source, pitch_semitones=semitones), vv.config)
    assert raised > harmonics_to_noise_db(audio.read(source, vv.sample_rate), vv.config) - WORST_DB
