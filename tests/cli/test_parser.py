"""Every verb is listed, with examples that parse, and negative numbers are numbers."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import voicevae
from voicevae.cli import main
from voicevae.cli.parser import GROUPS, build_parser, verbs

REPOSITORY = Path(voicevae.__file__).parents[1]


@pytest.mark.parametrize("command", list(verbs()))
def test_help_shows_examples_that_parse(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    examples = verbs()[command].module.EXAMPLES
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert examples in capsys.readouterr().out
    for line in examples.splitlines():
        program, *words = shlex.split(line)
        assert program == "voicevae" and words[0] == command
        build_parser().parse_args(words)


def test_help_lists_every_verb_in_one_group(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    for name, verb in verbs().items():
        assert verb.group in GROUPS and said.count(f"\n  {name:<10}{verb.summary}\n") == 1
    for line in said.splitlines():
        if line.startswith("  voicevae "):
            build_parser().parse_args(shlex.split(line)[1:])


def test_help_does_not_wait_for_torch_nor_numpy() -> None:
    code = (
        "import sys\nfrom voicevae.cli import build_parser\nbuild_parser()\nprint({'torch', 'numpy'} & {*sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True).stdout == b"set()\n"


@pytest.mark.parametrize("words", [[], ["shout"], ["convert", "--loud"]])
def test_what_is_no_command_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and said.startswith("voicevae: ") and said.count("\n") == 1


@pytest.mark.parametrize("words", [["--pitch", "-6"], ["--pitch=-6"], ["--pitch", "-6.0"], ["--pitch=-.6e1"]])
def test_negative_values_parse_in_every_spelling(words: list[str]) -> None:
    args = build_parser().parse_args(["modulate", "a.wav", *words, "--energy", "+3", "-o", "out.wav"])
    assert (args.pitch_semitones, args.energy_db) == (-6.0, 3.0)
