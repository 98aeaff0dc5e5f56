"""Parts of a report that are measured in a process beside."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

import voicevae
from voicevae.errors import VoiceVAEError
from voicevae.evaluation import study
from voicevae.evaluation.document import Row
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.report import runner

HERE = f"tests.evaluation.report.{Path(__file__).stem}"


class Seed:
    """A part that says what it was measured on, and in which process."""

    __name__ = HERE

    def steps(self, of: study.Study) -> int:
        return 3

    def run(self, of: study.Study) -> None:
        run(of)


def run(of: study.Study) -> None:
    found = {"seed": of.plan.seed, "clips": len(of.clips), "process": os.getpid(), "voice": of.vv.checksum}
    if of.plan.seed == 13:
        os.kill(os.getpid(), 9)
    of.report.add("seed", found, [Row("seed", float(of.plan.seed))])


@pytest.fixture(scope="module")
def here(corpus: Path) -> study.Study:
    return study.prepare(voicevae.load(), Plan(corpus, quick=True, pairs=2, seed=5, workers=2), None)


def test_a_process_that_is_killed_is_one_sentence(here: study.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "plan", replace(here.plan, seed=13))
    with pytest.raises(VoiceVAEError, match="--workers 1"), runner.in_second_process(here, [Seed()]) as futures:
        futures[HERE].result()


def test_a_part_beside_measures_the_same_and_rows_stand_in_the_order_of_the_parts(
    here: study.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever measures them; and the costs when nothing else runs."""
    order: list[str] = []

    def fake(name: str) -> object:
        class Part:
            __name__ = name

            def steps(self, of: study.Study) -> int:
                return 1

            def run(self, of: study.Study) -> None:
                order.append(name)
                of.report.add(name, None, [Row(name, 1.0)])

        return Part()

    parts = {name: fake(name) for name in ("conversions", "costs")}
    monkeypatch.setattr(runner, "cost", parts["costs"])
    monkeypatch.setattr(runner, "CONVERTED", (parts["conversions"],))
    taken: list[int] = []
    monkeypatch.setattr(here, "step", lambda: taken.append(1))
    found = runner._measured(here, [parts["costs"], Seed(), parts["conversions"]])
    assert [one.rows[0].figure for one in found] == ["costs", "seed", "conversions"]
    assert order == ["conversions", "costs"]
    beside, own = found[1], runner.measured(here, Seed())
    assert beside.rows == own.rows and not here.report.rows
    assert beside.details["seed"].pop("process") != own.details["seed"].pop("process") == os.getpid()
    assert beside.details == own.details
    assert len(taken) == Seed().steps(here)
