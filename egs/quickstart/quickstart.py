"""See what voicevae does: speak a sentence, give it other voices, edit it, and measure whether it came out as asked.

    python egs/quickstart/quickstart.py --out-dir out

Writes a .wav for each result; with --plots, a .png with mel and F0 before and after, which needs matplotlib.
"""

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import voicevae
from voicevae import audio
from voicevae.bundle import DEFAULT
from voicevae.errors import needs
from voicevae.features import Frames, extract
from voicevae.recipes.espeak import speak

TEXT = "The birch canoe slid on the smooth planks, and nobody but the old heron saw it pass."
VOICE = "en+f2"
CENTS = 1200 / np.log(2)  # in a unit of log-F0


@dataclass(frozen=True)
class Trial:
    """Something to ask for: the edits of `Edit` by name, and another voice."""

    name: str
    title: str
    edits: dict[str, float] = field(default_factory=dict)
    voice: Path | voicevae.Speaker | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: shifts in cents, ratios of duration, seconds of work."""

    title: str
    shift_asked: float
    shift_measured: float
    duration_asked: float
    duration_measured: float
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out-dir", type=Path, default=Path("out"), help="folder for the results (default out)")
    parser.add_argument("--bundle", type=Path, default=DEFAULT, help="another bundle than the shipped one")
    parser.add_argument("--plots", action="store_true", help="draw each result, too")
    args = parser.parse_args()
    try:
        quickstart(args.out_dir, args.bundle, args.plots)
    except (voicevae.VoiceVAEError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def quickstart(out: Path, bundle: Path = DEFAULT, plots: bool = False) -> list[Outcome]:
    """Run all trials, write their sound and, with `plots`, figures to `out`, print the table."""
    out.mkdir(parents=True, exist_ok=True)
    vv = voicevae.load(bundle)
    source = audio.from_array(*speak(TEXT, VOICE), vv.sample_rate)
    audio.write(out / "source.wav", source, vv.sample_rate)
    before = extract(source, vv.config)
    outcomes = []
    for trial in trials(vv):
        began = time.perf_counter()
        wave = render(vv, source, trial)
        seconds = time.perf_counter() - began
        audio.write(out / f"{trial.name}.wav", wave, vv.sample_rate)
        if plots:
            draw([("source, espeak-ng", source), (trial.title, wave)], vv, out / f"{trial.name}.png")
        shift = shift_cents(vv, before, extract(wave, vv.config), trial)
        outcomes.append(Outcome(trial.title, *shift, 1 / rate(trial), len(wave) / len(source), seconds))
    print(table(outcomes, len(source) / vv.sample_rate))
    print(f"\nListen: {out}/*.wav" + (f"; look: {out}/*.png" if plots else ""))
    return outcomes


def draw(panels: list[tuple[str, np.ndarray]], vv: voicevae.VoiceVAE, path: Path) -> None:
    """Mel and F0 of titled waves `[n]`."""
    with needs("plot", "A figure"):
        from voicevae import plots
    plots.before_after(panels, vv.config, path)


def trials(vv: voicevae.VoiceVAE) -> list[Trial]:
    """From the plain round trip to a voice that nobody has."""
    voices = DEFAULT / "voices"
    return [
        Trial("round_trip", "unedited"),
        Trial("voice_female", "voice of female.flac", voice=voices / "female.flac"),
        Trial("voice_male", "voice of male.flac", voice=voices / "male.flac"),
        Trial("pitch_up", "pitch +3 semitones", {"pitch_semitones": 3}),
        Trial("lively", "pitch range x 1.5", {"pitch_range": 1.5}),
        Trial("lively_up", "pitch +3, range x 1.5", {"pitch_semitones": 3, "pitch_range": 1.5}),
        Trial("slow", "rate x 0.8", {"rate": 0.8}),
        Trial("voice_new", "a voice nobody has", voice=vv.sample(seed=1)),
    ]


def render(vv: voicevae.VoiceVAE, source: np.ndarray, trial: Trial) -> np.ndarray:
    """The trial's wave `[n]`, from the wave of the source."""
    if trial.voice is None:
        return vv.modulate(source, **trial.edits)
    return vv.convert(source, voice=trial.voice, **trial.edits)


def shift_cents(vv: voicevae.VoiceVAE, before: Frames, after: Frames, trial: Trial) -> tuple[float, float]:
    """The shift of the mean pitch asked for, and the one measured, in cents.

    Measured is what was asked for, plus the median difference between the F0 found in the result and the whole
    contour asked for, where both are voiced.
    """
    own = before.log_f0[before.voiced]
    mean, std = own.mean(), own.std()
    asked = trial.edits.get("pitch_semitones", 0) * np.log(2) / 12
    ratio = trial.edits.get("pitch_range", 1.0)
    if trial.voice is not None:
        speaker = vv.speaker(trial.voice)
        asked, ratio = asked + speaker.log_f0_mean - mean, ratio * speaker.log_f0_std / std
    frames = np.round(np.arange(len(after)) * rate(trial)).astype(int).clip(max=len(before) - 1)
    contour = mean + asked + ratio * (before.log_f0[frames] - mean)
    both = before.voiced[frames] & after.voiced
    error = np.median(after.log_f0[both] - contour[both])
    return CENTS * asked, CENTS * (asked + error)


def rate(trial: Trial) -> float:
    """How many times as fast as the source."""
    return trial.edits.get("rate", 1.0)


def table(outcomes: list[Outcome], duration_s: float) -> str:
    """A line an outcome; the source lasts `duration_s`."""
    lines = [
        f"Source: {duration_s:.1f} s.      pitch shift (cents)    duration ratio",
        "result                    asked  measured      asked  measured    time taken",
        "-" * 76,
    ]
    for o in outcomes:
        lines.append(
            f"{o.title:<22} {o.shift_asked:+8.0f} {o.shift_measured:+9.0f} {o.duration_asked:10.3f} "
            f"{o.duration_measured:9.3f} {o.seconds:10.2f} s"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
