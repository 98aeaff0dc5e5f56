"""Figures of the verbs: a traversal, an anomaly score over time, a map. No global state of matplotlib is touched."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicevae.coder import Coder
from voicevae.features import Contours, FeatureConfig, ordinary_mel
from voicevae.plots import LINE_COLOUR, Figure, draw_f0, draw_mel, f0_limits, plain, save
from voicevae.units import DB_PER_NAT
from voicevae.verbs import maps
from voicevae.verbs.score import FRAME_PERCENTILES, Score
from voicevae.verbs.traverse import Sweep

CELL_INCHES = (2.2, 1.5)
MAX_KEYS = 20


def traversal(sweeps: Sequence[Sweep], coder: Coder, path: str | Path) -> None:
    """A row a dimension, a column a step: the decoded mel with its level, and F0 over it, on common scales."""
    decoded = [[coder.decode(code) for code in sweep.codes] for sweep in sweeps]
    mels = [[_with_level(mel, contours, coder) for mel, contours in row] for row in decoded]
    loudest = max(float(mel.max()) for row in mels for mel in row)
    tracks = [[(contours.log_f0, contours.voiced) for _, contours in row] for row in decoded]
    limits = f0_limits([track for row in tracks for track in row], coder.config)
    columns = len(sweeps[0].offsets)
    size = (CELL_INCHES[0] * columns + 1, CELL_INCHES[1] * len(sweeps) + 0.5)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(sweeps), columns, squeeze=False, sharex=True, sharey=True)
    for line, sweep, row, own in zip(grid, sweeps, mels, tracks, strict=True):
        for axes, mel, track in zip(line, row, own, strict=True):
            draw_mel(axes, mel, coder.config, loudest)
            draw_f0(axes, *track, coder.config, limits)
            axes.set_ylabel("")
            figure.axes[-1].set_ylabel("")
            figure.axes[-1].tick_params(labelsize=6)
            axes.tick_params(labelsize=6)
        line[0].set_ylabel("Hz", fontsize=7)
        line[0].set_title(f"{sweep.name}: {sweep.words(2)}", fontsize=8, loc="left")
    for axes, offset in zip(grid[-1], sweeps[0].offsets, strict=True):
        axes.set_xlabel(f"time (s)\n{offset:+.1f} std" if offset else "time (s)\nas it is", fontsize=8)
    save(figure, Path(path))


def anomaly(wave: np.ndarray, score: Score, config: FeatureConfig, path: str | Path, title: str = "") -> None:
    """The mel of `wave` `[n]`, and minus the ELBO of each frame below it, with what is usual.

    Args:
        score: of the same wave.
    """
    figure = Figure(figsize=(11, 5), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.4, 1])
    mel = DB_PER_NAT * ordinary_mel(wave, config)
    image = draw_mel(upper, mel, config, float(mel.max()))
    figure.colorbar(image, ax=upper, label="power (dB)", aspect=12)
    seconds = np.arange(len(score.frames)) / config.frame_rate
    lower.plot(seconds, score.frames, color=LINE_COLOUR, linewidth=1)
    for percentile, level, style in zip(FRAME_PERCENTILES, score.frame_levels, (":", "--", "-"), strict=True):
        lower.axhline(level, color="tab:red", linewidth=0.8, linestyle=style, label=f"{percentile} % of usual frames")
    lower.set(xlabel="time (s)", ylabel="minus ELBO\n(nats a frame)", xlim=(0, len(wave) / config.sample_rate))
    lower.legend(loc="upper right", fontsize=7)
    lower.grid(alpha=0.3)
    upper.set_title(plain(title), loc="left", fontweight="bold", fontsize=11)
    upper.set_title(f"z {score.z:+.1f}, percentile {score.percentile:.1f}; {score.words()}", loc="right", fontsize=9)
    save(figure, Path(path))


def points(
    where: np.ndarray, labels: Sequence[str], path: str | Path, title: str, axes_name: str = "component"
) -> None:
    """Points `[n, 2]` coloured by label, with a key of the labels where they are few."""
    colour = maps.colours(labels)
    figure = Figure(figsize=(7, 5.5), layout="constrained")
    axes = figure.subplots()
    for label, value in colour.items():
        own = where[[one == label for one in labels]]
        axes.scatter(own[:, 0], own[:, 1], s=18, color=value, alpha=0.75, linewidths=0, label=plain(label))
    axes.set(title=plain(title), xlabel=f"{axes_name} 1", ylabel=f"{axes_name} 2")
    if 1 < len(colour) <= MAX_KEYS:
        axes.legend(fontsize=7, ncols=2, loc="best")
    axes.grid(alpha=0.3)
    save(figure, Path(path))


def _with_level(mel: np.ndarray, contours: Contours, coder: Coder) -> np.ndarray:
    """Mel bands `[T, n_mels]` in dB of full scale."""
    return DB_PER_NAT * mel[:, : coder.config.n_mels] + contours.loudness_db[:, None]
