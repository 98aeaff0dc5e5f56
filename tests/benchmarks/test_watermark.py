"""What is done to marked sounds is what it says, and the table has a row for each figure."""

import numpy as np
import pytest

from benchmarks import watermark
from benchmarks.attacks import ATTACKS, KEPT

RATE = 16000
TONE = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)).astype(np.float32)


def level_db(wave: np.ndarray, hz: float) -> float:
    """Of one partial, full scale is 0; from the middle, away from the ends of filters and codecs."""
    middle = wave[len(wave) // 4 : len(wave) // 4 + RATE // 2]
    rotor = np.exp(-2j * np.pi * hz * np.arange(len(middle)) / RATE)
    return 20 * np.log10(2 * abs(np.mean(middle * rotor)) + 1e-12)


@pytest.mark.parametrize("name", list(ATTACKS))
def test_a_tone_comes_through_at_its_level(name: str) -> None:
    wanted = -6.02 - (6.02 if name == "-6 dB" else 0)
    assert level_db(ATTACKS[name](TONE, RATE), 1000) == pytest.approx(wanted, abs=0.5)  # LAME scales by 0.95


def test_what_a_lower_rate_cannot_hold_is_gone() -> None:
    high = np.sin(2 * np.pi * 6000 * np.arange(2 * RATE) / RATE).astype(np.float32)
    assert level_db(ATTACKS["8 kHz and back"](high, RATE), 6000) < -60
    assert level_db(ATTACKS["44.1 kHz and back"](high, RATE), 6000) == pytest.approx(0, abs=0.1)


def test_a_cut_and_noise_are_as_large_as_they_say() -> None:
    assert len(ATTACKS["two thirds of it"](TONE, RATE)) == round(KEPT * len(TONE))
    noise = ATTACKS["noise at -20 dB"](TONE, RATE) - TONE
    assert 20 * np.log10(noise.std() / np.sqrt(np.mean(TONE**2))) == pytest.approx(-20, abs=0.2)


def test_figures_have_a_row_each_and_markers_a_column() -> None:
    found = dict.fromkeys(ATTACKS, 0.98)
    one = watermark.Figures(20.0, 4.5, 4.25, -0.01, 0.001, 0.002, found, 3)
    lines = watermark.table({"ours": one, "perth": one}, 200).splitlines()
    assert len(lines) == 2 + 6 + len(ATTACKS) + 1
    assert all(line.count("|") == 4 for line in lines)
    assert "| found: Ogg Vorbis | 98 % | 98 % |" in lines and lines[-1] == "| false alarms of 200 | 3 | 3 |"


def test_no_folder_of_recordings_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert watermark.main(["--corpus", "nowhere"]) == 2
    assert capsys.readouterr().err == "voicevae: nowhere is not a folder; give one of recordings.\n"
