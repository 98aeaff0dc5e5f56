"""The end of a server: clean, whatever it is at."""

import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.serve.conftest import served


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_it_ends_without_a_word_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals, speech: bytes
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with served() as (address, process):
        (folder,) = tmp_path.glob("voicevae-*")
        assert httpx.post(f"{address}/v1/modulate", files={"speech": speech}, timeout=60).status_code == 200
        assert list(folder.iterdir()) == []
        begun = time.monotonic()
        process.send_signal(how)
        assert process.wait(20) == 0
        assert time.monotonic() - begun < 10
        assert process.stderr is not None and process.stderr.read() == ""
    assert not folder.exists()
