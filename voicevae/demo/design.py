"""Design: voices on a map, new ones by seed and by blending, saved to files."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from voicevae.demo import messages, search, voices
from voicevae.demo.state import Studio
from voicevae.demo.voices import Voice
from voicevae.errors import EditError
from voicevae.verbs.search import Search
from voicevae.verbs.voicemap import VoiceMap

Map = dict[str, Any]
SCRIPT = (Path(__file__).with_name("map.js")).read_text(encoding="utf-8")
TEMPLATE = '<canvas role="img" aria-label="map of voices; the lists beside it have the same voices"></canvas>'


def build(studio: Studio) -> None:
    """Lay out the tab Design and connect its controls. Raises BundleError: no calibration of voices."""
    known = voices.known(studio)
    chart = VoiceMap.of([voice.speaker for voice in known])
    names = [voice.name for voice in known]
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300, scale=3):
            gr.Markdown("Voices that sound alike lie close. Click on a dot to hear it.")
            dots = _map(chart, known)
        with gr.Column(min_width=300, scale=2):
            seed, gender, new = _new_voice()
            one, other, share, blend = _blend(names)
    with gr.Accordion("Find a voice by ear", open=False):
        take, found = search.build(studio)
    message = messages.sentence()
    result, told, save = _outcome()
    code = messages.code_to_copy()
    shown = [result, told, *code, save, dots]

    def on(trigger: Any, function: Any, inputs: list, name: str) -> None:
        made = messages.told(partial(function, studio, chart), len(shown), 2)
        trigger(made, inputs, [*shown, message], api_name=name, show_progress="minimal", trigger_mode="always_last")

    on(dots.input, hear, [dots], "hear")
    on(new.click, make, [dots, seed, gender], "new_voice")
    on(blend.click, mix, [dots, one, other, share], "blend")
    on(take.click, best, [dots, found], "search_best")
    new.click(_choices, [seed, gender, one], [one, other], api_visibility="private", show_progress="hidden")


def _map(chart: VoiceMap, known: Sequence[Voice]) -> gr.HTML:
    return gr.HTML(
        {"dots": [_dot(chart, voice) for voice in known], "chosen": ""},
        html_template=TEMPLATE,
        js_on_load=SCRIPT,
        apply_default_css=False,
        elem_id="map",
        elem_classes="figure",
    )


def _new_voice() -> tuple[gr.Number, gr.Radio, gr.Button]:
    """Seed and gender, and the button that draws the voice."""
    with gr.Group():
        seed = gr.Number(1, label="Seed of a new voice", precision=0, minimum=0, maximum=999_999_999)
        gender = gr.Radio(voices.GENDERS, value="female", label="Gender")
        return seed, gender, gr.Button("New voice", variant="primary", elem_id="new-voice")


def _blend(names: list[str]) -> tuple[gr.Dropdown, gr.Dropdown, gr.Slider, gr.Button]:
    """Two voices and the share of the second, and the button that blends them."""
    with gr.Group():
        one = gr.Dropdown(names, value=names[0], label="Blend this voice", elem_id="one")
        other = gr.Dropdown(names, value=names[1], label="with this one", elem_id="other")
        share = gr.Slider(0, 100, 50, step=5, label="Share of the second (%)")
        return one, other, share, gr.Button("Blend", variant="primary")


def _outcome() -> tuple[gr.Audio, gr.Markdown, gr.DownloadButton]:
    """The sentence in the chosen voice, its description, and the button that saves it."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            result = gr.Audio(
                type="filepath",
                label="A sentence in this voice",
                interactive=False,
                autoplay=True,
                buttons=["download"],
                elem_id="heard",
            )
        with gr.Column(min_width=300):
            told = gr.Markdown("No voice is chosen yet.", container=True)
            return result, told, gr.DownloadButton("Save as a voice file", interactive=False)


def hear(studio: Studio, chart: VoiceMap, dots: Map) -> tuple[Any, ...]:
    """The clicked voice."""
    return _shown(studio, chart, dots, voices.named(studio, str(dots.get("chosen"))))


def make(studio: Studio, chart: VoiceMap, dots: Map, seed: float | None, gender: str) -> tuple[Any, ...]:
    """Sample a voice, and put its dot on the map."""
    if seed is None:
        raise EditError("A new voice needs a seed; give a whole number of 0 or more.")
    return _shown(studio, chart, dots, voices.seeded(studio, int(seed), gender))


def mix(studio: Studio, chart: VoiceMap, dots: Map, one: str, other: str, share: float) -> tuple[Any, ...]:
    """`share` in percent."""
    mixed = voices.blended(studio, voices.named(studio, one), voices.named(studio, other), share / 100)
    return _shown(studio, chart, dots, mixed)


def best(studio: Studio, chart: VoiceMap, dots: Map, found: Search | None) -> tuple[Any, ...]:
    """The best guess of a search by ear."""
    return _shown(studio, chart, dots, search.best(found))


def _shown(studio: Studio, chart: VoiceMap, dots: Map, voice: Voice) -> tuple[Any, ...]:
    code = studio.code(studio.sentence)
    path = studio.speak("voice", code.edit(speaker=voice.speaker))
    file = studio.place(f"{_file_name(voice.name)}.voice")
    studio.vv.save_voice(voice.speaker, file)
    others = [dot for dot in dots["dots"] if dot["name"] != voice.name]
    dots = {"dots": [*others, _dot(chart, voice)], "chosen": voice.name}
    python = messages.python(*voice.before, f"voice = {voice.python}", 'vv.save_voice(voice, "new.voice")')
    words = f"**{voice.name}** {studio.describe(voice.speaker)}"
    return path, words, python, "\n".join(voice.shell), gr.update(value=str(file), interactive=True), dots


def _dot(chart: VoiceMap, voice: Voice) -> dict[str, Any]:
    x, y = chart.place(voice.speaker)
    return {"name": voice.name, "kind": voice.kind, "x": round(x, 3), "y": round(y, 3)}


def _choices(seed: float | None, gender: str, one: str) -> tuple[Any, Any]:
    """Names for the blend, with the new voice."""
    name = f"{gender}{voices.SEED}{int(seed or 0)}"
    return gr.update(), gr.update(value=name)


def _file_name(name: str) -> str:
    return re.sub(r"\W+", "-", name).strip("-")[:60]
