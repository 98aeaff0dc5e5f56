"""The conversions of published evaluations: as many as the papers have, and fixed."""

from collections import Counter
from pathlib import Path

import pytest

from tests.data.miniatures import BUILD, Miniature
from voicevae.errors import CorpusError
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.report.protocols import genuine, librispeech, vcc2020

SOURCES = ("SEF1", "SEF2", "SEM1", "SEM2")
TARGETS = {1: ("TEF1", "TEF2", "TEM1", "TEM2"), 2: ("TFF1", "TFM1", "TGF1", "TGM1", "TMF1", "TMM1")}


def clip(speaker: str, name: str, seconds: float = 7.0) -> Clip:
    return Clip(f"{speaker}-{name}", speaker, Path(f"{speaker}/{name}.wav"), seconds)


@pytest.fixture(scope="module")
def test_clean() -> list[Clip]:
    """40 speakers, 65 utterances each, in no order."""
    clips = [clip(str(1000 + s), f"{1000 + s}-{u // 30}-{u % 30:04}") for s in range(40) for u in range(65)]
    return clips[::-1]


@pytest.fixture(scope="module")
def challenge() -> dict[str, list[Clip]]:
    """All recordings of the Voice Conversion Challenge 2020."""
    dev = [clip(s, f"E{number}") for s in SOURCES for number in (*range(10001, 10071), *range(30001, 30026))]
    names = [f"E{number}" for number in (*range(10051, 10071), *range(20001, 20051))]
    train = [clip(t, name) for t in TARGETS[1] for name in names]
    train += [clip(t, f"{t[1]}{number}") for t in TARGETS[2] for number in range(10001, 10071)]
    truth = [clip(t, f"{t[1]}{number}") for t in (*TARGETS[1], *TARGETS[2]) for number in range(30001, 30026)]
    return {"dev": dev, "train": train, "groundtruth": truth}


def test_librispeech_converts_five_of_each_speaker_to_every_other(test_clean: list[Clip]) -> None:
    trials = librispeech(test_clean)
    assert len(trials) == 200 * 39
    assert set(Counter((t.source.speaker, t.target) for t in trials).values()) == {5}
    assert not any(t.source.speaker == t.target for t in trials)
    assert len({t.source.id for t in trials}) == 200
    assert all(len(t.references) == 65 and {c.speaker for c in t.references} == {t.target} for t in trials)


def test_librispeech_does_not_depend_on_the_order_of_files(test_clean: list[Clip]) -> None:
    assert librispeech(test_clean) == librispeech(test_clean[::-1])


def test_sources_are_spread_over_a_speakers_utterances(test_clean: list[Clip]) -> None:
    own = sorted(c.id for c in test_clean if c.speaker == "1000")
    chosen = sorted({own.index(t.source.id) for t in librispeech(test_clean) if t.source.speaker == "1000"})
    assert chosen[0] < 13 and chosen[-1] >= 52
    assert max(b - a for a, b in zip(chosen, chosen[1:], strict=False)) <= 13


@pytest.mark.parametrize(("seconds", "utterances"), [(0.0, 1), (6.9, 1), (14.0, 2), (60.0, 8), (1e9, 65)])
def test_references_last_as_long_as_asked(test_clean: list[Clip], seconds: float, utterances: int) -> None:
    assert {len(t.references) for t in librispeech(test_clean, seconds)} == {utterances}


def test_a_speaker_with_few_utterances_gives_all() -> None:
    clips = [clip("a", f"a-{i}") for i in range(3)] + [clip("b", f"b-{i}") for i in range(6)]
    assert Counter(t.source.speaker for t in librispeech(clips)) == {"a": 3, "b": 5}


@pytest.mark.parametrize(("task", "trials"), [(1, 400), (2, 600)])
def test_the_challenge_converts_its_evaluation_sentences(
    challenge: dict[str, list[Clip]], task: int, trials: int
) -> None:
    found = vcc2020(challenge, task)
    assert len(found) == trials == len(set(found))
    assert {t.target for t in found} == set(TARGETS[task])
    assert {t.source.speaker for t in found} == set(SOURCES)
    assert Counter(t.source.path.stem for t in found) == {f"E{n}": trials // 25 for n in range(30001, 30026)}
    for t in found:
        assert len(t.references) == 70 and {c.speaker for c in t.references} == {t.target}
        assert t.reading and t.reading.speaker == t.target and t.reading.path.stem[1:] == t.source.path.stem[1:]


def test_the_challenge_as_it_is_prepared(tmp_path: Path) -> None:
    from voicevae.data.corpora import read

    BUILD["vcc2020"](Miniature(tmp_path), 2)
    cuts = read(tmp_path, "vcc2020").cuts
    splits = {
        split: [Clip(c.id, c.supervisions[0].speaker, Path(c.recording.sources[0].source), c.duration) for c in part]
        for split, part in cuts.items()
    }
    one, two = vcc2020(splits, 1), vcc2020(splits, 2)
    assert {(t.source.id, t.target) for t in one} == {
        (f"{s}-E3000{i}", "TEM2") for s in ("SEF1", "SEM1") for i in (1, 2)
    }
    assert {t.target for t in two} == {"TGF1"}
    assert all(t.reading and t.reading.id == f"TGF1-G{t.source.path.stem[1:]}" for t in two)
    assert all(t.reading and t.reading.id == f"TEM2-{t.source.path.stem}" for t in one)


def test_what_is_missing_is_named(challenge: dict[str, list[Clip]]) -> None:
    with pytest.raises(CorpusError, match="no task 3"):
        vcc2020(challenge, 3)
    with pytest.raises(CorpusError, match="no evaluation sentences"):
        vcc2020(challenge | {"dev": challenge["dev"][:70]}, 1)
    with pytest.raises(CorpusError, match="no targets of task 2"):
        vcc2020(challenge | {"train": challenge["train"][:280]}, 2)
    with pytest.raises(CorpusError, match="two speakers"):
        librispeech([clip("a", "a-0")])
    with pytest.raises(CorpusError, match="b has fewer than two recordings"):
        clips = [clip("a", "a-0"), clip("a", "a-1"), clip("b", "b-0")]
        genuine(librispeech(clips), clips)


def test_genuine_pairs_are_of_two_utterances_and_as_varied_as_can_be(test_clean: list[Clip]) -> None:
    trials = librispeech(test_clean)
    pairs = genuine(trials, test_clean)
    assert all(a != b and a.speaker == b.speaker == t.target for (a, b), t in zip(pairs, trials, strict=True))
    assert len(set(pairs)) == len(pairs)


def test_genuine_pairs_of_three_utterances_begin_again_after_all_six() -> None:
    clips = [clip(s, f"{s}-{i}") for s in "ab" for i in range(3)]
    trials = [t for t in librispeech(clips) if t.target == "a"] * 4
    assert set(Counter(genuine(trials, clips)).values()) == {2} and len(trials) == 12
