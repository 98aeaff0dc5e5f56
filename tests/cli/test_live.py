"""`voicevae live`: from file to file, and at a sound card that is simulated."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run
from voicevae.cli import main
from voicevae.live.cards import FileCard, SoundCard
from voicevae.live.session import Session


class Straight:
    """A stream that changes nothing, 50 ms late."""

    rate, latency_ms = RATE, 50.0

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.held = seconds, np.zeros(RATE // 20, np.float32)

    def feed(self, block: np.ndarray) -> np.ndarray:
        import time

        time.sleep(self.seconds)
        self.held = np.concatenate([self.held, block])
        made, self.held = self.held[: len(block)], self.held[len(block) :]
        return made


def test_from_file_to_file(workplace: Path, run: Run) -> None:
    said = run(["live", "--from", "a.wav", "--to", "out.wav", "--pitch", "3"])
    wave, rate = sf.read("out.wav")
    assert rate == RATE and np.abs(wave).max() > 0.01
    assert len(wave) == len(sf.read("a.wav")[0]) + 1239  # 77 ms late
    assert "late" in said


def test_the_length_of_blocks_changes_no_sample(workplace: Path, run: Run) -> None:
    for ms in (5, 40):
        run(["live", "--from", "a.wav", "--to", f"{ms}.wav", "--block-ms", str(ms), "--no-watermark"])
    one, other = (sf.read(f"{ms}.wav")[0] for ms in (5, 40))
    assert np.array_equal(one, other)


def test_a_preset_is_edits_that_options_come_upon(workplace: Path, run: Run) -> None:
    Path("p.json").write_text(json.dumps({"pitch_semitones": 3, "energy_db": -6}))
    run(["live", "--from", "a.wav", "--to", "one.wav", "--preset", "p.json", "--energy", "0", "--no-watermark"])
    run(["live", "--from", "a.wav", "--to", "two.wav", "--pitch", "3", "--no-watermark"])
    assert np.array_equal(sf.read("one.wav")[0], sf.read("two.wav")[0])


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "a.wav"],
        ["--paced"],
        ["--from", "none.wav", "--to", "out.wav"],
        ["--from", "a.wav", "--to", "a.wav"],
        ["--from", "a.wav", "--to", "out.wav", "--voice", "nobody"],
        ["--from", "a.wav", "--to", "out.wav", "--preset", "bad.json"],
        ["--from", "a.wav", "--to", "out.wav", "--rate", "2"],
    ],
)
def test_bad_input_is_one_sentence(workplace: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.json").write_text('{"pitch_semitones": 99}')
    try:
        code = main(["live", *words])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    said = capsys.readouterr().err
    assert code == 2 and said.startswith("voicevae: ") and said.count("\n") == 1
    assert not Path("out.wav").exists()


def test_late_blocks_are_dropped_and_the_delay_stays() -> None:
    """Work that takes twice as long as a block: half of the blocks are dropped, and it ends in time."""
    import time

    made: list[np.ndarray] = []
    session = Session(Straight(0.04), heard=made.append)  # type: ignore[arg-type]
    start = time.perf_counter()
    FileCard(np.ones(RATE, np.float32), RATE, RATE // 50, paced=True).run(session, lambda: True)
    assert session.late > 10 and sum(map(len, made)) == RATE + RATE // 20
    assert time.perf_counter() - start < 1.5


def test_mute_and_bypass_act_at_once() -> None:
    session, block = Session(Straight()), np.full(320, 0.5, np.float32)  # type: ignore[arg-type]
    session.bypassed = True
    assert np.array_equal(session.process(block), block)
    session.muted = True
    assert not session.process(block).any()


class Device:
    """A sound card in place of sounddevice, that goes away once."""

    class PortAudioError(Exception):
        pass

    def __init__(self) -> None:
        self.opened, self.played = 0, np.zeros(0, np.float32)

    def check_input_settings(self, device: Any, **format: Any) -> None:
        if device == "nothing":
            raise ValueError("No input device matching 'nothing'")

    def check_output_settings(self, device: Any, **format: Any) -> None:
        pass

    def Stream(self, callback: Callable[..., None], blocksize: int, **format: Any) -> Any:  # noqa: N802
        self.opened += 1
        if self.opened == 2:
            raise self.PortAudioError("Device unavailable")
        played = np.zeros((blocksize, 1), np.float32)
        callback(np.full((blocksize, 1), 0.5, np.float32), played, blocksize, None, None)
        self.played = played[:, 0]
        return nullcontext(SimpleNamespace(active=False))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    found = Device()
    monkeypatch.setitem(sys.modules, "sounddevice", found)  # type: ignore[arg-type]
    monkeypatch.setattr("voicevae.live.cards.WAIT_S", 0.0)
    return found


def test_a_device_that_goes_away_is_waited_for(device: Device) -> None:
    said: list[str] = []
    card, session = SoundCard((None, None), RATE, 320, said.append), Session(Straight())  # type: ignore[arg-type]
    card.run(session, lambda: device.opened < 3)
    assert session.blocks == 2
    assert [line.split(" (")[0] for line in said][:2] == ["The sound device is gone", "The sound device is back."]


def test_a_missing_device_is_one_sentence(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--input", "nothing"]) == 2
    said = capsys.readouterr().err
    assert "'nothing'" in said and "--list-devices" in said and said.count("\n") == 1
