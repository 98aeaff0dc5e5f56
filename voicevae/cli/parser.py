"""Collects the verbs: every other module of this package is one, of its name.

A verb has a GROUP (a key of `GROUPS`), a SUMMARY, EXAMPLES, `add_options(parser)` and `run(args) -> exit code`.
"""

import argparse
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from voicevae.cli.shared.options import Parser
from voicevae.version import __version__

GROUPS = {
    "speech": "change speech",
    "voices": "make voices",
    "analysis": "look into speech",
    "codes": "speech as a code",
    "page": "see and hear",
    "corpora": "make corpora",
    "bundles": "know a bundle",
}
EXAMPLES = """\
  voicevae convert speech.wav --voice female -o out.wav
  voicevae modulate speech.wav --pitch +3 --rate 0.9 -o out.wav
  voicevae sample --seed 3 --gender male -o new.voice
  voicevae demo"""


class VerbParser(Parser):
    """The parser of one verb. Its options are added when it is asked for: their defaults and ranges come from the verb
    itself, which may bring torch."""

    def __init__(self, *, verb: ModuleType, **settings: Any) -> None:
        super().__init__(
            description=f"{verb.SUMMARY[0].upper()}{verb.SUMMARY[1:]}.",
            epilog=f"examples:\n{verb.EXAMPLES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,
        )
        self.verb, self.is_complete = verb, False
        self.set_defaults(run=verb.run)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if not self.is_complete:
            self.verb.add_options(self)
            self.is_complete = True
        return super().parse_known_args(args, namespace)


def verbs() -> dict[str, ModuleType]:
    """The modules of the verbs by name, in alphabetical order."""
    found = [one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if not one.ispkg]
    return {name: import_module(f"{__package__}.{name}") for name in sorted(found) if name != "parser"}


def build_parser() -> argparse.ArgumentParser:
    """The parser of `voicevae`: a subcommand for each verb."""
    known = verbs()
    parser = Parser(
        prog="voicevae",
        usage="voicevae [-h] [--version] COMMAND ...",
        description=f"Convert and edit voices.\n\n{_listed(known)}",
        epilog=f"examples:\n{EXAMPLES}\n\n`voicevae COMMAND --help` shows a command's options, with examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"voicevae {__version__}")
    add = parser.add_subparsers(
        metavar="COMMAND", required=True, help=argparse.SUPPRESS, parser_class=VerbParser, prog="voicevae"
    )
    for name, verb in known.items():
        add.add_parser(name, verb=verb)
    return parser


def _listed(known: dict[str, ModuleType]) -> str:
    """The verbs in groups, a line each."""
    groups = []
    for key, title in GROUPS.items():
        lines = [f"  {name:<10}{verb.SUMMARY}" for name, verb in known.items() if verb.GROUP == key]
        groups.append("\n".join([f"{title}:", *lines]))
    return "\n\n".join(groups)
