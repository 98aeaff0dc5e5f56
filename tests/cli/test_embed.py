"""`voicevae embed` writes a table and maps."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run, tone
from voicevae.voice import VoiceVAE


@pytest.fixture(scope="module")
def used(calibrated: Path) -> Path:
    return calibrated


@pytest.fixture
def workplace(tones: Path) -> Path:
    return tones


def test_embed_writes_a_table_and_maps(run: Run, vv: VoiceVAE) -> None:
    Path("voices/ann").mkdir(parents=True)
    for i in range(3):
        sf.write(f"voices/ann/{i}.wav", tone(120 + 40 * i), RATE)
    run("embed voices a.wav -o all.npz --map map.png map.html --group prosody")
    with np.load("all.npz") as file:
        assert [Path(name).name for name in file["names"]] == ["0.wav", "1.wav", "2.wav", "a.wav"]
        np.testing.assert_allclose(file["z_s"][3], vv.speaker("a.wav").z, atol=1e-5)
    assert Path("map.png").read_bytes().startswith(b"\x89PNG")
    page = Path("map.html").read_text()
    assert page.count("<circle") == 4 and "1.wav (ann)" in page


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("embed a.wav b.wav -o all.npz --map map.png", "three recordings"),
        ("embed a.wav -o all.csv", "use one of .npz, .parquet"),
        ("embed empty -o all.npz", "empty holds no sound file"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    Path("empty").mkdir()
    before = sorted(path.name for path in Path().iterdir() if path.name != "sweeps")
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert sorted(path.name for path in Path().iterdir() if path.name != "sweeps") == before
