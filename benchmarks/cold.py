"""What a first command costs: whole processes of the command line, from their start to their end.

    python -m benchmarks.cold

Each is run several times, after one that is not counted; the least of each figure stands. CPU time is user and system.
Sources are read and written as files of 10 s.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from voicevae import audio
from voicevae.bundle import examples
from voicevae.evaluation.metrics.cost import SECONDS, Process, loop, process

RUNS = 5
RATE = 16000
COMMANDS = {
    "convert": ["convert", "{source}", "--voice", "male", "-o", "{out}"],
    "modulate": ["modulate", "{source}", "--pitch", "+3", "-o", "{out}"],
    "info": ["info"],
    "--help": ["--help"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"of each (default {RUNS})")
    args = parser.parse_args()
    print("| `voicevae ...` | wall | CPU time | peak memory |", "| --- | --- | --- | --- |", sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.wav"
        audio.write(source, loop(audio.read(examples()["female"], RATE), SECONDS, RATE), RATE)
        for name, words in COMMANDS.items():
            print(row(name, [measured(words, source) for _ in range(args.runs + 1)][1:]), flush=True)
    return 0


def measured(words: list[str], source: Path) -> Process:
    """The command `words`, of which {source} and {out} are files."""
    out = source.with_name("out.wav")
    out.unlink(missing_ok=True)
    return process([sys.executable, "-m", "voicevae", *(word.format(source=source, out=out) for word in words)])


def row(name: str, runs: list[Process]) -> str:
    """The least of each figure of `runs`, in Markdown."""
    wall_s, cpu_s, peak_mb = (min(values) for values in zip(*runs, strict=True))
    return f"| {name} | {wall_s:.2f} s | {cpu_s:.2f} s | {peak_mb:.0f} MB |"


if __name__ == "__main__":
    sys.exit(main())
