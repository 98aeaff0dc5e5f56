"""Notes have the frequencies of equal temperament, and are read as mido writes them."""

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicevae.errors import EditError, InputError, MissingPackageError
from voicevae.verbs import notes, scales
from voicevae.verbs.notes import Note

mido = pytest.importorskip("mido")


@pytest.mark.parametrize(
    ("text", "hz"),
    [("A4:1", 440.0), ("A3:1", 220.0), ("C4:1", 440 * 2 ** (-9 / 12)), ("c#4:1", 440 * 2 ** (-8 / 12)),
     ("Db4:1", 440 * 2 ** (-8 / 12)), ("B#3:1", 440 * 2 ** (-9 / 12)), ("Cb4:1", 440 * 2 ** (-10 / 12)),
     ("F##4:1", 440 * 2 ** (-2 / 12)), ("A-1:1", 440 / 32)],
)  # fmt: skip
def test_names_are_frequencies(text: str, hz: float) -> None:
    (note,) = notes.parse(text)
    assert note.midi is not None
    assert notes.frequency_hz(note.midi) == pytest.approx(hz)
    assert float(np.exp(notes.log_f0_of(note.midi))) == pytest.approx(hz)
    assert notes.midi_of(np.log(hz)) == pytest.approx(note.midi)


def test_seconds_and_rests_are_read() -> None:
    found = notes.read("C4:0.5, R:.25 G4:2")
    assert [note.seconds for note in found] == [0.5, 0.25, 2.0]
    assert found[1].midi is None


@pytest.mark.parametrize("text", ["H4:1", "C4", "C4:", "C:1", "C4:x", "C4:-1", "C#b4:1", "4:1"])
def test_a_note_that_is_none_is_named(text: str) -> None:
    with pytest.raises(EditError, match="is not a note with its seconds"):
        notes.read(f"C4:0.5 {text}")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("C4:0.01", "lasts 0.01 s"),
        ("C4:100", "lasts 100.0 s"),
        ("G9:1 G#9:1", "MIDI number 128"),
        ("R:1", "no note to sing"),
        ("", "no note to sing"),
        ("none.mid", "none.mid does not exist"),
        (3, "Notes are text"),
        ([60, 64], "Notes are text"),
    ],
)
def test_what_cannot_be_sung_is_one_sentence(given: Any, said: str) -> None:
    with pytest.raises((EditError, InputError), match=said):
        notes.read(given)


def test_a_note_that_is_no_number_is_refused() -> None:
    for midi, seconds in ((float("nan"), 1.0), (60, float("nan")), (True, 1.0)):
        with pytest.raises(EditError):
            Note(midi, seconds)


def midi_file(path: Path, events: list[tuple[str, int, int, int]], bpm: float = 120, channel: int = 0) -> Path:
    """(type, note, velocity, ticks since the one before) at 480 ticks a beat, written by mido."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    track += [mido.Message(kind, note=n, velocity=v, time=t, channel=channel) for kind, n, v, t in events]
    file.tracks.append(track)
    file.save(path)
    return path


def test_midi_is_read_as_mido_wrote_it(tmp_path: Path) -> None:
    """A beat at 120 a minute is half a second; velocity 0 ends a note, too."""
    path = midi_file(
        tmp_path / "a.mid",
        [("note_on", 60, 80, 480), ("note_off", 60, 0, 480), ("note_on", 64, 80, 240), ("note_on", 64, 0, 960)],
    )
    found = notes.read(path)
    assert [note.midi for note in found] == [None, 60, None, 64]
    np.testing.assert_allclose([note.seconds for note in found], [0.5, 0.5, 0.25, 1.0], atol=1e-6)
    assert notes.read(str(path)) == found
    (slower,) = notes.read(midi_file(tmp_path / "b.mid", [("note_on", 60, 80, 0), ("note_off", 60, 0, 480)], bpm=60))
    assert slower.seconds == pytest.approx(1.0)


def test_one_line_is_sung_of_chords_and_overlaps_and_all_keep_their_times(tmp_path: Path) -> None:
    chord = [("note_on", 60, 80, 0), ("note_on", 67, 80, 0), ("note_on", 64, 80, 0), ("note_off", 67, 0, 480)]
    held = [("note_on", 62, 80, 0), ("note_on", 65, 80, 480), ("note_off", 62, 0, 240), ("note_off", 65, 0, 240)]
    gap = [("note_on", 69, 80, 10), ("note_off", 69, 0, 480)]
    found = notes.read(midi_file(tmp_path / "a.mid", [*chord, *held, *gap]))
    assert [note.midi for note in found] == [67, 62, 65, 69]
    starts = np.cumsum([0, *(note.seconds for note in found)])
    np.testing.assert_allclose(starts, [0, 0.5, 1.0, 1.5 + 10 / 960, 2.0 + 10 / 960], atol=1e-6)


def test_drums_and_files_that_are_none_are_refused(tmp_path: Path) -> None:
    drums = midi_file(tmp_path / "a.mid", [("note_on", 36, 80, 0), ("note_off", 36, 0, 480)], channel=9)
    with pytest.raises(EditError, match="no note to sing"):
        notes.read(drums)
    (tmp_path / "b.mid").write_bytes(b"no midi")
    with pytest.raises(InputError, match="not a MIDI file"):
        notes.read(tmp_path / "b.mid")


def test_without_mido_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "mido":
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingPackageError, match=r"voicevae\[melody\]"):
        notes.read(tmp_path / "a.mid")


@pytest.mark.parametrize("mean_hz", [80.0, 130.0, 210.0, 300.0])
def test_a_tune_comes_into_the_register_by_octaves_or_semitones(mean_hz: float) -> None:
    tune = notes.parse("C5:1 R:1 E5:2 G5:1")
    for how, most in (("octaves", 6.0), ("key", 0.5)):
        moved = notes.transposed(tune, float(np.log(mean_hz)), how)
        shift = {new.midi - old.midi for old, new in zip(tune, moved, strict=True) if old.midi is not None}
        assert len(shift) == 1 and shift.pop() % notes.TRANSPOSE[how] == 0
        mean = np.average([note.midi for note in moved if note.midi is not None], weights=[1, 2, 1])
        assert abs(mean - notes.midi_of(np.log(mean_hz))) <= most
    assert notes.transposed(tune, 5.0, "none") == tune
    with pytest.raises(EditError, match="octaves, key, none"):
        notes.transposed(tune, 5.0, "up")


# --- scales ---------------------------------------------------------------------------------------------------------


def test_scales_have_their_tones() -> None:
    assert scales.scale("C:major").tolist() == [0, 2, 4, 5, 7, 9, 11]
    assert set(scales.scale("A:minor")) == set(scales.scale("C:major"))
    assert set(scales.scale("F#:major")) == set(scales.scale("Gb:major"))


@pytest.mark.parametrize("name", ["C", "C:dorian", "H:major", "c:major", "", 3, None])
def test_a_scale_that_is_none_is_refused(name: Any) -> None:
    with pytest.raises(EditError, match="tune is"):
        scales.scale(name)


def test_snapped_is_the_nearest_tone_and_does_not_flutter() -> None:
    steps = scales.scale("C:major")
    midi = np.array([60.2, 61.8, 64.4, 66.9, 71.2])
    np.testing.assert_array_equal(scales.snapped(midi, steps), [60, 62, 64, 67, 71])
    wavering = 61 + 0.05 * np.tile([1, -1], 10)
    assert len(set(scales.snapped(wavering, steps))) == 1
