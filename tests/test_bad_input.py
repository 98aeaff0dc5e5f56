"""Whatever is wrong with the input: exit code 2, one clear sentence, no traceback, and no half-written file."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicevae.cli import main

Refused = Callable[..., str]
RATE = 16000
WORK = {
    "modulate": ["modulate", "{file}", "--pitch", "+3", "-o", "out.wav"],
    "convert": ["convert", "{file}", "--voice", "good.wav", "-o", "out.wav"],
    "convert to": ["convert", "good.wav", "--voice", "{file}", "-o", "out.wav"],
    "encode": ["encode", "{file}", "-o", "out.npz"],
    "plot": ["plot", "{file}", "-o", "out.png"],
}


def speech_like(rate: int, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(round(rate * seconds)) / rate
    return (0.1 * sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 11))).astype(np.float32)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with good files and bad ones."""
    monkeypatch.chdir(tmp_path)
    good = speech_like(RATE)
    sf.write("good.wav", good, RATE)
    Path("folder").mkdir()
    Path("text.wav").write_text("this is not audio\n" * 100)
    Path("empty.wav").touch()
    sf.write("header.wav", np.zeros(0), RATE)
    for name, value in {"nan": np.nan, "inf": np.inf}.items():
        spoilt = good.copy()
        spoilt[4000] = value
        sf.write(f"{name}.wav", spoilt, RATE, subtype="FLOAT")
    sf.write("silence.wav", np.zeros(RATE), RATE)
    sf.write("short.wav", speech_like(RATE, 0.04), RATE)
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE)
    sf.write("whisper.wav", noise, RATE)
    return tmp_path


@pytest.fixture
def refused(workplace: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """f(arguments) -> the one sentence that they were refused with."""

    def run(arguments: list[str], bundle: Path = small_bundle) -> str:
        before = listing(workplace)
        try:
            status = main([*arguments, "--bundle", str(bundle)])
        except SystemExit as stopped:  # argparse
            status = stopped.code if isinstance(stopped.code, int) else 1
        out, err = capsys.readouterr()
        assert status == 2
        assert err.startswith("voicevae: ") and err.count("\n") == 1 and out == ""
        assert ". " not in err and "Traceback" not in err and "Error" not in err
        assert listing(workplace) == before
        return err

    return run


def listing(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*")}


@pytest.mark.parametrize("command", list(WORK))
@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("missing.wav", "does not exist"),
        ("folder", "directory"),
        ("text.wav", "not audio"),
        ("empty.wav", "empty"),
        ("header.wav", "no samples"),
        ("nan.wav", "NaN"),
        ("inf.wav", "infinite"),
        ("silence.wav", "silence"),
        ("short.wav", "40 ms"),
    ],
)
def test_a_bad_sound_is_refused(refused: Refused, command: str, file: str, reason: str) -> None:
    if (command, file) == ("convert to", "folder"):
        reason = "no sound file"  # a folder of recordings is a voice
    message = refused([word.format(file=file) for word in WORK[command]])
    assert file in message and reason in message


def test_a_reference_without_voice_is_refused(refused: Refused) -> None:
    assert "whisper.wav" in refused(["convert", "good.wav", "--voice", "whisper.wav", "-o", "out.wav"])


@pytest.mark.parametrize(
    ("command", "extension"), [("modulate", ".wav"), ("modulate", ".mp3"), ("encode", ".npz"), ("plot", ".png")]
)
@pytest.mark.parametrize("output", ["none/out{}", "good.wav/out{}", "/proc/out{}", "folder", "out", "out.xyz"])
def test_an_output_that_cannot_be_written_is_refused(
    refused: Refused, command: str, extension: str, output: str
) -> None:
    output = output.format(extension)
    assert output in refused([command, "good.wav", "-o", output])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--rate", "0"),
        ("--rate", "100"),
        ("--rate", "-1"),
        ("--rate", "nan"),
        ("--rate", "fast"),
        ("--pitch", "+100"),
        ("--pitch", "-inf"),
        ("--pitch", ""),
        ("--pitch-range", "-0.5"),
        ("--energy", "1e9"),
        ("--formant", "13"),
        ("--seed", "-1"),
        ("--seed", "1.5"),
        ("--device", "abacus"),
        ("--threads", "0"),
    ],
)
def test_a_value_out_of_range_is_refused(refused: Refused, option: str, value: str) -> None:
    message = refused(["modulate", "good.wav", f"{option}={value}", "-o", "out.wav"])
    assert option in message and repr(value) in message


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sing", "good.wav"],
        ["modulate", "good.wav"],
        ["modulate", "good.wav", "--speed", "2", "-o", "out.wav"],
        ["convert", "good.wav", "-o", "out.wav"],
        ["modulate", "good.wav", "whisper.wav", "-o", "out.wav"],
        ["modulate", "good.wav", "folder/../good.wav", "--out-dir", "folder"],
        ["modulate", "good.wav", "-o", "good.wav"],
        ["modulate", "good.wav", "--out-dir", "text.wav"],
    ],
    ids=" ".join,
)
def test_a_command_that_cannot_be_carried_out_is_refused(refused: Refused, arguments: list[str]) -> None:
    refused(arguments)


@pytest.fixture
def bundle(workplace: Path, small_bundle: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(small_bundle, workplace / "bundle"))


@pytest.mark.parametrize("name", ["config.json", "card.md", "vae.safetensors", "vocoder.safetensors"])
def test_a_bundle_with_a_missing_file_is_refused(refused: Refused, bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    message = refused(["modulate", "good.wav", "-o", "out.wav"], bundle)
    assert name in message and "missing" in message


@pytest.mark.parametrize("name", ["config.json", "vae.safetensors", "vocoder.safetensors"])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.999])
def test_a_bundle_with_a_truncated_file_is_refused(refused: Refused, bundle: Path, name: str, share: float) -> None:
    content = (bundle / name).read_bytes().rstrip()
    (bundle / name).write_bytes(content[: int(share * len(content))])
    assert name in refused(["modulate", "good.wav", "-o", "out.wav"], bundle)


@pytest.mark.parametrize("honest", [False, True], ids=["another checksum", "its own checksum"])
@pytest.mark.parametrize("channels", [16, 24])
def test_a_bundle_with_a_foreign_file_is_refused(
    refused: Refused, bundle: Path, make_bundle: Callable[..., Path], channels: int, honest: bool
) -> None:
    foreign = make_bundle(seed=1, channels=channels)
    shutil.copy(foreign / "vae.safetensors", bundle)
    if honest:
        config = json.loads((bundle / "config.json").read_text())
        sums = json.loads((foreign / "config.json").read_text())["sha256"]
        config["sha256"] = sums | {"config": config["sha256"]["config"]}
        (bundle / "config.json").write_text(json.dumps(config))
    assert "safetensors" in refused(["modulate", "good.wav", "-o", "out.wav"], bundle)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 99},
        {"schema": None},
        {"model": None},
        {"model": {"wings": 2}},
        {"features": {"n_mels": "many"}},
        {"vocoder": {"channels": -1}},
        {"sha256": []},
        {"sha256": None},
        {"speakers": 3},
        {"training": "long"},
    ],
    ids=str,
)
def test_a_bundle_with_a_foreign_configuration_is_refused(refused: Refused, bundle: Path, change: dict) -> None:
    config = json.loads((bundle / "config.json").read_text()) | change
    (bundle / "config.json").write_text(json.dumps(config))
    assert "config.json" in refused(["modulate", "good.wav", "-o", "out.wav"], bundle)


@pytest.mark.parametrize("name", ["nowhere", "good.wav", "folder"])
def test_what_is_no_bundle_is_refused(refused: Refused, name: str) -> None:
    assert name in refused(["modulate", "good.wav", "-o", "out.wav"], Path(name))


@pytest.mark.parametrize("name", ["missing.npz", "folder", "empty.wav", "good.wav", "foreign.npz", "cut.npz"])
def test_what_is_no_code_is_refused(
    refused: Refused, small_bundle: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["encode", "good.wav", "-o", "good.npz", "--bundle", str(small_bundle)]) == 0
    Path("cut.npz").write_bytes(Path("good.npz").read_bytes()[:5000])
    np.savez("foreign.npz", a=np.zeros(3))
    capsys.readouterr()
    assert name in refused(["decode", name, "-o", "out.wav"])


def test_one_bad_file_stops_no_other(workplace: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = ["missing.wav", "good.wav", "silence.wav", "whisper.wav"]
    assert main(["modulate", *sources, "--out-dir", "out", "--bundle", str(small_bundle)]) == 2
    assert sorted(path.name for path in Path("out").iterdir()) == ["good.wav", "whisper.wav"]
    message = capsys.readouterr().err
    assert "missing.wav" in message and "silence.wav" in message and "2 of 4" in message


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [(16000, 1, "PCM_U8"), (96000, 1, "PCM_24"), (48000, 6, "PCM_16"), (44100, 2, "FLOAT"), (8000, 1, "ULAW")],
)
def test_unusual_sound_is_taken(workplace: Path, small_bundle: Path, rate: int, channels: int, subtype: str) -> None:
    sf.write("unusual.wav", np.stack([speech_like(rate)] * channels, axis=1), rate, subtype=subtype)
    work = ["convert", "unusual.wav", "--voice", "unusual.wav", "-o", "out.wav", "--bundle", str(small_bundle)]
    assert main(work) == 0
    assert sf.info("out.wav").frames == round(0.5 * sf.info("out.wav").samplerate)


def test_the_process_says_the_same(workplace: Path, small_bundle: Path) -> None:
    work = [sys.executable, "-m", "voicevae", "modulate", "missing.wav", "-o", "out.wav", "--bundle", str(small_bundle)]
    done = subprocess.run(work, capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "voicevae: missing.wav does not exist; check the path.\n"
