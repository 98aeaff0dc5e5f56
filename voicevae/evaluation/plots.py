"""The report's figures, as PNG files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from voicevae.evaluation.metrics import pitch
from voicevae.evaluation.metrics.similarity import Scores
from voicevae.evaluation.probes.latents import NAMES, Latents
from voicevae.features import FeatureConfig, ordinary_mel

RANGE_NATS = 14.0  # of power: 60 dB
COLOURS = {"z_s": "tab:green", "z_p": "tab:orange", "z_c": "tab:blue"}


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


def principal_axes(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`[n, D]` on their first two principal axes, `[n, 2]`, and the share of the variance along each, `[2]`."""
    centred = vectors - vectors.mean(0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    share = values**2 / max(float((values**2).sum()), 1e-12)
    return left[:, :2] * values[:2], share[:2]


def speaker_map(latents: Sequence[Latents], path: Path) -> None:
    """z_s of three utterances or more on its two principal axes, coloured by speaker."""
    points, share = principal_axes(np.concatenate([one.mean["z_s"] for one in latents]))
    speakers = np.array([one.clip.speaker for one in latents])
    names = np.unique(speakers)
    figure = Figure((7.5, 5.5), layout="constrained")
    axes = figure.subplots()
    for i, name in enumerate(names):
        own = points[speakers == name]
        marker = "osD^v<>Pp*"[i // 10 % 10]
        axes.scatter(own[:, 0], own[:, 1], 28, f"C{i % 10}", marker=marker, alpha=0.8, label=name)
    first, second = (f"{100 * s:.0f} % of the variance" for s in share)
    axes.set(title="z_s, one mark an utterance", xlabel=f"first axis, {first}", ylabel=f"second axis, {second}")
    axes.legend(fontsize=7, ncols=1 + len(names) // 16, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(path, dpi=120)


def reliability(probes: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Accuracy of each probe (`speaker_probes.evaluate`, by what is asked) with its interval, beside chance."""
    figure = Figure((1.5 + 2.5 * len(probes), 4), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(NAMES)
    for i, found in enumerate(probes.values()):
        for k, name in enumerate(NAMES):
            value, span = 100 * found[name]["accuracy"], found[name]["interval"] or (np.nan, np.nan)
            reach = [[max(value - 100 * span[0], 0.0)], [max(100 * span[1] - value, 0.0)]]
            label = name if i == 0 else None
            at = i + (k - 1) * width
            axes.bar(at, value, 0.9 * width, color=COLOURS[name], yerr=np.array(reach), capsize=4, label=label)
        chance, around = 100 * found["chance"], (i - 0.45, i + 0.45)
        axes.plot(around, (chance, chance), "k--", linewidth=1, label="chance" if i == 0 else None)
        axes.plot(around, (2 * chance, 2 * chance), "k:", linewidth=1, label="2 x chance" if i == 0 else None)
    axes.set_xticks(range(len(probes)), list(probes))
    axes.set(ylabel="accuracy (%)", ylim=(0, 105), title="What fresh networks read from each latent")
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=120)
