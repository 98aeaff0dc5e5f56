"""Convert: speech in another voice."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from voicevae.code import SHARES
from voicevae.demo import figures, messages, speaker_encoder, targets
from voicevae.demo.limits import local
from voicevae.demo.state import Studio
from voicevae.errors import AudioError

DEFAULTS = {name: default for name, (default, _) in SHARES.items()}


def build(studio: Studio) -> None:
    """Lay out the tab Convert and connect its controls."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            source = source_box(studio, "source")
        with gr.Column(min_width=300):
            target = targets.ask(studio)
            with gr.Accordion("Clear or alike", open=False):
                shares = [share(name, value) for name, value in DEFAULTS.items()]
    button = gr.Button("Convert", variant="primary", elem_id="convert")
    message = messages.sentence()
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            result = result_box("converted")
        with gr.Column(min_width=300):
            compared = gr.Markdown(container=True, min_height=60)
    picture = figures.canvas("compared")
    more = messages.sentence()
    code = messages.code_to_copy()
    spoken = button.click(
        messages.told(partial(convert, studio), 3),
        [source, *target, *shares],
        [result, *code, message],
        api_name="convert",
    )
    spoken.then(
        messages.told(partial(compare, studio), 2),
        [source, result, *target],
        [picture, compared, more],
        api_name="compare",
        show_progress="hidden",
    )


def source_box(studio: Studio, elem_id: str) -> gr.Audio:
    """Input of a tab, with a sample recording, so that the first click works."""
    label = "Source: the speech, recorded or dropped here"
    sample = str(studio.samples["female"])
    return local(gr.Audio(sample, type="filepath", label=label, editable=False, buttons=[], elem_id=elem_id))


def result_box(elem_id: str) -> gr.Audio:
    """Output of a tab, to play and download."""
    return gr.Audio(type="filepath", label="Result", interactive=False, buttons=["download"], elem_id=elem_id)


def given(source: str | None) -> str:
    """Raises AudioError where there is no source."""
    if not source:
        raise AudioError("There is no speech yet; drop a sound file or record one.")
    return source


def share(name: str, value: float) -> gr.Slider:
    """A slider of what a conversion can be told beside edits."""
    return gr.Slider(0, 1, value, step=0.05, label=name.capitalize(), info=SHARES[name][1], elem_id=name)


def convert(studio: Studio, source: str | None, *given_for: Any) -> tuple[str, str, str]:
    """Path of the result, and the Python and the command for it; `given_for` are target and shares."""
    target, shares = given_for[: -len(DEFAULTS)], dict(zip(DEFAULTS, given_for[-len(DEFAULTS) :], strict=True))
    changed: dict[str, Any] = {name: float(value) for name, value in shares.items() if value != DEFAULTS[name]}
    wave = studio.read(given(source))
    voice = targets.read(studio, *target)
    name, watermark = studio.name_of(given(source)), studio.settings.watermark
    path = studio.place(f"{Path(name).stem}-as-{Path(voice.names[0]).stem}.wav")
    studio.vv.convert_file(wave, path, voice=voice.speaker, watermark=watermark, **changed)
    return str(path), *_code(name, voice.names, changed, watermark)


def compare(studio: Studio, source: str | None, result: str | None, *target: Any) -> tuple[Any, str]:
    """Spectrograms of source and result, and the similarity to the target; nothing without a result."""
    if not result:
        return figures.figure([]), ""
    waves = [("Source", studio.read(given(source))), ("Result", studio.read(result))]
    voice = targets.read(studio, *target)
    drawn = figures.speech(waves, studio.vv.config)
    if voice.wave is None:
        return drawn, "How like the target it is can be told where the target is a recording."
    return drawn, speaker_encoder.words(studio.vv, waves[0][1], voice.wave, waves[1][1])


def _code(source: str, voice: Sequence[str], shares: dict[str, float], watermark: bool) -> tuple[str, str]:
    more = f", {messages.keywords(shares)}" if shares else ""
    given = f"{source!r}, 'out.wav', voice={messages.voice_argument(voice)}{more}"
    options = [word for name, value in shares.items() for word in (f"--{name}", f"{value:g}")]
    options = [*messages.voice_options(voice), *options, "-o", "out.wav"]
    return (
        messages.python(f"vv.convert_file({given}{messages.unmarked(watermark)})"),
        messages.shell("convert", source, *options, watermark=watermark),
    )
