"""Manifests as files: the same cuts give the same bytes."""

import gzip
import json
import os
from collections.abc import Iterable
from pathlib import Path

from lhotse.cut import Cut


def write_cuts(cuts: Iterable[Cut], path: Path) -> None:
    """Write a .jsonl.gz that lhotse reads, under a hidden name first, without the time that gzip would put into it."""
    aside = path.with_name(f".{path.name}")
    with open(aside, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for cut in cuts:
            file.write(json.dumps(cut.to_dict(), ensure_ascii=False).encode() + b"\n")
    os.replace(aside, path)
