"""Damage that was planted is found where it is, and there is none where there is none."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicevae.verbs.damage import Span, damage, find

RATE = 16000


def sway(seconds: float = 1.5, seed: int = 0) -> np.ndarray:
    """Harmonics whose pitch and level sway, with breath."""
    time = np.arange(round(RATE * seconds)) / RATE
    phase = 2 * np.pi * (140 * time + 3 * np.sin(2 * np.pi * time))
    tone = sum(np.sin(k * phase + k**2) / k for k in range(1, 15)) * (1 + 0.5 * np.sin(2 * np.pi * 3 * time))
    return (0.1 * tone + np.random.default_rng(seed).normal(0, 0.003, len(time))).astype(np.float32)


def near(found: list[Span], kind: str, start_s: float, end_s: float, within_s: float = 0.001) -> bool:
    (span,) = found
    return span.kind == kind and abs(span.start_s - start_s) <= within_s and abs(span.end_s - end_s) <= within_s


def test_whole_sound_has_none() -> None:
    for seed in range(5):
        assert find(sway(seed=seed), RATE) == []
        assert find(np.random.default_rng(seed).normal(0, 0.1, RATE).astype(np.float32), RATE) == []


@pytest.mark.parametrize("value", [0.0, 0.03])
@pytest.mark.parametrize("seconds", [0.006, 0.1])
def test_a_dropout_is_where_sound_stands_still(value: float, seconds: float) -> None:
    wave = sway()
    wave[8000 : 8000 + round(seconds * RATE)] = value
    assert near(find(wave, RATE), "dropout", 0.5, 0.5 + seconds)


def test_digital_silence_at_the_ends_or_in_a_pause_is_no_damage() -> None:
    wave = np.concatenate([np.zeros(4000, np.float32), sway(0.5), np.zeros(4000, np.float32)])
    assert find(wave, RATE) == []
    fade = np.clip(np.minimum(np.arange(8000), np.arange(8000)[::-1]) / 1600, 0, 1).astype(np.float32) ** 4
    word = sway(0.5) * fade
    word[np.abs(word) < 1e-4] = 0
    assert find(np.concatenate([word, np.zeros(3000, np.float32), word]), RATE) == []


def test_a_click_is_where_samples_jump() -> None:
    wave = sway()
    wave[12000:12003] += np.array([0.5, -0.6, 0.4], np.float32)
    assert near(find(wave, RATE), "click", 0.75, 0.75 + 3 / RATE, within_s=4 / RATE)


def test_clipping_is_runs_at_the_limit() -> None:
    wave = sway()
    limit = 0.6 * wave.max()
    clipped = np.minimum(wave, limit)
    found = find(clipped, RATE)
    assert {span.kind for span in found} == {"clipping"}
    covered = np.zeros(len(wave), bool)
    for span in found:
        covered[round(span.start_s * RATE) : round(span.end_s * RATE)] = True
    runs = np.flatnonzero(wave > limit)
    assert covered[runs].mean() > 0.9 and covered.mean() < 2 * len(runs) / len(wave)


def test_times_are_seconds_at_any_rate(tmp_path: Path) -> None:
    wave = np.interp(np.arange(1.5 * 44100) / 44100, np.arange(1.5 * RATE) / RATE, sway()).astype(np.float32)
    wave[22050:26460] = 0
    sf.write(tmp_path / "a.wav", wave, 44100)
    assert near(damage(tmp_path / "a.wav", RATE), "dropout", 0.5, 0.6)
    assert near(damage(wave, 44100), "dropout", 0.5, 0.6)


@pytest.mark.parametrize(("scale", "constant"), [(0.003, 0.0), (1.0, 0.2), (0.003, 0.2)])
def test_neither_level_nor_offset_hides_or_makes_damage(scale: float, constant: float) -> None:
    random, time = np.random.default_rng(0), np.arange(32000) / 16000
    wave = 0.2 * np.sin(2 * np.pi * 150 * time) * (1 + np.sin(2 * np.pi * 3 * time)) + 1e-3 * random.standard_normal(
        32000
    )
    wave[8000:8400] = 0
    wave[20000] += 0.9
    found = find((scale * wave + constant).astype(np.float32), 16000)
    assert [span.kind for span in found] == [span.kind for span in find(wave.astype(np.float32), 16000)]
    assert {"dropout", "click"} <= {span.kind for span in find(wave.astype(np.float32), 16000)}
