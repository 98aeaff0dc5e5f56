"""Two bundles side by side: the rows that both reports have, how far they are apart, and which is better.

A difference counts as sure where the bootstrap intervals of both figures do not overlap, which is a strict test;
without intervals nothing is said.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.document import padded, plain, show, write_text
from voicevae.evaluation.plan import Plan

REPORT = "report.json"
HEADER = ("figure", "A", "B", "B - A", "better", "sure")
SAME = ("corpus", "split", "clips", "pairs", "seed", "quick", "packages")  # what a fair comparison shares


@dataclass(frozen=True)
class Difference:
    """One figure of both; better: "A", "B", "equal", or "" where neither way is better or one is absent."""

    figure: str
    unit: str
    a: float | None
    b: float | None
    better: str
    sure: bool | None

    @property
    def difference(self) -> float | None:
        """B less A."""
        return None if self.a is None or self.b is None else self.b - self.a

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        apart = self.difference
        signed = "" if apart is None else ("+" if apart > 0 else "") + show(apart, self.unit)
        values = ["absent" if value is None else show(value, self.unit) for value in (self.a, self.b)]
        return self.figure, *values, signed, self.better, {None: "", True: "yes", False: "no"}[self.sure]


def validate(report: Any, name: str) -> None:
    """Raise VoiceVAEError unless `report`, which was read from `name`, is what `voicevae evaluate` writes."""
    rows = report.get("rows") if isinstance(report, dict) else None
    if not isinstance(rows, list) or not isinstance(report.get("about"), dict):
        raise VoiceVAEError(f"{name} is no report; give one that `voicevae evaluate` wrote.")
    if not all(isinstance(row, dict) and {"figure", "value", "unit", "interval"} <= set(row) for row in rows):
        raise VoiceVAEError(f"{name} has rows of another version of voicevae; evaluate that bundle again.")


def read(path: Path) -> dict[str, Any] | None:
    """The report in the file or folder `path`; None where it is a bundle's folder.

    Raises:
        VoiceVAEError: it is neither.
    """
    file = path / REPORT if path.is_dir() else path
    if path.is_dir() and not file.exists() and (path / "config.json").exists():
        return None
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VoiceVAEError(f"{path} is neither a bundle nor a report; give a bundle's folder or {REPORT}.") from None
    except (OSError, ValueError):
        raise VoiceVAEError(f"{file} cannot be read as a report; give one that `voicevae evaluate` wrote.") from None
    validate(report, str(file))
    return report


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    """All rows of both reports, those of `a` first."""
    first, second = ({row["figure"]: row for row in report["rows"]} for report in (a, b))
    return [_difference(name, first.get(name, {}), second.get(name, {})) for name in {**first, **second}]


def unlike(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing in which the two measurements differ, and that makes the comparison less fair."""
    return [
        f"They differ in {name}: {a['about'].get(name)} against {b['about'].get(name)}."
        for name in SAME
        if a["about"].get(name) != b["about"].get(name)
    ]


def evaluate(a: Path, b: Path, plan: Plan | None, out_dir: Path | None = None, device: str = "cpu") -> dict[str, Any]:
    """Compare two bundles, or two reports; print the table, and write compare.json and compare.md to `out_dir`.

    Args:
        a, b: folders of bundles, which are measured by `plan`, or reports.

    Returns:
        What compare.json holds: a, b (what was measured), rows, unlike.

    Raises:
        VoiceVAEError: one of them is neither, or is a bundle, and there is no plan.
    """
    found = {name: read(path) for name, path in (("A", a), ("B", b))}
    if plan is None and None in found.values():
        raise VoiceVAEError("A bundle has to be measured first; give --corpus, or a report instead of the bundle.")
    reports = [
        report or _measured(path, plan, out_dir and out_dir / name, device)
        for (name, report), path in zip(found.items(), (a, b), strict=True)
    ]
    rows, warnings = differences(*reports), unlike(*reports)
    text = "\n".join([padded([HEADER, *(row.cells() for row in rows)]), *warnings])
    content = {
        "a": {"path": str(a), **reports[0]["about"]},
        "b": {"path": str(b), **reports[1]["about"]},
        "rows": [asdict(row) | {"difference": row.difference} for row in rows],
        "unlike": warnings,
    }
    print(text)
    if out_dir is not None:
        out_dir.mkdir(parents=True, exist_ok=True)
        write_text(out_dir / "compare.json", json.dumps(plain(content), indent=1, ensure_ascii=False) + "\n")
        write_text(out_dir / "compare.md", f"# A {a.name} and B {b.name}\n\n{text}\n")
    return plain(content)


def _measured(path: Path, plan: Plan | None, out_dir: Path | None, device: str) -> dict[str, Any]:
    from voicevae.evaluation.report import runner
    from voicevae.voice import load

    assert plan is not None
    return runner.evaluate(load(path, device), plan, out_dir)


def _difference(figure: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Difference:
    row = a or b
    first, second = a.get("value"), b.get("value")
    better, way = "", row.get("better", "")
    if first is not None and second is not None and way:
        better = "equal" if first == second else "B" if (second > first) == (way == "higher") else "A"
    spans: list[Sequence[float] | None] = [a.get("interval"), b.get("interval")]
    sure = None
    if better in ("A", "B") and spans[0] and spans[1] and None not in (*spans[0], *spans[1]):
        sure = spans[0][1] < spans[1][0] or spans[1][1] < spans[0][0]
    return Difference(figure, row.get("unit", ""), first, second, better, sure)
