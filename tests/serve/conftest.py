"""Servers, each a process of its own as `voicevae serve` starts it, and speech to send."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from voicevae import audio
from voicevae.bundle import DEFAULT

for name in ("fastapi", "httpx", "uvicorn", "websockets"):
    pytest.importorskip(name, reason=f'{name} is not installed; pip install "voicevae[serve,test]" brings it')

import httpx  # noqa: E402

RATE = 16000
MAX_SECONDS, MAX_MB = 8.0, 2.0
TOKEN = "a-token-of-the-tests-0123"


@contextmanager
def served(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process of a server with `options`, at a free port."""
    command = [sys.executable, "-m", "voicevae", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stderr is not None
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield line.split(";")[0].split(" at ")[1], process
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on the shipped bundle, with a folder of voices, that is open to this machine."""
    folder = tmp_path_factory.mktemp("voices")
    (folder / "ours.flac").symlink_to(DEFAULT / "voices" / "male.flac")
    (folder / "notes.txt").write_text("no voice")
    (folder / "broken.wav").write_bytes(b"no sound")
    limits = ["--max-seconds", f"{MAX_SECONDS:g}", "--max-mb", f"{MAX_MB:g}", "--per-minute", "100000"]
    with served("--voices", str(folder), "--concurrency", "2", *limits) as (where, _):
        yield where


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=address, timeout=60, verify=False) as one:
        yield one


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that asks for `TOKEN`, and works on one request at a time."""
    path = tmp_path_factory.mktemp("token") / "token.txt"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    options = ["--token-file", str(path), "--concurrency", "1", "--per-minute", "100000"]
    with served(*options) as (where, _):
        yield where


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of the female example voice, as a WAV file."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    audio.write(path, audio.read(DEFAULT / "voices" / "female.flac", RATE)[RATE : 2 * RATE].astype(np.float32), RATE)
    return path.read_bytes()
