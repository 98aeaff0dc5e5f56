"""Every edit is an option, a slider and a row of the guide, by what its field says of itself."""

from dataclasses import fields
from pathlib import Path

import pytest

import voicevae
from voicevae.cli.parser import build_parser
from voicevae.cli.shared.edits import asked
from voicevae.edits import CONTROLS, Edit, table

GUIDE = Path(voicevae.__file__).parents[1] / "docs" / "guide.md"
NAMES = [one.name for one in fields(Edit)]


@pytest.mark.parametrize("verb", ["modulate", "convert"])
@pytest.mark.parametrize("name", NAMES)
def test_every_edit_has_an_option(name: str, verb: str) -> None:
    one = CONTROLS[name]
    voice = ["--voice", "b.wav"] if verb == "convert" else []
    for value in (one.low, one.high):
        args = build_parser().parse_args([verb, "a.wav", *voice, f"{one.option}={value}", "-o", "x.wav"])
        assert asked(args) == {name: value}
    with pytest.raises(SystemExit):
        build_parser().parse_args([verb, "a.wav", *voice, f"{one.option}={one.high + 1}", "-o", "x.wav"])


@pytest.mark.parametrize("name", NAMES)
def test_every_edit_has_a_slider(name: str) -> None:
    pytest.importorskip("gradio", reason='gradio is not installed; pip install "voicevae[demo]" brings it')
    from voicevae.demo.edit import slider

    made, one = slider(name), CONTROLS[name]
    assert (made.minimum, made.maximum, made.step) == one.slider and made.label == one.label
    assert one.low <= made.minimum <= made.value == getattr(Edit(), name) <= made.maximum <= one.high


def test_every_edit_has_a_row_of_the_guide() -> None:
    """`python -c "from voicevae.edits import table; print(table())"` makes the rows anew."""
    assert table() in GUIDE.read_text(encoding="utf-8")
    for name in NAMES:
        assert f"| `{name}` | `{CONTROLS[name].option}` | {CONTROLS[name].unit} |" in table()


@pytest.mark.parametrize("name", NAMES)
def test_two_edits_are_one(name: str) -> None:
    """What changes nothing is neutral, whichever way two values compose."""
    one, neutral = CONTROLS[name], getattr(Edit(), name)
    for value in (one.slider[0], neutral, one.slider[1]):
        edit = Edit.of({name: value})
        assert edit.then(Edit()) == Edit().then(edit) == edit
