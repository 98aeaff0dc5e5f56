"""The whole benchmark: every peer on every clip, then what it costs, then sounds that are no speech."""

import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import cost, measures, peers, sounds
from benchmarks.processes import fresh
from benchmarks.table import Results
from voicevae import bundle
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics import quality
from voicevae.features import FeatureConfig
from voicevae.threads import limited

MAX_SECONDS = 6.0  # of a clip
PACKAGES = "voicevae torch numpy swift-f0 pesq pystoi speechmos onnxruntime pyworld praat-parselmouth librosa".split()
Step = Callable[[], object]


def run(clips: Sequence[Clip], path: Path | None = None, n_jobs: int = 1, seed: int = 0) -> Results:
    """Measure what is installed on the first six seconds of `clips`, with the bundle at `path` or the shipped one.

    Args:
        n_jobs: processes that make and rate speech side by side; time and memory are measured after, one at a time.
        seed: names the noise in sounds that are no speech.

    Raises:
        BundleError, AudioError: the bundle or a clip cannot be used.
    """
    parts = bundle.load(path)
    config = parts.features
    clips = _short(clips)
    waves = [clip.load(config.sample_rate) for clip in clips]
    names = [name for name in peers.NAMES if name not in peers.missing()]
    odd = sounds.make(waves[0], waves[-1], config, seed)
    costly = [name for name in names if name != peers.RECORDINGS]
    steps = len(names) * len(waves) + len(odd) + len(costly) * len(cost.THREADS)
    with tqdm(total=steps, desc="benchmark", unit="step") as bar:
        summaries = _compare(names, waves, config, path, n_jobs, bar.update)
        survivals = _survive(odd, config, path, bar.update)
        costs = _costs(costly, np.concatenate(waves), config, path, bar.update)
    absent = [f"{name}: {why}" for name, why in (peers.missing() | quality.missing()).items()]
    return Results(_about(parts.checksum, clips), summaries, costs, survivals, absent)


def ours(clips: Sequence[Clip], path: Path | None, n_jobs: int = 1) -> measures.Summary:
    """Measure our vocoder alone on the same `clips`, with the bundle at `path`."""
    config = bundle.load(path).features
    waves = [clip.load(config.sample_rate) for clip in _short(clips)]
    with tqdm(total=len(waves), desc=str(path or peers.OURS), unit="clip") as bar:
        return _compare([peers.OURS], waves, config, path, n_jobs, bar.update)[peers.OURS]


def _short(clips: Sequence[Clip]) -> list[Clip]:
    return [replace(clip, duration_s=min(clip.duration_s, MAX_SECONDS)) for clip in clips]


def _compare(
    names: Sequence[str], waves: Sequence[np.ndarray], config: FeatureConfig, path: Path | None, n_jobs: int, step: Step
) -> dict[str, measures.Summary]:
    """What each peer makes of all clips."""
    tasks = [(name, wave, config, path) for name in names for wave in waves]
    _loaded.cache_clear()  # the bundle may have been written again
    if n_jobs == 1:
        made = [_stepped(_measure(task), step) for task in tasks]
    else:
        with fresh(n_jobs) as pool:
            made = [_stepped(one, step) for one in pool.map(_measure, tasks)]
    of_peer = {name: made[i * len(waves) : (i + 1) * len(waves)] for i, name in enumerate(names)}
    return {name: measures.summarise([one for clip in own for one in clip]) for name, own in of_peer.items()}


def _measure(task: tuple[str, np.ndarray, FeatureConfig, Path | None]) -> list[measures.Made]:
    name, wave, config, path = task
    with limited(1):
        return measures.measure(_loaded(name, config, path), wave, config)


@lru_cache(maxsize=1)  # tasks come peer by peer
def _loaded(name: str, config: FeatureConfig, path: Path | None) -> peers.Peer:
    return peers.load(name, config, path)


def _survive(
    odd: Mapping[str, np.ndarray], config: FeatureConfig, path: Path | None, step: Step
) -> dict[str, sounds.Survival]:
    ours = peers.load(peers.OURS, config, path)
    return {name: _stepped(sounds.survive(ours, sound, config), step) for name, sound in odd.items()}


def _costs(
    names: Sequence[str], speech: np.ndarray, config: FeatureConfig, path: Path | None, step: Step
) -> dict[str, dict[int, cost.Cost]]:
    return {
        name: {n: _stepped(cost.measure(name, speech, config, path, n), step) for n in cost.THREADS} for name in names
    }


def _stepped(value: Any, step: Step) -> Any:
    step()
    return value


def _about(checksum: str, clips: Sequence[Clip]) -> dict[str, str]:
    corpora = Counter(clip.corpus or "one corpus" for clip in clips)
    share = ", ".join(f"{n} of {name}" for name, n in sorted(corpora.items()))
    return {
        "bundle": checksum,
        "clips": f"{len(clips)} ({share}), at most {MAX_SECONDS:g} s each",
        "machine": f"{platform.machine()}, {cpu_count()} cores, {platform.system()}",
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
