"""Options that several commands share, and how a command is made of them."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

Add = Callable[..., argparse.ArgumentParser]


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, where argparse would print the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"voicevae: {message}; see {self.prog} --help\n")


def command(
    add: Add, name: str, run: Callable[[argparse.Namespace], int], summary: str, examples: str
) -> argparse.ArgumentParser:
    """The parser of one command, whose help ends in `examples`."""
    parser = add(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def add_files(parser: argparse.ArgumentParser, kind: str, extension: str) -> None:
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help=f"{kind}; several with --out-dir")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"file to write, such as out{extension}")
    where.add_argument("--out-dir", type=Path, metavar="DIR", help="folder to write to, one file for each input")


def add_seed(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="N", help=text)


def add_watermark(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-watermark", action="store_true", help="leave the inaudible watermark out of the sound")


def add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="bundle to use instead of the shipped one")
    add_device(parser)


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="default: cpu")
    parser.add_argument("--threads", type=whole(1, 1024), metavar="N", help="CPU threads (default: as many as cores)")


def add_bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", nargs="?", type=Path, metavar="BUNDLE", help="folder (default: the shipped one)")


def number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return parse
