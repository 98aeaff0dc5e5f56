"""The mel of a neural TTS system, handed over: edited, and spoken.

    python egs/tts/neural_mel.py --out-dir out/tts

The system is a stand-in with random weights, so that nothing need be fetched: it babbles, but what it returns has the
layout of Matcha-TTS, a dictionary with "mel" [1, 80, T] for HiFi-GAN, and "mel_lengths". docs/tts.md has the real call.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import voicevae
from voicevae import Edit, audio
from voicevae.features.mel_config import HIFIGAN
from voicevae.tts import Modulator

TEXT = "The birch canoe slid on the smooth planks."
FLOOR, LOUD = -8.0, 0.5  # natural log of magnitude


class StandIn(nn.Module):
    """Letters to mel, as Matcha-TTS returns it."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.embedding = nn.Embedding(256, 32)
            self.durations = nn.Linear(32, 1)
            self.decoder = nn.Sequential(nn.Conv1d(32, 64, 9, padding=4), nn.Tanh(), nn.Conv1d(64, 80, 9, padding=4))

    @torch.inference_mode()
    def synthesise(self, x: Tensor, x_lengths: Tensor) -> dict[str, Any]:
        """`x` `[1, n]`, `x_lengths` `[1]`; returns mel `[1, 80, T]` and mel_lengths `[1]`."""
        letters = self.embedding(x)
        frames = (4 + 6 * torch.sigmoid(self.durations(letters)[0, :, 0])).round().long()
        made = self.decoder(letters.repeat_interleave(frames, 1).transpose(1, 2))
        mel = FLOOR + (LOUD - FLOOR) * torch.sigmoid(made)
        return {"mel": mel, "mel_lengths": torch.tensor([mel.shape[2]])}


def hand_over(out: Path, bundle: Path | None = None) -> tuple[float, float]:
    """Speak the mel, its second half faster; returns seconds asked for and heard."""
    out.mkdir(parents=True, exist_ok=True)
    x = torch.tensor([list(TEXT.encode())])
    output = StandIn().synthesise(x, torch.tensor([x.shape[1]]))
    mel = output["mel"][0, :, : output["mel_lengths"][0]].T
    duration_s = len(mel) * HIFIGAN.hop_length / HIFIGAN.sample_rate
    mod = Modulator(pitch_semitones=2, rate=0.9, bundle=bundle)
    half = duration_s / 2
    wave, rate = mod.mel(mel, HIFIGAN, marks=[(half, duration_s, Edit(rate=1.2))])
    audio.write(out / "neural_mel.wav", wave, rate)
    return half / 0.9 + half / 0.9 / 1.2, len(wave) / rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out-dir", type=Path, default=Path("out/tts"), help="folder for the result")
    args = parser.parse_args()
    try:
        asked, heard = hand_over(args.out_dir)
    except (voicevae.VoiceVAEError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(f"{args.out_dir}/neural_mel.wav: {asked:.3f} s asked for, {heard:.3f} s heard")


if __name__ == "__main__":
    main()
