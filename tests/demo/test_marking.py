"""What the page writes says that it was made: by a comment, and by a watermark unless that is off."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import handle_file

import voicevae
from tests.demo.conftest import MALE, RATE
from voicevae import audio, provenance


def test_what_the_page_makes_is_marked(client: Any, speech: Path) -> None:
    result, *_ = client.predict(handle_file(speech), *MALE, api_name="/convert")
    found = provenance.verify(result)
    assert found.watermarked and found.provenance is not None
    assert found.provenance.bundle == voicevae.load().checksum
    assert not provenance.verify(speech).carried


def test_the_zip_of_a_batch_holds_marked_sounds_and_leads_nowhere(client: Any, speech: Path, tmp_path: Path) -> None:
    names = ["..%2f..%2fout.wav", "take...2..wav", "same.wav", "same.flac", "x" * 200 + ".wav"]
    for name in names:
        audio.write(tmp_path / name, audio.read(speech, RATE), RATE)
    table, zipped, *_ = client.predict([handle_file(tmp_path / name) for name in names], *MALE, api_name="/batch")
    assert [state for _, state in table["data"]] == ["done"] * len(names)
    file = zipped if isinstance(zipped, str) else zipped["value"]
    with zipfile.ZipFile(file) as made:
        inside = made.namelist()
        made.extractall(tmp_path / "unpacked")
    assert len(set(inside)) == len(names) and all(Path(name).name == name for name in inside)
    for name in inside:
        found = provenance.verify(tmp_path / "unpacked" / name)
        assert found.watermarked and found.provenance is not None


def test_a_page_without_the_watermark_still_says_what_it_made(small_bundle: Path, speech: Path, tmp_path: Path) -> None:
    from voicevae.demo.settings import Settings
    from voicevae.demo.state import Studio

    wave = audio.read(speech, RATE)
    for marked in (True, False):
        studio = Studio(voicevae.load(small_bundle), Settings(watermark=marked), tmp_path)
        found = provenance.verify(studio.write("made", wave, "pitch_semitones=3"))
        assert found.watermarked == marked
        assert found.provenance is not None and found.provenance.edits == "pitch_semitones=3"


def test_the_code_to_copy_marks_where_the_page_does(
    small_bundle: Path, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voicevae.demo import convert, edit, targets
    from voicevae.demo.history import History
    from voicevae.demo.settings import Settings
    from voicevae.demo.state import Studio

    vv = voicevae.load(small_bundle)
    monkeypatch.setattr(voicevae, "load", lambda: vv)
    monkeypatch.chdir(speech.parent)
    heard = {}
    for marked in (True, False):
        studio = Studio(vv, Settings(watermark=marked), tmp_path)
        values = (3.0, *edit.plain(studio).edits[1:])
        edited, _, _, *told, _ = edit.speak(studio, str(speech), History(), *values)
        converted = convert.convert(
            studio, str(speech), targets.SAMPLE, None, "female", None, *convert.DEFAULTS.values()
        )
        for path, python, command in ((edited, *told), converted):
            exec(python, {})
            heard[command] = audio.read("out.wav", RATE)
            np.testing.assert_array_equal(heard[command], audio.read(path, RATE))
            assert ("--no-watermark" in command) != marked
    for command in [c for c in heard if "--no-watermark" in c]:
        assert not np.array_equal(heard[command], heard[command.removesuffix(" --no-watermark")])
