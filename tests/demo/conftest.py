"""A page that is served, and speech to give it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicevae import audio
from voicevae.bundle import DEFAULT

pytest.importorskip("gradio", reason='gradio is not installed; pip install "voicevae[demo]" brings it')

RATE = 16000
MAX_SECONDS, MAX_MB = 8.0, 2.0
MALE = ["a sample voice", None, "male", None, None]  # the target of a conversion, as the page's API takes it


@pytest.fixture(scope="session")
def page() -> Iterator[Any]:
    """The page on the shipped bundle, at a free port, comparing voices by the bundle alone: Resemblyzer is slow."""
    from voicevae.demo import page as pages
    from voicevae.demo import speaker_encoder
    from voicevae.demo.settings import Settings

    def missing() -> Any:
        raise ImportError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(speaker_encoder, "_resemblyzer", missing)
        served = pages.serve(Settings(port=0, max_seconds=MAX_SECONDS, max_mb=MAX_MB, concurrency=2))
        yield served
        served.close()


@pytest.fixture
def client(page: Any, tmp_path: Path) -> Any:
    """A visitor without a browser; a session of its own."""
    from gradio_client import Client

    return Client(page.local_url, verbose=False, download_files=tmp_path)


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of the female sample voice."""
    wave = audio.read(DEFAULT / "voices" / "female.flac", 16000)[16000:48000]
    path = tmp_path_factory.mktemp("speech") / "my speech.wav"
    audio.write(path, wave.astype(np.float32), 16000)
    return path
