"""What can be typed."""

import argparse
from collections.abc import Callable
from pathlib import Path

from voicevae.cli import (
    augment_options,
    batch_options,
    commands,
    demo_options,
    mark_options,
    melody_options,
    repair_options,
    search_options,
    verb_options,
    verify_options,
)
from voicevae.cli.options import (
    Add,
    Parser,
    add_bundle,
    add_device,
    add_files,
    add_machine,
    add_seed,
    add_watermark,
    command,
    number,
    whole,
)
from voicevae.edits import RANGES
from voicevae.version import __version__

EDIT_OPTIONS = {
    "--pitch": ("pitch_semitones", "SEMITONES", "raise (+3) or lower (-3) the pitch"),
    "--pitch-range": ("pitch_range", "RATIO", "widen (1.5) or narrow (0.5) the intonation; 0 is monotone"),
    "--rate": ("rate", "RATIO", "speak faster (1.25) or slower (0.8)"),
    "--energy": ("energy_db", "DB", "louder (+6) or softer (-6)"),
    "--formant": ("formant_semitones", "SEMITONES", "smaller (+2) or larger (-2) vocal tract"),
}

EXAMPLES = {
    "convert": f"""\
  voicevae convert speech.wav --voice reference.wav -o out.wav
  voicevae convert *.wav --voice reference.wav --out-dir converted/
  voicevae convert speech.wav --voice reference.wav --pitch -2 --rate 0.9 -o out.wav
{batch_options.EXAMPLES["convert"]}""",
    "modulate": f"""\
  voicevae modulate speech.wav --pitch +3 --pitch-range 1.5 -o out.wav
  voicevae modulate speech.wav --rate 0.9 --energy +3 --formant -1 -o out.wav
  voicevae modulate *.wav --pitch=-6 --out-dir lower/
{mark_options.EXAMPLES}
{batch_options.EXAMPLES["modulate"]}""",
    "encode": "  voicevae encode speech.wav -o speech.code.npz",
    "decode": "  voicevae decode speech.code.npz -o again.wav",
    "plot": "  voicevae plot speech.wav -o speech.png",
    "info": "  voicevae info\n  voicevae info my-bundle/ --speakers",
    "evaluate": """\
  voicevae evaluate --corpus recordings/ --quick
  voicevae evaluate my-bundle/ --corpus recordings/ --split test --pairs 500 --baseline --out-dir report/
  voicevae evaluate --corpus LibriSpeech/ --protocol librispeech --recogniser base""",
    "compare": """\
  voicevae compare report-a/ report-b/
  voicevae compare bundle-a/ bundle-b/ --corpus recordings/ --quick --out-dir compared/""",
    **verb_options.EXAMPLES,
    **melody_options.EXAMPLES,
    **search_options.EXAMPLES,
    **augment_options.EXAMPLES,
    **repair_options.EXAMPLES,
    **verify_options.EXAMPLES,
}


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="voicevae",
        description="Convert and edit voices.",
        epilog="To begin with: `voicevae convert speech.wav --voice female -o out.wav`. "
        "`voicevae COMMAND --help` shows a command's options, with examples.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"voicevae {__version__}")
    add = parser.add_subparsers(metavar="COMMAND", required=True).add_parser

    convert = _command(add, "convert", commands.convert, "say the same in another voice")
    add_files(convert, "sound file", ".wav")
    convert.add_argument(
        "--voice",
        required=True,
        metavar="FILE",
        help="recording of the voice, a few seconds are enough; a voice file; or an example voice: female, male",
    )
    modulate = _command(add, "modulate", commands.modulate, "change pitch, intonation, rate, loudness and formants")
    add_files(modulate, "sound file", ".wav")
    for editing in (convert, modulate):
        _add_edits(editing)
        mark_options.add_marks(editing)
        add_seed(editing, "names the noise in the voice (default 0)")
        add_watermark(editing)
        add_machine(editing)
        batch_options.add_workers(editing)

    encode = _command(add, "encode", commands.encode, "store speech as a code")
    add_files(encode, "sound file", ".npz")
    decode = _command(add, "decode", commands.decode, "make speech from a code")
    add_files(decode, "code file", ".wav")
    add_seed(decode, "names the noise in the voice (default 0)")
    add_watermark(decode)
    plot = _command(add, "plot", commands.plot, "draw mel, F0, voicing, loudness and latents over time")
    add_files(plot, "sound file", ".png")
    for coding in (encode, decode, plot):
        add_machine(coding)

    verb_options.add_verbs(add)
    demo_options.add_demo(add)
    melody_options.add_melody(add)
    search_options.add_search(add)
    augment_options.add_augment(add)
    repair_options.add_repair(add)
    verify_options.add_verify(add)

    info = _command(add, "info", commands.info, "say what is in a bundle")
    add_bundle(info)
    info.add_argument("--speakers", action="store_true", help="list the speakers that the bundle knows")

    _add_evaluate(_command(add, "evaluate", commands.evaluate, "measure a bundle on recordings"))
    _add_compare(_command(add, "compare", commands.compare, "put two bundles, or two reports on them, side by side"))
    return parser


def _command(add: Add, name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
    return command(add, name, run, summary, EXAMPLES[name])


def _add_edits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("edits")
    for option, (name, unit, text) in EDIT_OPTIONS.items():
        low, high = RANGES[name]
        group.add_argument(
            option, dest=name, type=number(low, high), metavar=unit, help=f"{text}; from {low:g} to {high:g}"
        )


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add_bundle(parser)
    parser.add_argument(
        "--corpus",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder <speaker>/<utterance>.<ext>, or a prepared experiment; with --protocol, as it is unpacked",
    )
    parser.add_argument(
        "--out-dir", type=Path, default=Path("report"), metavar="DIR", help="folder for the report (default report/)"
    )
    parser.add_argument(
        "--protocol",
        choices=["librispeech", "vcc2020"],
        help="the conversions and metrics of a published evaluation, beside its figures; hours without --quick",
    )
    _add_plan(parser)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    for name, which in (("a", "one"), ("b", "other")):
        parser.add_argument(name, type=Path, metavar=name.upper(), help=f"folder of the {which} bundle, or its report")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="recordings to measure bundles on")
    parser.add_argument("--out-dir", type=Path, metavar="DIR", help="folder for the table and for bundles' reports")
    _add_plan(parser)


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--split", default="dev", help="split of the corpus' metadata.csv (default dev)")
    parser.add_argument("--quick", action="store_true", help="fewer recordings, in minutes")
    parser.add_argument("--pairs", type=whole(1, 10_000), default=200, metavar="N", help="conversions (default 200)")
    parser.add_argument("--baseline", action="store_true", help="measure what needs no conversion, too")
    parser.add_argument("--verbs", action="store_true", help="measure sample, blend, transfer and the others, too")
    parser.add_argument(
        "--recogniser",
        metavar="NAME",
        help="Whisper, by a model's name or a folder in CTranslate2's form (default $VOICEVAE_WHISPER, or none)",
    )
    parser.add_argument(
        "--workers", type=whole(1, 2), metavar="N", help="processes, 1 or 2 (default: 2 if there are cores)"
    )
    add_seed(parser, "chooses recordings and pairs (default 0)")
    add_device(parser)
