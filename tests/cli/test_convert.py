"""`voicevae convert` does what Python does."""

from pathlib import Path

import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run, assert_same_sound, tone
from voicevae import bundle
from voicevae.voice import VoiceVAE


def test_convert_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    said = run("convert a.wav --voice ref.wav --pitch -2 --rate 1.2 --seed 5 --no-watermark -o out.wav")
    assert "out.wav: 0.50 s of speech in " in said
    assert_same_sound("out.wav", vv.convert("a.wav", voice="ref.wav", seed=5, pitch_semitones=-2, rate=1.2))


def test_a_voice_is_a_file_or_the_name_of_an_example(
    run: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "DEFAULT", workplace / "shipped")
    Path("shipped/voices").mkdir(parents=True)
    sf.write("shipped/voices/anna.flac", tone(250), RATE)
    run("convert a.wav --voice shipped/voices/anna.flac -o file.wav")
    run("convert a.wav --voice anna -o name.wav")
    assert Path("name.wav").read_bytes() == Path("file.wav").read_bytes()
    assert "bert does not exist; give a recording of the voice, a voice file, or an example voice: anna." in run(
        "convert a.wav --voice bert -o out.wav", status=2
    )
    Path("ref.wav").rename("anna")
    run("convert a.wav --voice anna -o own.wav")
    assert Path("own.wav").read_bytes() != Path("name.wav").read_bytes()


def test_several_recordings_and_folders_are_one_voice(run: Run, vv: VoiceVAE) -> None:
    Path("more").mkdir()
    Path("b.wav").rename("more/b.wav")
    run("convert a.wav --voice ref.wav --voice more --residual 0.3 --likeness 0.8 --no-watermark -o out.wav")
    assert_same_sound("out.wav", vv.convert("a.wav", voice=["ref.wav", "more"], residual=0.3, likeness=0.8))
    assert "is an input" in run("convert a.wav --voice ref.wav --voice more -o more/b.wav", status=2)
    run("convert a.wav more --voice ref.wav --voice more/b.wav --residual 0.3 --no-watermark --out-dir out")
    assert_same_sound("out/a.wav", vv.convert("a.wav", voice=["ref.wav", "more/b.wav"], residual=0.3))
