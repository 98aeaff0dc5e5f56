"""The other tabs, as a program uses them."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import handle_file

import voicevae
from voicevae import audio, provenance
from voicevae.voicefile import EXTENSION

PLAIN = {"pitch_semitones": 0.0, "pitch_range": 1.0, "rate": 1.0, "energy_db": 0.0, "formant_semitones": 0.0}


@pytest.fixture(scope="module")
def vv() -> voicevae.VoiceVAE:
    return voicevae.load()


def controls(vv: voicevae.VoiceVAE, **edits: float) -> list[Any]:
    """What the controls of Edit say, in their order."""
    return [*(PLAIN | edits).values(), *(["as it is", 1.0] if vv.styles else [])]


def near(path: str, wave: np.ndarray) -> bool:
    """Whether a file holds `wave`, but for its watermark."""
    found = audio.read(path, 16000)
    error = found - wave / max(np.abs(wave).max() / 0.99, 1)
    return len(found) == len(wave) and float(np.mean(error**2)) < 0.03 * float(np.mean(wave**2))


def test_sliders_are_edits(client: Any, vv: voicevae.VoiceVAE, speech: Path) -> None:
    edits = {"pitch_semitones": 3.0, "rate": 1.25}
    path, _, _, python, shell, message = client.predict(handle_file(speech), *controls(vv, **edits), api_name="/edit")
    assert not message["value"]
    assert near(path, vv.modulate(speech, **edits))
    assert "code.edit(pitch_semitones=3, rate=1.25)" in python
    assert shell == "voicevae modulate 'my speech.wav' --pitch=3 --rate=1.25 -o out.wav"
    assert provenance.read(path) == provenance.made(vv.checksum, "pitch_semitones=3, rate=1.25")


def test_dragged_points_undo_and_reset(client: Any, vv: voicevae.VoiceVAE, speech: Path) -> None:
    source, values = handle_file(speech), controls(vv, pitch_semitones=2.0)
    _, picture, table, *_ = client.predict(source, *values, api_name="/edit")
    points = picture["panels"][-1]["points"]
    assert np.allclose(points, table["data"])
    points[1][1] *= 1.3
    path, after, _, python, _, message = client.predict(picture, source, *values, api_name="/drag")
    assert not message["value"]
    assert after["panels"][-1]["points"][1][1] == pytest.approx(points[1][1], abs=0.01)
    bent = vv.bend(vv.encode(speech).edit(pitch_semitones=2.0), points)
    assert near(path, vv.decode(bent))
    assert "vv.bend(code, [(" in python
    back = client.predict(source, api_name="/undo")
    assert "bend" not in back[3] and back[5] == 2.0
    plain = client.predict(source, api_name="/reset")
    assert plain[5:10] == tuple(PLAIN.values())
    assert near(plain[0], vv.modulate(speech))


def test_a_monotone_has_no_points_to_drag(client: Any, vv: voicevae.VoiceVAE, speech: Path) -> None:
    _, picture, table, *_ = client.predict(handle_file(speech), *controls(vv, pitch_range=0.0), api_name="/edit")
    assert picture["panels"][-1]["points"] == []


def test_a_wrong_point_gets_a_sentence(client: Any, vv: voicevae.VoiceVAE, speech: Path) -> None:
    rows = {"headers": ["time (s)", "F0 (Hz)"], "data": [[0.5, 90000]], "metadata": None}
    source = handle_file(speech)
    *_, message = client.predict(rows, source, *controls(vv), api_name="/points")
    assert "F0" in message["value"] and message["value"].endswith(".")
    *_, message = client.predict(source, api_name="/undo")  # what was set before is not lost
    assert not message["value"]


@pytest.fixture(scope="module")
def dots(page: Any) -> dict[str, Any]:
    """The map as the page shows it first."""
    found = [block for block in page.blocks.values() if getattr(block, "elem_id", None) == "map"]
    return json.loads(json.dumps(found[0].value))


def test_a_dot_is_heard(client: Any, vv: voicevae.VoiceVAE, dots: dict[str, Any]) -> None:
    chosen = {**dots, "chosen": "female, seed 3"}
    path, words, python, shell, save, after, message = client.predict(chosen, api_name="/hear")
    assert not message["value"]
    assert after["dots"][-1]["name"] == "female, seed 3" and len(after["dots"]) == len(dots["dots"])
    assert len(audio.read(path, 16000)) > 16000
    assert "vv.sample(3, gender='female')" in python and "--seed 3 --gender female" in shell


def test_a_new_voice_is_what_its_seed_gives(client: Any, vv: voicevae.VoiceVAE, dots: dict[str, Any]) -> None:
    *_, save, after, _ = client.predict(dots, 77, "male", api_name="/new_voice")
    assert len(after["dots"]) == len(dots["dots"]) + 1
    saved = save["value"]["path"] if isinstance(save["value"], dict) else save["value"]
    assert saved.endswith(EXTENSION)
    assert np.array_equal(vv.speaker(saved).z, vv.sample(77, gender="male").z)


def test_a_blend_lies_between_on_the_map(client: Any, dots: dict[str, Any]) -> None:
    one, other = dots["dots"][0], dots["dots"][-1]
    *_, after, message = client.predict(dots, one["name"], other["name"], 50, api_name="/blend")
    assert not message["value"]
    assert after["dots"][-1]["x"] == pytest.approx((one["x"] + other["x"]) / 2, abs=0.002)
    assert after["dots"][-1]["y"] == pytest.approx((one["y"] + other["y"]) / 2, abs=0.002)


def test_a_search_by_ear_goes_as_the_api_goes(client: Any, vv: voicevae.VoiceVAE, dots: dict[str, Any]) -> None:
    client.predict("male", 5, api_name="/search")
    for answer in ("a", "same", "b"):
        *_, message = client.predict(api_name=f"/choose_{answer}")
        assert not message["value"]
    client.predict(api_name="/search_undo")
    *_, save, _, _ = client.predict(dots, api_name="/search_best")
    search = vv.search(5, gender="male")
    search.choose("a")
    search.choose("same")
    saved = save["value"]["path"] if isinstance(save["value"], dict) else save["value"]
    assert np.allclose(vv.speaker(saved).z, search.best().z)


def test_a_voice_that_there_is_not_gets_a_sentence(client: Any, dots: dict[str, Any]) -> None:
    *_, message = client.predict({**dots, "chosen": "../etc/passwd"}, api_name="/hear")
    assert "There is no voice" in message["value"]


def test_inspect_says_what_the_api_says(client: Any, vv: voicevae.VoiceVAE, speech: Path) -> None:
    picture, words, _, shell, message = client.predict(handle_file(speech), api_name="/inspect")
    assert not message["value"]
    assert f"z {vv.score(speech).z:+.1f}" in words
    assert [panel["seconds"] for panel in picture["panels"]] == [pytest.approx(2.0)] * 4
    assert shell == "voicevae score 'my speech.wav' --plot scores/"


def test_a_batch_gives_what_it_can(client: Any, speech: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound")
    files = [handle_file(speech), handle_file(tmp_path / "notes.wav")]
    table, zipped, *_, message = client.predict(files, "a sample voice", None, "male", None, None, api_name="/batch")
    assert not message["value"]
    assert [row[1] for row in table["data"]][0] == "done"
    assert "damaged or is not audio" in table["data"][1][1]
    saved = zipped["value"]["path"] if isinstance(zipped["value"], dict) else zipped["value"]
    with zipfile.ZipFile(saved) as made:
        assert made.namelist() == ["01-my speech.wav"]
        assert made.testzip() is None


def test_an_empty_batch_gets_a_sentence(client: Any) -> None:
    *_, message = client.predict(None, "a sample voice", None, "male", None, None, api_name="/batch")
    assert "no files yet" in message["value"]
