"""How well speech is found again in a mel: features of a mel from elsewhere beside those of the recording itself.

Each recording is turned into the mel of a TTS system, and that into our features: with the recording's F0, without F0,
and, for comparison, through a Griffin-Lim wave that is encoded like any recording.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import soxr

from benchmarks.command import add_corpus, printed
from voicevae.cli.shared.options import Parser, whole
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig, Frames, extract
from voicevae.features.foreign_mel import compute_mel
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN, VOCOS, MelConfig
from voicevae.vocoders.from_mel import frames_from_mel
from voicevae.vocoders.griffinlim import GriffinLim

PROGRAM = "python -m benchmarks.tts_mels"
CONFIGS = {"HiFi-GAN": HIFIGAN, "Vocos": VOCOS, "Parallel WaveGAN": PARALLEL_WAVEGAN}
WAYS = ("F0 given", "no F0", "Griffin-Lim wave")
SPEECH_DB = 40.0  # below the loud frames
HEAD = "| mel of | way | mel, nats | level, dB | F0, median cents | over 50 cents | voicing error |"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit code: 0, or 2 where the input was bad."""
    parser = Parser(prog=PROGRAM, description=__doc__)
    add_corpus(parser)
    parser.add_argument("--clips", type=whole(1, 10000), default=22, metavar="N", help="how many (default: 22)")
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="S", help="draws them (default: 0)")
    args = parser.parse_args(argv)
    return printed(lambda: table(_waves(args)))


def _waves(args: argparse.Namespace) -> list[np.ndarray]:
    from voicevae.evaluation.clips import draw_clips, read_clips

    if not args.corpus.is_dir():
        raise CorpusError(f"{args.corpus} is not a folder; give one of recordings.")
    clips = draw_clips(read_clips(args.corpus, args.split), args.clips, args.seed)
    return [clip.load(FeatureConfig().sample_rate) for clip in clips]


def table(waves: Sequence[np.ndarray]) -> str:
    """Markdown: a row a mel and a way, medians over `waves`, each `[n]` at our rate."""
    lines = [HEAD, "| --- " * HEAD.count(" | ") + "| --- |"]
    recordings = [(wave, extract(wave, FeatureConfig())) for wave in waves]
    for name, config in CONFIGS.items():
        for way in WAYS:
            figures = np.array([measure(wave, wanted, config, way) for wave, wanted in recordings])
            mel, level, cents, wide, voicing = np.nanmedian(figures, 0)
            shares = f"{100 * wide:.1f} % | {100 * voicing:.1f} %"
            lines.append(f"| {name} | {way} | {mel:.2f} | {level:+.1f} | {cents:.1f} | {shares} |")
    return "\n".join(lines)


def measure(wave: np.ndarray, wanted: Frames, config: MelConfig, way: str) -> tuple[float, ...]:
    """Of one recording: mel distance (nats), level (dB), median F0 error (cents), share over 50 cents, share of frames
    voiced in one alone. Mel and level are taken where somebody speaks, F0 where both are voiced."""
    features = FeatureConfig()
    mel = compute_mel(soxr.resample(wave, features.sample_rate, config.sample_rate), config)
    options: dict[str, Any] = {}
    if way == "F0 given":
        times = np.arange(len(wanted)) / features.frame_rate
        log_f0, voicing = (np.interp(config.times(len(mel)), times, x) for x in (wanted.log_f0, wanted.voicing))
        options["f0_hz"] = np.where(voicing >= 0.5, np.exp(log_f0), 0.0)
    elif way == "Griffin-Lim wave":
        options["vocoder"] = GriffinLim(config)
    found, _ = frames_from_mel(mel, config, features, **options)
    n = min(len(found), len(wanted))
    speech = wanted.loudness_db[:n] > np.percentile(wanted.loudness_db, 95) - SPEECH_DB
    both = found.voiced[:n] & wanted.voiced[:n]
    cents = 1200 / np.log(2) * np.abs(found.log_f0[:n] - wanted.log_f0[:n])[both]
    return (
        float(np.abs(found.mel[:n] - wanted.mel[:n])[speech, : features.n_mels].mean()),
        float((found.loudness_db[:n] - wanted.loudness_db[:n])[speech].mean()),
        float(np.median(cents)) if len(cents) else float("nan"),
        float(np.mean(cents > 50)) if len(cents) else float("nan"),
        float(np.mean(found.voiced[:n] != wanted.voiced[:n])),
    )


if __name__ == "__main__":
    sys.exit(main())
