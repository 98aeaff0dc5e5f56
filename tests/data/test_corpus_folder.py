import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from lhotse.qa import validate

from voicevae.data.folder import read_corpus
from voicevae.errors import CorpusError


def speakers(cuts) -> set[str]:
    return {cut.supervisions[0].speaker for cut in cuts}


def test_manifests_are_complete_and_valid(corpus):
    found = read_corpus(corpus)
    cuts = [cut for part in found.cuts.values() for cut in part]
    assert len(cuts) == 12 and not found.skipped
    assert {Path(cut.recording.sources[0].source) for cut in cuts} == set(corpus.resolve().rglob("*.wav"))
    for part in found.cuts.values():
        validate(part)
    for cut in cuts:
        assert cut.duration == sf.info(cut.recording.sources[0].source).duration
        assert cut.supervisions[0].speaker == Path(cut.recording.sources[0].source).parent.name


def test_dev_holds_out_whole_speakers_by_seed(corpus):
    first, again = read_corpus(corpus, seed=3), read_corpus(corpus, seed=3)
    assert speakers(first.cuts["dev"]) == speakers(again.cuts["dev"])
    assert len(speakers(first.cuts["dev"])) == 1
    assert not speakers(first.cuts["dev"]) & speakers(first.cuts["train"])
    assert len({min(speakers(read_corpus(corpus, seed).cuts["dev"])) for seed in range(20)}) > 1


def test_with_three_speakers_none_is_held_out(corpus):
    shutil.rmtree(corpus / "dirk")
    assert set(read_corpus(corpus).cuts) == {"train"}


def test_speakers_of_one_name_in_two_corpora_are_two(corpus, tmp_path):
    both = tmp_path / "both"
    shutil.copytree(corpus, both / "one")
    shutil.copytree(corpus, both / "two")
    cuts = [cut for part in read_corpus(both).cuts.values() for cut in part]
    assert len(cuts) == len({cut.id for cut in cuts}) == 24
    assert speakers(cuts) == {f"{c}/{s}" for c in ("one", "two") for s in ("anna", "bert", "cleo", "dirk")}


def test_metadata_rules_split_and_labels(corpus):
    (corpus / "metadata.csv").write_text(
        "utt_id,speaker,path,split,text,style,language,gender\n"
        'a,anna,anna/u0.wav,train,"Well, yes.",happy,en,f\n'
        "u1,bert,,dev,,,,\n"
    )
    found = read_corpus(corpus)
    (train,), (dev,) = found.cuts["train"], found.cuts["dev"]
    label = train.supervisions[0]
    assert (label.text, label.language, label.gender, label.custom["style"]) == ("Well, yes.", "en", "f", "happy")
    assert dev.recording.sources[0].source.endswith("bert/u1.wav")
    assert dev.supervisions[0].custom is None
    assert sum(s.kind == "unlisted" for s in found.skipped) == 10


def test_metadata_with_a_path_alone_takes_the_speaker_from_it(corpus):
    (corpus / "metadata.csv").write_text("path\ncleo/u2.wav\n")
    (cut,) = read_corpus(corpus).cuts["train"]
    assert cut.supervisions[0].speaker == "cleo"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("utt_id\nu1\n", "line 2 has neither a path nor an utt_id with a speaker"),
        ("path\nu1.wav\n", "u1.wav lies in no speaker's folder"),
        ("path,split\nanna/u1.wav,a/b\n", "'a/b' is no name for a split"),
        ("path,split\nanna/u1.wav,dev\n", "no usable recording of the split 'train'"),
        ("path\nanna/none.wav\n", "no usable recording"),
        ("path;speaker\nanna/u0.wav;anna\n", "separates its columns by semicolons; save it again, with commas"),
        ("path\tspeaker\nanna/u0.wav\tanna\n", "separates its columns by tabs"),
    ],
)
def test_bad_metadata_is_named(corpus, text, words):
    (corpus / "metadata.csv").write_text(text)
    with pytest.raises(CorpusError, match=words):
        read_corpus(corpus)


def test_bad_files_are_listed_by_kind(corpus, sound):
    (corpus / "anna" / "text.wav").write_text("this is no sound")
    (corpus / "anna" / "empty.wav").write_bytes(b"")
    sf.write(corpus / "anna" / "header.wav", np.zeros(0), 16000)
    sf.write(corpus / "anna" / "u0.flac", sound(220, 1), 16000)
    sf.write(corpus / "lost.wav", sound(220, 1), 16000)
    (corpus / "anna" / "notes.txt").write_text("not for us")
    kinds = {Path(s.path).name: s.kind for s in read_corpus(corpus).skipped}
    assert kinds == {
        "text.wav": "unreadable",
        "empty.wav": "unreadable",
        "header.wav": "too short",
        "u0.wav": "duplicate",
        "lost.wav": "without a speaker",
    }


def test_a_missing_folder_and_an_empty_one_are_named(tmp_path):
    with pytest.raises(CorpusError, match="is not a folder"):
        read_corpus(tmp_path / "none")
    with pytest.raises(CorpusError, match="holds no usable recording"):
        read_corpus(tmp_path)


def test_paths_as_on_windows_are_found(corpus):
    (corpus / "metadata.csv").write_text("path\nanna\\u0.wav\n")
    (cut,) = read_corpus(corpus).cuts["train"]
    assert cut.recording.sources[0].source.endswith("anna/u0.wav") and cut.supervisions[0].speaker == "anna"


def test_what_cannot_be_read_or_listed_is_named(corpus):
    (corpus / "anna" / "song.m4a").write_bytes(b"x")
    shutil.copy(corpus / "anna" / "u0.wav", os.fsencode(corpus / "anna") + b"/caf\xe9.wav")
    kinds = {Path(s.path).name: s.kind for s in read_corpus(corpus).skipped}
    assert kinds == {"song.m4a": "another format", "caf\\xe9.wav": "odd name"}


def test_a_streamed_header_is_read_to_the_end(corpus):
    path = corpus / "anna" / "u0.wav"
    data, seconds = bytearray(path.read_bytes()), sf.info(path).duration
    data[40:44] = bytes(4)
    path.write_bytes(data)
    found = read_corpus(corpus)
    cuts = [cut for part in found.cuts.values() for cut in part]
    assert not found.skipped and {cut.duration for cut in cuts if cut.id == "anna-u0"} == {seconds}
