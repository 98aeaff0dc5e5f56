"""The smallest recipe from its corpus to a bundle that converts, in a shorter form than egs/espeak/run.sh."""

import os
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.recipes import make_corpus
from voicevae.recipes import run as stages
from voicevae.recipes.espeak import speak

ROOT = Path(__file__).resolve().parents[2]
STAGES = ["prepare", "train_vae", "train_vocoder", "bundle"]
SHORT = """
model: {channels: 16, content_blocks: 1, decoder_blocks: 1, speaker_channels: 16, speaker_blocks: 1,
        prosody_channels: 16, prosody_blocks: 1}
vae_training: {max_steps: 2, batch_size: 2, checkpoint_steps: 1, log_steps: 1}
vae_frames: 64
vae_reference_frames: 64
vocoder: {channels: 16, blocks: 1}
vocoder_training: {max_steps: 2, batch_size: 2, checkpoint_steps: 1, log_steps: 1}
adversarial: {channels: 4}
adversarial_training: {max_steps: 1, batch_size: 2, checkpoint_steps: 1, log_steps: 1}
decoded_training: {max_steps: 1, batch_size: 2, checkpoint_steps: 1, log_steps: 1}
"""


def run(*words: str | Path) -> None:
    """Run stages in this process."""
    stages.main([*map(str, words), "--workers", "1"])


def script(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a recipe's run.sh with this interpreter."""
    command = [str(ROOT / "egs" / name / "run.sh"), *map(str, words)]
    environment = os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=580, check=False)


def headings(output: str) -> list[str]:
    """What is said of each stage."""
    return [line.removeprefix("== ") for line in output.splitlines() if line.startswith("== ")]


@pytest.fixture(scope="module")
def exp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment with the stages up to the bundle run on fifty utterances."""
    folder = tmp_path_factory.mktemp("recipe") / "espeak"
    folder.mkdir()
    (folder / "short.yaml").write_text(SHORT)
    make_corpus.main(["--out", str(folder / "corpus"), "--sentences", "1"])
    run("--corpus", folder / "corpus", "--exp", folder, "--config", folder / "short.yaml", "--stop-stage", "4")
    return folder


def test_the_bundle_converts(exp: Path) -> None:
    vv = voicevae.load(exp / "bundle")
    source, rate = speak("Rice is often served in round bowls.")
    wave = vv.convert(source, rate, voice=exp / "corpus" / "steph" / "steph-neutral-0.flac")
    assert len(wave) == pytest.approx(len(source) / rate * vv.sample_rate, abs=2)
    assert np.isfinite(wave).all() and np.abs(wave).max() > 1e-3


def test_the_bundle_knows_what_is_usual(exp: Path) -> None:
    vv = voicevae.load(exp / "bundle")
    assert set(vv.styles) == {"flat", "high", "lively", "low", "neutral"}
    assert np.isfinite(vv.sample(seed=1, gender="female").z).all()


def test_run_again_it_skips_what_is_done(exp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in exp.rglob("*.ckpt")}
    run("--corpus", exp / "corpus", "--exp", exp, "--config", exp / "short.yaml", "--stop-stage", "4")
    said = capsys.readouterr().out
    assert headings(said) == ["prepare", *(f"{name}: done before" for name in STAGES[1:])]
    assert "0 files read, 50 known from before" in said
    assert before and before == {path: path.stat().st_mtime_ns for path in exp.rglob("*.ckpt")}


def test_what_was_deleted_is_made_again(exp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(exp / "bundle")
    run("--exp", exp, "--config", exp / "short.yaml", "--stage", "3", "--stop-stage", "4")
    assert headings(capsys.readouterr().out) == ["train_vocoder: done before", "bundle"]
    assert voicevae.load(exp / "bundle").sample_rate == 16000


@pytest.mark.slow
def test_the_script_runs_the_stages(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(SHORT)
    options = ("--exp", tmp_path, "--sentences", "1", "--config", tmp_path / "short.yaml", "--stop-stage", "4")
    done = script("espeak", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert headings(done.stdout) == ["corpus", *STAGES]
    assert voicevae.load(tmp_path / "bundle").sample_rate == 16000


@pytest.mark.parametrize("name", ["folder", "espeak"])
def test_help_gives_examples(name: str) -> None:
    shown = script(name, "--help")
    assert shown.returncode == 0
    assert shown.stdout.lower().startswith("usage:") and "Examples:" in shown.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--exp", "x"], "--corpus"),
        (["--corpus", "/"], "--exp"),
        (["--exp", "x", "--corpus", "/nowhere"], "/nowhere"),
        (["--exp", "x", "--corpus", "/", "--stage", "7"], "7 is no stage"),
        (["--exp", "x", "--corpus", "/", "--devices", "0"], "--devices 0"),
        (["--exp", "x", "--corpus", "/", "--stop-stage", "6"], "no published protocol"),
        (["--exp", "x", "--corpus", "/", "--config", "none.yaml"], "none.yaml"),
        (["--exp"], "--exp"),
        (["--slow"], "--slow"),
    ],
)
def test_a_wrong_call_is_one_sentence(words: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        stages.main([*words, *([] if "--exp" in words or named == "--exp" else ["--exp", "x"])])
    said = capsys.readouterr()
    assert refused.value.code == 2
    assert named in said.err and len(said.err.splitlines()) == 1 and not said.out


def test_training_on_several_devices_is_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which Lightning starts again for each device, with the same words."""
    started: list[list[str]] = []

    def call(words: list[str]) -> subprocess.CompletedProcess[str]:
        started.append(words)
        return subprocess.CompletedProcess(words, 3)

    monkeypatch.setattr(stages.subprocess, "run", call)
    with pytest.raises(SystemExit) as failed:
        stages._call(Namespace(exp=Path("x"), config=None, devices=2, minutes=None), "train_vae")
    assert failed.value.code == 3
    module = "voicevae.recipes.train_vae"
    assert started == [[sys.executable, "-m", module, "--exp", "x", "--resume", "--devices", "2"]]
