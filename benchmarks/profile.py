"""Where the time of a conversion goes: 10 s of speech from file to file, by parts, in a warm process.

    python -m benchmarks.profile --engine onnx --threads 1

Times are of the process' CPU, in ms, the least of several runs; with one thread that is the wall's. Each part is
without the parts that it calls.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import voicevae
from voicevae import audio, coder, features, provenance, threads, watermark
from voicevae.bundle import DEFAULT
from voicevae.engine import Networks
from voicevae.vocoders import source_filter

SECONDS, RUNS = 10.0, 12
PARTS: list[tuple[str, Any, str]] = [
    ("read", audio, "load"),
    ("offset and level", features, "remove_offset"),
    ("offset and level", features, "gain"),
    ("F0 (swift-f0)", features, "f0"),
    ("mel", features._mel, "harmonic_free"),
    ("statistics and transport", coder, "frames_statistics"),
    ("statistics and transport", coder, "transport"),
    ("statistics and transport", coder, "towards"),
    ("networks: speaker", Networks, "encode_speaker"),
    ("networks: content", Networks, "encode_content"),
    ("networks: prosody and contours", Networks, "encode_prosody"),
    ("networks: prosody and contours", Networks, "decode_contours"),
    ("networks: mel decoder", Networks, "decode_mel"),
    ("vocoder: network", source_filter.Vocoder, "filters"),
    ("vocoder: gains", source_filter.Vocoder, "gains"),
    ("vocoder: excitation", source_filter, "pulse_train"),
    ("vocoder: excitation", source_filter, "white_noise"),
    ("vocoder: synthesis", source_filter, "synthesis"),
    ("vocoder: corrections", source_filter, "corrected"),
    ("watermark", watermark._Marker, "feed"),
    ("write", provenance, "write"),
]
REST = "rest"


class Clock:
    """CPU time of each part, without what it calls."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.inner = [0.0]  # of the calls that are under way, the time of what they called

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.process_time()
        self.inner.append(0.0)
        try:
            yield
        finally:
            spent = time.process_time() - start
            self.seconds[name] += spent - self.inner.pop()
            self.inner[-1] += spent

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within it, the functions of `PARTS` are timed."""
        before = [(owner, name, getattr(owner, name)) for _, owner, name in PARTS]
        for (part, owner, name), (_, _, function) in zip(PARTS, before, strict=True):
            setattr(owner, name, self._timed(part, function))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)

    def _timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:
            with self.part(part):
                return function(*args, **options)

        return timed


def profile(vv: voicevae.VoiceVAE, source: np.ndarray, runs: int = RUNS) -> dict[str, dict[str, float]]:
    """Milliseconds of each part of converting and of modulating `source` `[n]`, in the quickest of `runs`."""
    voice = vv.speaker(DEFAULT / "voices" / "male.flac")
    with tempfile.TemporaryDirectory() as folder:
        there, out = Path(folder) / "in.wav", Path(folder) / "out.wav"
        audio.write(there, source, vv.sample_rate)
        works: dict[str, Callable[[], object]] = {
            "convert": lambda: vv.convert_file(there, out, voice=voice),
            "modulate": lambda: vv.modulate_file(there, out, pitch_semitones=3),
        }
        return {
            name: min((_once(work) for _ in range(runs)), key=lambda f: sum(f.values())) for name, work in works.items()
        }


def _once(work: Callable[[], object]) -> dict[str, float]:
    clock = Clock()
    with clock.watching(), clock.part(REST):
        work()
    return {part: 1000 * seconds for part, seconds in clock.seconds.items()}


def table(found: dict[str, dict[str, float]]) -> str:
    """Parts as rows, works as columns, in Markdown."""
    names = [*dict.fromkeys(part for part, _, _ in PARTS), REST]
    rows = [[name, *(f"{one.get(name, 0.0):.1f}" for one in found.values())] for name in names]
    totals = ["total", *(f"{sum(one.values()):.1f}" for one in found.values())]
    factors = ["real-time factor", *(f"{sum(one.values()) / 1000 / SECONDS:.4f}" for one in found.values())]
    head = ["ms of 10 s", *found]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows, totals, factors])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="another bundle than the shipped one")
    parser.add_argument("--engine", choices=["onnx", "torch"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=RUNS, help=f"default {RUNS}")
    args = parser.parse_args()
    threads.use(args.threads)
    vv = voicevae.load(args.bundle, engine=args.engine)
    speech = np.resize(audio.load(DEFAULT / "voices" / "female.flac", None, vv.sample_rate), int(SECONDS * 16000))
    print(f"{vv.networks.engine}, {args.threads} thread(s)\n\n{table(profile(vv, speech, args.runs))}")


if __name__ == "__main__":
    main()
