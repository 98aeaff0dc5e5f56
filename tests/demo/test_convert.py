"""Convert, as a program does it: the buttons have names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import handle_file

import voicevae
from tests.demo.conftest import MALE
from voicevae import audio, provenance


def test_the_result_is_what_the_api_gives(client: Any, speech: Path) -> None:
    vv = voicevae.load()
    result, _, _, message = client.predict(handle_file(speech), *MALE, api_name="/convert")
    assert not message["value"]
    target = voicevae.bundle.DEFAULT / "voices" / "male.flac"
    wanted = vv.convert(speech, voice=target)
    found = audio.read(result, vv.sample_rate)
    assert np.mean((found - wanted) ** 2) < 0.03 * np.mean(wanted**2)  # the watermark, and no more
    assert provenance.verify(result).carried


def test_a_voice_file_is_a_target(client: Any, speech: Path, tmp_path: Path) -> None:
    vv = voicevae.load()
    vv.save_voice(vv.sample(3, gender="male"), tmp_path / "new.voice")
    target = ["a voice file", None, "male", handle_file(tmp_path / "new.voice"), None]
    result, _, _, message = client.predict(handle_file(speech), *target, api_name="/convert")
    assert not message["value"]
    wanted = vv.convert(speech, voice=tmp_path / "new.voice")
    assert np.mean((audio.read(result, 16000) - wanted) ** 2) < 0.03 * np.mean(wanted**2)


def test_the_code_to_copy_gives_the_same(client: Any, speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, python, shell, _ = client.predict(handle_file(speech), *MALE, api_name="/convert")
    monkeypatch.chdir(speech.parent)
    exec(python, {})
    assert np.array_equal(audio.read(speech.parent / "out.wav", 16000), audio.read(result, 16000))
    assert shell == "voicevae convert 'my speech.wav' --voice male -o out.wav"


def test_what_is_seen(client: Any, speech: Path) -> None:
    result, *_ = client.predict(handle_file(speech), *MALE, api_name="/convert")
    picture, words, _ = client.predict(handle_file(speech), handle_file(result), *MALE, api_name="/compare")
    source, made = picture["panels"]
    assert source["seconds"] == made["seconds"] == pytest.approx(2.0)
    assert [value is None for value in source["curve"]["values"]].count(False) > 40
    assert "floor" in words and "ceiling" in words


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"No sound, but words.", "notes.txt is damaged or is not audio"),
        ("empty.wav", b"", "is empty"),
        ("half.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "half.wav is damaged or is not audio"),
    ],
)
def test_a_wrong_file_gets_a_sentence(client: Any, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    result, *_, message = client.predict(handle_file(tmp_path / name), *MALE, api_name="/convert")
    assert result is None
    assert said in message["value"] and "/" not in message["value"]


def test_silence_gets_a_sentence(client: Any, tmp_path: Path) -> None:
    audio.write(tmp_path / "silence.wav", np.zeros(16000, np.float32), 16000)
    *_, message = client.predict(handle_file(tmp_path / "silence.wav"), *MALE, api_name="/convert")
    assert "silent" in message["value"] or "silence" in message["value"]


def test_nothing_given_gets_a_sentence(client: Any) -> None:
    *_, message = client.predict(None, *MALE, api_name="/convert")
    assert "no speech yet" in message["value"]


def test_several_recordings_are_one_target(client: Any, speech: Path, tmp_path: Path) -> None:
    vv = voicevae.load()
    samples = [voicevae.bundle.DEFAULT / "voices" / f"{name}.flac" for name in ("male", "female")]
    waves = [audio.read(path, 16000)[: 3 * 16000] for path in samples]
    for i, wave in enumerate(waves):
        audio.write(tmp_path / f"r{i}.wav", wave, 16000)
    first, second = (handle_file(tmp_path / f"r{i}.wav") for i in range(2))
    result, python, shell, message = client.predict(
        handle_file(speech), "a recording", first, "male", None, [second], api_name="/convert"
    )
    assert not message["value"]
    wanted = vv.convert(speech, voice=[tmp_path / "r0.wav", tmp_path / "r1.wav"])
    assert np.mean((audio.read(result, 16000) - wanted) ** 2) < 0.03 * np.mean(wanted**2)
    assert "voice=['r0.wav', 'r1.wav']" in python and "--voice r0.wav --voice r1.wav" in shell


@pytest.mark.parametrize("name", ["x" * 240, "日本 é", "-rf $(x) 'q' \"q\"", "<b>bold<b>"])
def test_any_name_is_a_source_and_a_target(client: Any, speech: Path, tmp_path: Path, name: str) -> None:
    source, target = tmp_path / f"{name}.wav", tmp_path / f"{name}2.wav"
    source.write_bytes(speech.read_bytes())
    target.write_bytes(speech.read_bytes())
    given = handle_file(source), "a recording", handle_file(target), "male", None, []
    result, *_, message = client.predict(*given, api_name="/convert")
    assert not message["value"]
    assert len(audio.read(result, 16000)) == 32000
