"""docs/onnx.md as a program of onnxruntime, numpy and soundfile alone converts as the package does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile
import swift_f0

import voicevae
from voicevae.bundle import DEFAULT

SCRIPT = Path(__file__).resolve().parents[2] / "egs" / "onnx" / "convert.py"
FEMALE, MALE = (DEFAULT / "voices" / f"{name}.flac" for name in ("female", "male"))


def test_it_is_short_and_needs_three_packages() -> None:
    lines = SCRIPT.read_text().splitlines()
    assert len(lines) < 150
    named = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert named - set(sys.stdlib_module_names) == {"numpy", "onnxruntime", "soundfile"}


def test_its_conversion_is_that_of_the_package(tmp_path: Path) -> None:
    out, model = tmp_path / "out.wav", Path(swift_f0.__file__).with_name("model.onnx")
    subprocess.run([sys.executable, SCRIPT, FEMALE, MALE, out, DEFAULT, model], check=True)
    made, rate = soundfile.read(out)
    expected = voicevae.load().convert(FEMALE, voice=MALE)
    assert rate == 16000 and made.shape == expected.shape
    assert 20 * np.log10((made - expected).std() / expected.std()) < -50
