"""Imports go one way: docs/design.md lists the layers of the package, lowest first."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "voicevae"
ENTRANCES = {"__init__.py", "__main__.py"}  # of the package: they stand before the layers, and import what they open
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


def layers() -> list[list[str]]:
    """Names of modules and packages by layer, from the list in docs/design.md, "The house"."""
    house = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").partition("\n## The house\n")[2]
    lines = [line for line in house.split("```")[1].splitlines() if line.strip() and not line.startswith(" ")]
    return [re.findall(r"\w+", re.split(r"\s{2,}", line)[0]) for line in lines]


@cache
def imports(path: Path) -> set[str]:
    """Modules of voicevae that a file imports, in functions too, but for those that only type checkers read."""
    return {_module(name) for name in _names(path)}


def _names(path: Path) -> Iterator[str]:
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "voicevae":
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "voicevae")


def _module(name: str) -> str:
    """That an imported name is, or lies in."""
    while name not in MODULES and f"{name}.__init__" not in MODULES:
        name = name.rpartition(".")[0]
    return name if name in MODULES else f"{name}.__init__"


def test_every_module_has_a_layer() -> None:
    listed = [name for layer in layers() for name in layer]
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" and path.name not in ENTRANCES}
    there |= {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert sorted(listed) == sorted(there)


@pytest.mark.parametrize("layer", range(len(layers())), ids=lambda i: layers()[i][0])
def test_a_layer_imports_only_from_itself_and_those_above_it(layer: int) -> None:
    allowed = {name for above in layers()[: layer + 1] for name in above}
    allowed |= {"__init__"} if "voice" in allowed else set()  # `import voicevae` opens the API
    for module, path in MODULES.items():
        if module.split(".")[1] in layers()[layer] and not (path.name == "__main__.py" and path.parent != PACKAGE):
            wrong = {name for name in imports(path) if name.split(".")[1] not in allowed}
            assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_no_two_modules_import_each_other() -> None:
    graph = {module: imports(path) - {module} for module, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"These import one another: {' -> '.join(circle.args[1])}")
