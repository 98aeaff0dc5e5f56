"""A corpus is done once: again only what changed, and as one file after another would be."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae import audio, batch
from voicevae.cli import main
from voicevae.errors import AudioError, BundleError, EditError
from voicevae.shared_bundle import SharedBundle
from voicevae.voice import VoiceVAE

RATE = 16000


def buzz(seconds: float, f0_hz: float) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    tone = sum(np.sin(2 * np.pi * f0_hz * k * time) / k for k in range(1, 11))
    return (0.1 * tone * (1 + 0.5 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two speakers with recordings of the same names."""
    for speaker, f0_hz in {"anna": 220.0, "bert": 110.0}.items():
        (tmp_path / "corpus" / speaker).mkdir(parents=True)
        for i in range(2):
            sf.write(tmp_path / "corpus" / speaker / f"u{i}.flac", buzz(0.5 + 0.1 * i, f0_hz), RATE)
    return tmp_path / "corpus"


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def times(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*.wav")}


def test_files_are_converted_in_their_order_within_folders(corpus: Path, tmp_path: Path, vv: VoiceVAE) -> None:
    done = batch.convert(vv, [corpus], tmp_path / "out", voice=corpus / "anna" / "u0.flac", rate=0.8, watermark=False)
    assert (done.made, done.kept, done.failures) == (4, 0, []) and done.seconds == pytest.approx(2.2 / 0.8, rel=0.01)
    assert set(times(tmp_path / "out")) == {"anna/u0.wav", "anna/u1.wav", "bert/u0.wav", "bert/u1.wav"}
    wave = vv.convert(corpus / "bert" / "u1.flac", voice=corpus / "anna" / "u0.flac", rate=0.8)
    np.testing.assert_allclose(audio.read(tmp_path / "out" / "bert" / "u1.wav", RATE), wave, atol=1e-4)


def test_again_only_what_changed_is_done(corpus: Path, tmp_path: Path, vv: VoiceVAE) -> None:
    def convert(**edits: float) -> list[str]:
        """What was written."""
        before = times(tmp_path / "out")
        done = batch.convert(vv, [corpus], tmp_path / "out", **edits)
        after = times(tmp_path / "out")
        changed = sorted(name for name in after if after[name] != before.get(name))
        assert (done.made, done.kept) == (len(changed), len(after) - len(changed))
        return changed

    assert len(convert(pitch_semitones=1.0)) == 4
    assert convert(pitch_semitones=1.0) == []
    sf.write(corpus / "anna" / "u0.flac", buzz(0.7, 200), RATE)  # another recording
    (tmp_path / "out" / "anna" / "u1.wav").unlink()
    os.truncate(tmp_path / "out" / "bert" / "u0.wav", 1000)
    assert convert(pitch_semitones=1.0) == ["anna/u0.wav", "anna/u1.wav", "bert/u0.wav"]
    assert len(convert(pitch_semitones=2.0)) == 4


def test_a_run_that_was_stopped_goes_on(corpus: Path, tmp_path: Path, vv: VoiceVAE) -> None:
    batch.convert(vv, [corpus], tmp_path / "out")
    journal = tmp_path / "out" / batch.JOURNAL
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text(lines[0] + lines[1][:30])  # the power was cut while it wrote
    (tmp_path / "out" / "bert" / ".u0.wav.0123abcd.part").write_bytes(b"half")
    done = batch.convert(vv, [corpus], tmp_path / "out")
    assert (done.made, done.kept) == (3, 1)
    assert not list((tmp_path / "out").rglob("*.part"))
    assert batch.convert(vv, [corpus], tmp_path / "out").kept == 4


def test_a_bad_file_is_named_stops_no_other_and_is_tried_again(corpus: Path, tmp_path: Path, vv: VoiceVAE) -> None:
    (corpus / "anna" / "u0.flac").write_text("this is no sound")
    for _ in range(2):
        done = batch.convert(vv, [corpus], tmp_path / "out")
        assert len(done.failures) == 1 and "u0.flac" in done.failures[0]
    assert (done.made, done.kept) == (0, 3)


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_make_the_same(corpus: Path, tmp_path: Path, vv: VoiceVAE, workers: int) -> None:
    done = batch.convert(vv, [corpus], tmp_path / "out", formant_semitones=1.0, watermark=False, workers=workers)
    assert done.made == 4
    wave = vv.modulate(corpus / "anna" / "u1.flac", formant_semitones=1.0)
    np.testing.assert_allclose(audio.read(tmp_path / "out" / "anna" / "u1.wav", RATE), wave, atol=1e-4)


def test_embeddings_are_the_same_and_read_nothing_again(
    corpus: Path, tmp_path: Path, vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = vv.embed(sorted(corpus.rglob("*.flac")))
    two, _ = batch.embed(vv, [corpus], tmp_path / "table.npz")
    monkeypatch.setattr(audio, "read", lambda *_: pytest.fail("read again"))
    three, _ = batch.embed(vv, [corpus], tmp_path / "table.npz")
    for table in (two, three):
        assert table.names == one.names
        np.testing.assert_array_equal(table.matrix(), one.matrix())
        np.testing.assert_array_equal(table.seconds, one.seconds)


def test_bad_recordings_stop_no_row_of_others(corpus: Path, tmp_path: Path, vv: VoiceVAE) -> None:
    good = sorted(corpus.rglob("*.flac"))
    for name in ("anna/u0", "bert/u1"):
        (corpus / f"{name}.flac").write_text("this is no sound")
        good.remove(corpus / f"{name}.flac")
    table, failures = batch.embed(vv, [corpus, tmp_path / "none.wav"], tmp_path / "table.npz")
    assert table.names == [str(path) for path in good]
    assert [sentence.split(" ")[0].rpartition("/")[2] for sentence in failures] == ["none.wav", "u0.flac", "u1.flac"]
    for path in good:
        path.write_text("this is no sound")
    with pytest.raises(AudioError, match="u0.flac is damaged"):
        batch.embed(vv, [corpus], tmp_path / "table.npz")


def test_what_cannot_be_is_said_before_any_work(corpus: Path, tmp_path: Path, vv: VoiceVAE) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AudioError, match="empty holds no sound file"):
        batch.convert(vv, [tmp_path / "empty"], tmp_path / "out")
    with pytest.raises(AudioError, match="does not exist"):
        batch.convert(vv, [tmp_path / "nothing.wav"], tmp_path / "out")
    with pytest.raises(AudioError, match="nobody.wav does not exist"):
        batch.convert(vv, [corpus], tmp_path / "out", voice=tmp_path / "nobody.wav")
    with pytest.raises(AudioError, match="would both become"):
        batch.convert(vv, [corpus / "anna" / "u0.flac", corpus / "bert" / "u0.flac"], tmp_path / "out")
    sf.write(corpus / "anna" / "w.wav", buzz(0.5, 200), RATE)
    with pytest.raises(AudioError, match="is an input"):
        batch.convert(vv, [corpus / "anna" / "w.wav"], corpus / "anna")
    with pytest.raises(AudioError, match="lies in .*corpus"):
        batch.convert(vv, [corpus], corpus / "converted")
    with pytest.raises(EditError):
        batch.convert(vv, [corpus], tmp_path / "out", rate=100.0)
    assert not (tmp_path / "out").exists() and not (corpus / "converted").exists()


def test_a_bundle_without_a_folder_or_another_one_there_is_refused(
    corpus: Path, tmp_path: Path, small_bundle: Path, make_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    vv = voicevae.load(small_bundle)
    monkeypatch.setattr(vv, "path", None)
    with pytest.raises(BundleError, match="save it first"):
        batch.convert(vv, [corpus], tmp_path / "out")
    other = SharedBundle(str(make_bundle(1)), "cpu", "torch", vv.checksum)
    with pytest.raises(BundleError, match="another bundle"):
        other.load()


def test_the_command_line_does_the_same(
    corpus: Path, tmp_path: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, bundle = tmp_path / "out", ["--bundle", str(small_bundle)]
    convert = ["convert", str(corpus), "--voice", str(corpus / "anna" / "u0.flac"), "--out-dir", str(out), *bundle]
    assert main(convert) == 0
    assert "out: 4 files; 2.20 s of speech in " in capsys.readouterr().out
    assert main(convert) == 0
    assert "out: 0 files, 4 known from before; 0.00 s of speech" in capsys.readouterr().out
    table = tmp_path / "table.npz"
    assert main(["embed", str(corpus), "-o", str(table), *bundle]) == 0
    assert len(np.load(table)["names"]) == 4 and "4 recordings, 2.20 s" in capsys.readouterr().out
    rows = (tmp_path / ".table.npz.done.jsonl").read_text().splitlines()
    assert {json.loads(row)["id"] for row in rows} == {str(p) for p in corpus.rglob("*.flac")}
    assert main(["modulate", str(corpus), "-o", str(tmp_path / "one.wav"), *bundle]) == 2
    assert "give a folder with --out-dir" in capsys.readouterr().err
