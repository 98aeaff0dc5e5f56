"""A wheel in an empty environment: small, without torch, and it converts, edits, samples, scores, repairs and, with
its extra, serves the page."""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
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
    _install(folder, "")
    return folder / "venv"


@pytest.fixture(scope="module")
def page_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the extra of the page."""
    folder = tmp_path_factory.mktemp("page")
    _install(folder, "[demo]")
    return folder / "venv"


def _install(folder: Path, extra: str) -> None:
    source = folder / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.strip("\0").split("\0"):
        if name.startswith("voicevae/") or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "install", f"{source}{extra}"], capture_output=True, text=True, env=_plain())
    if "No matching distribution" in done.stderr or "Could not fetch" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def voicevae(environment: Path, tmp_path: Path) -> Command:
    """f("convert", ...) -> what the command of the environment says."""

    def call(*words: object) -> str:
        program = environment / "bin" / "voicevae"
        done = subprocess.run([program, *map(str, words)], cwd=tmp_path, capture_output=True, text=True, env=_plain())
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.mark.slow
def test_it_is_small_and_has_no_torch(environment: Path) -> None:
    size = sum(file.stat().st_size for file in environment.rglob("*") if file.is_file() and not file.is_symlink())
    assert size / 1e6 < LARGEST_MB
    packages = _packages(environment)
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


@pytest.mark.slow
def test_the_page_opens_without_torch(page_environment: Path, tmp_path: Path) -> None:
    assert not _packages(page_environment) & {"torch", "torchaudio", "onnx"}
    program = [page_environment / "bin" / "voicevae", "demo", "--port", "0"]
    with subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=_plain()) as page:
        try:
            said = page.stdout.readline() if page.stdout else ""
            found = re.search(r"http://\S+?(?=;)", said)
            assert found, said
            with urllib.request.urlopen(found[0], timeout=60) as answer:
                assert answer.status == 200 and b"voicevae" in answer.read()
        finally:
            page.terminate()
    assert page.returncode == 0


def _packages(environment: Path) -> set[str]:
    return {path.name.split("-")[0].lower() for path in environment.rglob("*.dist-info")}


def _plain() -> dict[str, str]:
    """The environment without what would let another Python's packages in."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_CONSTRAINT"))}
