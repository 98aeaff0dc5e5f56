"""The page under load: several visitors at once, each with one click after another.

    python -m benchmarks.demo                        # eight visitors, two minutes
    python -m benchmarks.demo --visitors 2 --seconds 20

It starts a page of its own and prints how many clicks were answered, how long they took, how many failed, and how much
memory the page held over time.
"""

import argparse
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gradio_client import Client, handle_file

from benchmarks.memory import resident_mb
from benchmarks.processes import serving
from voicevae.bundle import DEFAULT

SAMPLE_S = 5.0
PLAIN = [0.0, 1.0, 1.0, 0.0, 0.0]
Click = Callable[[Client, random.Random], Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=8, metavar="N", help="at once (default 8)")
    parser.add_argument("--seconds", type=float, default=120.0, metavar="S", help="how long (default 120)")
    args = parser.parse_args()
    with serving("voicevae.demo") as (url, pid):
        ended = time.monotonic() + args.seconds
        visits = [Visit(url, ended, seed) for seed in range(args.visitors)]
        for visit in visits:
            visit.start()
        memory = list(watched(pid, ended))
        for visit in visits:
            visit.join()
    return report(visits, memory)


class Visit(threading.Thread):
    """One visitor, who clicks until the end; took: s, of each click by its name; failed: what went wrong."""

    def __init__(self, url: str, ended: float, seed: int) -> None:
        super().__init__()
        self.url, self.ended, self.random = url, ended, random.Random(seed)
        self.took: list[tuple[str, float]] = []
        self.failed: list[str] = []

    def run(self) -> None:
        client = Client(self.url, verbose=False)
        clicks: dict[str, Click] = {"convert": convert, "edit": edit, "inspect": inspect}
        while time.monotonic() < self.ended:
            name = self.random.choice(list(clicks))
            begun = time.monotonic()
            try:
                said = clicks[name](client, self.random)
            except Exception as error:  # whatever it is, the visitor has no answer
                said = f"{type(error).__name__}: {error}"
            self.took.append((name, time.monotonic() - begun))
            if said:
                self.failed.append(f"{name}: {said}")


def convert(client: Client, chance: random.Random) -> str:
    source, target = chance.sample(["female", "male"], 2)
    *_, said = client.predict(voice(source), "a sample voice", None, target, None, api_name="/convert")
    return str(said["value"])


def edit(client: Client, chance: random.Random) -> str:
    values = [round(chance.uniform(-6, 6), 1), *PLAIN[1:]]
    styled = [*values, "as it is", 1.0] if "style" in str(client.config["components"]) else values
    *_, said = client.predict(voice(chance.choice(["female", "male"])), *styled, api_name="/edit")
    return str(said["value"])


def inspect(client: Client, chance: random.Random) -> str:
    *_, said = client.predict(voice(chance.choice(["female", "male"])), api_name="/inspect")
    return str(said["value"])


def voice(name: str) -> Any:
    return handle_file(DEFAULT / "voices" / f"{name}.flac")


def watched(pid: int, ended: float) -> Iterator[float]:
    """MB that a process holds, every few seconds."""
    while time.monotonic() < ended:
        time.sleep(SAMPLE_S)
        yield resident_mb(pid)


def report(visits: list[Visit], memory: list[float]) -> int:
    took = [one for visit in visits for one in visit.took]
    failed = [one for visit in visits for one in visit.failed]
    for name in sorted({name for name, _ in took}):
        own = [seconds for which, seconds in took if which == name]
        print(f"{name}: {len(own)} answers, median {np.median(own):.1f} s, slowest {max(own):.1f} s")
    thirds = [np.mean(part) for part in np.array_split(memory, 3)]
    held = ", ".join(f"{mb:.0f}" for mb in thirds)
    print(f"memory: {held} MB in the three thirds of the time, at most {max(memory):.0f} MB")
    print(f"{len(took)} clicks, {len(failed)} failed")
    for one in sorted(set(failed)):
        print(f"  {one}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
