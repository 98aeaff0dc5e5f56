"""A corpus and its copies: who speaks, what is said and when stay true; a second run does what is missing."""

import json
import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from lhotse import CutSet, MonoCut, Recording, RecordingSet, SupervisionSegment, SupervisionSet, validate
from lhotse.supervision import AlignmentItem

import voicevae
from tests.augmentation.conftest import BURSTS_S, RATE, bursts
from voicevae.augmentation import AugmentationPlan, Item, augment, copy_recording
from voicevae.cli import main
from voicevae.data.folder import read_corpus
from voicevae.errors import CorpusError
from voicevae.shared_bundle import SharedBundle
from voicevae.voice import VoiceVAE

TOLERANCE_S = 0.01


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def envelope_db(wave: np.ndarray) -> np.ndarray:
    """Level of 10 ms about each sample, dB, at most 40 below the loudest."""
    power = np.convolve(np.square(wave, dtype=np.float64), np.full(160, 1 / 160), "same")
    return 10 * np.log10(np.maximum(power / power.max(), 1e-4))


def late_s(copy: np.ndarray, source: np.ndarray, rate: float, edge_s: float) -> float:
    """By how much the level of `copy` changes later than that of `source` about `edge_s` (of the copy): the lag at
    which both go together best."""
    made, known = envelope_db(copy), envelope_db(source)
    place = np.arange(round((edge_s - 0.06) * RATE), round((edge_s + 0.06) * RATE))
    wanted = np.interp(place * rate, np.arange(len(known)), known)
    lags = np.arange(-480, 481, 8)
    return float(lags[np.argmax([np.corrcoef(made[place + lag], wanted)[0, 1] for lag in lags])] / RATE)


def labelled(path: Path) -> CutSet:
    """Two cuts of one recording, of which the second begins where the first ends; a word is a burst."""
    sf.write(path, np.concatenate([bursts(150), bursts(180)]), RATE)
    whole = Recording.from_file(path, recording_id="long")
    cuts = []
    for i in range(2):
        words = [AlignmentItem(str(k), start, round(end - start, 4)) for k, (start, end) in enumerate(BURSTS_S)]
        said = SupervisionSegment(
            f"s{i}", "long", 0.1, 1.2, text="0 1 2", speaker=f"speaker {i}", alignment={"word": words}
        )
        cuts.append(MonoCut(f"cut{i}", 1.4 * i, 1.4, 0, [said], recording=whole))
    return CutSet.from_cuts(cuts)


def test_words_are_where_the_manifest_says(tmp_path: Path) -> None:
    """With the shipped bundle, as users hear it."""
    cuts = labelled(tmp_path / "long.wav")
    report = augment(voicevae.load(), cuts, tmp_path / "out", 2, rate=(0.75, 1.33), workers=1, seed=1)
    assert (report.recordings, report.copies) == (2, 4)
    copies = list(CutSet.from_file(tmp_path / "out" / "cuts.jsonl.gz"))
    assert len({cut.augmented["rate"] for cut in copies}) == 4
    for cut in copies:
        rate, (said,) = cut.augmented["rate"], cut.supervisions
        wave = cut.load_audio()[0]
        assert len(wave) == cut.recording.num_samples and cut.duration == len(wave) / RATE
        assert abs(cut.duration - 1.4 / rate) <= 1 / RATE
        assert said.start == pytest.approx(0.1 / rate) and said.duration == pytest.approx(1.2 / rate)
        source = bursts(150 if cut.augmented["source_cut"] == "cut0" else 180)
        edges = [edge for word in said.alignment["word"] for edge in (word.start, word.end)]
        assert len(edges) == 6 and max(abs(late_s(wave, source, rate, edge)) for edge in edges) < TOLERANCE_S


def test_a_folder_becomes_a_folder_with_its_labels(vv: VoiceVAE, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = augment(vv, corpus, out, 2, workers=1)
    assert (report.recordings, report.copies, report.kept) == (3, 6, 0)
    assert [one.kind for one in report.skipped] == ["unreadable"] and "broken.wav" in report.skipped[0].path
    again = read_corpus(out)
    assert not again.skipped and {split: len(cuts) for split, cuts in again.cuts.items()} == {"train": 4, "dev": 2}
    speakers = Counter(cut.supervisions[0].speaker for cuts in again.cuts.values() for cut in cuts)
    assert speakers == {"ann_voice1": 2, "ann_voice2": 2, "bob_voice1": 1, "bob_voice2": 1}
    for cut in again.cuts["train"]:
        said = cut.supervisions[0]
        assert (said.text, said.language, said.custom) == ("one two three", "en", {"style": "joy"})
        assert said.gender is None  # this bundle knows no gender to draw from
    made = {cut.id: cut for cut in CutSet.from_file(out / "cuts.jsonl.gz")}
    validate(CutSet.from_cuts(made.values()), read_data=True)
    assert {cut.augmented["source_cut"] for cut in made.values()} == {"ann-0", "ann-1", "bob-0"}
    seeds = {cut.supervisions[0].speaker: cut.augmented["voice_seed"] for cut in made.values()}
    assert all(cut.augmented["voice_seed"] == seeds[cut.supervisions[0].speaker] for cut in made.values())
    assert len(set(seeds.values())) == 4
    assert not [path for path in out.rglob("*") if path.name.endswith(".part")]


def sounds(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*.flac")}


def test_a_run_that_stopped_goes_on_and_other_settings_begin_anew(vv: VoiceVAE, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    augment(vv, corpus, out, 1, workers=1)
    first, manifest = sounds(out), (out / "cuts.jsonl.gz").read_bytes()
    # As if killed: one recording half done, and one whose sound somebody removed.
    (out / ".done" / "ann-0.json").unlink()
    (out / "ann_voice1" / ".0_voice1.flac.1234.part").write_bytes(b"half")
    (out / "bob_voice1" / "0_voice1.flac").unlink()
    report = augment(vv, corpus, out, 1, workers=1)
    assert report.kept == 1 and report.copies == 3
    second = sounds(out)
    assert {k: v[1] for k, v in second.items()} == {k: v[1] for k, v in first.items()}
    assert second["ann_voice1/1_voice1.flac"] == first["ann_voice1/1_voice1.flac"]
    assert not list(out.rglob("*.part"))
    assert len(CutSet.from_file(out / "cuts.jsonl.gz")) == 3 and manifest
    assert augment(vv, corpus, out, 1, workers=1).kept == 3
    sf.write(corpus / "bob" / "0.wav", bursts(130), RATE)
    assert augment(vv, corpus, out, 1, workers=1).kept == 2
    other = augment(vv, corpus, out, 1, workers=1, seed=1)
    assert other.kept == 0 and sounds(out)["ann_voice1/1_voice1.flac"][1] != first["ann_voice1/1_voice1.flac"][1]


def test_any_executor_gives_the_same_and_an_item_can_travel(vv: VoiceVAE, corpus: Path, tmp_path: Path) -> None:
    augment(vv, corpus, tmp_path / "one", 1, workers=1)
    with ThreadPoolExecutor(2) as pool:
        augment(vv, corpus, tmp_path / "two", 1, executor=pool)
    one, two = (sounds(tmp_path / name) for name in ("one", "two"))
    assert {k: v[1] for k, v in one.items()} == {k: v[1] for k, v in two.items()}
    cut = next(iter(read_corpus(corpus).cuts["dev"]))
    item = Item(cut, AugmentationPlan(copies=1), str(tmp_path / "two"), SharedBundle.of(vv))
    assert copy_recording(pickle.loads(pickle.dumps(item))).kept


def test_recordings_and_supervisions_are_a_corpus(vv: VoiceVAE, tmp_path: Path) -> None:
    sf.write(tmp_path / "a.wav", bursts(150), RATE)
    recording = Recording.from_file(tmp_path / "a.wav", recording_id="a")
    said = SupervisionSegment("a", "a", 0, recording.duration, speaker="x/y z")
    RecordingSet.from_recordings([recording]).to_file(tmp_path / "recordings.jsonl.gz")
    SupervisionSet.from_segments([said]).to_file(tmp_path / "supervisions.jsonl.gz")
    paths = [tmp_path / "recordings.jsonl.gz", tmp_path / "supervisions.jsonl.gz"]
    assert augment(vv, paths, tmp_path / "out", 1, workers=1).copies == 1
    (cut,) = CutSet.from_file(tmp_path / "out" / "cuts.jsonl.gz")
    assert cut.supervisions[0].speaker == "x/y z_voice1" and not (tmp_path / "out" / "metadata.csv").exists()


def test_two_voices_in_one_cut_are_left_out(vv: VoiceVAE, tmp_path: Path) -> None:
    cuts = list(labelled(tmp_path / "long.wav"))
    cuts[0].supervisions.append(SupervisionSegment("t", "long", 0.2, 0.1, speaker="somebody else"))
    report = augment(vv, CutSet.from_cuts(cuts), tmp_path / "out", 1, workers=1)
    assert report.copies == 1 and [one.kind for one in report.skipped] == ["several speakers"]


def test_the_command_does_what_python_does(
    vv: VoiceVAE, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"augment {corpus} --out-dir {tmp_path / 'out'} --copies 1 --rate 0.8 0.9 --workers 1 --bundle {vv.path}"
    assert main(words.split()) == 0
    said = capsys.readouterr().out
    assert "3 copies of 3 recordings" in said and "1 files skipped: 1 unreadable" in said and "broken.wav" in said
    plan = json.loads((tmp_path / "out" / "report.json").read_text())["plan"]
    assert (plan["copies"], plan["rate"], plan["pitch_range"]) == (1, [0.8, 0.9], list(AugmentationPlan().pitch_range))
    assert augment(vv, corpus, tmp_path / "out", 1, rate=(0.8, 0.9), workers=1).kept == 3


def test_what_cannot_be_copied_is_one_sentence(vv: VoiceVAE, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "no.jsonl.gz").write_text("no manifest")
    (tmp_path / "empty").mkdir()
    wrong: list[tuple[Any, Path, str]] = [
        (corpus, corpus / "more", "lies in the corpus"),
        (tmp_path / "missing", tmp_path / "out", "does not exist"),
        (tmp_path / "no.jsonl.gz", tmp_path / "out", "is not a lhotse manifest"),
        (tmp_path / "empty", tmp_path / "out", "no usable recording"),
        (corpus, corpus / "ann" / "0.wav" / "x", "lies in the corpus"),
    ]
    for source, out, said in wrong:
        with pytest.raises(CorpusError, match=said):
            augment(vv, source, out, 1, workers=1)
    assert not (tmp_path / "out").exists()


def test_channels_are_mixed_as_everywhere(vv: VoiceVAE, tmp_path: Path) -> None:
    folder = tmp_path / "corpus" / "ann"
    folder.mkdir(parents=True)
    sf.write(folder / "mono.wav", bursts(200), RATE)
    sf.write(folder / "stereo.wav", bursts(200)[:, None] * [1, -1], RATE)
    report = augment(vv, tmp_path / "corpus", tmp_path / "out", 1, workers=1)
    assert report.copies == 2 and not report.skipped
    cuts = {cut.id: cut.load_audio()[0] for cut in CutSet.from_file(tmp_path / "out" / "cuts.jsonl.gz")}
    mono, stereo = (np.sqrt(np.mean(cuts[f"ann-{name}_voice1"] ** 2)) for name in ("mono", "stereo"))
    assert 20 * np.log10(stereo / mono) == pytest.approx(0, abs=1.5)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_warning_names_its_file(vv: VoiceVAE, tmp_path: Path, workers: int) -> None:
    """Of F0 above what can be followed, in whatever process it is measured."""
    time = np.arange(RATE) / RATE
    high = sum(np.sin(2 * np.pi * 1500 * k * time) / k for k in range(1, 5))
    for name, wave in (("high", 0.1 * high), ("low", bursts(150)[:RATE])):
        (tmp_path / "corpus" / "ann").mkdir(parents=True, exist_ok=True)
        sf.write(tmp_path / "corpus" / "ann" / f"{name}.wav", wave, RATE)
    with pytest.warns(UserWarning, match="F0 at") as heard:
        augment(vv, tmp_path / "corpus", tmp_path / "out", 1, workers=workers)
    said = [str(one.message) for one in heard if "F0 at" in str(one.message)]
    assert len(said) == 1 and "high.wav: F0 at" in said[0]
