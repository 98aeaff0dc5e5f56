"""`voicevae traverse` writes what Python sweeps."""

from pathlib import Path

import soundfile as sf

from tests.cli.conftest import RATE, Run, tone
from voicevae.cli.parser import build_parser
from voicevae.verbs import traverse
from voicevae.voice import VoiceVAE


def test_traverse_writes_a_picture_and_a_sound_a_row(run: Run, vv: VoiceVAE) -> None:
    said = run("traverse a.wav --dimensions 2 --steps 3 --out-dir sweeps")
    sweeps = vv.traverse("a.wav", dimensions=2, steps=3)
    for sweep in sweeps:
        assert f"{sweep.name}: {sweep.words()}" in said
    names = sorted(path.name for path in Path("sweeps").iterdir())
    assert names == sorted(["traverse.png", *(f"{sweep.name.replace(' ', '-')}.wav" for sweep in sweeps)])
    assert sf.info("sweeps/z_s-0.wav").frames == 3 * (len(tone(110)) + round(0.2 * RATE))


def test_defaults_are_those_of_python() -> None:
    args = build_parser().parse_args(["traverse", "a.wav", "--out-dir", "x"])
    assert (args.latent, args.dimensions, args.steps, args.span) == (
        traverse.LATENTS[0],
        traverse.DIMENSIONS,
        traverse.STEPS,
        traverse.SPAN,
    )
