"""What more workers bring, and what a second run costs, in preparing, converting and embedding many short files.

    python -m benchmarks.cluster --files 1000                            # by processes
    python -m benchmarks.cluster --files 200 --dask                      # by a Dask cluster on this machine

The files are generated, one second each. Workers have one thread, and are at work before the clock starts. Prints a
table in Markdown.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf

import voicevae
from voicevae import batch, parallel
from voicevae.data.prepare import prepare

RATE = 16000
Work = Callable[[Executor | None], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--dask", action="store_true", help="a local Dask cluster instead of processes")
    parser.add_argument("--work", nargs="+", default=["prepare", "convert", "embed"], help="which (default all)")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2], help="how many, in turn (default 1 2)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), args.files, args.dask, args.work, args.workers)
    head = [f"{n} worker{'s' if n > 1 else ''}, files a second" for n in args.workers]
    columns = [f"work on {args.files} files", *head, "faster by", "second run, s"]
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for name, rates, again_s in rows:
        print(f"| {name} | {' | '.join(f'{r:.1f}' for r in rates)} | {rates[-1] / rates[0]:.2f} | {again_s:.1f} |")


def measure(
    folder: Path, n_files: int, dask: bool, names: Sequence[str], workers: Sequence[int]
) -> list[tuple[str, list[float], float]]:
    """Name, files a second by each number of `workers`, and seconds of a second run, for each of `names`."""
    corpus, out = folder / "corpus", folder / "out"
    generate(corpus, n_files)
    works = {name: work for name, work in _works(corpus, out).items() if name in names}
    rates: dict[str, list[float]] = {name: [] for name in works}
    again_s = {}
    for n in workers:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        with executor(n, dask) as pool:
            list(parallel.run(_warm, range(4 * n), pool))
            for name, work in works.items():
                rates[name].append(n_files / _seconds(work, pool))
                again_s[name] = _seconds(work, pool)
    return [(name, rates[name], again_s[name]) for name in works]


def generate(folder: Path, n_files: int) -> None:
    """Buzzes of ten speakers, one second each."""
    time_s = np.arange(RATE) / RATE
    for i in range(n_files):
        f0_hz = 100 * 1.1 ** (i % 10) * (1 + 0.1 * np.sin(2 * np.pi * (2 + i % 7) * time_s))
        phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
        tone = sum(np.sin(k * phase) / k for k in range(1, 11)) * (1 + 0.5 * np.sin(2 * np.pi * 3 * time_s))
        path = folder / f"speaker{i % 10}" / f"u{i:06}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, 0.1 * tone, RATE)


@contextmanager
def executor(n: int, dask: bool) -> Iterator[Executor | None]:
    """`n` worker processes of one thread."""
    if not dask:
        with parallel.processes(n) as pool:
            yield pool
        return
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=n, threads_per_worker=1, dashboard_address=None) as made,
        parallel.cluster(made.scheduler_address) as pool,
    ):
        yield pool


def _works(corpus: Path, out: Path) -> dict[str, Work]:
    vv = voicevae.load()
    voice = next(corpus.rglob("*.flac"))
    return {
        "prepare": lambda pool: prepare(corpus, out, vv.config, executor=pool),
        "convert": lambda pool: batch.convert(vv, [corpus], out / "converted", voice=voice, executor=pool),
        "embed": lambda pool: batch.embed(vv, [corpus], out / "table.npz", executor=pool),
    }


def _warm(item: int) -> int:
    """Loads what a worker needs."""
    voicevae.load()
    time.sleep(0.5)  # so that every worker gets one
    return item


def _seconds(work: Work, pool: Executor | None) -> float:
    begun = time.perf_counter()
    work(pool)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
