"""Repairs on an untrained bundle: what is whole stays, and what is filled in goes on as its neighbours do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from hypothesis import example, given, settings
from hypothesis import strategies as st

import voicevae
from voicevae.cli import main
from voicevae.errors import EditError
from voicevae.features import extract
from voicevae.voice import VoiceVAE

RATE = 16000
CENTS = 1200 / np.log(2)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def voice(seconds: float = 1.5, f0_hz: float = 150.0) -> np.ndarray:
    """A steady vowel with breath."""
    time = np.arange(round(RATE * seconds)) / RATE
    tone = sum(np.sin(2 * np.pi * f0_hz * k * time + k**2) / k for k in range(1, 20))
    return (0.1 * tone + np.random.default_rng(0).normal(0, 1e-3, len(time))).astype(np.float32)


def damaged(wave: np.ndarray, *spans_s: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """(with zeros in the spans, where they are)."""
    inside = np.zeros(len(wave), bool)
    for start, end in spans_s:
        inside[round(start * RATE) : round(end * RATE)] = True
    return np.where(inside, np.float32(0), wave), inside


SPANS = [(0.3, 0.304), (0.31, 0.312), (0.6, 0.64), (0.65, 0.651), (0.9, 1.1)]


def test_no_sample_outside_the_spans_changes(vv: VoiceVAE) -> None:
    wave, inside = damaged(voice(), *SPANS)
    made = vv.repair(wave, RATE, spans=SPANS)
    assert made.shape == wave.shape and made.dtype == np.float32
    np.testing.assert_array_equal(made[~inside], wave[~inside])
    assert (made[inside] != 0).mean() > 0.99


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 1400), min_size=2, max_size=8, unique=True))
@example([0, 6, 11, 64])
def test_wherever_spans_lie(vv: VoiceVAE, edges_ms: list[int]) -> None:
    """Even gaps that leave little between them."""
    edges = sorted(edges_ms)[: len(edges_ms) // 2 * 2]
    spans = [(start / 1000, end / 1000) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    wave, inside = damaged(voice(), *spans)
    made = vv.repair(wave, spans=spans)
    np.testing.assert_array_equal(made[~inside], wave[~inside])
    assert np.isfinite(made).all() and np.abs(made).max() <= 2 * np.abs(wave[~inside]).max()


def test_what_lies_in_the_spans_does_not_count(vv: VoiceVAE) -> None:
    wave, inside = damaged(voice(), *SPANS)
    noisy = np.where(inside, np.random.default_rng(1).normal(0, 0.5, len(wave)).astype(np.float32), wave)
    np.testing.assert_array_equal(vv.repair(wave, spans=SPANS), vv.repair(noisy, spans=SPANS[::-1]))


@pytest.mark.parametrize("span", [(0.6, 0.64), (0.6, 0.7), (0.6, 0.8)])
def test_pitch_and_level_go_on_through_a_gap(span: tuple[float, float]) -> None:
    """With the shipped bundle: an untrained decoder knows no level."""
    vv, whole = voicevae.load(), voice()
    made = vv.repair(damaged(whole, span)[0], spans=[span])
    one, two = extract(whole, vv.config), extract(made, vv.config)
    frames = slice(round(span[0] * 80), round(span[1] * 80) + 1)
    assert two.voiced[frames].all()
    assert np.abs(CENTS * (two.log_f0 - one.log_f0)[frames]).max() < 50
    assert np.abs(two.loudness_db - one.loudness_db)[frames].max() < 6


def test_a_click_of_a_steady_voice_is_undone(vv: VoiceVAE) -> None:
    whole = voice()
    wave = whole.copy()
    wave[9000:9004] += 0.5
    made = vv.repair(wave)
    assert [span.kind for span in vv.damage(wave)] == ["click"]
    assert np.abs(made - whole).max() < 0.05


def test_damage_is_found_where_no_span_is_given(vv: VoiceVAE) -> None:
    wave, inside = damaged(voice(), (0.6, 0.7))
    np.testing.assert_array_equal(vv.repair(wave), vv.repair(wave, spans=[(0.6, 0.7)]))
    np.testing.assert_array_equal(vv.repair(voice()), voice())
    assert vv.repair(wave, spans=[]).tobytes() == wave.tobytes()


def test_spans_that_touch_are_one(vv: VoiceVAE) -> None:
    wave, _ = damaged(voice(), (0.6, 0.7))
    np.testing.assert_array_equal(
        vv.repair(wave, spans=[(0.65, 0.7), (0.6, 0.65)]), vv.repair(wave, spans=[(0.6, 0.7)])
    )


def test_a_seed_fixes_the_output(vv: VoiceVAE) -> None:
    wave, _ = damaged(voice(), (0.6, 0.8))
    one, two, other = (vv.repair(wave, spans=[(0.6, 0.8)], seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, two)
    assert np.any(one != other)


@pytest.mark.parametrize("span", [(0.0, 0.05), (1.4, 1.5)])
def test_a_gap_may_lie_at_an_end(vv: VoiceVAE, span: tuple[float, float]) -> None:
    wave, inside = damaged(voice(), span)
    made = vv.repair(wave, spans=[span])
    np.testing.assert_array_equal(made[~inside], wave[~inside])
    assert np.abs(made[inside]).max() > 0.05


def test_another_rate_is_resampled(vv: VoiceVAE) -> None:
    wave = np.interp(np.arange(2 * RATE) / (2 * RATE), np.arange(RATE) / RATE, voice(1.0))
    assert vv.repair(wave, 2 * RATE, spans=[(0.5, 0.55)]).shape == (RATE,)


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([(0.5, 0.5)], "start and a later end"),
        ([(0.6, 0.5)], "from 0 to 1.500"),
        ([(-0.1, 0.5)], "from 0 to 1.500"),
        ([(1.0, 1.6)], "from 0 to 1.500"),
        ([(0.1, float("nan"))], "start and a later end"),
        ([(0.1, 0.2, 0.3)], "start and a later end"),
        ([("a", "b")], "start and a later end"),
        ([0.1, 0.2], "start and a later end"),
        ([(0.1, 0.3), (0.2, 0.4)], "overlap between 0.2 and 0.3 s"),
        (0.5, "list of"),
        ([(0, 1.5)], "leave nothing"),
    ],
)
def test_spans_that_cannot_be_are_one_sentence(vv: VoiceVAE, spans: Any, said: str) -> None:
    with pytest.raises(EditError, match=said):
        vv.repair(voice(), spans=spans)


def test_the_command_does_what_python_does(
    vv: VoiceVAE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wave, inside = damaged(voice(), (0.6, 0.7))
    sf.write("a.wav", wave, RATE)
    assert main(["repair", "a.wav", "--list", "--bundle", str(vv.path)]) == 0
    assert "a.wav: 0.60000 to 0.70000 s, dropout" in capsys.readouterr().out
    assert sorted(Path().iterdir()) == [Path("a.wav")]
    assert main(["repair", "a.wav", "-o", "b.wav", "--bundle", str(vv.path)]) == 0
    assert "b.wav: 1 spans repaired, 100.0 ms" in capsys.readouterr().out
    before, after = (sf.read(name, dtype="int16")[0] for name in ("a.wav", "b.wav"))
    np.testing.assert_array_equal(after[~inside], before[~inside])
    np.testing.assert_allclose(after / 32768, vv.repair("a.wav"), atol=1 / 32768)
    words = ["repair", "a.wav", "--span", "0.2", "0.3", "--span", "0.6", "0.7", "-o", "c.wav", "--bundle", str(vv.path)]
    assert main(words) == 0
    np.testing.assert_allclose(sf.read("c.wav")[0], vv.repair("a.wav", spans=[(0.2, 0.3), (0.6, 0.7)]), atol=1 / 32768)
    assert main(["repair", "a.wav", "--span", "0.7", "0.6", "-o", "d.wav", "--bundle", str(vv.path)]) == 2
    assert "start and a later end" in capsys.readouterr().err and not Path("d.wav").exists()
