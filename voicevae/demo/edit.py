"""Edit: sliders for the edits of a recording, and its F0 to drag."""

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from voicevae import provenance
from voicevae.code import Code
from voicevae.demo import figures, messages
from voicevae.demo.convert import given, result_box, source_box
from voicevae.demo.history import History, Setting
from voicevae.demo.state import Studio
from voicevae.edits import CONTROLS, Edit
from voicevae.verbs import contour

POINTS = 40  # at most, of a recording
NO_STYLE = "as it is"
HEADERS = ["time (s)", "F0 (Hz)"]


def build(studio: Studio) -> None:
    """Lay out the tab Edit and connect its controls."""
    history = gr.State(History())
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            source = source_box(studio, "to-edit")
            sliders: list[Any] = [*map(slider, CONTROLS), *style_controls(studio)]
        with gr.Column(min_width=300):
            result = result_box("edited")
            with gr.Row():
                undo = gr.Button("Undo", size="sm", min_width=90)
                again = gr.Button("Reset all", size="sm", min_width=90)
                speak_it = gr.Button("Speak", variant="primary", size="sm", min_width=90, elem_id="speak")
            message = messages.sentence()
            gr.Markdown("Drag the white points to draw F0 anew; on a keyboard, change the table below.")
            picture = figures.canvas("contour")
    with gr.Accordion("F0 as a table of points", open=False):
        table = _table()
    code = messages.code_to_copy()
    shown = [result, picture, table, *code, history]
    settings = [source, history, *sliders]

    def on(trigger: Any, function: Any, inputs: list, outputs: list, name: str, **more: Any) -> Any:
        told = messages.told(partial(function, studio), len(outputs), 1 + len(outputs) - len(shown))
        return trigger(told, inputs, [*outputs, message], api_name=name, show_progress="minimal", **more)

    moves = [control.input for control in sliders]
    moves += [control.release for control in sliders if isinstance(control, gr.Slider)]
    on(partial(gr.on, [speak_it.click, *moves]), speak, settings, shown, "edit", trigger_mode="always_last")
    on(picture.input, drag, [picture, *settings], shown, "drag", trigger_mode="always_last")
    on(table.input, type_in, [table, *settings], shown, "points", trigger_mode="always_last")
    on(undo.click, undone, [source, history], [*shown, *sliders], "undo")
    on(again.click, reset, [source, history], [*shown, *sliders], "reset")
    on(source.input, fresh, [source], [*shown, *sliders], "open", trigger_mode="always_last")


def _table() -> gr.Dataframe:
    """The movable points of F0, to type."""
    return gr.Dataframe(
        headers=HEADERS,
        datatype="number",
        type="array",
        column_count=2,
        interactive=True,
        show_label=False,
        max_height=300,
        elem_id="points",
    )


def slider(name: str) -> gr.Slider:
    """The slider of an edit, over its range in `Edit`."""
    low, high, step = CONTROLS[name].slider
    value, label = getattr(Edit(), name), CONTROLS[name].label
    return gr.Slider(low, high, value, step=step, label=label, elem_id=name, buttons=["reset"])


def style_controls(studio: Studio) -> list[Any]:
    """None for a bundle that knows no styles."""
    if not studio.vv.styles:
        return []
    return [
        gr.Dropdown([NO_STYLE, *studio.vv.styles], value=NO_STYLE, label="Style", elem_id="style"),
        gr.Slider(0, 2, 1, step=0.05, label="Strength of the style (ratio)", elem_id="strength", buttons=["reset"]),
    ]


def speak(studio: Studio, source: str | None, history: History, *values: Any) -> tuple[Any, ...]:
    """The result of sliders and points: path, picture, points, Python, command, history."""
    points = history.present.points if history.settings else None
    return _shown(studio, source, _started(studio, history).then(Setting(tuple(values), points)))


def drag(studio: Studio, picture: figures.Figure, source: str | None, history: History, *values: Any) -> Any:
    """As `speak`, after a point of the picture was moved."""
    panels = (picture or {}).get("panels") or [{}]
    return type_in(studio, panels[-1].get("points") or [], source, history, *values)


def type_in(studio: Studio, rows: list[list[Any]], source: str | None, history: History, *values: Any) -> Any:
    """As `speak`, after the table of points was changed."""
    edits = tuple(values)
    code = _styled(studio, studio.code(studio.read(given(source))), edits)
    filled = [row for row in rows if any(cell not in ("", None) for cell in row)]
    back = contour.moved(filled, code.edit(**_named(edits)), code)
    points = tuple((float(s), float(hz)) for s, hz in back)
    return _shown(studio, source, _started(studio, history).then(Setting(edits, points)))


def undone(studio: Studio, source: str | None, history: History) -> tuple[Any, ...]:
    """As `speak`, with what was set before; and where the sliders then stand."""
    back = _started(studio, history).undone()
    return *_shown(studio, source, back), *back.present.edits


def reset(studio: Studio, source: str | None, history: History) -> tuple[Any, ...]:
    """As `undone`, with nothing edited; this, too, can be undone."""
    back = _started(studio, history).then(plain(studio))
    return *_shown(studio, source, back), *back.present.edits


def fresh(studio: Studio, source: str | None) -> tuple[Any, ...]:
    """Another recording, without edits and history."""
    if not source:
        return None, figures.figure([]), [], "", "", History(), *plain(studio).edits
    return *_shown(studio, source, _started(studio, History())), *plain(studio).edits


def plain(studio: Studio) -> Setting:
    """Settings without any change."""
    edits = tuple(getattr(Edit(), name) for name in CONTROLS)
    return Setting((*edits, NO_STYLE, 1.0) if studio.vv.styles else edits)


def _started(studio: Studio, history: History) -> History:
    return history if history.settings else History().then(plain(studio))


def _styled(studio: Studio, code: Code, values: tuple[Any, ...]) -> Code:
    """`code` in the style of the controls, if any."""
    style, strength = values[len(CONTROLS) :] or (NO_STYLE, 1.0)
    return code if style in (None, NO_STYLE) else studio.vv.style(code, style=style, strength=strength)


def _named(values: tuple[Any, ...]) -> dict[str, Any]:
    """Edits with an effect, by name."""
    edits = map(float, values[: len(CONTROLS)])
    return {name: value for name, value in zip(CONTROLS, edits, strict=True) if value != getattr(Edit(), name)}


def _shown(studio: Studio, source: str | None, history: History) -> tuple[Any, ...]:
    wave = studio.read(given(source))
    setting = history.present
    code = _styled(studio, studio.code(wave), setting.edits)
    bent = code if setting.points is None else studio.vv.bend(code, setting.points)
    edited = bent.edit(**_named(setting.edits))
    made = studio.vv.decode(edited)
    points = _points(studio, code, edited, setting)
    name = studio.name_of(given(source))
    drawn = _drawn(studio, [("Source", wave), ("Edited", made)], points)
    path = studio.write(f"{Path(name).stem}-edited", made, provenance.edits_of(edited))
    told = _code(name, setting, studio.settings.watermark)
    return path, drawn, points, *told, history


def _points(studio: Studio, code: Code, edited: Code, setting: Setting) -> list[list[float]]:
    """Movable points of F0 on the edited speech; none where there is no contour."""
    if edited.changes.pitch_range == 0:
        return []
    own = setting.points
    if own is None:
        spacing = max(contour.EVERY_S, code.duration_s / POINTS)
        own = tuple(map(tuple, contour.points(studio.vv.coder, code, spacing)))
    return contour.moved(own, code, edited).round(3).tolist()


def _drawn(studio: Studio, waves: list[tuple[str, np.ndarray]], points: list[list[float]]) -> figures.Figure:
    drawn = figures.speech(waves, studio.vv.config)
    highest = max((hz for _, hz in points), default=0.0)
    lowest = min((hz for _, hz in points), default=1e9)
    for panel in drawn["panels"]:
        axis = panel["curve"]
        axis["low"], axis["high"] = min(axis["low"], lowest / 1.1), max(axis["high"], highest * 1.1)
    drawn["panels"][-1] |= {"points": points, "height": 2 * figures.SPEECH_PX}
    return drawn


def _code(name: str, setting: Setting, watermark: bool) -> tuple[str, str]:
    edits, lines, commands = _named(setting.edits), [f"code = vv.encode({name!r})"], []
    style, strength = setting.edits[len(CONTROLS) :] or (NO_STYLE, 1.0)
    if style != NO_STYLE:
        lines.append(f"code = vv.style(code, style={style!r}, strength={strength:g})")
        styled = "styled.wav" if edits else "out.wav"
        options = ["--style", style, "--strength", f"{strength:g}", "-o", styled]
        commands.append(messages.shell("style", name, *options, watermark=watermark))
        name = styled
    if setting.points is not None:
        told = ", ".join(f"({s:.3f}, {hz:.1f})" for s, hz in setting.points)
        lines.append(f"code = vv.bend(code, [{told}])")
        commands.append("# F0 is drawn anew from Python alone: the command line has no points.")
    if edits or not commands:
        options = [f"{CONTROLS[key].option}={value:g}" for key, value in edits.items()]
        commands.append(messages.shell("modulate", name, *options, "-o", "out.wav", watermark=watermark))
    lines.append(f"vv.decode_file(code.edit({messages.keywords(edits)}), 'out.wav'{messages.unmarked(watermark)})")
    return messages.python(*lines), "\n".join(commands)
