"""Figures of songs and of searches. No global state of matplotlib is touched."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicevae.features import VOICED, FeatureConfig, ordinary_mel
from voicevae.features.prosody import f0
from voicevae.plots import LINE_COLOUR, Figure, draw_mel, save
from voicevae.units import DB_PER_NAT
from voicevae.verbs.notes import midi_of
from voicevae.verbs.search import Choice
from voicevae.verbs.setting import Tone

NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
NOTE_COLOUR, BEST_COLOUR = "#f2b632", "#c0392b"


def song(wave: np.ndarray, tones: Sequence[Tone], config: FeatureConfig, path: str | Path, title: str = "") -> None:
    """The mel of a song `[n]` and, below, its F0 over the notes asked for.

    Args:
        tones: as they were sung, after any transposition.
    """
    figure = Figure(figsize=(11, 5), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1, 1.4])
    mel = DB_PER_NAT * ordinary_mel(wave, config)
    draw_mel(upper, mel, config, float(mel.max()))
    log_f0, voicing = f0(wave, config)
    times = np.arange(len(log_f0)) / config.frame_rate
    for tone in tones:
        lower.barh(tone.midi, tone.end_s - tone.start_s, 0.9, tone.start_s, color=NOTE_COLOUR, alpha=0.6, linewidth=0)
    lower.plot(times, np.where(voicing >= VOICED, midi_of(log_f0), np.nan), color=LINE_COLOUR, linewidth=1.8)
    rows = np.arange(round(min(tone.midi for tone in tones)) - 2, round(max(tone.midi for tone in tones)) + 3)
    lower.set_yticks(rows, [f"{NAMES[row % 12]}{row // 12 - 1}" for row in rows], fontsize=8)
    lower.set(xlabel="time (s)", ylabel="note", ylim=(rows[0] - 0.5, rows[-1] + 0.5), xlim=(0, times[-1]))
    lower.grid(alpha=0.3)
    upper.set_title(title, loc="left", fontweight="bold", fontsize=11)
    save(figure, Path(path))


def search(
    choices: Sequence[Choice], guesses: np.ndarray, distances: np.ndarray, path: str | Path, title: str, distance: str
) -> None:
    """Where the pairs of a search lay and how the best guess moved, in the two leading directions; and how far it was.

    Args:
        guesses: the best guess `[n + 1, K]` before and after each of `n` choices.
        distances: of each from what was looked for `[n + 1]`; `distance` names it and its unit.
    """
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for choice in choices:
        pair = np.stack([choice.a, choice.b])[:, :2]
        left.plot(*pair.T, color="0.75", linewidth=1, marker="o", markersize=3, zorder=1)
    left.plot(*guesses[:, :2].T, color=BEST_COLOUR, linewidth=1.5, marker=".", label="best guess", zorder=2)
    left.scatter(*guesses[-1, :2], s=80, marker="*", color=BEST_COLOUR, zorder=3, label="at the end")
    left.plot([], [], color="0.75", marker="o", markersize=3, label="a pair that was offered")
    left.set(xlabel="first direction", ylabel="second direction", title=title)
    left.legend(fontsize=8)
    right.plot(distances, color=BEST_COLOUR, linewidth=1.5, marker=".")
    right.set(xlabel="choices", ylabel=distance, ylim=(0, None))
    for axes in (left, right):
        axes.grid(alpha=0.3)
    save(figure, Path(path))
