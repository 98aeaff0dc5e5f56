"""The plan's closed forms, and that what it begins with is measured of what it says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from benchmarks.plan import Assumed, Step, enough_tflops, main, step_of, steps_of, text
from benchmarks.rates import Operations, Rates, Stage, _choose
from voicevae.data.corpora import FOLDER, read

STAGE = Stage(frames=192, flops=5e9, operations=2000, parameters=1_000_000, windows_s=1000.0)
ASSUMED = Assumed(tflops=10.0, launch_us=5.0, link_gbit=80.0, batch=50)
RATES = Rates(3600.0, 50.0, 200.0, 100.0, 50.0, 5.0, {"vae": STAGE, "vocoder": replace(STAGE, frames=96)})


def test_the_parts_of_a_step() -> None:
    step = step_of(STAGE, ASSUMED, 4)
    assert step.reading == pytest.approx(50 / 1000)
    assert step.launching == pytest.approx(2000 * 5e-6)
    assert step.arithmetic == pytest.approx(50 * 5e9 / 10e12)
    assert step.gradients == pytest.approx(1.5 * 4e6 / 10e9)  # three quarters of it, twice, at 10 GB/s
    assert step.longest == "reading" and step.seconds == pytest.approx(0.05 + 0.01 + 0.0006)
    assert step_of(STAGE, ASSUMED, 1).gradients == 0


def test_a_step_waits_for_the_slower_of_process_and_gpu() -> None:
    assert Step(0.01, 0.02, 0.05, 0.004).seconds == pytest.approx(0.054)
    assert Step(0.03, 0.04, 0.05, 0.004).seconds == pytest.approx(0.074)
    assert Step(0.01, 0.02, 0.05, 0.004).longest == "arithmetic"


def test_what_a_gpu_must_sustain_lest_it_is_waited_for_is_no_matter_of_what_is_assumed() -> None:
    step = step_of(STAGE, ASSUMED, 4)
    enough = enough_tflops(step, ASSUMED)
    assert enough == pytest.approx(50 * 5e9 / 0.06 / 1e12)
    other = replace(ASSUMED, tflops=99.0)
    assert enough_tflops(step_of(STAGE, other, 4), other) == pytest.approx(enough)
    at_it = step_of(STAGE, replace(ASSUMED, tflops=enough), 4)
    assert at_it.arithmetic == pytest.approx(at_it.reading + at_it.launching)


def test_a_pass_shows_every_frame_once() -> None:
    steps = steps_of(STAGE, ASSUMED, 1, 10, 80, 4)
    assert steps * 4 * ASSUMED.batch * STAGE.frames == pytest.approx(10 * 3600 * 80)
    assert steps_of(STAGE, ASSUMED, 3, 10, 80, 4) == pytest.approx(3 * steps)
    assert steps_of(STAGE, ASSUMED, 1, 10, 80, 8) == pytest.approx(steps / 2)


def rows(printed: str) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in cells}


def test_the_plan_follows_from_the_figures_beside_it() -> None:
    assumed = replace(ASSUMED, vae_passes=1, vocoder_passes=0.5, utterance_s=10, cores=5, gpu_price=2, core_price=0.1)
    rates = replace(RATES, stages=RATES.stages | {"vocoder_adversarial": STAGE})
    found = rows(text(rates, assumed, 1000, [1, 4], 80))
    assert found["shards"] == ["1,000"] and found["shards of a GPU"] == ["1,000", "250"]
    assert found["prepared frames"][0].startswith("0.10 TB") and found["shards: frames and recordings"] == ["0.15 TB"]
    assert found["utterances"][0].startswith("0.4 M, whose manifests take 2 GB")  # 0.36 M at 5 kB
    assert found["preparing and writing shards"] == ["25 hours of a core, 2"]  # 20 and 5
    assert found["hours of preparing"] == ["5.0", "1.2"]
    # 1,500,000 windows in batches of 50: of 60 ms, the VAE once; the vocoder's windows are half as long.
    assert found["VAE: steps"] == ["30,000", "7,500"] and found["vocoder: steps"] == ["30,000", "7,500"]
    assert found["VAE: hours"][0] == "0.50" and found["VAE: longest"] == ["reading", "reading"]
    assert found["all trainings, hours"][0] == "1.25"  # 30,000, 30,000 and 15,000 steps
    assert found["price, preparing included"][0] == "5"  # 1.25 GPU hours, and 25 core hours
    assert found["`--tflops`"] == ["10", "TFLOP/s that a GPU sustains in these networks"]


def test_what_is_launched_is_counted_and_views_are_not() -> None:
    one, two = torch.randn(3, 4, requires_grad=True), torch.randn(4, 5)
    with Operations() as counter:
        made = one @ two
        assert counter.n == 1
        seen = made.T[1:].unsqueeze(0)
        assert counter.n == 1
        loss = (seen + 1).relu().sum()
        assert counter.n == 4
        loss.backward()
        assert counter.n >= 7  # the gradients of what came before, too


def test_recordings_are_drawn_and_repeated_as_often_as_asked(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for i in range(3):
        sf.write(tmp_path / "a" / f"r{i}.wav", 0.1 * np.random.default_rng(i).normal(size=16000), 16000)
    _choose(tmp_path / "a", tmp_path / "b", 7)
    cuts = read(tmp_path / "b", FOLDER, 0).cuts
    assert len(cuts["train"]) == 7 and not len(cuts.get("dev", []))
    assert len({(tmp_path / "b" / f"u{i}.wav").resolve() for i in range(3)}) == 3


def test_what_is_no_folder_of_recordings_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--corpus", str(tmp_path)]) == 2
    assert "holds no sound file" in capsys.readouterr().err
