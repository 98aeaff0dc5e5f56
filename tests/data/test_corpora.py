"""Published corpora: what is read of a miniature of each, whatever lies about in it."""

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from lhotse.qa import validate

from tests.data import original_layout
from tests.data.miniatures import BUILD, Miniature
from voicevae.data.corpora import CORPORA, LAYOUTS, read
from voicevae.data.folder import Utterance
from voicevae.data.prepare import load_cuts, load_frames, prepare
from voicevae.errors import CorpusError
from voicevae.training import config

ROOT = Path(__file__).resolve().parents[2]
EGS = ROOT / "egs"

# What a reader of the corpus' documentation would say of the miniatures: speaker, split, text, style, language, gender.
EXPECTED: dict[str, dict[str, tuple[str, ...]]] = {
    "aishell3": {
        "SSB00050001": ("SSB0005", "train", "广州女", "", "zh", "f"),
        "SSB00050998": ("SSB0005", "train", "", "", "zh", "f"),
        "SSB00090001": ("SSB0009", "train", "广州女", "", "zh", "m"),
        "SSB00050401": ("SSB0005", "test", "广州女", "", "zh", "f"),
        "SSB01390401": ("SSB0139", "dev", "广州女", "", "zh", "m"),
        "SSB02410401": ("SSB0241", "dev", "广州女", "", "zh", ""),
    },
    "cml_tts": {
        "252_10087_000001": ("252", "train", "Był, słowem, wieczór.", "", "", ""),
        "6892_10087_000001": ("6892", "train", "Był, słowem, wieczór.", "", "", ""),
        "252_10088_000001": ("252", "test", "Był, słowem, wieczór.", "", "", ""),
        "2902_10088_000001": ("2902", "dev", "Był, słowem, wieczór.", "", "", ""),
        "4891_10088_000001": ("4891", "dev", "Był, słowem, wieczór.", "", "", ""),
        "3946_10088_000001": ("3946", "test", "", "", "", ""),
    },
    "cmu_arctic": {
        "bdl-arctic_a0001": ("bdl", "train", "Author of the danger trail, Philip Steels, etc.", "", "en", "m"),
        "bdl-arctic_b0540": ("bdl", "train", "", "", "en", "m"),
        "rms-arctic_a0001": ("rms", "dev", "Author of the danger trail, Philip Steels, etc.", "", "en", "m"),
        "slt-arctic_a0001": ("slt", "dev", "Author of the danger trail, Philip Steels, etc.", "", "en", "f"),
    },
    "emodb": {
        "03a01Wa": ("03", "train", "Der Lappen liegt auf dem Eisschrank.", "anger", "de", "m"),
        "03a04Wc": ("03", "train", "Heute abend könnte ich es ihm sagen.", "anger", "de", "m"),
        "08b10Na": ("08", "train", "Die wird auf dem Platz sein, wo wir sie immer hinlegen.", "neutral", "de", "f"),
        "12a05Fa": (
            *("12", "dev", "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück."),
            *("happiness", "de", "m"),
        ),
        "13b03Ta": (
            *("13", "dev", "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht."),
            *("sadness", "de", "f"),
        ),
    },
    "esd": {
        "0001_000351": ("0001", "evaluation", "他对谁都那么友好", "anger", "zh", "f"),
        "0001_000401": ("0001", "train", "打远一看，", "anger", "zh", "f"),
        "0001_000021": ("0001", "test", "", "neutral", "zh", "f"),
        "0001_000022": ("0001", "test", "", "neutral", "zh", "f"),
        "0011_000051": ("0011", "train", "The nine the eggs, I keep.", "neutral", "en", "m"),
        "0019_001051": ("0019", "dev", "Tom could hear it…", "sadness", "en", "f"),
        "0020_001401": ("0020", "dev", "Tom could hear it…", "surprise", "en", "m"),
    },
    "librispeech": {
        "19-198-0000": ("19", "train", "NORTHANGER ABBEY", "", "en", "f"),
        "26-198-0000": ("26", "train", "", "", "en", "m"),
        "84-198-0000": ("84", "dev", "NORTHANGER ABBEY", "", "en", "f"),
        "174-198-0000": ("174", "dev", "NORTHANGER ABBEY", "", "en", "m"),
        "61-198-0000": ("61", "test-clean", "", "", "en", "m"),
    },
    "libritts_r": {
        "19_198_000000_000000": ("19", "train", "Northanger Abbey", "", "en", "f"),
        "84_198_000000_000000": ("84", "dev", "Northanger Abbey", "", "en", "f"),
        "174_198_000000_000000": ("174", "dev", "Northanger Abbey", "", "en", ""),
    },
    "ljspeech": {
        "LJ001-0001": ("LJ", "test", 'Printing, in the "only" sense', "", "en", "f"),
        "LJ002-0001": ("LJ", "test", "1 £", "", "en", "f"),
        "LJ003-0002": ("LJ", "dev", "It is of the first importance", "", "en", "f"),
        "LJ004-0002": ("LJ", "train", "It is of the first importance", "", "en", "f"),
        "LJ005-0001": ("LJ", "train", "", "", "en", "f"),
    },
    "speechocean762": {
        "0001-000010000": ("0001", "train", "MARK IS GOING", "", "en", "m"),
        "0005-000050000": ("0005", "train", "", "", "en", "f"),
        "0003-000030000": ("0003", "dev", "MARK IS GOING", "", "en", "m"),
        "0023-000230000": ("0023", "dev", "MARK IS GOING", "", "en", "f"),
    },
    "vcc2020": {
        "SEF1-E10001": ("SEF1", "dev", "A sentence.", "", "en", "f"),
        "SEF1-E30001": ("SEF1", "dev", "In reality.", "", "en", "f"),
        "SEM1-E10001": ("SEM1", "dev", "A sentence.", "", "en", "m"),
        "SEM1-E30001": ("SEM1", "dev", "In reality.", "", "en", "m"),
        "TEM2-E20001": ("TEM2", "train", "Another.", "", "en", "m"),
        "TEM2-E30001": ("TEM2", "groundtruth", "In reality.", "", "en", "m"),
        "TGF1-G10001": ("TGF1", "train", "Ein Satz für alle.", "", "de", "f"),
        "TGF1-G30001": ("TGF1", "groundtruth", "In reality.", "", "en", "f"),
    },
    "vctk": {
        "p225_001": ("p225", "dev", "Please call Stella.", "", "en", "f"),
        "p225_024": ("p225", "dev", "", "", "en", "f"),
        "p245_001": ("p245", "dev", "Please call Stella.", "", "en", "m"),
        "p280_001": ("p280", "train", "Please call Stella.", "", "en", "f"),
        "p315_001": ("p315", "train", "", "", "en", "m"),
    },
}
SKIPPED = {
    "aishell3": {"SSB00050888.wav": "unreadable"},
    "cml_tts": {"252_10087_000888.wav": "unreadable", "252_10087.wav": "odd name"},
    "cmu_arctic": {"arctic_b0538.wav": "unreadable"},
    "emodb": {"03a02Wb.wav": "unreadable", "test.wav": "odd name", "03a04Wc.wav": "silent"},
    "esd": {"0011_000888.wav": "unreadable", "0012_000701.wav": "odd name"},
    "librispeech": {"26-198-0888.flac": "unreadable", "26-198-0000 (copy).flac": "odd name"},
    "libritts_r": {"19_198_000000_000888.wav": "unreadable"},
    "ljspeech": {"LJ005-0888.wav": "unreadable", "copy of LJ005-0001.wav": "odd name"},
    "speechocean762": {"000050999.WAV": "unlisted", "000010777.WAV": "missing"},
    "vcc2020": {"E10888.wav": "unreadable", "E10001.wav": "odd name"},
    "vctk": {"p245_888_mic1.flac": "unreadable", "p225_001.flac": "odd name"},
}


def make(name: str, folder: Path, n: int = 1) -> Path:
    BUILD[name](Miniature(folder), n)
    return folder


def utterances(name: str, folder: Path) -> dict[str, Utterance]:
    return {u.id: u for u in CORPORA[name](folder)[0]}


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("name", BUILD)
def test_a_miniature_is_read_as_its_documentation_says(name: str, tmp_path: Path) -> None:
    folder = make(name, tmp_path / "corpus")
    before = files(folder)
    corpus = read(folder, name)
    found = {}
    for split, cuts in corpus.cuts.items():
        validate(cuts)
        for cut in cuts:
            label = cut.supervisions[0]
            style = (label.custom or {}).get("style", "")
            words = (label.text or "", style, label.language or "", label.gender or "")
            found[cut.id] = (label.speaker, split, *words)
            assert Path(cut.recording.sources[0].source).is_relative_to(folder)
    assert found == EXPECTED[name]
    heard = {path: kind for path, kind in SKIPPED[name].items() if kind != "silent"}  # which no header tells
    assert {Path(s.path).name: s.kind for s in corpus.skipped} == heard
    assert files(folder) == before


@pytest.mark.parametrize("name", BUILD)
def test_a_miniature_is_prepared(name: str, tmp_path: Path) -> None:
    folder, exp = make(name, tmp_path / "corpus"), tmp_path / "exp"
    features = config.load(EGS / name / "conf" / "default.yaml").features
    report = prepare(folder, exp, features, workers=1, layout=name)
    written = json.loads((exp / "data" / "report.json").read_text())
    assert {Path(s["path"]).name: s["kind"] for s in written["skipped"]} == SKIPPED[name]
    assert f"{len(SKIPPED[name])} files skipped" in str(report)
    expected = {i: e for i, e in EXPECTED[name].items() if f"{i}.wav" not in SKIPPED[name]}
    for split in {e[1] for e in expected.values()}:
        cuts = load_cuts(exp / "data", split)
        assert {cut.id for cut in cuts} == {i for i, e in expected.items() if e[1] == split}
        for cut in cuts:
            samples = cut.duration * features.sample_rate
            frames = load_frames(cut)
            assert frames.shape[1] == features.n_channels + 3
            assert abs(len(frames) - 1 - samples / features.hop_length) <= 1
            assert (frames[:, -2] >= 0.5).mean() > 0.2  # it is speech at every rate
    assert prepare(folder, exp, features, workers=1, layout=name).extracted == 0


@pytest.mark.parametrize("name", BUILD)
def test_another_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not a folder|has neither"):
        read(tmp_path / "none", name)
    Miniature(tmp_path).sound("somebody/u1.wav")
    with pytest.raises(CorpusError, match=re.escape(str(tmp_path))) as refused:
        read(tmp_path, name)
    assert str(refused.value).count(".") <= 3 and "\n" not in str(refused.value)


def test_a_layout_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no layout 'timit'; give one of folder, aishell3, "):
        read(tmp_path, "timit")


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("vctk", "speaker-info.txt"),
        ("librispeech", "SPEAKERS.TXT"),
        ("libritts_r", "speakers.tsv"),
        ("aishell3", "spk-info.txt"),
    ],
)
def test_without_the_table_of_speakers_all_but_genders_is_known(name: str, lost: str, tmp_path: Path) -> None:
    folder = make(name, tmp_path / "corpus")
    (folder / lost).unlink()
    found = {
        u.id: (u.speaker, u.split, u.text, u.style, u.language, u.gender) for u in utterances(name, folder).values()
    }
    for id, expected in EXPECTED[name].items():
        assert found[id] == (*expected[:-1], "")


@pytest.mark.parametrize(
    ("name", "lost"), [("ljspeech", "metadata.csv"), ("cmu_arctic", "cmu_us_slt_arctic/etc/txt.done.data")]
)
def test_without_transcripts_the_recordings_are_used_without_text(name: str, lost: str, tmp_path: Path) -> None:
    folder = make(name, tmp_path / "corpus")
    before = utterances(name, folder)
    (folder / lost).unlink()
    found = utterances(name, folder)
    assert set(found) == set(before)
    assert not any(u.text for u in found.values() if u.speaker in ("LJ", "slt"))


def test_without_the_usual_speakers_some_are_drawn(tmp_path: Path) -> None:
    folder = make("vctk", tmp_path / "corpus")
    for speaker in ("p225", "p245"):
        shutil.rmtree(folder / "wav48_silence_trimmed" / speaker)
    for speaker in ("p226", "p227", "p228"):
        Miniature(folder).sound(f"wav48_silence_trimmed/{speaker}/{speaker}_001_mic1.flac", 48000)
    drawn = {read(folder, "vctk", seed).cuts["dev"][0].supervisions[0].speaker for seed in range(8)}
    assert len(drawn) > 1


def test_names_that_two_speakers_share_are_two_utterances(tmp_path: Path) -> None:
    found = utterances("cmu_arctic", make("cmu_arctic", tmp_path, 2))
    assert {"bdl-arctic_a0002", "slt-arctic_a0002", "rms-arctic_a0002"} <= set(found)


def test_ages_of_children_are_noted(tmp_path: Path) -> None:
    found = utterances("speechocean762", make("speechocean762", tmp_path))
    assert found["0001-000010000"].note == "age=6"


def test_the_name_of_a_folder_tells_its_language(tmp_path: Path) -> None:
    found = utterances("cml_tts", make("cml_tts", tmp_path / "cml_tts_dataset_polish_v0.1"))
    assert {u.language for u in found.values()} == {"pl"}


@pytest.mark.parametrize("name", CORPORA)
def test_every_layout_has_its_recipe(name: str) -> None:
    assert name in BUILD and name in LAYOUTS
    assert {"run.sh", "README.md", "conf"} <= {path.name for path in (EGS / name).iterdir()}
    assert config.load(EGS / name / "conf" / "default.yaml").about != config.About()


@pytest.mark.parametrize("name", CORPORA)
def test_a_configuration_holds_only_what_differs(name: str) -> None:
    written = yaml.safe_load((EGS / name / "conf" / "default.yaml").read_text())
    default = asdict(config.RecipeConfig())
    assert all(value != default[section][key] for section, values in written.items() for key, value in values.items())


@pytest.mark.parametrize("name", [*CORPORA, "folder", "espeak"])
def test_a_readme_says_what_a_reader_has_to_know(name: str) -> None:
    text = (EGS / name / "README.md").read_text()
    assert all(f"\n| {fact} | " in text for fact in ("licence", "hours", "split", "disk", "time"))
    assert f"egs/{name}/run.sh" in text and "It must lie like this" in text
    figures = text.partition("\n## Figures\n")[2].lower()
    measured = "--minutes" in figures and "cer added" in figures
    assert measured or "not trained here" in figures or "no figures here" in figures or "not run here" in figures


@pytest.mark.parametrize("name", ["emodb", "librispeech", "speechocean762"])
def test_figures_of_the_shipped_bundle_are_those_of_its_card(name: str) -> None:
    card, readme = (
        [
            [cell.strip() for cell in line.split("|")[1:-1]]
            for line in path.read_text().splitlines()
            if f"| {name}: " in line
        ]
        for path in (ROOT / "voicevae/pretrained/default/card.md", EGS / name / "README.md")
    )
    assert readme == [[figure, value, interval, beside] for figure, value, interval, _, _, beside in card]


@pytest.mark.parametrize(
    ("corpus", "speakers"),
    [
        ("emodb", {"03", "12", "13"}),
        ("librispeech", {"103", "26", "1235", "1034"}),
        ("speechocean762", {"0024", "0575", "1181", "0306"}),
    ],
)
def test_recordings_in_their_original_layout(corpus: str, speakers: set[str], recordings: Path, tmp_path: Path) -> None:
    rows = {row["utt_id"]: row for row in original_layout.read_rows(recordings, corpus) if row["speaker"] in speakers}
    original_layout.BUILD[corpus](recordings, tmp_path, list(rows.values()))
    found = read(tmp_path, corpus)
    assert not found.skipped
    cuts = {Path(cut.recording.sources[0].source).stem: cut for part in found.cuts.values() for cut in part}
    assert set(cuts) == set(rows)
    for name, row in rows.items():
        label = cuts[name].supervisions[0]
        told = (label.speaker, label.text or "", label.language, label.gender, (label.custom or {}).get("style", ""))
        assert told == (row["speaker"], row["text"], row["language"], row["gender"], row["style"])
        assert cuts[name].duration == pytest.approx(float(row["duration_s"]), abs=1e-3)
