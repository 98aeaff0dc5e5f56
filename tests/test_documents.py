"""What a newcomer reads: links lead somewhere, and the page of an index shows them, too."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "egs").rglob("*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_readme_is_short_and_has_its_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) < 1100
    assert "make quickstart" in text and "make test" in text
    targets = re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= set(targets)


def test_on_an_index_page_every_link_is_an_address() -> None:
    command = [sys.executable, "setup.py", "--quiet", "--long-description"]
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    links = LINK.findall(shown)
    assert len(links) == len(LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert all(link.startswith("https://") for link in links)


COMMAND = re.compile(
    r"(?:^ {4}|`)(python -m (?:voicevae|benchmarks)[\w.]*\w|voicevae [a-z]+)(?![\w.])((?:\\\n|[^`\n])*)", re.MULTILINE
)


def commands(page: Path) -> list[tuple[str, set[str]]]:
    """The module of each command on a page, by its dotted name, and the options that it is given."""
    found = []
    for program, words in COMMAND.findall(page.read_text(encoding="utf-8")):
        words = words.partition(" #")[0]
        module = program.removeprefix("python -m ")
        if module == "voicevae":
            module, words = "voicevae " + words.split()[0], " ".join(words.split()[1:])
        found.append((module.replace("voicevae ", "voicevae.cli."), set(re.findall(r"(?<=\s)--[a-z][\w-]*", words))))
    return found


def source(module: str) -> str:
    """The text of a command's module, and of what commands of its package share; "" where there is none."""
    path = ROOT.joinpath(*module.split("."))
    path = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    shared = [*path.parent.glob("command.py"), *(path.parent / "shared").glob("*.py"), ROOT / "voicevae" / "edits.py"]
    return "".join(one.read_text(encoding="utf-8") for one in [path, *shared]) if path.exists() else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_there_with_their_options(page: Path) -> None:
    for module, options in commands(page):
        text = source(module)
        assert text, f"{module} is not there"
        assert not (missing := {one for one in options if f'"{one}"' not in text}), f"{module} has no {missing}"
