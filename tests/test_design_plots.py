"""Figures of songs and searches are written whole, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from voicevae import design_plots
from voicevae.errors import VoiceVAEError
from voicevae.features import FeatureConfig
from voicevae.verbs.search import Choice
from voicevae.verbs.setting import Tone

CONFIG = FeatureConfig()


def draw_song(path: Path) -> None:
    time = np.arange(8000) / 16000
    wave = (0.1 * sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 8))).astype(np.float32)
    design_plots.song(wave, [Tone(0.0, 0.25, 57), Tone(0.25, 0.5, 60)], CONFIG, path, "a song")


def draw_search(path: Path) -> None:
    pairs = np.random.default_rng(0).normal(size=(3, 2, 4))
    choices = [Choice(a, b, "a") for a, b in pairs]
    guesses = np.concatenate([np.zeros((1, 4)), pairs.mean(1)])
    design_plots.search(choices, guesses, np.array([3.0, 2.0, 1.5, 1.0]), path, "a search", "distance (dB)")


@pytest.mark.parametrize("draw", [draw_song, draw_search])
def test_figures_are_written(draw, tmp_path: Path) -> None:
    draw(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    draw(tmp_path / "figure.svg")
    assert b"<svg" in (tmp_path / "figure.svg").read_bytes()
    with pytest.raises(VoiceVAEError, match=r"use one of \.png"):
        draw(tmp_path / "figure.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure.png", "figure.svg"]


def test_notes_are_named_as_they_are_written() -> None:
    from voicevae.verbs.notes import LETTERS

    assert [design_plots.NAMES[semitone] for semitone in LETTERS.values()] == list(LETTERS)
