"""A code comes back from its file as it was, carries its edits, and keeps its residual only in its own voice."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicevae.code import CONVERTED_RESIDUAL, Code, Speaker
from voicevae.edits import Edit
from voicevae.errors import EditError, InputError, OutputError


def voice(seed: int = 0) -> Speaker:
    random = np.random.default_rng(seed)
    columns = random.normal(size=(20, 30)).astype(np.float32)
    return Speaker(
        random.normal(size=8).astype(np.float32), 5.1, 0.2, columns.mean(1), np.cov(columns).astype(np.float32)
    )


def made() -> Code:
    random = np.random.default_rng(1)
    prosody, content, contours, mel = (
        random.normal(size=shape).astype(np.float32) for shape in ((6, 3), (12, 4), (24, 3), (24, 20))
    )
    return Code(voice(), prosody, content, contours, mel, -21.5, 4700, 16000, Edit(rate=0.9, pitch_semitones=2))


def assert_same(one: Code, two: Code) -> None:
    assert (one.recorded is None) == (two.recorded is None)
    for part, other in ((one, two), (one.speaker, two.speaker), (one.recorded, two.recorded)):
        if part is None:
            continue
        for name, value in vars(part).items():
            if not isinstance(value, Speaker):
                np.testing.assert_array_equal(getattr(other, name), value, err_msg=name)
                assert type(getattr(other, name)) is type(value), name


def test_a_code_comes_back_from_its_file(tmp_path: Path) -> None:
    made().save(tmp_path / "a.code.npz")
    assert_same(made(), Code.load(tmp_path / "a.code.npz"))
    assert [p.name for p in tmp_path.iterdir()] == ["a.code.npz"]


def test_a_code_without_a_residual_comes_back_without(tmp_path: Path) -> None:
    code = replace(made(), mel_residual=None)
    code.save(str(tmp_path / "a.npz"))
    assert_same(code, Code.load(str(tmp_path / "a.npz")))


def test_a_code_in_another_voice_keeps_whose_it_was(tmp_path: Path) -> None:
    code = made().edit(speaker=voice(1)).edit(speaker=voice(2))
    assert code.recorded is not None and code.recorded.z[0] == voice(0).z[0]
    code.save(tmp_path / "a.npz")
    assert_same(code, Code.load(tmp_path / "a.npz"))


def test_the_name_is_kept_whatever_it_ends_with(tmp_path: Path) -> None:
    made().save(tmp_path / "code")
    assert Code.load(tmp_path / "code").n_samples == 4700


def test_edits_add_up_and_leave_the_code_alone() -> None:
    code = made()
    edited = code.edit(pitch_semitones=1, rate=2.0).edit(pitch_semitones=-4)
    assert edited.changes == Edit(pitch_semitones=-1, rate=1.8)
    assert code.changes == Edit(rate=0.9, pitch_semitones=2)
    assert edited.content is code.content and edited.mel_residual is code.mel_residual


def test_its_own_speaker_keeps_the_residual_and_another_a_share_of_it() -> None:
    code = made()
    assert code.edit(speaker=code.speaker, energy_db=3).residual == 1.0
    other = code.edit(speaker=voice(1), energy_db=3)
    assert other.residual == CONVERTED_RESIDUAL and other.edit(speaker=voice(2)).residual == CONVERTED_RESIDUAL
    assert code.edit(speaker=voice(1), residual=0.2).residual == other.edit(residual=0.2).residual == 0.2
    assert (
        other.mel_residual is code.mel_residual and other.speaker.z[0] == voice(1).z[0] and other.changes.energy_db == 3
    )
    assert other.contour_residual is code.contour_residual  # the intonation is not the old voice's


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_of_the_residual_lies_between_none_and_all(share: float) -> None:
    with pytest.raises(EditError, match="residual"):
        made().edit(residual=share)
    with pytest.raises(EditError, match="likeness"):
        made().edit(likeness=share)


def test_duration_follows_the_rate() -> None:
    assert made().duration_s == pytest.approx(4700 / 16000 / 0.9)
    assert made().edit(rate=0.5).duration_s == pytest.approx(4700 / 16000 / 0.45)


def test_an_unknown_edit_is_named() -> None:
    with pytest.raises(EditError, match="speed") as raised:
        made().edit(speed=2.0)
    assert "rate" in str(raised.value)


def test_edits_out_of_range_are_refused() -> None:
    for changes in ({"rate": 0}, {"rate": 100}, {"pitch_semitones": "high"}, {"pitch_semitones": 23}):
        with pytest.raises(EditError, match=next(iter(changes))):
            made().edit(**changes)


def foreign(path: Path, kind: str) -> None:
    """Write something else than a code."""
    if kind == "text":
        path.write_text("hello")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "npy":
        with open(path, "wb") as file:
            np.save(file, np.ones(3))
    elif kind == "npz":
        np.savez(path, ones=np.ones(3))
    elif kind == "pickle":
        np.savez(path, about=np.array({"format": 1}, dtype=object))
    elif kind == "json":
        np.savez(path, about=np.array("3"))
    else:
        made().save(path)
        content = path.read_bytes()
        if kind == "truncated":
            path.write_bytes(content[: len(content) // 2])
        elif kind == "damaged":
            path.write_bytes(content[:300] + b"\0" * 50 + content[350:])
        else:
            change(path, kind)


def change(path: Path, kind: str) -> None:
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays["about"]))
    if kind == "another format":
        about["format"] = "voicevae code 0"
    elif kind == "another key":
        about["colour"] = "blue"
    elif kind == "bad edit":
        about["changes"]["rate"] = 100
    elif kind == "less":
        del arrays["speaker_z"]
    np.savez(path, **(arrays | {"about": np.array(json.dumps(about))}))


@pytest.mark.parametrize(
    "kind",
    [
        *("text", "empty", "folder", "npy", "npz", "pickle", "json", "truncated", "damaged"),
        *("another format", "another key", "bad edit", "less"),
    ],
)
def test_what_is_no_code_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "foreign.npz"
    foreign(path, kind)
    with pytest.raises(InputError, match=re.escape(str(path))) as raised:
        Code.load(path)
    assert "\n" not in str(raised.value)


def test_numbers_of_double_precision_are_read(tmp_path: Path) -> None:
    made().save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        wide = {name: file[name].astype(np.float64) if file[name].dtype == np.float32 else file[name] for name in file}
    np.savez(tmp_path / "b.npz", **wide)
    assert_same(Code.load(tmp_path / "a.npz"), Code.load(tmp_path / "b.npz"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none.npz does not exist"):
        Code.load(tmp_path / "none.npz")


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "no" / "a.npz", tmp_path / "file" / "a.npz", tmp_path / "folder"):
        with pytest.raises(OutputError, match=re.escape(str(path))):
            made().save(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize(
    "change",
    [
        {"n_samples": "x"},
        {"n_samples": 0},
        {"loudness_db": None},
        {"prosody": np.array([["a"]])},
        {"content": np.full((4, 2), np.nan, np.float32)},
    ],
    ids=str,
)
def test_a_code_of_wrong_values_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    replace(made(), **change).save(tmp_path / "x.npz")
    with pytest.raises(InputError, match="x.npz is not a code file"):
        Code.load(tmp_path / "x.npz")


def test_only_a_speaker_is_another_voice() -> None:
    with pytest.raises(EditError, match="Speaker"):
        made().edit(speaker="reference.wav")  # type: ignore[arg-type]
