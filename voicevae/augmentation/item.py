"""All copies of one recording: the unit of parallel work. A repeated item gives the same files, or finds them."""

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lhotse import AudioSource, MonoCut, MultiCut, Recording

from voicevae import aside, threads
from voicevae.augmentation import record
from voicevae.augmentation.labels import rescaled
from voicevae.augmentation.plan import AugmentationPlan, Change, draw
from voicevae.augmentation.record import CopyRecord, safe
from voicevae.code import Code
from voicevae.data.folder import Skipped
from voicevae.errors import AudioError
from voicevae.names import shown
from voicevae.shared_bundle import SharedBundle
from voicevae.voice import VoiceVAE

VERSION = 1  # of the copies; those of another version are repeated


@dataclass(frozen=True)
class Item:
    """One recording to copy, with all settings of its copies; it can be pickled.

    genders: that the bundle can draw voices of.
    """

    cut: MonoCut | MultiCut
    plan: AugmentationPlan
    out_dir: str
    bundle: SharedBundle
    genders: tuple[str, ...] = ()


def copy_recording(item: Item) -> CopyRecord:
    """Write the copies of one recording, unless they are there; one thread works."""
    path = record.path_of(item.out_dir, item.cut.id)
    key = record.key_of(item.cut, VERSION, item.bundle.checksum, item.genders, asdict(item.plan))
    if (made := record.found(path, key)) is not None:
        return made
    path.unlink(missing_ok=True)  # the record goes before a sound changes
    try:
        with threads.limited(1), warnings.catch_warnings(record=True) as heard:
            warnings.filterwarnings("always", category=UserWarning, module=r"voicevae\.")
            copies = _copies(item)
        said = (f"{shown(_place(item.cut))}: {one.message}" for one in heard if one.category is UserWarning)
        made = CopyRecord(item.cut.id, copies, warnings=tuple(said))
    except AudioError as error:
        made = CopyRecord(item.cut.id, [], Skipped(shown(_place(item.cut)), "unusable", str(error)))
    record.write(path, key, made)
    return made


def _copies(item: Item) -> list[dict[str, Any]]:
    vv, cut = item.bundle.load(), item.cut
    whole = _whole_file(cut)
    code = vv.encode(_samples(cut) if whole is None else whole, cut.sampling_rate)
    return [_copy(item, vv, code, number) for number in range(1, item.plan.copies + 1)]


def _copy(item: Item, vv: VoiceVAE, code: Code, number: int) -> dict[str, Any]:
    cut = item.cut
    speaker = _speaker(cut)
    change = draw(item.plan, speaker or cut.id, cut.id, number)
    gender = _gender(item)
    voice = vv.sample(change.voice_seed, gender=gender)
    name, label = f"{cut.id}_voice{number}", speaker and f"{speaker}_voice{number}"
    path = _path(item, label or "", name, speaker or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside.sweep([path])
    edited = code.edit(speaker=voice, **change.edits)
    written = vv.decode_file(edited, path, seed=change.voice_seed % 2**31, watermark=item.plan.watermark)
    n_samples = round(written.duration_s * vv.sample_rate)
    recording = Recording(
        name, [AudioSource("file", [0], str(path))], vv.sample_rate, n_samples, n_samples / vv.sample_rate
    )
    said = [rescaled(segment, change.rate, name, label, gender) for segment in cut.supervisions]
    about = _about(cut, change, number, written.gain)
    return MonoCut(name, 0.0, recording.duration, 0, said, None, recording, about).to_dict()


def _about(cut: MonoCut | MultiCut, change: Change, number: int, gain: float) -> dict[str, Any]:
    """Custom fields of a copy: those of its source that are plain, and what was done."""
    plain = {
        k: v for k, v in (cut.custom or {}).items() if isinstance(v, str | int | float | bool | list | dict | None)
    }
    done = {"source_cut": cut.id, "source_speaker": _speaker(cut), "copy": number, **asdict(change), "gain": gain}
    return {**plain, "augmented": done}


def _whole_file(cut: MonoCut | MultiCut) -> Path | None:
    """The file of which a cut is all, which is then read as files are everywhere."""
    recording = cut.recording
    is_file = len(recording.sources) == 1 and recording.sources[0].type == "file" and not recording.transforms
    whole = cut.start == 0 and cut.duration == recording.duration
    every = recording.num_channels == 1 or cut.channel == recording.channel_ids
    return Path(recording.sources[0].source) if is_file and whole and every else None


def _samples(cut: MonoCut | MultiCut) -> np.ndarray:
    """`[channels, n]`. Raises AudioError."""
    try:
        return cut.load_audio()
    except Exception as error:  # lhotse raises what its readers raise
        reason = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        raise AudioError(f"{_place(cut)} cannot be read ({reason}); export it again.") from None


def _speaker(cut: MonoCut | MultiCut) -> str | None:
    return cut.supervisions[0].speaker if cut.supervisions else None


def _gender(item: Item) -> str | None:
    """The gender that is labelled, where the bundle knows it: a copy keeps its label."""
    labelled = item.cut.supervisions[0].gender if item.cut.supervisions else None
    return labelled if labelled in item.genders else None


def _place(cut: MonoCut | MultiCut) -> str:
    """Where a cut's sound lies, for a person to look."""
    sources = cut.recording.sources
    return str(sources[0].source) if sources and sources[0].type == "file" else cut.id


def _path(item: Item, label: str, name: str, speaker: str) -> Path:
    """`<out_dir>/<speaker>/<name>.flac`, where a name that begins with the speaker's does not say it twice."""
    prefix = speaker.replace("/", "-") + "-"
    short = name.removeprefix(prefix) if speaker else name
    folders = [safe(part) for part in label.split("/")] if label else ["unknown"]
    return Path(item.out_dir, *folders, f"{safe(short)}.flac")
