"""Inspect: the latents of a recording, its score, and the bundle's card."""

from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from voicevae.demo import figures, messages
from voicevae.demo.convert import given, source_box
from voicevae.demo.state import Studio
from voicevae.errors import BundleError
from voicevae.verbs.score import Score

GRID_S, DIMENSIONS, STEPS = 1.5, 3, 5
LATENTS = {"z_s, the voice": "z_s", "z_p, the intonation": "z_p"}


def build(studio: Studio) -> None:
    """Lay out the tab Inspect and connect its controls."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            source = source_box(studio, "to-inspect")
            look = gr.Button("Look inside", variant="primary", elem_id="look")
        with gr.Column(min_width=300):
            told = gr.Markdown("What is found stands here.", container=True, min_height=60)
    message = messages.sentence()
    picture = figures.canvas("latents")
    code = messages.code_to_copy()
    with gr.Accordion("What single dimensions do", open=False):
        gr.Markdown(
            f"The first {GRID_S:g} s, with the most active dimensions of one latent moved: a row a dimension, "
            f"with its {STEPS} steps one after another; the middle one is the speech itself."
        )
        latent = gr.Radio(list(LATENTS), value=next(iter(LATENTS)), label="Latent")
        sweep = gr.Button("Draw the grid", elem_id="sweep")
        grid = figures.canvas("grid")
    with gr.Accordion("What the bundle was trained on", open=False):
        gr.Markdown(studio.vv.card)
    look.click(
        messages.told(partial(inspect, studio), 4), [source], [picture, told, *code, message], api_name="inspect"
    )
    sweep.click(
        messages.told(partial(traverse, studio), 3), [source, latent], [grid, *code, message], api_name="traverse"
    )


def inspect(studio: Studio, source: str | None) -> tuple[Any, ...]:
    """The score over the waveform, the latents over time, and both in words."""
    wave = studio.read(given(source))
    code = studio.code(wave)
    costs, verdict = _score(studio, wave)
    seconds = len(wave) / studio.vv.sample_rate
    panels = [
        *figures.speech([("Speech", wave)], studio.vv.config)["panels"],
        *costs,
        figures.latent("Prosody: how it is said", code.prosody, seconds),
        figures.latent("Content: what is said", code.content, seconds),
    ]
    words = f"{verdict}\n\nThe voice {studio.describe(code.speaker)}"
    name = studio.name_of(given(source))
    python = messages.python(
        f"score = vv.score({name!r})", f"code = vv.encode({name!r})", "print(score.z, score.words())"
    )
    return figures.figure(panels), words, python, messages.shell("score", name, "--plot", "scores/")


def traverse(studio: Studio, source: str | None, latent: str) -> tuple[figures.Figure, str, str]:
    """The grid, and the Python and the command for it."""
    wave = studio.read(given(source))[: round(GRID_S * studio.vv.sample_rate)]
    name, which = studio.name_of(given(source)), LATENTS[latent]
    sweeps = studio.vv.traverse(
        studio.code(np.ascontiguousarray(wave)), latent=which, dimensions=DIMENSIONS, steps=STEPS
    )
    python = messages.python(
        f"sweeps = vv.traverse({name!r}, latent={which!r}, dimensions={DIMENSIONS}, steps={STEPS})"
    )
    options = ["--latent", which, "--dimensions", str(DIMENSIONS), "--steps", str(STEPS)]
    return (
        figures.traversal(sweeps, studio.vv.coder),
        python,
        messages.shell("traverse", name, *options, "--out-dir", "sweeps/"),
    )


def _score(studio: Studio, wave: np.ndarray) -> tuple[list[figures.Panel], str]:
    """Cost of each frame, and the score in words; a message where the bundle was not calibrated."""
    try:
        score = studio.vv.score(wave)
    except BundleError as error:
        return [], str(error)
    return [figures.anomaly(wave, score, studio.vv.config)], _verdict(score)


def _verdict(score: Score) -> str:
    usual = "Speech like that of the training recordings" if score.z < 2 else "Unlike the training recordings"
    return (
        f"**{usual}**: {score.percentile:.0f} % of them are more usual (z {score.z:+.1f}). "
        f"Least usual here, in standard deviations: {score.words()}."
    )
