"""docs/tts.md: its examples run, one after another, and its values are those of the code."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicevae.tts.ssml_values import EMPHASIS, LABELS

GUIDE = (Path(__file__).parents[2] / "docs" / "tts.md").read_text(encoding="utf-8")


def test_the_examples_run() -> None:
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert len(blocks) == 5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for block in blocks:
            exec(compile(block, "docs/tts.md", "exec"), names)
    assert names["rate"] == 16000 and np.isfinite(names["wave"]).all() and names["wave"].dtype == np.float32


@pytest.mark.parametrize("name", sorted(LABELS))
def test_the_labels_are_those_of_the_code(name: str) -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{name}` |"))
    for label, value in LABELS[name].items():
        assert re.search(rf"{label} [+]?{value:g}\b", row), label


def test_the_levels_of_emphasis_are_those_of_the_code() -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith("| `level`"))
    for level, edit in EMPHASIS.items():
        if level != "none":
            assert f"{level} {edit.pitch_semitones:+g}" in row and f"{edit.energy_db:+g} dB" in row
