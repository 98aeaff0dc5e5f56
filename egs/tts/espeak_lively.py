"""espeak-ng made lively: the flat robot's intonation widened, a word stressed by SSML, and measured whether it came so.

    python egs/tts/espeak_lively.py --out-dir out/tts

Writes a .wav for each request, and prints a table. Words are kept if the content distance to the source stays far below
that to another sentence; where VOICEVAE_WHISPER names a Whisper model or folder, it listens, too.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import voicevae
from voicevae import audio
from voicevae.evaluation.metrics import whisper
from voicevae.evaluation.metrics.content import distance, movement
from voicevae.evaluation.metrics.recognition import errors
from voicevae.features import Frames, extract
from voicevae.recipes.espeak import speak, speak_words
from voicevae.tts import Modulator
from voicevae.units import NATS_PER_SEMITONE

TEXT = "The birch canoe slid on the smooth planks, and nobody saw it pass."
WORD, RISE = "nobody", 3.0  # semitones
SSML = TEXT.replace(WORD, f'<prosody pitch="{RISE:+g}st" volume="+4dB">{WORD}</prosody>')
OTHER = "Rice is often served in round bowls, and the salt is passed around."
VOICE, FLAT = "en+f2", 20  # espeak-ng's own range is 50
REQUESTS = [("as it is", 1.0, TEXT), ("lively", 2.0, TEXT), ("lively, one word stressed", 2.0, SSML)]


@dataclass(frozen=True)
class Outcome:
    """What came of a request.

    Standard deviations of log-F0 in semitones, durations in seconds; content: distance to the source; rise: of the
    stressed word, in semitones, None where none is; cer: character error rate of Whisper, 0..1, if there is one.
    """

    name: str
    std_asked: float
    std_measured: float
    duration_asked: float
    duration_heard: float
    content: float
    rise: float | None
    cer: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out-dir", type=Path, default=Path("out/tts"), help="folder for the results")
    args = parser.parse_args()
    try:
        print(table(*lively(args.out_dir, recogniser())))
    except (voicevae.VoiceVAEError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def lively(out: Path, listener: whisper.Whisper | None = None) -> tuple[list[Outcome], float]:
    """All requests, and the content distance of the source to another sentence."""
    out.mkdir(parents=True, exist_ok=True)
    vv = voicevae.load()
    wave, rate, timings = speak_words(TEXT, VOICE, pitch_range=FLAT)
    audio.write(out / "source.wav", wave, rate)
    before = extract(audio.from_array(wave, rate, vv.sample_rate), vv.config)
    plain_word, outcomes = 0.0, []
    for name, ratio, text in REQUESTS:
        mod = Modulator(pitch_range=ratio, bundle=vv)
        made, _ = mod(wave, rate, ssml=text, timings=timings)
        audio.write(out / f"{name.replace(', ', '-').replace(' ', '_')}.wav", made, mod.sample_rate)
        after = extract(made, vv.config)
        word, stressed = word_semitones(after, timings), text != TEXT
        outcomes.append(
            Outcome(
                name,
                ratio * std(before),
                std(after),
                len(wave) / rate,
                len(made) / mod.sample_rate,
                distance(movement(before), movement(after)),
                word - plain_word if stressed else None,
                None if listener is None else errors(TEXT, listener.transcribe(made, mod.sample_rate, "en")).cer,
            )
        )
        plain_word = word
    other = extract(audio.from_array(*speak(OTHER, VOICE, pitch_range=FLAT), vv.sample_rate), vv.config)
    return outcomes, distance(movement(before), movement(other))


def std(frames: Frames) -> float:
    """Standard deviation of log-F0 over voiced frames, semitones."""
    return float(frames.log_f0[frames.voiced].std() / NATS_PER_SEMITONE)


def word_semitones(frames: Frames, timings: list[tuple[str, float, float]]) -> float:
    """Mean pitch of the middle half of the word."""
    start_s, end_s = next((start_s, end_s) for name, start_s, end_s in timings if name == WORD)
    quarter = (end_s - start_s) / 4
    span = slice(round((start_s + quarter) * 80), round((end_s - quarter) * 80))
    return float(frames.log_f0[span][frames.voiced[span]].mean() / NATS_PER_SEMITONE)


def recogniser() -> whisper.Whisper | None:
    try:
        return whisper.chosen(None)
    except ImportError:
        return None


def table(outcomes: list[Outcome], other: float) -> str:
    lines = [
        "                              std of log-F0         duration, s      content  word rose  CER",
        "request                     asked     heard    asked   heard   distance    by (asked 3)",
        "-" * 96,
    ]
    for o in outcomes:
        asked = "        " if o.rise is not None else f"{o.std_asked:5.2f} st"
        rise = "" if o.rise is None else f"{o.rise:+.1f} st"
        cer = "" if o.cer is None else f"{o.cer:.2f}"
        lines.append(
            f"{o.name:<25}{asked}  {o.std_measured:5.2f} st   {o.duration_asked:6.3f}  {o.duration_heard:6.3f}   "
            f"{o.content:6.2f}    {rise:>8}    {cer}"
        )
    lines.append(f"{'another sentence':<62}{other:6.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
