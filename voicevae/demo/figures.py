"""Figures of the page, as plain values that figure.js and map.js draw in the browser.

A figure is {"panels": [...], "seconds": s}; all panels share their axis of time. A picture is a PNG.
"""

import base64
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from matplotlib import colormaps
from PIL import Image

from voicevae.code import Code
from voicevae.coder import Coder
from voicevae.features import VOICED, FeatureConfig, ordinary_mel
from voicevae.features.mel import mel_centres_hz
from voicevae.features.prosody import f0
from voicevae.plots import F0_MARKS, HZ_MARKS, RANGE_DB, f0_limits
from voicevae.units import DB_PER_NAT
from voicevae.verbs.score import FRAME_PERCENTILES, Score
from voicevae.verbs.traverse import Sweep

MAX_COLUMNS = 1200  # of a picture, and peaks of a waveform
SPEECH_PX, WAVE_PX, LATENT_PX, ROW_PX = 150, 130, 90, 100
HEADROOM = 1.5  # over the cost of 99 % of training frames; higher costs are cut
GAP_FRAMES = 4  # between the steps of a traversal
Panel = dict[str, Any]
Figure = dict[str, Any]

SCRIPT = (Path(__file__).with_name("figure.js")).read_text(encoding="utf-8")
TEMPLATE = '<canvas role="img" aria-label="picture of the sound over time"></canvas>'


def canvas(elem_id: str) -> gr.HTML:
    """A component whose value is a figure."""
    return gr.HTML(
        figure([]),
        html_template=TEMPLATE,
        css_template="canvas { touch-action: pan-y; }",
        js_on_load=SCRIPT,
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="figure",
    )


def figure(panels: Sequence[Panel]) -> Figure:
    """Panels one below the other, on a common axis of time (s)."""
    return {"panels": list(panels), "seconds": max((panel["seconds"] for panel in panels), default=0.0)}


def speech(waves: Sequence[tuple[str, np.ndarray]], config: FeatureConfig) -> Figure:
    """Spectrograms of (title, wave `[n]`) with F0 over them, on common scales of dB and Hz."""
    mels = [DB_PER_NAT * ordinary_mel(wave, config) for _, wave in waves]
    tracks = [(log_f0, voicing >= VOICED) for log_f0, voicing in (f0(wave, config) for _, wave in waves)]
    loudest, limits = max(float(mel.max()) for mel in mels), f0_limits(tracks, config)
    panels = []
    for (title, _), mel, (log_f0, voiced) in zip(waves, mels, tracks, strict=True):
        f0_hz = np.where(voiced, np.exp(log_f0), 0)
        panels.append(spectrogram(title, mel, f0_hz, loudest, limits, config))
    return figure(panels)


def spectrogram(
    title: str,
    mel_db: np.ndarray,
    f0_hz: np.ndarray,
    loudest_db: float,
    limits_hz: tuple[float, float],
    config: FeatureConfig,
) -> Panel:
    """Mel `[T, n_mels]` (dB), and F0 `[T]` (Hz, 0 where unvoiced) over it."""
    seconds = (len(mel_db) - 1) / config.frame_rate
    return {
        "title": title,
        "facts": facts(seconds, f0_hz),
        "height": SPEECH_PX,
        "seconds": seconds,
        "image": picture((mel_db - loudest_db) / RANGE_DB + 1, "magma"),
        "smooth": True,
        "ticks": hz_ticks(config),
        "curve": pitch(f0_hz, limits_hz, config),
    }


def facts(seconds: float, f0_hz: np.ndarray) -> str:
    """Duration and geometric mean of F0 `[T]` (Hz, 0 where unvoiced), in words."""
    voiced = f0_hz[f0_hz > 0]
    if not len(voiced):
        return f"{seconds:.2f} s, no voice"
    return f"{seconds:.2f} s, F0 {np.exp(np.log(voiced).mean()):.0f} Hz"


def pitch(f0_hz: np.ndarray, limits_hz: tuple[float, float], config: FeatureConfig) -> dict[str, Any]:
    """F0 `[T]` (Hz, 0 where unvoiced) as a curve on a logarithmic axis."""
    low, high = limits_hz
    return {
        "values": [round(float(hz), 2) if hz > 0 else None for hz in f0_hz],
        "rate": config.frame_rate,
        "low": low,
        "high": high,
        "log": True,
        "marks": [[hz, f"{hz} Hz", False] for hz in F0_MARKS if low < hz < high],
    }


def anomaly(wave: np.ndarray, score: Score, config: FeatureConfig) -> Panel:
    """The waveform `[n]`, and the cost of each frame."""
    usual = [[float(v), f"{p} %", True] for p, v in zip(FRAME_PERCENTILES, score.frame_levels, strict=True)]
    low, high = float(min(score.frames.min(), score.frame_levels[0])), float(HEADROOM * score.frame_levels[-1])
    return {
        "title": "How unusual, moment by moment",
        "facts": "dashed: what 50, 95, 99 % of usual speech lies below",
        "height": WAVE_PX,
        "seconds": len(wave) / config.sample_rate,
        "wave": peaks(wave),
        "curve": {
            "values": [round(min(float(v), high), 2) for v in score.frames],
            "rate": config.frame_rate,
            "low": low,
            "high": high,
            "log": False,
            "marks": usual,
        },
    }


def latent(title: str, values: np.ndarray, seconds: float) -> Panel:
    """A latent sequence `[T', D]`; blue is negative, red positive."""
    limit = max(float(np.percentile(np.abs(values), 99.5)), 1e-3)
    size = values.shape[1]
    return {
        "title": title,
        "facts": f"{size} dimensions, {len(values) / seconds:.0f} a second",
        "height": LATENT_PX,
        "seconds": seconds,
        "image": picture(values / limit / 2 + 0.5, "RdBu_r"),
        "smooth": False,
        "ticks": [[0.5 / size, "0"], [1 - 0.5 / size, f"{size - 1}"]],
    }


def traversal(sweeps: Sequence[Sweep], coder: Coder) -> Figure:
    """One row for each dimension: the decoded steps, one after another, on common scales of dB and Hz."""
    config = coder.config
    rows = [[_decoded(coder, code) for code in sweep.codes] for sweep in sweeps]
    loudest = max(float(mel.max()) for row in rows for mel, _ in row)
    tracks = [(np.log(np.maximum(hz, 1)), hz > 0) for row in rows for _, hz in row]
    limits, panels = f0_limits(tracks, config), []
    for sweep, row in zip(sweeps, rows, strict=True):
        mel = np.concatenate([np.pad(mel, ((0, GAP_FRAMES), (0, 0)), constant_values=-999) for mel, _ in row])
        f0_hz = np.concatenate([np.pad(hz, (0, GAP_FRAMES)) for _, hz in row])
        panel = spectrogram(sweep.name, mel[:-GAP_FRAMES], f0_hz[:-GAP_FRAMES], loudest, limits, config)
        panels.append(panel | {"facts": sweep.words(2), "height": ROW_PX})
    return figure(panels)


def _decoded(coder: Coder, code: Code) -> tuple[np.ndarray, np.ndarray]:
    """Mel `[T, n_mels]` (dB) with its level, and F0 `[T]` (Hz, 0 where unvoiced)."""
    mel, contours = coder.decode(code)
    return DB_PER_NAT * mel[:, : coder.config.n_mels] + contours.loudness_db[:, None], contours.f0_hz


def peaks(wave: np.ndarray) -> list[float]:
    """The largest amplitude in each of as many spans as are drawn, over the largest of all."""
    spans = np.array_split(np.abs(wave), min(MAX_COLUMNS // 2, len(wave)))
    loudest = max(float(np.abs(wave).max()), 1e-9)
    return [round(float(span.max()) / loudest, 3) for span in spans]


def hz_ticks(config: FeatureConfig) -> list[tuple[float, str]]:
    """Where frequencies lie on the mel scale, 0..1."""
    centres = mel_centres_hz(config)
    marks = [hz for hz in HZ_MARKS if hz < config.f_max_hz]
    where = np.interp(marks, centres, (np.arange(len(centres)) + 0.5) / len(centres))
    return [(float(at), f"{hz / 1000:g}k" if hz >= 1000 else str(hz)) for at, hz in zip(where, marks, strict=True)]


def picture(values: np.ndarray, palette: str) -> str:
    """`[T, D]` of 0..1 as a PNG in a data URL, time to the right and dimensions upwards."""
    if len(values) > MAX_COLUMNS:
        edges = np.linspace(0, len(values), MAX_COLUMNS + 1).astype(int)[:-1]
        values = np.maximum.reduceat(values, edges)
    levels = (255 * np.clip(values, 0, 1)).astype(np.uint8).T[::-1]
    image = Image.fromarray(np.ascontiguousarray(levels), "L")
    image.putpalette(_palette(palette))
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@cache
def _palette(name: str) -> list[int]:
    return (255 * colormaps[name](np.arange(256))[:, :3]).astype(int).ravel().tolist()
