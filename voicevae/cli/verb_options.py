"""What can be typed after the verbs of `voicevae.verbs`."""

import argparse
from pathlib import Path

from voicevae.cli import batch_options, manner_options, verbs
from voicevae.cli.options import Add, add_machine, add_seed, add_watermark, command, number, whole

EXAMPLES = {
    "sample": """\
  voicevae sample --seed 3 -o new.voice
  voicevae sample --seed 3 --gender female -o new.voice
  voicevae sample --like reference.wav --distance 0.3 -o near.voice""",
    "traverse": """\
  voicevae traverse speech.wav --out-dir sweeps/
  voicevae traverse speech.wav --latent z_p --dimensions 4 --out-dir sweeps/""",
    "score": """\
  voicevae score speech.wav
  voicevae score recordings/ --threshold 3 --plot scores/""",
    "embed": f"""\
  voicevae embed recordings/ -o corpus.npz --map map.png map.html
  voicevae embed one.wav two.wav three.wav -o three.npz --map map.html --group prosody
{batch_options.EXAMPLES["embed"]}""",
    "blend": """\
  voicevae blend one.wav two.wav -o middle.voice
  voicevae blend one.wav two.voice female --weights 2 1 1 -o mixed.voice
  voicevae blend speech.wav lively.wav --prosody --weights 1 2 -o out.wav""",
    **manner_options.EXAMPLES,
}
WEIGHTS = (0.0, 1e6)
GROUPS = ["z_s", "register", "z_p", "prosody", "mel"]


def add_verbs(add: Add) -> None:
    _add_sample(add)
    _add_blend(add)
    manner_options.add_manners(add)
    _add_traverse(add)
    _add_score(add)
    _add_embed(add)


def _add_sample(add: Add) -> None:
    parser = command(add, "sample", verbs.sample, "make a voice that nobody has", EXAMPLES["sample"])
    _add_voice_output(parser)
    add_seed(parser, "names the voice (default 0)")
    parser.add_argument("--gender", metavar="NAME", help="as the training corpus calls it: female, male")
    parser.add_argument("--like", metavar="VOICE", help="stay near this voice: a recording, a voice file, an example")
    parser.add_argument(
        "--distance",
        type=number(0, 1),
        metavar="SHARE",
        help="from --like: 0 is that voice, 1 a new one (default 0.3)",
    )
    parser.add_argument("--label", metavar="SPEAKER", help="draw about a training speaker (info --speakers)")
    parser.add_argument(
        "--source",
        choices=["mixture", "prior"],
        help="mixture of the training speakers (default where the bundle has one), or prior N(0, I)",
    )
    add_machine(parser)


def _add_blend(add: Add) -> None:
    parser = command(add, "blend", verbs.blend, "make a voice between others", EXAMPLES["blend"])
    parser.add_argument("voices", nargs="+", metavar="VOICE", help="recording, voice file, or example: female, male")
    parser.add_argument(
        "--weights", nargs="+", type=number(*WEIGHTS), metavar="W", help="one a voice, of 0 or more (default: equal)"
    )
    parser.add_argument(
        "--prosody",
        action="store_true",
        help="say the first recording with a pitch range and dynamics between all of them; OUT is then a sound file",
    )
    _add_voice_output(parser)
    add_seed(parser, "names the noise in the voice (default 0)")
    add_watermark(parser)
    add_machine(parser)


def _add_traverse(add: Add) -> None:
    parser = command(add, "traverse", verbs.traverse, "sweep a latent, and say what that moves", EXAMPLES["traverse"])
    parser.add_argument("source", type=Path, metavar="FILE", help="recording, a second or two is enough")
    parser.add_argument("--latent", choices=["z_s", "z_p"], default="z_s", help="speaker or prosody (default z_s)")
    parser.add_argument(
        "--dimensions", type=whole(1, 1000), default=10, metavar="N", help="how many, most active first (default 10)"
    )
    parser.add_argument("--steps", type=whole(3, 99), default=5, metavar="N", help="of each, an odd number (default 5)")
    parser.add_argument(
        "--span",
        type=number(0.1, 5),
        default=2.0,
        metavar="STDS",
        help="from minus to plus so many standard deviations of the dimension (default 2)",
    )
    parser.add_argument(
        "--out-dir", type=Path, required=True, metavar="DIR", help="folder for traverse.png and a sound a dimension"
    )
    add_seed(parser, "names the noise in the voice (default 0)")
    add_watermark(parser)
    add_machine(parser)


def _add_score(add: Add) -> None:
    parser = command(add, "score", verbs.score, "say how unlike the training speech recordings are", EXAMPLES["score"])
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help="sound files, or folders of them")
    parser.add_argument(
        "--threshold",
        type=number(-1e6, 1e6),
        metavar="Z",
        help="exit with 1 if a recording's z is above it; 2 or 3 are usual choices",
    )
    parser.add_argument("--plot", type=Path, metavar="DIR", help="folder for a picture of each over time")
    add_machine(parser)


def _add_embed(add: Add) -> None:
    parser = command(add, "embed", verbs.embed, "store recordings as feature vectors, and map them", EXAMPLES["embed"])
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help="sound files, or folders of them")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="table to write: .npz, or .parquet with pyarrow"
    )
    parser.add_argument(
        "--map", nargs="+", type=Path, default=[], metavar="OUT", help="maps to write, such as map.png map.html"
    )
    parser.add_argument("--group", choices=GROUPS, default="z_s", help="of features, that is mapped (default z_s)")
    parser.add_argument("--method", choices=["pca", "umap"], default="pca", help="of the map; umap needs umap-learn")
    add_machine(parser)
    batch_options.add_workers(parser)


def _add_voice_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="file to write, such as new.voice"
    )
