"""The report's figures, as PNG files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from voicevae.evaluation.metrics import pitch
from voicevae.evaluation.metrics.similarity import Scores
from voicevae.features import FeatureConfig, ordinary_mel

RANGE_NATS = 14.0  # of power: 60 dB


def histogram(scores: Sequence[Scores], title: str, path: Path) -> None:
    """Histogram of the SECS of pairs, with those of floor and ceiling, and their means."""
    figure = Figure((7, 4), layout="constrained")
    axes = figure.subplots()
    bins = np.linspace(min(min(s[1:]) for s in scores) - 0.02, 1, 50)
    for name, label, colour in (
        ("floor", "floor: source", "tab:gray"),
        ("secs", "SECS: converted", "tab:blue"),
        ("ceiling", "ceiling: target", "tab:green"),
    ):
        values = np.array([getattr(score, name) for score in scores])
        axes.hist(values, bins.tolist(), alpha=0.5, color=colour, label=f"{label}, mean {values.mean():.2f}")
        axes.axvline(values.mean(), color=colour)
    axes.set(xlabel="cosine with the target's other utterances", ylabel="pairs", title=title)
    axes.legend()
    figure.savefig(path, dpi=120)


def strips(rows: Sequence[Mapping[str, np.ndarray]], config: FeatureConfig, path: Path) -> None:
    """One row a pair: the mel of each of its waves `[n]`, with F0 over it.

    Args:
        rows: waves by title.
    """
    figure = Figure((13, 2.9 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for line, waves in zip(grid, rows, strict=True):
        for axes, (title, wave) in zip(line, waves.items(), strict=True):
            mel, track = ordinary_mel(wave, config), pitch.measure(wave, config)
            seconds = np.arange(len(mel)) / config.frame_rate
            extent = (0.0, seconds[-1], 0.0, float(config.n_mels))
            floor = mel.max() - RANGE_NATS
            axes.imshow(mel.T, aspect="auto", origin="lower", cmap="magma", vmin=floor, extent=extent)
            axes.set(title=title, xlabel="seconds", ylabel="mel band")
            axes.title.set_fontsize(9)
            hertz = axes.twinx()
            hertz.plot(seconds, np.where(track.voiced, np.exp(track.log_f0), np.nan), color="cyan", linewidth=1.5)
            hertz.set(ylim=(config.f0_min_hz, 500), ylabel="F0, Hz", yscale="log", yticks=[50, 100, 200, 400])
            hertz.set_yticklabels(["50", "100", "200", "400"])
            hertz.minorticks_off()
    figure.savefig(path, dpi=110)


def contours(rows: Sequence[Mapping[str, np.ndarray]], config: FeatureConfig, path: Path) -> None:
    """One panel a pair: the F0 of all its waves `[n]`, one over the other.

    Args:
        rows: waves by title.
    """
    figure = Figure((11, 2.4 * len(rows)), layout="constrained")
    column = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axes, waves in zip(column, rows, strict=True):
        for (title, wave), colour in zip(waves.items(), ("tab:gray", "tab:blue", "tab:green"), strict=False):
            track = pitch.measure(wave, config)
            seconds = np.arange(len(track.log_f0)) / config.frame_rate
            hertz = np.where(track.voiced, np.exp(track.log_f0), np.nan)
            axes.plot(seconds, hertz, color=colour, label=title)
        axes.set(xlabel="seconds", ylabel="F0, Hz")
        axes.legend(fontsize=7)
    figure.savefig(path, dpi=110)
