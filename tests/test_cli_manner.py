"""`voicevae transfer` and `voicevae style` do what Python does, and refuse what cannot be in one sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae import bundle
from voicevae.calibration import Calibration
from voicevae.cli import main, manner_options
from voicevae.cli.parser import build_parser
from voicevae.verbs import style
from voicevae.voice import VoiceVAE

RATE = 16000
Run = Callable[..., str]


@pytest.fixture(scope="module")
def told(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small bundle, told of two styles."""
    parts = bundle.load(small_bundle)
    effects = np.array([[3, 0.2, -0.2, 1, 0], [-2, -0.1, -0.5, -3, 0.1]], np.float32)
    mel = np.zeros((2, parts.features.n_channels), np.float32)
    parts.calibration = Calibration({"style.effects": effects, "style.mel": mel}, {"styles": ["happiness", "sadness"]})
    path = tmp_path_factory.mktemp("told") / "bundle"
    bundle.save(parts, path)
    return path


@pytest.fixture(scope="module")
def vv(told: Path) -> VoiceVAE:
    return voicevae.load(told)


@pytest.fixture
def run(tmp_path: Path, told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """f(words) -> stdout and stderr of a command in a folder with two recordings and a hiss."""
    monkeypatch.chdir(tmp_path)
    time = np.arange(8000) / RATE
    for name, f0_hz, sway in (("a", 120, 0.02), ("b", 200, 0.2)):
        phase = 2 * np.pi * np.cumsum(f0_hz * np.exp(sway * np.sin(12 * time))) / RATE
        made = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 10)) * (1 + 0.4 * np.sin(25 * time))
        sf.write(f"{name}.wav", made, RATE, subtype="FLOAT")
    sf.write("hiss.wav", np.random.default_rng(0).normal(0, 0.05, 8000), RATE, subtype="FLOAT")

    def run_one(command: str, *, status: int = 0) -> str:
        assert main([*command.split(), "--bundle", str(told)]) == status
        return "".join(capsys.readouterr())

    return run_one


def same_sound(path: str, wave: np.ndarray) -> None:
    written, _ = sf.read(path)
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)


def test_transfer_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("transfer a.wav --reference b.wav --mix 0.8 --no-watermark -o out.wav")
    same_sound("out.wav", vv.decode(vv.transfer("a.wav", reference="b.wav", mix=0.8)))


def test_style_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("style a.wav --style joy --strength 1.2 --no-watermark -o out.wav")
    same_sound("out.wav", vv.decode(vv.style("a.wav", style="joy", strength=1.2)))
    run("style a.wav b.wav --style sadness --out-dir sad")
    assert sorted(path.name for path in Path("sad").iterdir()) == ["a.wav", "b.wav"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("style a.wav --style rage -o out.wav", "no style 'rage'; known are happiness, sadness"),
        ("style a.wav --style joy -o a.wav", "a.wav is an input"),
        ("transfer a.wav --reference missing.wav -o out.wav", "missing.wav does not exist"),
        ("transfer a.wav --reference hiss.wav -o out.wav", "The reference has no voiced speech"),
        ("transfer a.wav --reference b.wav -o b.wav", "b.wav is an input"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    before = {path: path.read_bytes() for path in Path().iterdir()}
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize(
    "command", ["transfer a.wav --reference b.wav --mix 1.1", "style a.wav --style joy --strength 3"]
)
def test_what_is_out_of_range_is_said(run: Run, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(f"{command} -o out.wav")
    assert left.value.code == 2 and "is not a number from 0 to" in capsys.readouterr().err


def test_the_command_line_and_python_have_the_same_defaults() -> None:
    args = build_parser().parse_args(["style", "a.wav", "--style", "joy", "-o", "x.wav"])
    assert args.strength == 1 and manner_options.MAX_STRENGTH == style.MAX_STRENGTH
    assert build_parser().parse_args(["transfer", "a.wav", "--reference", "b.wav", "-o", "x.wav"]).mix == 1
