"""Interrupts, readers that leave, devices, progress, and outputs that are inputs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

import voicevae
from tests.cli.conftest import RATE, Run, tone
from voicevae.cli.shared import jobs
from voicevae.voice import VoiceVAE

REPOSITORY = Path(voicevae.__file__).parents[1]


def test_many_files_go_to_a_folder_under_their_names(run: Run) -> None:
    assert "2 files: 1.20 s of speech in " in run("encode a.wav b.wav --out-dir new/codes")
    assert sorted(os.listdir("new/codes")) == ["a.code.npz", "b.code.npz"]
    run("decode new/codes/a.code.npz new/codes/b.code.npz --out-dir new")
    assert sorted(os.listdir("new")) == ["a.wav", "b.wav", "codes"]


def test_an_existing_output_is_replaced(run: Run) -> None:
    Path("out.wav").write_text("old")
    run("modulate a.wav -o out.wav")
    assert sf.info("out.wav").frames == round(0.6 * RATE)


@pytest.mark.parametrize(
    "command",
    [
        "modulate a.wav -o a.wav",
        "modulate a.wav -o ./sub/../a.wav",
        "modulate a.wav -o soft.wav",
        "modulate a.wav -o hard.wav",
        "convert a.wav --voice ref.wav -o ref.wav",
        "modulate sub/b.flac b.wav --out-dir .",
        "modulate a.wav b.wav --out-dir .",
    ],
)
def test_no_input_is_overwritten(run: Run, command: str) -> None:
    Path("sub").mkdir()
    sf.write("sub/b.flac", tone(150), RATE)
    os.symlink("a.wav", "soft.wav")
    os.link("a.wav", "hard.wav")
    before = {name: Path(name).read_bytes() for name in ("a.wav", "b.wav", "ref.wav", "sub/b.flac")}
    run(command, status=2)
    assert before == {name: Path(name).read_bytes() for name in before}


def test_an_interrupt_is_quiet_and_leaves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: VoiceVAE, *args: object) -> Iterator[np.ndarray]:
        yield np.zeros(100, np.float32)
        raise KeyboardInterrupt

    monkeypatch.setattr(VoiceVAE, "decode_blocks", interrupted)
    before = sorted(os.listdir())
    assert run("modulate a.wav -o out.wav", status=130) == ""
    assert sorted(os.listdir()) == before


def test_a_reader_that_leaves_early_is_no_error(small_bundle: Path) -> None:
    command = [sys.executable, "-m", "voicevae", "info", str(small_bundle)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_refused(run: Run) -> None:
    assert "There is no device 'cuda'" in run("modulate a.wav --device cuda -o out.wav", status=2)


def test_shares_of_progress_sum_to_one(vv: VoiceVAE) -> None:
    shares: list[float] = []
    vv.encode(tone(150, 25), progress=shares.append)
    assert len(shares) > 4 and sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("terminal", "patience_s", "shown"), [(True, 0.0, True), (True, 60.0, False), (False, 0.0, False)]
)
def test_long_work_shows_a_bar_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, terminal: bool, patience_s: float, shown: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(jobs, "PATIENCE_S", patience_s)
    said = run("modulate a.wav -o out.wav")
    assert ("a.wav: " in said and "%|" in said) == shown
