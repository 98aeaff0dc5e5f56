"""`voicevae verify`: check sounds for provenance and watermark."""

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from voicevae import provenance, watermark
from voicevae.cli.shared.options import add_sources
from voicevae.errors import AudioError
from voicevae.names import shown
from voicevae.provenance import Verification

GROUP = "analysis"
SUMMARY = "check sounds for provenance and watermark"
EXAMPLES = """\
  voicevae verify out.wav
  voicevae verify *.wav --json"""


def add_options(parser: ArgumentParser) -> None:
    add_sources(parser, "sound files; - is standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(args: Namespace) -> int:
    """0 where every file carries provenance or the watermark, 1 where one does not, 2 where one cannot be read."""
    status = 0
    for source in args.sources:
        try:
            found = provenance.verify(source)
        except AudioError as error:
            if args.json:
                print(json.dumps({"file": str(source), "error": str(error)}))
            else:
                print(f"voicevae: {error}", file=sys.stderr)
            status = 2
            continue
        print(json.dumps(_facts(source, found)) if args.json else f"{shown(source)}: {_words(found)}")
        status = max(status, 0 if found.carried else 1)
    return status


def _words(found: Verification) -> str:
    told = f"score {found.score:.1f}, at least {watermark.THRESHOLD:.1f} with it"
    parts = [f"watermark ({told})" if found.watermarked else f"no watermark ({told})"]
    if (origin := found.provenance) is None:
        parts.append("no provenance")
    else:
        parts.append(f"made by {origin.tool} {origin.version}, bundle {origin.bundle}, edits: {origin.edits}")
    return "; ".join(parts)


def _facts(source: Path, found: Verification) -> dict[str, Any]:
    origin = None if found.provenance is None else asdict(found.provenance)
    numbers = {"score": round(found.score, 2), "threshold": round(watermark.THRESHOLD, 2)}
    return {
        "file": str(source),
        "carried": found.carried,
        "provenance": origin,
        "watermark": found.watermarked,
        **numbers,
    }
