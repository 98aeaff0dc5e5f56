"""The generated corpus: its factors are known, and its folder is one that any recipe reads."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicevae.data.folder import read_corpus
from voicevae.features import FeatureConfig, extract
from voicevae.recipes.make_corpus import DEV, STYLES, TRAIN, make_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("espeak")
    make_corpus(folder, sentences=1)
    return folder


@pytest.fixture(scope="module")
def table(corpus: Path) -> list[dict[str, str]]:
    with open(corpus / "metadata.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def median_f0_hz(path: Path) -> float:
    wave, rate = sf.read(path, dtype="float32")
    frames = extract(wave, FeatureConfig(sample_rate=rate))
    return float(np.exp(np.median(frames.log_f0[frames.voiced])))


def test_every_voice_says_every_sentence_in_every_style_once(table: list[dict[str, str]]) -> None:
    crossed = Counter((row["speaker"], row["style"], row["sentence"]) for row in table)
    assert set(crossed.values()) == {1}
    assert len(crossed) == len(TRAIN | DEV) * len(STYLES)
    assert len({row["utt_id"] for row in table}) == len(table)


def test_factors_are_those_of_the_style(table: list[dict[str, str]]) -> None:
    for row in table:
        assert (int(row["pitch"]), int(row["pitch_range"])) == STYLES[row["style"]]
        assert row["split"] == ("dev" if row["speaker"] in DEV else "train")
        assert row["gender"] == (TRAIN | DEV)[row["speaker"]]
        assert row["language"] == "en" and row["text"]


def test_files_are_16_khz_mono_speech(corpus: Path, table: list[dict[str, str]]) -> None:
    for row in table:
        info = sf.info(corpus / row["path"])
        assert (info.samplerate, info.channels) == (16000, 1)
        assert 1 < info.duration < 5


@pytest.mark.parametrize("speaker", ["m1", "Alicia", "rob"])
def test_a_higher_pitch_setting_is_a_higher_f0(corpus: Path, table: list[dict[str, str]], speaker: str) -> None:
    rows = {row["style"]: row for row in table if row["speaker"] == speaker}
    low, neutral, high = (median_f0_hz(corpus / rows[style]["path"]) for style in ("low", "neutral", "high"))
    assert low * 1.05 < neutral < high / 1.05


def test_women_speak_higher_than_men(corpus: Path, table: list[dict[str, str]]) -> None:
    rows = [row for row in table if row["style"] == "neutral"]
    f0_hz = {g: [median_f0_hz(corpus / row["path"]) for row in rows if row["gender"] == g] for g in "mf"}
    assert max(f0_hz["m"]) < min(f0_hz["f"])


def test_the_recipes_read_it(corpus: Path, table: list[dict[str, str]]) -> None:
    found = read_corpus(corpus)
    assert not found.skipped
    assert {split: len(cuts) for split, cuts in found.cuts.items()} == Counter(row["split"] for row in table)
    styles = {s.custom["style"] for cuts in found.cuts.values() for cut in cuts for s in cut.supervisions}
    assert styles == set(STYLES)


def test_made_twice_it_is_the_same(corpus: Path, table: list[dict[str, str]], tmp_path: Path) -> None:
    make_corpus(tmp_path, sentences=1)
    assert (tmp_path / "metadata.csv").read_bytes() == (corpus / "metadata.csv").read_bytes()
    for row in table:
        assert (tmp_path / row["path"]).read_bytes() == (corpus / row["path"]).read_bytes()
