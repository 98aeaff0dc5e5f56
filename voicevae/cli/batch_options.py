"""Options of work on whole corpora."""

import argparse

from voicevae.cli.options import whole

EXAMPLES = {
    "convert": "  voicevae convert corpus/ --voice reference.wav --out-dir converted/ --workers 4",
    "modulate": "  voicevae modulate corpus/ --pitch -2 --out-dir lower/ --scheduler tcp://10.0.0.1:8786",
    "embed": "  voicevae embed corpus/ -o corpus.npz --workers 4",
}


def add_workers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("whole corpora: folders as FILE; what is done before is not done again")
    group.add_argument("--workers", type=whole(1, 1024), metavar="N", help="processes of one thread each (default 1)")
    group.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, as tcp://10.0.0.1:8786")
