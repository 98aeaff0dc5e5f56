import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voicevae.errors import CorpusError, VoiceVAEError
from voicevae.evaluation import document, study
from voicevae.evaluation.metrics import baselines, editing, quality, whisper
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.probes import networks
from voicevae.evaluation.report import runner
from voicevae.evaluation.verbs import intonation, repair, search, singing, spans, style

PAIRS = 4


def values(content: dict) -> dict[str, float | None]:
    return {row["figure"]: row["value"] for row in content["rows"]}


def plan(corpus: Path, **options: Any) -> Plan:
    return Plan(corpus, quick=True, **{"pairs": PAIRS, **options})


@pytest.fixture(scope="module", autouse=True)
def quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(whisper.VARIABLE, raising=False)
        patch.setattr(study, "QUICK_ACROSS", 1)
        patch.setattr(editing, "QUICK_CLIPS", 2)
        patch.setattr(spans, "QUICK_CLIPS", 1)
        patch.setattr(quality, "QUICK_PAIRS", 1)
        patch.setattr(baselines, "QUICK_PAIRS", 3)
        patch.setattr(baselines, "RATED", 0)
        patch.setattr(networks, "STEPS", 20)
        patch.setattr(networks, "MLP_EPOCHS", 2)
        yield


@pytest.fixture(scope="module")
def written(quickly: None, unchanged, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """What the report on a voice that changes nothing holds, and its folder."""
    out = tmp_path_factory.mktemp("report") / "out"
    return runner.evaluate(unchanged, plan(corpus, seed=3, baseline=True), out), out


def test_the_report_says_what_was_measured(unchanged, written: tuple[dict, Path]) -> None:
    about = written[0]["about"]
    assert about["bundle"] == unchanged.checksum
    assert about["pairs"] == {"set": PAIRS}
    assert about["seed"] == 3
    assert about["packages"]["torch"].startswith("2.")


def test_json_and_markdown_hold_the_same_rows_and_plots_are_there(written: tuple[dict, Path]) -> None:
    content, out = written
    text = (out / "report.md").read_text()
    assert json.loads((out / "report.json").read_text()) == content
    assert all(row["figure"] in text for row in content["rows"])
    for name in ("similarity.png", "strips.png", "contours.png", "speakers.png", "probes.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
        assert name in text


def test_an_unchanged_source_closes_nothing(written: tuple[dict, Path]) -> None:
    found = values(written[0])
    assert found["set: closure"] == pytest.approx(0, abs=1e-6)
    assert found["set: mean log-F0 within 2 semitones of the target's"] == 0


def test_memory_is_absent_for_a_voice_of_no_bundle(written: tuple[dict, Path]) -> None:
    assert values(written[0])["peak memory, 30 minutes over 10 s"] is None


def test_quality_of_an_unchanged_source_is_perfect(written: tuple[dict, Path]) -> None:
    found = values(written[0])
    assert found["DNSMOS drop of conversion from its source"] == 0
    assert found["unedited round trip: PESQ-WB"] == pytest.approx(4.64, abs=0.01)
    assert found["unedited round trip: STOI"] == pytest.approx(1, abs=1e-6)
    assert found["unedited round trip: STFT distance in dB"] == pytest.approx(0, abs=1e-6)
    assert found["set: log-F0 correlation with the source"] == pytest.approx(1)


def test_what_the_corpus_does_not_say_is_absent_and_not_zero(written: tuple[dict, Path]) -> None:
    rows = {row["figure"]: row for row in written[0]["rows"]}
    for figure, lacks in (
        ("CER of sources", "no recogniser is chosen"),
        ("across corpora: CER added by a conversion", "no recogniser is chosen"),
        ("set: content distance, 0 same sentence, 1 another", "as far as the corpus says"),
    ):
        assert rows[figure]["value"] is None and lacks in rows[figure]["beside"]
    assert rows["style from z_p, fresh network"]["value"] is None


def test_baselines_lie_where_they_must(written: tuple[dict, Path]) -> None:
    found = values(written[0])
    assert found["baseline, source unchanged: closure"] == pytest.approx(0, abs=1e-6)
    assert found["baseline, target unchanged: closure"] == pytest.approx(1, abs=1e-6)
    assert found["baseline, copy synthesis: closure"] == pytest.approx(1, abs=1e-6)
    assert found["baseline, this bundle: closure"] == pytest.approx(0, abs=1e-6)
    shifted = written[0]["details"]["baselines"]["pitch shift"]
    assert shifted["within_2_semitones"] == 1


@pytest.mark.slow  # a second report
def test_the_bar_reaches_its_end(written: tuple[dict, Path], unchanged, corpus: Path) -> None:
    """Every part takes as many steps as it says."""
    taken: list[int] = []
    own = study.prepare(unchanged, plan(corpus, pairs=2, baseline=True, verbs=True), None)
    for part in (*runner.PARTS, spans, intonation, style, singing, search, repair):  # others need a calibration
        before = len(taken)
        own.step = lambda: taken.append(1)
        part.run(own)
        assert len(taken) - before == part.steps(own), part.__name__


def test_the_target_itself_closes_everything(target, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = values(runner.evaluate(target, plan(corpus)))
    assert "set: closure" in capsys.readouterr().out
    assert found["set: closure"] == pytest.approx(1, abs=0.25)
    assert found["set: mean log-F0 within 2 semitones of the target's"] == 100


def test_missing_packages_make_rows_absent_and_are_named(
    unchanged, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*args: object) -> None:
        raise ImportError("No module named 'x'", name="a_package")

    monkeypatch.setattr(study, "Resemblyzer", missing)
    monkeypatch.setattr(study.whisper, "chosen", missing)
    monkeypatch.setattr(networks, "mlp", missing)
    monkeypatch.setattr(networks, "regress", missing)
    monkeypatch.setattr(quality.world, "shifted", missing)
    rows = {row["figure"]: row for row in runner.evaluate(unchanged, plan(corpus, pairs=2))["rows"]}
    assert rows["set: closure"]["value"] is None and rows["set: closure"]["met"] is None
    assert "resemblyzer" in rows["set: closure"]["beside"]
    for figure in ("CER of sources", "CER added by +4 semitones", "unseen speaker from z_c, fresh network"):
        assert rows[figure]["value"] is None and "a_package is not installed" in rows[figure]["beside"]
    assert "pyworld is not installed" in rows["unedited round trip: PESQ-WB"]["beside"]
    assert rows["set: mean log-F0 within 2 semitones of the target's"]["value"] == 0


def test_without_a_recogniser_one_sentence_says_how_to_get_one(written: tuple[dict, Path]) -> None:
    (sentence,) = [one for one in written[0]["skipped"] if "character error rates" in one]
    assert "--recogniser (or VOICEVAE_WHISPER)" in sentence
    assert sentence in (written[1] / "report.md").read_text()


def test_the_report_opens_with_the_curve(written: tuple[dict, Path]) -> None:
    text = (written[1] / "report.md").read_text()
    assert text.index("**as shipped**") < text.index("- bundle:") < text.index("set: closure")
    assert written[0]["details"]["curve"]["as shipped"]["closure"] == pytest.approx(0, abs=1e-6)


def test_every_figure_says_what_it_was_measured_on(written: tuple[dict, Path]) -> None:
    assert [row["figure"] for row in written[0]["rows"] if row["value"] is not None and not row["on"]] == []


def test_a_page_keeps_what_stands_above_the_report(written: tuple[dict, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Head\n\n{document.MARK}\n\nformer report\n")
    document.put_into(page, written[1])
    text = page.read_text()
    assert text.startswith(f"# Head\n\n{document.MARK}\n\n| setting")
    assert "former report" not in text and "![" not in text
    assert "set: closure" in text
    document.put_into(page, written[1])
    assert page.read_text() == text
    page.write_text("# Head\n")
    with pytest.raises(VoiceVAEError, match="no line"):
        document.put_into(page, written[1])


def test_bad_requests_are_refused(unchanged, corpus: Path) -> None:
    with pytest.raises(CorpusError, match="pairs"):
        Plan(corpus, pairs=0)
    with pytest.raises(CorpusError, match="nowhere"):
        runner.evaluate(unchanged, plan(corpus, split="nowhere"))
    with pytest.raises(VoiceVAEError, match="recogniser"):
        runner.evaluate(unchanged, plan(corpus, recogniser="somebody"))


@pytest.mark.slow
def test_floor_and_ceiling_of_real_recordings(unchanged, recordings: Path) -> None:
    """Prototypes measured .53 and .81 on forty pairs of these speakers."""
    from voicevae.evaluation import pairs
    from voicevae.evaluation.clips import by_corpus, read_clips, usable_clips
    from voicevae.evaluation.metrics import similarity
    from voicevae.speaker_encoder import Resemblyzer

    clips = by_corpus(usable_clips(read_clips(recordings, "dev")))["speechocean762"]
    originals = Originals(unchanged, Resemblyzer())
    scores = [originals.scores(pair, pair.source.load(16000)) for pair in pairs.draw_pairs(clips, 40, 0)]
    found = similarity.evaluate([score for score in scores if score])
    assert found["floor"] == pytest.approx(0.53, abs=0.03)
    assert found["ceiling"] == pytest.approx(0.81, abs=0.03)
    assert found["closure"] == pytest.approx(0, abs=1e-6)
