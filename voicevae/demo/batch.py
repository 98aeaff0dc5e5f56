"""Batch: many files in, one zip out."""

import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from voicevae.demo import messages, targets
from voicevae.demo.limits import local
from voicevae.demo.state import Studio
from voicevae.errors import AudioError, VoiceVAEError

MAX_FILES = 50
WAITING, DONE = "waits", "done"


def build(studio: Studio) -> None:
    """Lay out the tab Batch and connect its controls."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            files = local(
                gr.File(file_count="multiple", label=f"Sound files, up to {MAX_FILES}", height=220, elem_id="files")
            )
        with gr.Column(min_width=300):
            target = targets.ask(studio)
    button = gr.Button("Convert all", variant="primary", elem_id="convert-all")
    message = messages.sentence()
    table = gr.Dataframe(
        headers=["file", "state"],
        interactive=False,
        show_label=False,
        wrap=True,
        column_widths=["35%", "65%"],
        elem_id="states",
    )
    zipped = gr.File(label="Results, one zip", interactive=False, visible=False, elem_id="zip")
    code = messages.code_to_copy()
    button.click(
        messages.told_of_each(partial(convert, studio), 4),
        [files, *target],
        [table, zipped, *code, message],
        api_name="batch",
        show_progress="minimal",
    )


def convert(studio: Studio, files: list[str] | None, *target: Any) -> Iterator[tuple[Any, ...]]:
    """The state of each file after each step; at the end the zip, and the Python and the command for it."""
    sources = [Path(file) for file in files or []]
    if not sources:
        raise AudioError("There are no files yet; drop some sound files.")
    if len(sources) > MAX_FILES:
        raise AudioError(f"There are {len(sources)} files; give at most {MAX_FILES} at a time.")
    voice = targets.read(studio, *target)
    states = [WAITING] * len(sources)
    path = studio.place("converted.zip")
    with zipfile.ZipFile(path, "w") as made:
        for i, source in enumerate(sources):
            states[i] = "is converted"
            yield _rows(sources, states), gr.update(visible=False), None, None
            states[i] = _one(studio, source, voice, made, f"{i + 1:02d}-{source.stem}")
    any_done = DONE in states
    done = [source.name for source, state in zip(sources, states, strict=True) if state == DONE]
    yield (
        _rows(sources, states),
        gr.update(value=str(path) if any_done else None, visible=any_done),
        *_code(done, voice.names, studio.settings.watermark),
    )


def _one(studio: Studio, source: Path, voice: targets.Target, made: zipfile.ZipFile, name: str) -> str:
    """Convert `source` into the zip `made`; returns "done", or the error as a sentence."""
    try:
        path, watermark = studio.place(f"{name}.wav"), studio.settings.watermark
        studio.vv.convert_file(studio.read(source), path, voice=voice.speaker, watermark=watermark)
    except VoiceVAEError as error:
        return str(error)
    made.write(path, path.name)
    path.unlink()
    return DONE


def _rows(sources: list[Path], states: list[str]) -> list[list[str]]:
    return [[source.name, state] for source, state in zip(sources, states, strict=True)]


def _code(sources: list[str], voice: Sequence[str], watermark: bool) -> tuple[str, str]:
    python = messages.python(
        f"voice = vv.speaker({messages.voice_argument(voice)})",
        f"for i, source in enumerate({sources!r}):",
        f'    vv.convert_file(source, f"{{i + 1:02d}}.wav", voice=voice{messages.unmarked(watermark)})',
    )
    options = [*messages.voice_options(voice), "--out-dir", "converted/"]
    return python, messages.shell("convert", *sources, *options, watermark=watermark)
