"""The smallest recipe from its corpus to a bundle that converts, in a shorter form than egs/espeak/run.sh alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.recipes.espeak import speak

ROOT = Path(__file__).resolve().parents[2]
STAGES = ["prepare", "train_vae", "train_vocoder", "bundle"]
SHORT = """
model: {channels: 32, content_blocks: 1, decoder_blocks: 1, speaker_channels: 32, speaker_blocks: 1,
        prosody_channels: 16, prosody_blocks: 1}
vae_training: {max_steps: 6, batch_size: 4, checkpoint_steps: 3, log_steps: 3}
vae_frames: 64
vae_reference_frames: 64
vocoder: {channels: 32, blocks: 1}
vocoder_training: {max_steps: 6, batch_size: 4, checkpoint_steps: 3, log_steps: 3}
adversarial_training: {max_steps: 2, batch_size: 2, checkpoint_steps: 1, log_steps: 1}
decoded_training: {max_steps: 2, batch_size: 2, checkpoint_steps: 1, log_steps: 1}
"""


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a recipe's run.sh with this interpreter."""
    command = [str(ROOT / "egs" / script / "run.sh"), *map(str, arguments)]
    environment = os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=580, check=False)


def headings(output: str) -> list[str]:
    """What run.sh says of each stage."""
    return [line.removeprefix("== ") for line in output.splitlines() if line.startswith("== ")]


@pytest.fixture(scope="module")
def exp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment with the stages up to the bundle run on fifty utterances."""
    folder = tmp_path_factory.mktemp("recipe") / "espeak"
    folder.mkdir()
    (folder / "short.yaml").write_text(SHORT)
    done = run("espeak", "--exp", folder, "--sentences", "1", "--config", folder / "short.yaml", "--stop-stage", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert headings(done.stdout) == ["corpus", *STAGES]
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


def test_run_again_it_skips_what_is_done(exp: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in exp.rglob("*.ckpt")}
    again = run("folder", "--corpus", exp / "corpus", "--exp", exp, "--config", exp / "short.yaml", "--stop-stage", "4")
    assert again.returncode == 0, again.stdout + again.stderr
    assert headings(again.stdout) == ["prepare", *(f"{name}: done before" for name in STAGES[1:])]
    assert "0 files read, 50 known from before" in again.stdout
    assert before and before == {path: path.stat().st_mtime_ns for path in exp.rglob("*.ckpt")}


def test_what_was_deleted_is_made_again(exp: Path) -> None:
    shutil.rmtree(exp / "bundle")
    again = run("folder", "--exp", exp, "--config", exp / "short.yaml", "--stage", "3", "--stop-stage", "4")
    assert headings(again.stdout) == ["train_vocoder: done before", "bundle"]
    assert voicevae.load(exp / "bundle").sample_rate == 16000


@pytest.mark.parametrize("script", ["folder", "espeak"])
def test_help_gives_examples(script: str) -> None:
    shown = run(script, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("Usage:") and "Examples:" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--exp", "x"], "--corpus"),
        (["--corpus", "/"], "--exp"),
        (["--exp", "x", "--corpus", "/nowhere"], "/nowhere"),
        (["--exp", "x", "--corpus", "/", "--stage", "7"], "7 is no stage"),
        (["--exp", "x", "--corpus", "/", "--config", "none.yaml"], "none.yaml"),
        (["--exp"], "--exp needs a value"),
        (["--slow"], "--slow"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str], named: str) -> None:
    refused = run("folder", *arguments)
    assert refused.returncode == 2
    assert named in refused.stderr and len(refused.stderr.splitlines()) == 1 and not refused.stdout
