"""The command `melody`."""

from argparse import Namespace
from pathlib import Path

from voicevae import audio
from voicevae.cli import files
from voicevae.cli.inputs import load
from voicevae.cli.inputs import voice as voice_of


def melody(args: Namespace) -> int:
    from voicevae.verbs import notes

    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    voice = None if args.voice is None else voice_of(args.voice)
    tune = None if args.tune is not None else notes.read(args.midi or args.notes)
    kept = [path for path in (voice, args.midi) if path is not None]
    vv = load(args)
    speaker = None if voice is None else vv.speaker(voice)
    options = {"notes": tune, "tune": args.tune, "strength": args.strength, "vibrato": args.vibrato}

    def work(source: Path, output: Path) -> float:
        with files.ProgressBar(source, parts=1) as bar:
            code = vv.encode(source, progress=bar.update).edit(speaker)
            song = vv.melody(code, transpose=args.transpose, **options)
            files.write_speech(args, output, vv.decode_blocks(song, args.seed), vv, "melody")
        return song.duration_s

    return files.run(work, args.sources, outputs, audio.FORMATS, keep=kept)
