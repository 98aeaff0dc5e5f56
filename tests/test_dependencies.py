"""Inference needs the base installation alone, and what needs an extra says which."""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from voicevae import audio
from voicevae.bundle import DEFAULT

SETUP = Path(__file__).resolve().parents[1] / "setup.cfg"
MODULES = {"scikit-learn": "sklearn", "espeakng-loader": "espeakng_loader", "pytest-xdist": "xdist"}
RUN = """
import sys
sys.modules |= dict.fromkeys({blocked!r})
from voicevae.cli import main
sys.exit(main({arguments!r}))
"""


def _modules(requirements: str) -> set[str]:
    """Modules of the packages that a list of requirements names."""
    names = {line.split(">")[0].split("=")[0].split("<")[0].strip() for line in requirements.split("\n")} - {""}
    return {MODULES.get(name, name.replace("-", "_")) for name in names}


def _extras() -> set[str]:
    setup = ConfigParser()
    setup.read(SETUP)
    base = _modules(setup["options"]["install_requires"])
    extras = {name: listed for name, listed in setup["options.extras_require"].items() if name != "all"}
    return {m for listed in extras.values() for m in _modules(listed)} - base - {"setuptools"}


def call(blocked: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a process that lacks the modules `blocked`."""
    program = RUN.format(blocked=sorted(blocked), arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_a_conversion_needs_no_extra(tmp_path: Path) -> None:
    source, voice = (str(DEFAULT / "voices" / f"{name}.flac") for name in ("female", "male"))
    out = tmp_path / "out.wav"
    assert {"matplotlib", "torch", "onnx", "lhotse", "lightning", "gradio"} <= (blocked := _extras())
    done = call(blocked, "convert", source, "--voice", voice, "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert len(audio.read(out, 16000)) > 16000


@pytest.mark.parametrize(
    ("module", "command", "extra"),
    [
        ("torch", "export {folder}", "torch"),
        ("torch", "modulate {sound} --engine torch --pitch 1 -o {folder}/out.wav", "torch"),
        ("matplotlib", "plot {sound} -o {folder}/out.png", "plot"),
        ("lhotse", "augment {sounds} --out-dir {folder}/more", "train"),
        ("gradio", "demo", "demo"),
        ("uvicorn", "serve", "serve"),
        ("lhotse", "evaluate --corpus {sounds} --out-dir {folder}/report", "eval"),
    ],
)
def test_what_needs_an_extra_names_it(module: str, command: str, extra: str, tmp_path: Path) -> None:
    places = {"sound": DEFAULT / "voices" / "female.flac", "sounds": DEFAULT / "voices", "folder": tmp_path}
    refused = call({module}, *command.format(**places).split())
    assert refused.returncode == 2
    assert f'needs {module}; pip install "voicevae[{extra}]" brings it.' in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
