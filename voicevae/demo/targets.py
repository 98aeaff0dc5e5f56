"""Input of a voice in a tab: a recording, a sample voice, or a voice file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import numpy as np

from voicevae import uploads
from voicevae.code import Speaker
from voicevae.demo.limits import local
from voicevae.demo.state import Studio
from voicevae.errors import AudioError, EditError
from voicevae.voicefile import EXTENSION

RECORDING, SAMPLE, FILE = "a recording", "a sample voice", "a voice file"
KINDS = (RECORDING, SAMPLE, FILE)
CONSENT = "Use a person's voice only with that person's consent, and say that the result is made by a machine."
Inputs = list[gr.components.Component]


@dataclass(frozen=True)
class Target:
    """A voice; wave: the first recording it is read from, if there is one; names: of what it is read from, as typed."""

    speaker: Speaker
    wave: np.ndarray | None
    names: tuple[str, ...]


def ask(studio: Studio) -> Inputs:
    """The components that `read` reads, in its order."""
    gr.Markdown(CONSENT, elem_classes="consent")
    kind = gr.Radio(KINDS, value=SAMPLE, label="Target: the voice to speak in")
    recording = local(
        gr.Audio(type="filepath", label="Recording of the voice, 5 s or more", visible=False, editable=False)
    )
    sample = gr.Radio(list(studio.samples), value="male", label="Sample voice")
    heard = gr.Audio(str(studio.samples["male"]), label="Sample voice", interactive=False, buttons=[])
    more = local(
        gr.File(file_count="multiple", label="More recordings of the same voice (optional)", visible=False, height=120)
    )
    file = local(gr.File(label="Voice file (*.voice)", file_types=[EXTENSION], visible=False, height=120))
    shown: dict[str, Inputs] = {RECORDING: [recording, more], SAMPLE: [sample, heard], FILE: [file]}
    every = [component for components in shown.values() for component in components]
    kind.change(_showing(shown), kind, every, api_visibility="private", show_progress="hidden", queue=False)
    sample.change(
        lambda name: str(studio.samples[name]), sample, heard, api_visibility="private", show_progress="hidden"
    )
    return [kind, recording, sample, file, more]


def read(
    studio: Studio,
    kind: str,
    recording: str | None,
    sample: str,
    file: str | None,
    more: Sequence[str] | None = None,
) -> Target:
    """The voice that was asked for.

    Raises:
        AudioError, EditError, InputError: there is none, or it cannot be used.
    """
    if kind == FILE:
        return _from_file(studio, file)
    if kind == SAMPLE:
        wave = studio.read(studio.samples[sample])
        return Target(studio.vv.speaker(wave), wave, (sample,))
    paths = [Path(path) for path in (recording, *(more or [])) if path]
    if not paths:
        raise AudioError("There is no recording of the target yet; drop one, record one, or choose a sample voice.")
    uploads.check_references(len(paths))
    names, waves = tuple(path.name for path in paths), [studio.read(path) for path in paths]
    return Target(uploads.voice(studio.vv, waves, names), waves[0], names)


def _from_file(studio: Studio, file: str | None) -> Target:
    if not file:
        raise EditError("There is no voice file yet; drop one, or choose a sample voice.")
    path = Path(file)
    return Target(uploads.voice_file(studio.vv, path, path.name), None, (path.name,))


def _showing(shown: dict[str, Inputs]) -> Callable[[str], list[dict]]:
    return lambda kind: [gr.update(visible=kind == name) for name, own in shown.items() for _ in own]
