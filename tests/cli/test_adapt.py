"""`voicevae adapt` writes the voice that Python makes, and refuses in one sentence what cannot be."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run, assert_same_voice
from voicevae import adaptation
from voicevae.codec import recordings
from voicevae.errors import AudioError
from voicevae.features import extract
from voicevae.files import unseen
from voicevae.voice import VoiceVAE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with recordings of one speaker, half a minute in all."""
    monkeypatch.chdir(tmp_path)
    Path("anna").mkdir()
    time = np.arange(7 * RATE) / RATE
    for number in range(4):
        phase = 2 * np.pi * (130 + 5 * number) * time + 3 * np.sin(2 * np.pi * 0.7 * time)
        tone = sum(np.sin(k * phase) / k for k in range(1, 11))
        sf.write(f"anna/{number}.wav", 0.1 * tone * (1 + 0.7 * np.sin(2 * np.pi * 3 * time)), RATE)
    return tmp_path


@pytest.mark.slow
def test_adapt_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    pytest.importorskip("resemblyzer")
    said = run("adapt anna anna/0.wav anna/1.wav -o mine.voice")
    assert "mine.voice: a voice of " in said and "s held back" in said
    made = vv.adapt(["anna", "anna/0.wav", "anna/1.wav"])
    vv.save_voice(made.speaker, "again.voice")
    assert_same_voice(vv.speaker("mine.voice"), vv.speaker("again.voice"))
    run("convert anna/0.wav --voice mine.voice -o out.wav")
    assert not list(Path().glob("*.features"))


def test_a_killed_run_goes_on(vv: VoiceVAE, used: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resemblyzer")
    command = [sys.executable, "-m", "voicevae", "adapt", "anna", "-o", "mine.voice", "--bundle", str(used)]
    keep = Path("mine.voice.features")
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as started:
        while not list(keep.glob("[!.]*.npz")):
            assert started.poll() is None
            time.sleep(0.01)
        started.kill()
    kept = len(list(keep.glob("[!.]*.npz")))
    whole, _ = adaptation._read(vv, recordings("anna"), None, float("inf"), unseen)
    extracted = []
    monkeypatch.setattr(adaptation, "extract", lambda *args: extracted.append(1) or extract(*args))
    resumed, _ = adaptation._read(vv, recordings("anna"), None, float("inf"), unseen, keep)
    assert not Path("mine.voice").exists() and len(extracted) == len(whole) - kept < len(whole)
    for one, other in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(one.frames.array(), other.frames.array())
    sf.write("anna/0.wav", np.full(7 * RATE, 0.1), RATE)  # a recording that was changed is read again
    with pytest.raises(AudioError, match="nothing but silence"):
        adaptation._read(vv, recordings("anna"), None, float("inf"), unseen, keep)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("adapt anna -o mine.wav", "mine.wav"),
        ("adapt none.wav -o mine.voice", "none.wav"),
        ("adapt anna/0.wav -o mine.voice", "give 20 s or more"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    pytest.importorskip("resemblyzer")
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert not list(Path().glob("mine*"))
