"""What can be typed after `augment`."""

from pathlib import Path

from voicevae.cli import augment_commands
from voicevae.cli.options import Add, add_seed, add_watermark, command, number, whole
from voicevae.edits import RANGES

EXAMPLES = {
    "augment": """\
  voicevae augment corpus/ --out-dir more/ --copies 4 --workers 2
  voicevae augment cuts.jsonl.gz --out-dir more/ --pitch -4 4 --rate 0.8 1.25 --seed 7
  voicevae augment recordings.jsonl.gz supervisions.jsonl.gz --out-dir more/""",
}
DRAWN = {
    "--pitch": ("pitch_semitones", "to move the pitch by, in semitones (default -2 2)"),
    "--pitch-range": ("pitch_range", "to widen or narrow the intonation by, a ratio (default 0.8 1.25)"),
    "--rate": ("rate", "to speak faster or slower by, a ratio (default 0.9 1.1)"),
}


def add_augment(add: Add) -> None:
    parser = command(
        add,
        "augment",
        augment_commands.augment,
        "copy a corpus with new voices, labels kept right",
        EXAMPLES["augment"],
    )
    parser.add_argument(
        "corpus",
        nargs="+",
        type=Path,
        metavar="CORPUS",
        help="folder <speaker>/<utterance>.<ext>; or a lhotse manifest of cuts, or of recordings and of supervisions",
    )
    parser.add_argument("--out-dir", type=Path, required=True, metavar="DIR", help="folder for the copies")
    parser.add_argument("--copies", type=whole(1, 1000), default=4, metavar="N", help="of each recording (default 4)")
    for option, (name, text) in DRAWN.items():
        parser.add_argument(option, nargs=2, type=number(*RANGES[name]), metavar=("LOW", "HIGH"), help=f"range {text}")
    parser.add_argument("--workers", type=whole(1, 1024), default=2, metavar="N", help="processes (default 2)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, as tcp://10.0.0.1:8786")
    add_seed(parser, "names voices and edits (default 0)")
    add_watermark(parser)
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="bundle to use instead of the shipped one")
    parser.set_defaults(device="cpu", threads=None)
