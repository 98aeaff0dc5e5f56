import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicevae.data.prepare import load_cuts, load_frames, prepare, read_report
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig, Frames, extract

CONFIG = FeatureConfig()


def all_cuts(exp: Path) -> list:
    return [cut for split in ("train", "dev") for cut in load_cuts(exp / "data", split)]


def test_frames_are_those_of_the_recording(corpus, tmp_path):
    report = prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
    assert sum(t.utterances for t in report.splits.values()) == 12 == report.extracted
    for cut in all_cuts(tmp_path / "exp"):
        wave, _ = sf.read(cut.recording.sources[0].source, dtype="float32")
        frames = load_frames(cut)
        assert frames.dtype == np.float32
        assert frames.shape == (len(wave) // CONFIG.hop_length + 1, CONFIG.n_channels + 3)
        np.testing.assert_array_equal(frames, extract(wave, CONFIG).array())


def test_mel_and_contours_are_aligned(corpus, tmp_path, sound):
    gap = np.zeros(8000, np.float32)
    sf.write(corpus / "anna" / "step.wav", np.concatenate([gap, sound(220, 1.0)]), 16000)
    prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
    (cut,) = [c for c in all_cuts(tmp_path / "exp") if c.id == "anna-step"]
    frames = Frames.from_array(load_frames(cut))
    assert len(frames.mel) == len(frames.log_f0) == len(frames.voicing) == len(frames.loudness_db)
    onset = 0.5 * CONFIG.frame_rate
    assert abs(np.argmax(frames.loudness_db > -40) - onset) <= 3
    assert abs(np.argmax(frames.voiced) - onset) <= 6
    assert abs(np.argmax(frames.mel.std(axis=1) > 1) - onset) <= 3


def test_other_rates_and_channels_give_the_same_frames(corpus, tmp_path, sound):
    wave = sound(200, 1.0, rate=48000)
    sf.write(corpus / "anna" / "wide.wav", np.stack([wave, wave], axis=1), 48000)
    prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
    (cut,) = [c for c in all_cuts(tmp_path / "exp") if c.id == "anna-wide"]
    frames = Frames.from_array(load_frames(cut))
    assert len(frames) == 81
    assert np.exp(np.median(frames.log_f0[frames.voiced])) == pytest.approx(200, rel=0.01)


def test_bad_files_are_counted_and_listed(corpus, tmp_path, sound):
    sf.write(corpus / "anna" / "silent.wav", np.zeros(16000), 16000)
    sf.write(corpus / "anna" / "clipped.wav", np.clip(20 * sound(220, 1), -1, 1), 16000)
    sf.write(corpus / "anna" / "short.wav", sound(220, 0.2), 16000)
    sf.write(corpus / "anna" / "broken.wav", np.array([np.nan] * 16000), 16000, subtype="FLOAT")
    (corpus / "anna" / "text.wav").write_text("this is no sound")
    expected = {
        "silent": "silent",
        "clipped": "clipped",
        "short": "too short",
        "broken": "unusable",
        "text": "unreadable",
    }
    for _ in range(2):  # a second run knows them without reading them again
        report = prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
        written = json.loads((tmp_path / "exp" / "data" / "report.json").read_text())
        assert {Path(s["path"]).stem: s["kind"] for s in written["skipped"]} == expected
        assert all(s["reason"] for s in written["skipped"])
        assert "5 files skipped" in str(report) and "1 clipped" in str(report)
        assert sum(t["utterances"] for t in written["splits"].values()) == 12
    assert report.extracted == 0


def test_a_second_run_extracts_only_what_changed(corpus, tmp_path, sound):
    exp = tmp_path / "exp"
    prepare(corpus, exp, CONFIG, workers=1)
    before = {p: p.stat().st_mtime_ns for p in (exp / "data" / "frames").rglob("*.npy")}
    sf.write(corpus / "anna" / "u0.wav", sound(300, 1.0), 16000)
    sf.write(corpus / "anna" / "new.wav", sound(220, 1.0), 16000)
    next((exp / "data" / "frames").rglob("bert-u1.npy")).unlink()
    report = prepare(corpus, exp, CONFIG, workers=1)
    changed = {p.stem for p in (exp / "data" / "frames").rglob("*.npy") if p.stat().st_mtime_ns != before.get(p)}
    assert changed == {"anna-u0", "anna-new", "bert-u1"}
    assert (report.extracted, report.kept) == (3, 10)


def test_the_checksum_is_another_one_if_what_is_trained_on_is(corpus, tmp_path, sound):
    def checksum(config=CONFIG):
        prepare(corpus, tmp_path / "exp", config, workers=1)
        return read_report(tmp_path / "exp" / "data")["checksum"]

    seen = [checksum()]
    assert checksum() == seen[0]
    sf.write(corpus / "anna" / "u0.wav", sound(300, 0.8, seed=5), 16000)  # as long as before
    seen.append(checksum())
    rows = [f"{p.stem}-{p.parent.name},{p.parent.name},{p.relative_to(corpus)},train" for p in corpus.rglob("*.wav")]
    for speaker in ("anna", "another"):
        named = "\n".join(["utt_id,speaker,path,split", *rows]).replace("anna,", f"{speaker},")
        (corpus / "metadata.csv").write_text(named)
        seen.append(checksum())
    seen.append(checksum(FeatureConfig(n_mels=64)))
    assert len(set(seen)) == len(seen)


def test_an_interrupted_run_goes_on(corpus, tmp_path):
    exp = tmp_path / "exp"
    prepare(corpus, exp, CONFIG, workers=1)
    journal = exp / "data" / "done.jsonl"
    whole = journal.read_text()
    cut_off = "".join(whole.splitlines(keepends=True)[:5])
    journal.write_text(cut_off + whole[len(cut_off) :][:40])
    assert prepare(corpus, exp, CONFIG, workers=1).kept == 5
    assert prepare(corpus, exp, CONFIG, workers=1).kept == 12


def test_another_configuration_extracts_everything_again(corpus, tmp_path):
    prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
    report = prepare(corpus, tmp_path / "exp", FeatureConfig(n_mels=64), workers=1)
    assert report.extracted == 12
    assert all(load_frames(cut).shape[1] == 64 + CONFIG.n_harmonicity + 3 for cut in all_cuts(tmp_path / "exp"))


def test_a_removed_recording_leaves_the_manifests(corpus, tmp_path):
    prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
    os.unlink(corpus / "anna" / "u0.wav")
    prepare(corpus, tmp_path / "exp", CONFIG, workers=1)
    assert "anna-u0" not in {cut.id for cut in all_cuts(tmp_path / "exp")}


def test_worker_processes_agree_with_one(corpus, tmp_path):
    prepare(corpus, tmp_path / "one", CONFIG, workers=1)
    prepare(corpus, tmp_path / "two", CONFIG, workers=2)
    for one, two in zip(all_cuts(tmp_path / "one"), all_cuts(tmp_path / "two"), strict=True):
        np.testing.assert_allclose(load_frames(one), load_frames(two), atol=1e-3)


def test_a_corpus_of_silence_is_an_error(tmp_path):
    (tmp_path / "corpus" / "anna").mkdir(parents=True)
    sf.write(tmp_path / "corpus" / "anna" / "u.wav", np.zeros(16000), 16000)
    with pytest.raises(CorpusError, match="No recording of"):
        prepare(tmp_path / "corpus", tmp_path / "exp", CONFIG, workers=1)
    for ask in (lambda data: load_cuts(data, "train"), read_report):
        with pytest.raises(CorpusError, match="prepare the corpus first"):
            ask(tmp_path / "exp" / "data")
