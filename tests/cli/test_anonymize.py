"""`voicevae anonymize` writes what Python writes, and a folder is one speaker."""

from pathlib import Path

import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run, assert_same_sound, tone
from voicevae.voice import VoiceVAE


def test_a_file_is_what_python_writes(run: Run, vv: VoiceVAE) -> None:
    run("anonymize a.wav --secret 7 --flatten 0.5 --seed 2 -o cli.wav")
    vv.anonymize_file("a.wav", "api.wav", secret=7, speaker="a.wav", flatten=0.5, seed=2)
    assert Path("cli.wav").read_bytes() == Path("api.wav").read_bytes()


def test_a_folder_is_one_speaker_unless_each_recording_is_asked_for(run: Run, vv: VoiceVAE) -> None:
    for name in ("one", "two"):
        Path("corpus/anna").mkdir(parents=True, exist_ok=True)
        sf.write(f"corpus/anna/{name}.wav", tone(150.0 if name == "one" else 155.0), RATE, subtype="FLOAT")
    assert "2 files" in run("anonymize corpus --secret 7 --no-watermark --out-dir hidden")
    voice = vv.anonymous_voice("corpus/anna/one.wav", seed=7, speaker="anna")
    wanted = vv.decode(vv.anonymize("corpus/anna/two.wav", seed=7, voice=voice))
    assert_same_sound("hidden/anna/two.wav", wanted)
    run("anonymize corpus --per recording --secret 7 --no-watermark --out-dir apart")
    wanted = vv.decode(vv.anonymize("corpus/anna/two.wav", seed=7, speaker="anna/two.wav"))
    assert_same_sound("apart/anna/two.wav", wanted)


def test_a_secret_is_asked_for(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("anonymize a.wav -o out.wav")
    assert left.value.code == 2 and "--secret" in capsys.readouterr().err and not Path("out.wav").exists()
    assert "no gender 'tenor'" in run("anonymize a.wav --secret 1 --gender tenor -o out.wav", status=2)
    assert not Path("out.wav").exists()
