"""A stream beside the whole: what differs, how long a sample waits, what it costs.

Each speaker's recordings, one after another, are edited as a whole and as a stream of chunks of 0.1 s; the features of
both are compared.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

import voicevae
from benchmarks.command import add_corpus, printed
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import CorpusError
from voicevae.features import extract
from voicevae.tts import Modulator

PROGRAM = "python -m benchmarks.tts_stream"
CHUNK_S = 0.1
SPEECH_DB = 40.0  # below the loud frames
VOICE = voicevae.bundle.DEFAULT / "voices" / "male.flac"
REQUESTS: list[tuple[str, dict[str, Any], bool]] = [  # name, edits, whether the engine's voice is known
    ("nothing", {}, False),
    ("pitch +3", {"pitch_semitones": 3.0}, False),
    ("range x 1.6", {"pitch_range": 1.6}, False),
    ("range x 1.6, voice known", {"pitch_range": 1.6}, True),
    ("rate x 0.8", {"rate": 0.8}, False),
    ("another voice", {"voice": VOICE}, False),
    ("another voice, own voice known", {"voice": VOICE}, True),
]
HEAD = "| edit | F0, cents | over 50 cents | mel, nats | level, dB | waits, s | at most, s | RTF | RTF of the whole |"


class Row(NamedTuple):
    """Of one wave: F0 in median cents, share over 50 cents, mel in nats, level in dB; seconds that samples wait, median
    and most; real-time factors; samples that the stream has more than the whole."""

    cents: float
    wide: float
    mel: float
    level: float
    waits: float
    longest: float
    rtf: float
    rtf_whole: float
    samples: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__)
    add_corpus(parser)
    parser.add_argument("--speakers", type=whole(1, 1000), default=8, metavar="N", help="how many (default: 8)")
    parser.add_argument("--seconds", type=whole(5, 600), default=20, metavar="S", help="of each (default: 20)")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    return printed(lambda: table(voicevae.load(), _waves(args)))


def _waves(args: argparse.Namespace) -> list[np.ndarray]:
    """The speakers that have the most recordings, each as one wave."""
    from voicevae.evaluation.clips import by_speaker, read_clips

    if not args.corpus.is_dir():
        raise CorpusError(f"{args.corpus} is not a folder; give one of recordings.")
    clips = sorted(by_speaker(read_clips(args.corpus, args.split)).values(), key=len, reverse=True)
    n = args.seconds * 16000
    return [np.concatenate([clip.load(16000) for clip in own])[:n] for own in clips[: args.speakers]]


def table(vv: voicevae.VoiceVAE, waves: Sequence[np.ndarray]) -> str:
    """Markdown: a row a request, medians over `waves`, each `[n]` at 16 kHz; of waiting the most of all."""
    lines = [HEAD, "| --- " * HEAD.count(" | ") + "| --- |"]
    longer = 0.0
    for name, edits, known in REQUESTS:
        mod = Modulator(bundle=vv, **edits)
        rows = [measure(mod, wave, known) for wave in waves]
        figures = Row(*np.median(rows, 0))
        longest, longer = max(row.longest for row in rows), max(longer, *(abs(row.samples) for row in rows))
        lines.append(
            f"| {name} | {figures.cents:.1f} | {100 * figures.wide:.1f} % | {figures.mel:.2f} | {figures.level:.2f} | "
            f"{figures.waits:.1f} | {longest:.1f} | {figures.rtf:.3f} | {figures.rtf_whole:.3f} |"
        )
    noise = [differences(vv, vv.modulate(wave, seed=0), vv.modulate(wave, seed=1)) for wave in waves]
    cents, wide, mel, level = np.median(noise, 0)
    lines.append(f"| the whole, two seeds | {cents:.1f} | {100 * wide:.1f} % | {mel:.2f} | {level:.2f} | | | | |")
    lines.append(f"\nLengths of stream and whole differ by {longer:.0f} samples at most.")
    return "\n".join(lines)


def measure(mod: Modulator, wave: np.ndarray, known: bool) -> Row:
    """Of one wave `[n]`; the stream is told its voice if `known`."""
    rate, seconds = mod.changes.rate, len(wave) / mod.sample_rate
    began = time.process_time()
    offline, _ = mod(wave, mod.sample_rate)
    middle = time.process_time()
    speaker = mod.vv.speaker(wave) if known else None
    started = time.process_time()
    arrived, given, waits, parts = [0], 0, [], []
    for part in mod.stream(_chunks(wave, arrived), mod.sample_rate, speaker=speaker):
        parts.append(part)
        waits.append((arrived[0] - np.arange(given, given + len(part)) * rate) / mod.sample_rate)
        given += len(part)
    ended = time.process_time()
    waited, online = np.concatenate(waits), np.concatenate(parts)
    return Row(
        *differences(mod.vv, offline, online),
        float(np.median(waited)),
        float(waited.max()),
        (ended - started) / seconds,
        (middle - began) / seconds,
        len(online) - len(offline),
    )


def _chunks(wave: np.ndarray, arrived: list[int]) -> Iterator[np.ndarray]:
    """Counts in `arrived` the samples that have been given."""
    n = round(CHUNK_S * 16000)
    for start in range(0, len(wave), n):
        arrived[0] = min(start + n, len(wave))
        yield wave[start : start + n]


def differences(vv: voicevae.VoiceVAE, one: np.ndarray, two: np.ndarray) -> tuple[float, float, float, float]:
    """The first four figures of `Row`: F0 where both are voiced, mel and level where `one` speaks."""
    a, b = extract(one, vv.config), extract(two, vv.config)
    n = min(len(a), len(b))
    both = a.voiced[:n] & b.voiced[:n]
    speech = a.loudness_db[:n] > np.percentile(a.loudness_db, 95) - SPEECH_DB
    cents = 1200 / np.log(2) * np.abs(a.log_f0[:n] - b.log_f0[:n])[both]
    return (
        float(np.median(cents)),
        float(np.mean(cents > 50)),
        float(np.abs(a.mel[:n] - b.mel[:n])[speech, : vv.config.n_mels].mean()),
        float(np.abs(a.loudness_db[:n] - b.loudness_db[:n])[speech].mean()),
    )


if __name__ == "__main__":
    sys.exit(main())
