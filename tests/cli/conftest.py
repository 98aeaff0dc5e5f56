"""A folder of recordings in which commands are run, and the bundle that they are run with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae import bundle
from voicevae.calibration import Calibration
from voicevae.cli import main
from voicevae.features import extract
from voicevae.training.calibration_score import ScoreFit, scales
from voicevae.training.calibration_voices import fit_voices
from voicevae.voice import VoiceVAE

RATE = 16000
STEP = 1 / 32768  # of 16-bit sound
Run = Callable[..., str]


def tone(f0_hz: float, seconds: float = 0.6) -> np.ndarray:
    """Ten harmonics of a swaying pitch, whose level swells three times a second, `[n]`."""
    time = np.arange(round(RATE * seconds)) / RATE
    made = sum(np.sin(2 * np.pi * f0_hz * k * time + 0.3 * np.sin(5 * time)) / k for k in range(1, 11))
    return (0.1 * made * (1 + 0.5 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two recordings, a reference, and a hiss."""
    monkeypatch.chdir(tmp_path)
    for name, f0_hz in {"a": 110.0, "b": 200.0, "ref": 220.0}.items():
        sf.write(f"{name}.wav", tone(f0_hz), RATE, subtype="FLOAT")
    sf.write("hiss.wav", np.random.default_rng(0).normal(0, 0.1, 8000), RATE, subtype="FLOAT")
    return tmp_path


@pytest.fixture(scope="session")
def used(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of all commands: the small one, calibrated on twelve tones, with two styles."""
    vv = voicevae.load(small_bundle)
    usual = [extract(tone(90 + 12 * i), vv.config) for i in range(12)]
    space, genders = fit_voices([[vv.coder.speaker(frames)] for frames in usual], ["m"] * 6 + ["f"] * 6)
    fit = ScoreFit(vv.coder, *scales(vv.coder, usual[:3]))
    for frames in usual:
        fit.add(frames, vv.coder.infer(frames))
    parts = {
        "voices": space,
        "score": fit.arrays(),
        "traverse": {"z_s": np.full(64, 0.05), "z_p": np.full(12, 0.05), "measures": np.ones(6)},
        "style": {
            "effects": np.array([[3, 0.2, -0.2, 1, 0], [-2, -0.1, -0.5, -3, 0.1]]),
            "mel": np.zeros((2, vv.config.n_channels)),
        },
    }
    arrays = {f"{part}.{name}": np.asarray(value) for part, own in parts.items() for name, value in own.items()}
    arrays |= {name: value.astype(np.float32) for name, value in arrays.items() if name.startswith("style.")}
    vv.bundle.calibration = Calibration(arrays, {"voices": genders, "styles": ["happiness", "sadness"]})
    path = tmp_path_factory.mktemp("calibrated") / "bundle"
    bundle.save(vv.bundle, path)
    return path


@pytest.fixture(scope="session")
def vv(used: Path) -> VoiceVAE:
    return voicevae.load(used)


@pytest.fixture
def run(workplace: Path, used: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """f(command, or its words) -> stdout and stderr of a command of this exit status."""

    def run_one(command: str | list[str], *, status: int = 0) -> str:
        words = command.split() if isinstance(command, str) else command
        assert main([*words, "--bundle", str(used)]) == status
        return "".join(capsys.readouterr())

    return run_one


def assert_same_sound(path: str, wave: np.ndarray) -> None:
    """The 16-bit file holds `wave`, scaled as a whole if it went beyond +-1."""
    written, rate = sf.read(path)
    peak = np.abs(wave).max()
    assert rate == RATE
    np.testing.assert_allclose(written, wave * min(1, 0.99 / peak) if peak > 1 else wave, atol=STEP)


def assert_same_voice(one: voicevae.Speaker, two: voicevae.Speaker) -> None:
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(two, name))
