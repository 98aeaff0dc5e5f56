"""The commands of the verbs: parse, call one method of `VoiceVAE`, write."""

import math
from argparse import Namespace

from voicevae import audio, voicefile
from voicevae.cli import files
from voicevae.cli.inputs import load, voice
from voicevae.code import Speaker

VOICES = [voicefile.EXTENSION]


def sample(args: Namespace) -> int:
    like = None if args.like is None else voice(args.like)
    audio.check_output(args.output, VOICES)
    files.check_kept(args.output, [] if like is None else [like])
    vv = load(args)
    near = {} if args.distance is None else {"distance": args.distance}
    made = vv.sample(args.seed, gender=args.gender, like=like, label=args.label, source=args.source, **near)
    vv.save_voice(made, args.output)
    print(f"{args.output}: {_describe(made)}")
    return 0


def blend(args: Namespace) -> int:
    voices = [voice(name) for name in args.voices]
    audio.check_output(args.output, audio.FORMATS if args.prosody else VOICES)
    files.check_kept(args.output, voices)
    vv = load(args)
    if args.prosody:
        code = vv.blend_prosody(voices, args.weights)
        files.say_gain(args.output, audio.write(args.output, vv.decode_blocks(code, args.seed), vv.sample_rate))
        print(f"{args.output}: {code.duration_s:.2f} s of speech")
        return 0
    made = vv.blend(voices, args.weights)
    vv.save_voice(made, args.output)
    print(f"{args.output}: {_describe(made)}")
    return 0


def _describe(speaker: Speaker) -> str:
    spread = speaker.log_f0_std * 12 / math.log(2)
    return f"a voice of {math.exp(speaker.log_f0_mean):.0f} Hz, spread {spread:.1f} semitones"
