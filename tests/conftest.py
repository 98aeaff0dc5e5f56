"""What many tests share: the recordings, where there are any, and a bounded number of threads."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported; tests run in two processes

import pytest  # noqa: E402


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recordings that VOICEVAE_RECORDINGS names."""
    folder = os.environ.get("VOICEVAE_RECORDINGS")
    if not folder:
        pytest.skip("VOICEVAE_RECORDINGS names no folder of recordings")
    if not Path(folder).is_dir():
        pytest.fail(f"VOICEVAE_RECORDINGS is {folder}, which is not a folder")
    return Path(folder)
