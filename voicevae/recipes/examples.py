"""Write sounds to play: each verb, on a sentence of espeak-ng and on the bundle's two example voices.

    python -m voicevae.recipes.examples --out-dir out/examples

Needs espeak-ng: pip install espeakng-loader.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import voicevae
from voicevae import audio, files
from voicevae.bundle import DEFAULT
from voicevae.code import Code
from voicevae.recipes import command
from voicevae.recipes.espeak import speak
from voicevae.voice import VoiceVAE

TEXT = "The birch canoe slid on the smooth planks, and nobody but the old heron saw it pass."
TUNE = "D4:0.4 F#4:0.4 A4:0.6 R:0.2 G4:0.4 E4:0.4 F#4:0.3 E4:0.3 D4:1"
FEMALE, MALE = (DEFAULT / "voices" / f"{name}.flac" for name in ("female", "male"))
GAPS_S = ((0.6, 0.64), (1.5, 1.56))  # cut out, for repair to fill in


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--out-dir", type=Path, default=Path("out/examples"), help="folder (default out/examples)")
    parser.add_argument("--bundle", type=Path, help="another bundle than the shipped one")
    args = parser.parse_args(argv)
    command.run(lambda: _write(args))


def _write(args: argparse.Namespace) -> None:
    write(voicevae.load(args.bundle), args.out_dir)


def write(vv: VoiceVAE, out: Path) -> list[Path]:
    """One .wav for each verb in the folder `out`, beside the sounds that they start from; prints a line for each.

    A verb that the bundle cannot do is left out.
    """
    out.mkdir(parents=True, exist_ok=True)
    sources = {"espeak": audio.from_array(*speak(TEXT, "en+f2"), vv.sample_rate)}
    sources |= {path.stem: audio.read(path, vv.sample_rate) for path in (FEMALE, MALE)}
    sources["damaged"] = _damaged(sources["female"], vv.sample_rate)
    for name, wave in sources.items():
        audio.write(out / f"{name}.wav", wave, vv.sample_rate)
    paths = [out / f"{name}.wav" for name in sources]
    print(f"{', '.join(map(str, paths))}: what the others start from")
    for name, (said, make) in _verbs(vv, sources).items():
        try:
            made = make()
        except voicevae.BundleError as error:
            print(f"{name}: left out; {error}")
            continue
        paths.append(out / f"{name}.wav")
        files.write(vv, paths[-1], vv.decode(made) if isinstance(made, Code) else made, edits=said)
        print(f"{paths[-1]}: {said}")
    return paths


def _damaged(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """`wave` `[n]` with `GAPS_S` silent."""
    damaged = wave.copy()
    for start_s, end_s in GAPS_S:
        damaged[round(start_s * sample_rate) : round(end_s * sample_rate)] = 0
    return damaged


def _verbs(vv: VoiceVAE, sources: dict[str, np.ndarray]) -> dict[str, tuple[str, Callable[[], Code | np.ndarray]]]:
    """By name: what is done, and how."""
    woman, robot = (vv.encode(sources[name], vv.sample_rate) for name in ("female", "espeak"))
    return {
        "round_trip": ("the woman, encoded and decoded", lambda: woman),
        "convert_male": ("the woman's sentence in the man's voice", lambda: woman.edit(vv.speaker(MALE))),
        "convert_espeak": ("espeak-ng in the woman's voice", lambda: robot.edit(vv.speaker(FEMALE))),
        "pitch_up": ("pitch +3 semitones", lambda: woman.edit(pitch_semitones=3)),
        "lively": ("espeak-ng with twice the pitch range", lambda: robot.edit(pitch_range=2)),
        "slow": ("rate x 0.75", lambda: woman.edit(rate=0.75)),
        "formants_down": ("formants -3 semitones", lambda: woman.edit(formant_semitones=-3)),
        "sample": ("a voice that nobody has", lambda: robot.edit(vv.sample(seed=1))),
        "blend": ("a voice halfway from the woman's to the man's", lambda: woman.edit(vv.blend([FEMALE, MALE]))),
        "transfer": ("espeak-ng with the woman's intonation", lambda: vv.transfer(robot, reference=woman)),
        "style": ("espeak-ng, joyful", lambda: vv.style(robot, style="joy")),
        "melody": ("the woman's sentence, sung", lambda: vv.melody(woman, notes=TUNE)),
        "repair": ("the gaps of damaged.wav, filled in", lambda: vv.repair(sources["damaged"], spans=list(GAPS_S))),
    }


if __name__ == "__main__":
    main()
