"""Record of a finished recording: one file each, under a key of its sound, labels and settings."""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lhotse import MonoCut, MultiCut

from voicevae.data.folder import Skipped

FOLDER = ".done"
LONGEST_BYTES = 150


@dataclass(frozen=True)
class CopyRecord:
    """The copies of one recording as cuts (lhotse's dictionaries), or why there are none; `kept` from before.

    warnings: a sentence each, with the name of the file.
    """

    id: str
    cuts: list[dict[str, Any]]
    skipped: Skipped | None = None
    kept: bool = False
    warnings: tuple[str, ...] = ()


def safe(name: str) -> str:
    """`name` as a file's: what a file system may refuse becomes "_", and a digest keeps such names apart."""
    clean = re.sub(r"[^\w.-]", "_", name).lstrip(".").encode()[:LONGEST_BYTES].decode(errors="ignore")
    return clean if clean == name else f"{clean}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def path_of(out_dir: str, id: str) -> Path:
    """Where the record of a recording lies."""
    return Path(out_dir, FOLDER, f"{safe(id)}.json")


def key_of(cut: MonoCut | MultiCut, *settings: Any) -> str:
    """Of a recording's sound, its labels, and `settings`; where it lies does not count."""
    about = cut.to_dict()
    recording = about.pop("recording", {})
    elsewhere = [source for source in recording.pop("sources", []) if source.get("type") != "file"]
    digest = hashlib.sha256(json.dumps([settings, about, recording, elsewhere], sort_keys=True, default=str).encode())
    for source in cut.recording.sources:
        if source.type == "file" and Path(source.source).is_file():
            with open(source.source, "rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def found(record: Path, key: str) -> CopyRecord | None:
    """The record of `key`, if its sounds are there."""
    try:
        row = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    if row["key"] != key:
        return None
    there = all(Path(cut["recording"]["sources"][0]["source"]).is_file() for cut in row["cuts"])
    return (
        CopyRecord(row["id"], row["cuts"], row["skipped"] and Skipped(**row["skipped"]), kept=True) if there else None
    )


def write(record: Path, key: str, made: CopyRecord) -> None:
    """Aside, then renamed."""
    record.parent.mkdir(parents=True, exist_ok=True)
    aside = record.with_name(f".{record.name}.part")
    aside.write_text(json.dumps({"key": key, **asdict(made)}), encoding="utf-8")
    os.replace(aside, record)
