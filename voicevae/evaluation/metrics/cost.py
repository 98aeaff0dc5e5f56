"""Cost: how long a conversion takes, and how much memory a long one needs.

The real-time factor is seconds of work a second of audio, from wave to wave, the reference being read anew each time.
Memory is the peak of a whole process of the command line, in MB (10^6 bytes), measured by the operating system.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

from voicevae import audio
from voicevae.bundle import DEFAULT
from voicevae.evaluation.clips import draw_clips
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import target
from voicevae.threads import limited
from voicevae.voice import VoiceVAE

SECONDS = 10.0
LONG_SECONDS = 1800.0
REPEATS = 5
# A process of its own: a child's peak is at least what its parent held when it started it.
MEASURE = (
    "import resource, subprocess, sys, time\n"
    "started = time.perf_counter()\n"
    "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
    "took, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)\n"
    "print(took, used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
    "sys.exit(done.stderr if done.returncode else 0)\n"
)
RSS_BYTES = 1 if sys.platform == "darwin" else 1024
CLIPS = 6
MEMORY = "peak memory, 30 minutes over 10 s"


def validate(seconds: list[float]) -> None:
    """Raise ValueError unless there are times, in seconds, and all are positive."""
    if not seconds or min(seconds) <= 0:
        raise ValueError("Give at least one time, and only positive ones.")


def loop(wave: np.ndarray, seconds: float, sample_rate: int) -> np.ndarray:
    """`wave` `[n]` repeated and cut to `seconds`."""
    return np.resize(wave, round(seconds * sample_rate))


def real_time_factor(convert: Callable[[], object], audio_s: float, n_threads: int) -> float:
    """Median of five runs of `convert` after one to warm up, over the seconds of audio, with so many threads."""
    with limited(n_threads):
        convert()
        seconds = [_timed(convert) for _ in range(REPEATS)]
    validate(seconds)
    return float(np.median(seconds)) / audio_s


class Process(NamedTuple):
    """What a whole process took: seconds of wall and of CPU (user and system), and its peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def process(command: list[str]) -> Process:
    """What running `command` takes.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    wall_s, cpu_s, peak = map(float, done.stdout.split())
    return Process(wall_s, cpu_s, peak * RSS_BYTES / 1e6)


def conversion_peak_mb(wave: np.ndarray, reference: np.ndarray, sample_rate: int, bundle: Path | None) -> float:
    """Peak memory in MB of `voicevae convert` from file to file; `bundle` None is the shipped one."""
    with tempfile.TemporaryDirectory() as folder:
        source, voice, out = (Path(folder) / f"{name}.wav" for name in ("source", "voice", "out"))
        audio.write(source, wave, sample_rate)
        audio.write(voice, reference, sample_rate)
        which = [] if bundle is None else ["--bundle", str(bundle)]
        command = [sys.executable, "-m", "voicevae", "convert", str(source), "--voice", str(voice), "-o", str(out)]
        return process(command + which).peak_mb


def evaluate(vv: VoiceVAE, wave: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Real-time factors of converting 10 s of `wave` `[n]`, both waves at `vv.sample_rate`.

    Returns:
        rtf_1_thread, rtf_2_threads with a `reference` of 5 s read anew.
    """
    rate = vv.sample_rate
    source, voice = loop(wave, SECONDS, rate), loop(reference, SECONDS / 2, rate)

    def convert() -> object:
        return vv.convert(source, rate, voice=voice)

    return {
        "rtf_2_threads": real_time_factor(convert, SECONDS, 2),
        "rtf_1_thread": real_time_factor(convert, SECONDS, 1),
    }


def evaluate_memory(wave: np.ndarray, reference: np.ndarray, sample_rate: int, bundle: Path | None) -> dict[str, float]:
    """Peak memory in MB of converting 10 s and 30 minutes made of `wave` `[n]`, and the difference, `growth_mb`."""
    short, long = (
        conversion_peak_mb(
            loop(wave, seconds, sample_rate), loop(reference, SECONDS / 2, sample_rate), sample_rate, bundle
        )
        for seconds in (SECONDS, LONG_SECONDS)
    )
    return {"short_mb": short, "long_mb": long, "growth_mb": long - short}


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def steps(study: Study) -> int:
    """One for time, one for memory."""
    return 2


def run(study: Study) -> None:
    """Add rows of real-time factor, memory and number of parameters."""
    rate = study.vv.sample_rate
    speech = np.concatenate([clip.load(rate) for clip in draw_clips(study.clips, CLIPS, 0)])
    reference = study.clips[0].load(rate)
    found = evaluate(study.vv, speech, reference)
    study.report.add("speed", found, speed_rows(found), f"{study.plan.split}, 10 s of speech")
    study.step()
    if study.plan.memory:
        _memory(study, speech, reference)
    study.step()
    _parameters(study)


def speed_rows(found: Mapping[str, float]) -> list[Row]:
    """Rows of `evaluate`."""
    beside = "a reference of 5 s is read each time"
    return [
        Row(
            f"real-time factor, 10 s, {name}",
            found[f"rtf_{n}"],
            "",
            **target(f"real-time factor, {name}"),
            beside=beside,
        )
        for n, name in (("1_thread", "1 thread"), ("2_threads", "2 threads"))
    ]


def memory_rows(found: Mapping[str, float]) -> list[Row]:
    """Row of `evaluate_memory`."""
    beside = f"{found['long_mb']:.0f} MB against {found['short_mb']:.0f} MB"
    return [Row(MEMORY, found["growth_mb"], "MB", **target("memory growth"), beside=beside)]


def _memory(study: Study, speech: np.ndarray, reference: np.ndarray) -> None:
    bundle = getattr(study.vv, "path", None)
    if bundle is None:
        study.report.add("memory", None, [absent(MEMORY, "the voice does not come from a bundle's folder")])
        return
    path = None if bundle == DEFAULT else bundle
    try:
        found = evaluate_memory(speech, reference, study.vv.sample_rate, path)
    except RuntimeError as error:
        study.report.add("memory", None, [absent(MEMORY, f"`voicevae convert` failed: {error}")])
        return
    study.report.add("memory", found, memory_rows(found), f"{study.plan.split}, 30 minutes and 10 s of speech")


def _parameters(study: Study) -> None:
    parts = getattr(study.vv, "bundle", None)
    if parts is not None:
        counts = {name: count / 1e6 for name, count in parts.parameters.items()}
        beside = ", ".join(f"{name} {count:.2f} M" for name, count in counts.items())
        row = Row("parameters", sum(counts.values()), "M", beside=beside, better="lower")
        study.report.add("parameters", counts, [row], "the bundle")
