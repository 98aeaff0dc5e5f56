"""Figures: a recording with its code, and waves one above the other. No global state of matplotlib is touched.

Mels are in dB of full scale on the mel scale, marked in Hz; F0 is drawn over them against an axis of its own, on the
right.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicevae.aside import written
from voicevae.code import Code
from voicevae.errors import VoiceVAEError, needs
from voicevae.features import VOICED, FeatureConfig, Frames, ordinary_mel
from voicevae.features.mel import mel_centres_hz
from voicevae.features.prosody import f0
from voicevae.names import printable
from voicevae.units import DB_PER_NAT, SEMITONES_PER_NAT

with needs("plot", "A figure"):
    from matplotlib import patheffects
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, ScalarFormatter

FORMATS = (".png", ".pdf", ".svg")
RANGE_DB = 70.0  # shown below the loudest
HZ_MARKS = (250, 500, 1000, 2000, 4000, 7000)
F0_MARKS = (50, 75, 100, 150, 200, 300, 400, 500, 700)
F0_COLOUR, LINE_COLOUR = "#40e8ff", "#23607f"
OUTLINE = [patheffects.Stroke(linewidth=3.5, foreground="black"), patheffects.Normal()]


def recording(
    wave: np.ndarray, frames: Frames, code: Code, config: FeatureConfig, path: str | Path, title: str = ""
) -> None:
    """Draw a recording and what it was encoded to, over time.

    Args:
        wave: `[n]` at `config.sample_rate`; frames: of the same recording; code: the same, unedited.
        path: its extension, .png, .pdf or .svg, decides the format.
    """
    figure = Figure(figsize=(11, 10), layout="constrained")
    panels = figure.subplots(5, 1, sharex=True, height_ratios=[3, 0.8, 1, 1.6, 2])
    seconds = len(wave) / config.sample_rate
    mel = DB_PER_NAT * ordinary_mel(wave, config)
    image = draw_mel(panels[0], mel, config, float(mel.max()))
    draw_f0(panels[0], frames.log_f0, frames.voiced, config, f0_limits([(frames.log_f0, frames.voiced)], config))
    figure.colorbar(image, ax=panels[0], label="power (dB)", aspect=18)
    _draw_contours(panels[1], panels[2], frames, np.arange(len(frames)) / config.frame_rate)
    latents = (("prosody", code.prosody), ("content", code.content))
    for axes, (name, latent) in zip(panels[3:], latents, strict=True):
        figure.colorbar(_draw_latent(axes, latent, seconds, name), ax=axes, label="value", aspect=12)
    panels[-1].set(xlabel="time (s)", xlim=(0, seconds))
    mean, std = math.exp(code.speaker.log_f0_mean), SEMITONES_PER_NAT * code.speaker.log_f0_std
    _title(panels[0], title, f"{seconds:.2f} s, mean F0 {mean:.0f} Hz, standard deviation {std:.1f} semitones")
    save(figure, Path(path))


def before_after(panels: Sequence[tuple[str, np.ndarray]], config: FeatureConfig, path: str | Path) -> None:
    """Draw (title, wave `[n]`) one above the other: mel and F0 on common scales of time, Hz and dB.

    Args:
        config: gives the waves' sample rate.
        path: its extension, .png, .pdf or .svg, decides the format.
    """
    figure = Figure(figsize=(11, 2.2 * len(panels) + 0.4), layout="constrained")
    column = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    mels = [DB_PER_NAT * ordinary_mel(wave, config) for _, wave in panels]
    contours = [(log_f0, voicing >= VOICED) for log_f0, voicing in (f0(wave, config) for _, wave in panels)]
    loudest, limits = max(float(mel.max()) for mel in mels), f0_limits(contours, config)
    for axes, (title, wave), mel, (log_f0, voiced) in zip(column, panels, mels, contours, strict=True):
        image = draw_mel(axes, mel, config, loudest)
        draw_f0(axes, log_f0, voiced, config, limits)
        _title(axes, title, f"{len(wave) / config.sample_rate:.2f} s")
    column[-1].set(xlabel="time (s)", xlim=(0, max(len(wave) for _, wave in panels) / config.sample_rate))
    figure.colorbar(image, ax=list(column), label="power (dB)", aspect=14 * len(panels))
    save(figure, Path(path))


def draw_mel(axes: Axes, mel_db: np.ndarray, config: FeatureConfig, loudest_db: float) -> AxesImage:
    """Image of `[T, n_mels]` (dB) down to 70 dB below `loudest_db`."""
    n_frames, n_mels = mel_db.shape
    marks = [hz for hz in HZ_MARKS if hz < config.f_max_hz]
    axes.set_yticks(np.interp(marks, mel_centres_hz(config), np.arange(n_mels)), [str(hz) for hz in marks])
    axes.set_ylabel("frequency (Hz)")
    axes.set_facecolor("black")
    return axes.imshow(
        mel_db.T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=loudest_db - RANGE_DB,
        vmax=loudest_db,
        extent=(-0.5 / config.frame_rate, (n_frames - 0.5) / config.frame_rate, -0.5, n_mels - 0.5),
    )


def draw_f0(
    over: Axes, log_f0: np.ndarray, voiced: np.ndarray, config: FeatureConfig, limits: tuple[float, float]
) -> None:
    """F0 of the voiced frames `[T]` (ln Hz), against a logarithmic axis on the right of `over`."""
    axes = over.twinx()
    times = np.arange(len(log_f0)) / config.frame_rate
    f0_hz = np.where(voiced, np.exp(log_f0), np.nan)
    axes.plot(times, f0_hz, color=F0_COLOUR, linewidth=1.8, path_effects=OUTLINE, solid_capstyle="round")
    axes.set(yscale="log", ylabel="F0 (Hz)", ylim=limits)
    axes.yaxis.set_major_locator(FixedLocator(F0_MARKS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(ScalarFormatter())


def f0_limits(contours: Sequence[tuple[np.ndarray, np.ndarray]], config: FeatureConfig) -> tuple[float, float]:
    """Hz, of an axis that holds all voiced F0 but rare octave errors, a little below the middle."""
    voiced = np.concatenate([log_f0[voiced] for log_f0, voiced in contours])
    if len(voiced) == 0:
        return config.f0_min_hz, config.f0_max_hz
    low, high = np.exp(np.percentile(voiced, [1, 99]))
    return float(low / 1.2), float(high * 1.5)


def _draw_contours(voicing: Axes, loudness: Axes, frames: Frames, times: np.ndarray) -> None:
    voicing.fill_between(times, frames.voicing, color=LINE_COLOUR, alpha=0.4, linewidth=0)
    voicing.axhline(VOICED, color=LINE_COLOUR, linewidth=0.8, linestyle=":")
    voicing.set(ylabel="voicing\n(0 to 1)", ylim=(0, 1.02), yticks=[0, 0.5, 1])
    loudness.plot(times, frames.loudness_db, color=LINE_COLOUR, linewidth=1.2)
    loudest = float(frames.loudness_db.max())
    loudness.set(ylabel="loudness\n(dB full scale)", ylim=(loudest - RANGE_DB, loudest + 5))
    for axes in (voicing, loudness):
        axes.grid(alpha=0.3)


def _draw_latent(axes: Axes, latent: np.ndarray, seconds: float, name: str) -> AxesImage:
    """Image of a latent sequence `[T', D]`; blue is negative, red positive."""
    steps, size = latent.shape
    limit = max(float(np.percentile(np.abs(latent), 99.5)), 1e-3)
    axes.set_ylabel(f"{name} latent\n(dimension)")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    return axes.imshow(
        latent.T,
        origin="lower",
        aspect="auto",
        cmap="RdBu_r",
        interpolation="nearest",
        vmin=-limit,
        vmax=limit,
        extent=(0, seconds, -0.5, size - 0.5),
    )


def _title(axes: Axes, title: str, facts: str) -> None:
    axes.set_title(plain(title), loc="left", fontweight="bold", fontsize=11)
    axes.set_title(facts, loc="right", fontsize=10)


def plain(name: str) -> str:
    """A name as text of a figure, where dollars would set mathematics."""
    return printable(name).replace("$", r"\$")


def save(figure: Figure, path: Path) -> None:
    """Write aside, then rename."""
    if path.suffix.lower() not in FORMATS:
        raise VoiceVAEError(f"{path} has no extension of a figure; use one of {', '.join(FORMATS)}.")
    FigureCanvasAgg(figure)
    with written(path) as aside:
        figure.savefig(aside, format=path.suffix[1:].lower(), dpi=130)
