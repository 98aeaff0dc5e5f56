"""Options that several verbs have, and the types of their values."""

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

SEED = "random seed of the unvoiced noise"


class Parser(argparse.ArgumentParser):
    """Keeps the lines of its description, and prints errors in one line, without the usage of argparse."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""
        self.exit(2, f"voicevae: {message}; see {self.prog} --help\n")


def default_of(function: Callable[..., Any], name: str) -> Any:
    """What a parameter of a verb is by default: the command line has no defaults of its own.

    >>> default_of(int.to_bytes, "byteorder")
    'big'
    """
    return inspect.signature(function).parameters[name].default


def add_sources(parser: argparse.ArgumentParser, kind: str) -> None:
    """One or more input files."""
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help=kind)


def add_files(parser: argparse.ArgumentParser, kind: str, extension: str) -> argparse._MutuallyExclusiveGroup:
    """Input files, and where to write; returns the group of the latter."""
    add_sources(parser, f"{kind}, or - for standard input; several with --out-dir")
    parser.set_defaults(extension=extension)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help=f"file to write, such as out{extension}, or -")
    where.add_argument("--out-dir", type=Path, metavar="DIR", help="folder to write to, one file for each input")
    return where


def add_output(parser: argparse.ArgumentParser, text: str) -> None:
    """One file to write."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=text)


def add_out_dir(parser: argparse.ArgumentParser, text: str, default: Path | None = None) -> None:
    """--out-dir: folder to write to; required without a `default`."""
    parser.add_argument(
        "--out-dir", type=Path, default=default, required=default is None, metavar="DIR", help=_with(text, default)
    )


def add_seed(parser: argparse.ArgumentParser, text: str = SEED) -> None:
    """--seed: 0 to 2^32 - 1."""
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=0, metavar="N", help=_with(text, 0))


def add_watermark(parser: argparse.ArgumentParser) -> None:
    """--no-watermark."""
    parser.add_argument("--no-watermark", action="store_true", help="leave the inaudible watermark out of the sound")


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Which bundle, on which device, with how many threads."""
    add_bundle_option(parser)
    add_device(parser)


def add_bundle_option(parser: argparse.ArgumentParser) -> None:
    """--bundle: folder of another bundle than the shipped one."""
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="bundle to use instead of the shipped one")


def add_device(parser: argparse.ArgumentParser) -> None:
    """--engine, --device and --threads: what runs the networks."""
    parser.add_argument("--engine", choices=["onnx", "torch"], help="runs the networks (default: onnx, if exported)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="default: cpu")
    parser.add_argument("--threads", type=whole(1, 1024), metavar="N", help="CPU threads (default: as many as cores)")


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """The bundle as a positional argument."""
    parser.add_argument("bundle", nargs="?", type=Path, metavar="BUNDLE", help="folder (default: the shipped one)")


def add_number(
    parser: argparse.ArgumentParser, option: str, limits: tuple[float, float], metavar: str, text: str, default: Any
) -> None:
    """A number within `limits`."""
    parser.add_argument(option, type=number(*limits), default=default, metavar=metavar, help=_with(text, default))


def add_whole(
    parser: argparse.ArgumentParser, option: str, limits: tuple[float, float], text: str, default: int | None = None
) -> None:
    """A whole number within `limits`."""
    help_text = text if default is None else _with(text, default)
    parser.add_argument(
        option, type=whole(int(limits[0]), int(limits[1])), default=default, metavar="N", help=help_text
    )


def number(low: float, high: float) -> Callable[[str], float]:
    """A parser of numbers within limits.

    >>> number(0, 1)("0.3")
    0.3
    """

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
    """A parser of whole numbers within limits.

    >>> whole(1, 8)("4")
    4
    """

    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return parse


def _with(text: str, default: Any) -> str:
    """The `text` of an option's help with its default."""
    if default is None:
        return text
    shown = f"{default}/" if isinstance(default, Path) else f"{default:g}" if isinstance(default, float) else default
    return f"{text} (default {shown})"
