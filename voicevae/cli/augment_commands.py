"""The command `augment`."""

from argparse import Namespace

from voicevae import parallel
from voicevae.cli.inputs import load
from voicevae.errors import VoiceVAEError


def augment(args: Namespace) -> int:
    drawn = {"pitch_semitones": args.pitch, "pitch_range": args.pitch_range, "rate": args.rate}
    asked = {name: tuple(pair) for name, pair in drawn.items() if pair is not None}
    vv = load(args)
    corpus = args.corpus[0] if len(args.corpus) == 1 else args.corpus
    options = {"seed": args.seed, "watermark": not args.no_watermark, "workers": args.workers}
    try:
        from voicevae import augmentation

        with parallel.cluster(args.scheduler) as executor:
            print(augmentation.augment(vv, corpus, args.out_dir, args.copies, executor=executor, **options, **asked))
    except ImportError as error:
        raise VoiceVAEError(f'augment needs {error.name}; pip install "voicevae[train]" brings it.') from None
    return 0
