"""Collects the verbs: every other module of this package is one, of its name.

A verb has a GROUP (a key of `GROUPS`), a SUMMARY, EXAMPLES, `add_options(parser)` and `run(args) -> exit code`.
"""

import argparse
import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

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


class Verb(NamedTuple):
    """A verb, its `GROUP` and its `SUMMARY`, read from its file: to import all of them takes far longer than a page of
    help may."""

    name: str
    group: str
    summary: str

    @property
    def module(self) -> ModuleType:
        """The verb itself."""
        return import_module(f"{__package__}.{self.name}")


class VerbParser(Parser):
    """The parser of one verb, which is imported when it is asked for: its options' defaults and ranges come from what
    it does, which may bring torch."""

    def __init__(self, *, verb: Verb, **settings: Any) -> None:
        super().__init__(description=f"{verb.summary[0].upper()}{verb.summary[1:]}.", **settings)
        self.verb, self.is_complete = verb, False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if not self.is_complete:
            module = self.verb.module
            self.epilog = f"examples:\n{module.EXAMPLES}"
            self.set_defaults(run=module.run)
            module.add_options(self)
            self.is_complete = True
        return super().parse_known_args(args, namespace)


@cache
def verbs() -> dict[str, Verb]:
    """The verbs by name, in alphabetical order."""
    files = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "parser"))
    return {path.stem: Verb(path.stem, *_constants(path, "GROUP", "SUMMARY")) for path in files}


def build_parser() -> argparse.ArgumentParser:
    """The parser of `voicevae`: a subcommand for each verb."""
    known = verbs()
    parser = Parser(
        prog="voicevae",
        usage="voicevae [-h] [--version] COMMAND ...",
        description=f"Convert and edit voices.\n\n{_listed(known)}",
        epilog=f"examples:\n{EXAMPLES}\n\n`voicevae COMMAND --help` shows a command's options, with examples.",
    )
    parser.add_argument("--version", action="version", version=f"voicevae {__version__}")
    add = parser.add_subparsers(
        metavar="COMMAND", required=True, help=argparse.SUPPRESS, parser_class=VerbParser, prog="voicevae"
    )
    for name, verb in known.items():
        add.add_parser(name, verb=verb)
    return parser


def _constants(file: Path, *names: str) -> list[str]:
    """The texts that a Python file assigns to `names`."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return [ast.literal_eval(found[name]) for name in names]


def _listed(known: dict[str, Verb]) -> str:
    """The verbs in groups, a line each."""
    groups = []
    for key, title in GROUPS.items():
        lines = [f"  {name:<10}{verb.summary}" for name, verb in known.items() if verb.group == key]
        groups.append("\n".join([f"{title}:", *lines]))
    return "\n\n".join(groups)
