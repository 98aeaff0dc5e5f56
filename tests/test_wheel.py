"""A wheel in an empty environment: small, without torch, and it converts, edits, samples, scores and repairs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[1]
LARGEST_MB = 350
Command = Callable[..., str]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a virtual environment with the wheel of this tree, and what it depends on, from the package index."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.strip("\0").split("\0"):
        if name.startswith("voicevae/") or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_CONSTRAINT"))}
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "install", source], capture_output=True, text=True, env=plain)
    if "No matching distribution" in done.stderr or "Could not fetch" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    return folder / "venv"


@pytest.fixture
def voicevae(environment: Path, tmp_path: Path) -> Command:
    """f("convert", ...) -> what the command of the environment says."""

    def call(*words: object) -> str:
        program = environment / "bin" / "voicevae"
        done = subprocess.run([program, *map(str, words)], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.mark.slow
def test_it_is_small_and_has_no_torch(environment: Path) -> None:
    size = sum(file.stat().st_size for file in environment.rglob("*") if file.is_file() and not file.is_symlink())
    assert size / 1e6 < LARGEST_MB
    packages = {path.name.split("-")[0].lower() for path in environment.rglob("*.dist-info")}
    assert "onnxruntime" in packages and not packages & {"torch", "torchaudio", "onnx", "scipy", "matplotlib"}


@pytest.mark.slow
def test_it_converts_edits_samples_scores_and_repairs(environment: Path, voicevae: Command, tmp_path: Path) -> None:
    speech = next(environment.rglob("female.flac"))
    voicevae("convert", speech, "--voice", "male", "-o", "converted.wav")
    voicevae("modulate", speech, "--pitch", "+3", "--rate", "0.9", "-o", "edited.wav")
    voicevae("sample", "--seed", "3", "-o", "new.voice")
    voicevae("convert", speech, "--voice", "new.voice", "-o", "new.wav")
    voicevae("repair", speech, "--span", 0.5, 0.6, "-o", "repaired.wav")
    assert voicevae("score", speech)
    assert "ONNX Runtime" in voicevae("info")
    seconds = soundfile.info(speech).duration
    assert soundfile.info(tmp_path / "edited.wav").duration == pytest.approx(seconds / 0.9, abs=0.01)
    for name in ("converted", "new", "repaired"):
        assert soundfile.info(tmp_path / f"{name}.wav").duration == pytest.approx(seconds, abs=0.01)
