"""Pitch and rate, from wave to wave, beside what a user could take instead: `python -m benchmarks.editing`.

Each peer changes the pitch of some clips by -12 to +12 semitones, and their rate from 0.7 to 1.4. What is not installed
is named as absent.
"""

import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

import voicevae
from benchmarks.command import add_corpus, printed
from benchmarks.measures import fitted, median
from benchmarks.memory import forget_peak, peak_mb
from benchmarks.peers import LIBRARIES, LIBROSA, OURS, PSOLA, WORLD, change_in_praat, library
from benchmarks.processes import fresh
from benchmarks.table import table
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import CorpusError
from voicevae.evaluation.metrics import formants, pitch, quality
from voicevae.evaluation.metrics.cost import SECONDS, loop
from voicevae.features import FeatureConfig
from voicevae.threads import limited
from voicevae.units import ratio

RUBBER_BAND, SIGNALSMITH = "Rubber Band (pedalboard)", "Signalsmith Stretch"
MODULES = {name: module for name, (module, _) in LIBRARIES.items()} | {
    RUBBER_BAND: "pedalboard",
    SIGNALSMITH: "python_stretch",
}
NAMES = (OURS, WORLD, PSOLA, LIBROSA, RUBBER_BAND, SIGNALSMITH)
SHIFTS = (-12.0, -6.0, -3.0, 3.0, 6.0, 12.0)  # semitones
RATES = (0.7, 0.85, 1.2, 1.4)
CLIP_S = 5.0
RUNS = 3
Editor = Callable[[np.ndarray, float, float], np.ndarray]
"""(wave `[n]`, semitones, rate) -> wave of about `n / rate` samples, whose pitch is by so much higher."""

ABOUT = """\
From wave to wave. **F0**: requested against measured by swift-f0 at the same places, the median error in cents over
all frames voiced in both. **Formants**: their drift in cents, 0 where the voice stays; +100 is a semitone up.
**DNSMOS** (P.835, overall, 1 to 5) rates each wave alone. Cost is that of 10 s in a fresh process on one thread:
CPU time a second of sound, the least of three runs after one, and the peak memory over what imported libraries hold.
"""


@dataclass(frozen=True)
class Made:
    """What was measured of one edit of one clip; cents: of F0, `[n]` frames. NaN where not measured."""

    cents: np.ndarray
    drift_cents: float
    dnsmos: float


def load(name: str, config: FeatureConfig) -> Editor:
    """The peer `name` for sound at `config.sample_rate`. Raises ImportError: its library is not installed."""
    if name == OURS:
        vv = voicevae.load()
        return lambda wave, semitones, rate: vv.modulate(wave, pitch_semitones=semitones, rate=rate)
    make = {
        WORLD: _world,
        PSOLA: _psola,
        LIBROSA: _librosa,
        RUBBER_BAND: _rubber_band,
        SIGNALSMITH: _signalsmith,
    }[name]
    return make(library(name) if name in LIBRARIES else import_module(MODULES[name]), config.sample_rate)


def _world(pyworld: Any, sample_rate: int) -> Editor:
    def edit(wave: np.ndarray, semitones: float, rate: float) -> np.ndarray:
        f0_hz, spectrum, aperiodicity = pyworld.wav2world(wave.astype(np.float64), sample_rate)
        period_ms = pyworld.default_frame_period / rate
        return pyworld.synthesize(f0_hz * ratio(semitones), spectrum, aperiodicity, sample_rate, period_ms)

    return edit


def _psola(parselmouth: Any, sample_rate: int) -> Editor:
    return lambda wave, semitones, rate: change_in_praat(parselmouth, wave, sample_rate, semitones, rate)


def _librosa(effects: Any, sample_rate: int) -> Editor:
    """Phase vocoder, and resampling."""

    def edit(wave: np.ndarray, semitones: float, rate: float) -> np.ndarray:
        made = wave if rate == 1 else effects.time_stretch(wave, rate=rate)
        return made if semitones == 0 else effects.pitch_shift(made, sr=sample_rate, n_steps=semitones)

    return edit


def _rubber_band(pedalboard: Any, sample_rate: int) -> Editor:
    """Rubber Band with its formants kept, as pedalboard calls it by default."""
    return lambda wave, semitones, rate: pedalboard.time_stretch(wave[None], sample_rate, rate, semitones)[0]


def _signalsmith(python_stretch: Any, sample_rate: int) -> Editor:
    def edit(wave: np.ndarray, semitones: float, rate: float) -> np.ndarray:
        stretch = python_stretch.Signalsmith.Stretch()
        stretch.preset(1, sample_rate)
        stretch.setTransposeSemitones(semitones)
        stretch.timeFactor = rate
        return stretch.process(wave[None].astype(np.float32))[0]

    return edit


def missing() -> list[str]:
    """Peers whose library is not installed."""
    return [name for name in NAMES if name != OURS and find_spec(MODULES[name].partition(".")[0]) is None]


def measure(
    editor: Editor, wave: np.ndarray, semitones: float, rate: float, config: FeatureConfig, rated: bool
) -> Made:
    """One edit of the clip `wave` `[n]`; with `rated`, by DNSMOS, too."""
    made = fitted(editor(wave, semitones, rate), round(len(wave) / rate))
    source = pitch.measure(wave, config)
    places = np.round(np.arange(config.n_frames(len(made))) * rate).astype(int).clip(0, len(source.log_f0) - 1)
    asked = pitch.Track(source.log_f0[places], source.voiced[places]).shifted(semitones)
    cents = pitch.errors_cents(asked, pitch.measure(made, config))
    drift = formants.drift_cents(wave, made, config) if rate == 1 else float("nan")
    return Made(cents, drift, quality.dnsmos(made, config.sample_rate) if rated else float("nan"))


def cost(name: str, wave: np.ndarray, config: FeatureConfig) -> list[float]:
    """CPU seconds a second of sound at +4 semitones, and at a rate of 1.2, and MB of memory, on one thread."""
    with fresh(1) as pool:
        return pool.submit(_cost, name, loop(wave, SECONDS, config.sample_rate), config).result()


def _cost(name: str, wave: np.ndarray, config: FeatureConfig) -> list[float]:
    if name != OURS:
        import_module(MODULES[name])
    forget_peak()
    bare = peak_mb()
    with limited(1):
        editor = load(name, config)
        factors = [_factor(lambda s=s, r=r: editor(wave, s, r)) for s, r in ((4.0, 1.0), (0.0, 1.2))]  # type: ignore[misc]
    return [*factors, peak_mb() - bare]


def _factor(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) / SECONDS


def document(waves: Sequence[np.ndarray], config: FeatureConfig) -> str:
    """The tables, in Markdown, of all peers on the clips `waves`, each `[n]`."""
    absent, rated = missing(), "dnsmos" not in quality.missing()
    edits = [(s, 1.0) for s in SHIFTS] + [(0.0, r) for r in RATES]
    names = [name for name in NAMES if name not in absent]
    found: dict[str, list[list[Made]]] = {}
    for name in names:
        editor = load(name, config)
        found[name] = [[measure(editor, wave, s, r, config, rated) for wave in waves] for s, r in edits]
        print(f"{name} is measured", file=sys.stderr)
    whole_wave = np.concatenate(waves)
    costs = {name: cost(name, whole_wave, config) for name in names}
    head = ["", *(f"{s:+g} st" for s in SHIFTS), *(f"x {r:g}" for r in RATES)]
    f0 = [[n, *(f"{np.median(np.concatenate([m.cents for m in own])):.1f}" for own in found[n])] for n in names]
    drift = [[n, *(f"{median([m.drift_cents for m in own]):+.0f}" for own in found[n][: len(SHIFTS)])] for n in names]
    mos = [[n, *(f"{median([m.dnsmos for m in own]):.2f}" for own in found[n])] for n in names]
    spent = [[n, f"{costs[n][0]:.4f}", f"{costs[n][1]:.4f}", f"{costs[n][2]:.0f} MB"] for n in names]
    parts = [ABOUT, "F0 error, cents:", table(head, f0), "Drift of the formants, cents:"]
    parts += [table(head[: len(SHIFTS) + 1], drift), "DNSMOS:", table(head, mos), "Cost:"]
    parts.append(table(["", "pitch, CPU s a second", "rate, CPU s a second", "memory"], spent))
    parts += [f"Absent: {name}." for name in absent]
    return "\n\n".join(part.strip() for part in parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog="python -m benchmarks.editing", description=__doc__)
    add_corpus(parser)
    parser.add_argument("--clips", type=whole(1, 10000), default=6, metavar="N", help="how many (default: 6)")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="S", help="draws them (default: 0)")
    args = parser.parse_args(argv)

    def text() -> str:
        from voicevae.evaluation.clips import draw_clips, read_clips

        config = FeatureConfig()
        clips = draw_clips(read_clips(args.corpus, args.split), args.clips, args.seed)
        if not clips:
            raise CorpusError(f"The split {args.split!r} of {args.corpus} has no recordings; add some.")
        waves = [clip.load(config.sample_rate)[: round(CLIP_S * config.sample_rate)] for clip in clips]
        about = (
            f"{len(clips)} clips of at most {CLIP_S:g} s, split {args.split}, seed {args.seed}; {platform.machine()}."
        )
        return f"{about}\n\n{document(waves, config)}"

    return printed(text)


if __name__ == "__main__":
    sys.exit(main())
