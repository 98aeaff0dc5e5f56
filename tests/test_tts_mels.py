"""The guide's examples run, one after another, and give what it says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.vocoders.published import write_hifigan
from voicevae import Code
from voicevae.features.mel_config import HIFIGAN, PARALLEL_WAVEGAN, TACOTRON2, VOCOS

GUIDE = Path(__file__).parent.parent / "docs" / "tts-mels.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_hifigan(tmp_path)
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), names)
    assert isinstance(names["code"], Code)
    assert np.isfinite(names["wave"]).all() and names["wave"].dtype == np.float32
    assert names["other"].shape == (len(names["mel"]) + 1, 80)


@pytest.mark.parametrize("name", ["HIFIGAN", "TACOTRON2", "VOCOS", "PARALLEL_WAVEGAN"])
def test_the_table_of_configurations_is_that_of_the_code(name: str) -> None:
    config = {"HIFIGAN": HIFIGAN, "TACOTRON2": TACOTRON2, "VOCOS": VOCOS, "PARALLEL_WAVEGAN": PARALLEL_WAVEGAN}[name]
    row = next(line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{name}`"))
    assert f"| {config.sample_rate}, {config.hop_length}, {config.win_length} |" in row
    assert f"| {config.n_mels}, {config.f_min_hz:g}-{config.f_max_hz:g} Hz, {config.scale}" in row.replace(
        "Slaney", "slaney"
    ).replace("HTK", "htk")
    assert f"{config.log}, floor {config.floor:.0e}".replace("e-0", "e-") in row
    assert ("centred" in row) == (config.padding == "center")
