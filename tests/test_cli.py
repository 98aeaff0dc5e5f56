"""The command line does what Python does, says what it did, and never replaces what it reads."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import torch

import voicevae
from voicevae import bundle
from voicevae.cli import files, main
from voicevae.cli.parser import EXAMPLES, build_parser
from voicevae.voice import VoiceVAE

RATE = 16000
STEP = 1 / 32768  # of 16-bit sound
REPOSITORY = Path(voicevae.__file__).parents[1]
Run = Callable[..., str]


def speech_like(seconds: float, f0_hz: float) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    tone = sum(np.sin(2 * np.pi * f0_hz * k * time) / k for k in range(1, 11))
    return (0.1 * tone * (1 + 0.5 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two recordings and a reference."""
    monkeypatch.chdir(tmp_path)
    for name, f0_hz in {"a": 120.0, "b": 160.0, "ref": 220.0}.items():
        sf.write(f"{name}.wav", speech_like(0.6, f0_hz), RATE)
    return tmp_path


@pytest.fixture
def run(workplace: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """f(words) -> stdout and stderr of a command that succeeds."""

    def run_one(command: str, *, status: int = 0) -> str:
        assert main([*command.split(), "--bundle", str(small_bundle)]) == status
        return "".join(capsys.readouterr())

    return run_one


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


def assert_same_sound(path: str, wave: np.ndarray) -> None:
    """The 16-bit file holds `wave`, scaled as a whole if it went beyond +-1."""
    written, rate = sf.read(path)
    peak = np.abs(wave).max()
    assert rate == RATE
    np.testing.assert_allclose(written, wave * min(1, 0.99 / peak) if peak > 1 else wave, atol=STEP)


@pytest.mark.parametrize("command", list(EXAMPLES))
def test_help_shows_examples_that_parse(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert EXAMPLES[command] in capsys.readouterr().out
    for line in EXAMPLES[command].splitlines():
        program, *words = shlex.split(line)
        assert program == "voicevae" and words[0] == command
        build_parser().parse_args(words)


def test_help_does_not_wait_for_torch() -> None:
    code = "import sys\nfrom voicevae.cli.parser import build_parser\nbuild_parser()\nsys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == 0


@pytest.mark.parametrize("words", [["--pitch", "-6"], ["--pitch=-6"], ["--pitch", "-6.0"], ["--pitch=-.6e1"]])
def test_negative_values_parse_in_every_spelling(words: list[str]) -> None:
    args = build_parser().parse_args(["modulate", "a.wav", *words, "--energy", "+3", "-o", "out.wav"])
    assert (args.pitch_semitones, args.energy_db) == (-6.0, 3.0)


def test_convert_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    said = run("convert a.wav --voice ref.wav --pitch -2 --rate 1.2 --seed 5 --no-watermark -o out.wav")
    assert "out.wav: 0.50 s of speech in " in said
    assert_same_sound("out.wav", vv.convert("a.wav", voice="ref.wav", seed=5, pitch_semitones=-2, rate=1.2))


def test_modulate_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("modulate a.wav --pitch +3 --pitch-range 1.5 --rate 0.9 --energy +3 --formant -1 --no-watermark -o out.wav")
    edits = {"pitch_semitones": 3, "pitch_range": 1.5, "rate": 0.9, "energy_db": 3, "formant_semitones": -1}
    assert_same_sound("out.wav", vv.modulate("a.wav", **edits))


def test_a_code_decodes_to_what_modulate_writes(run: Run) -> None:
    run("encode a.wav -o a.code.npz")
    run("decode a.code.npz -o again.wav")
    run("modulate a.wav -o out.wav")
    assert Path("again.wav").read_bytes() == Path("out.wav").read_bytes()


def test_many_files_go_to_a_folder_under_their_names(run: Run) -> None:
    assert "2 files: 1.20 s of speech in " in run("encode a.wav b.wav --out-dir new/codes")
    assert sorted(os.listdir("new/codes")) == ["a.code.npz", "b.code.npz"]
    run("decode new/codes/a.code.npz new/codes/b.code.npz --out-dir new")
    assert sorted(os.listdir("new")) == ["a.wav", "b.wav", "codes"]


def test_an_existing_output_is_replaced(run: Run) -> None:
    Path("out.wav").write_text("old")
    run("modulate a.wav -o out.wav")
    assert sf.info("out.wav").frames == round(0.6 * RATE)


def test_sound_that_would_clip_is_scaled_and_said_so(run: Run, vv: VoiceVAE) -> None:
    said = run("modulate a.wav --energy +40 --no-watermark -o out.wav")
    peak = np.abs(vv.modulate("a.wav", energy_db=40)).max()
    assert f"out.wav would have clipped: scaled by {20 * np.log10(0.99 / peak):.1f} dB" in said
    assert np.abs(sf.read("out.wav")[0]).max() == pytest.approx(0.99, abs=2 * STEP)
    assert "clipped" not in run("modulate a.wav --energy -20 -o out.wav")


@pytest.mark.parametrize(
    "command",
    [
        "modulate a.wav -o a.wav",
        "modulate a.wav -o ./sub/../a.wav",
        "modulate a.wav -o soft.wav",
        "modulate a.wav -o hard.wav",
        "convert a.wav --voice ref.wav -o ref.wav",
        "modulate sub/b.flac b.wav --out-dir .",
        "modulate a.wav b.wav --out-dir .",
    ],
)
def test_no_input_is_overwritten(run: Run, command: str) -> None:
    Path("sub").mkdir()
    sf.write("sub/b.flac", speech_like(0.6, 150), RATE)
    os.symlink("a.wav", "soft.wav")
    os.link("a.wav", "hard.wav")
    before = {name: Path(name).read_bytes() for name in ("a.wav", "b.wav", "ref.wav", "sub/b.flac")}
    run(command, status=2)
    assert before == {name: Path(name).read_bytes() for name in before}


def test_a_voice_is_a_file_or_the_name_of_an_example(
    run: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "DEFAULT", workplace / "shipped")
    Path("shipped/voices").mkdir(parents=True)
    sf.write("shipped/voices/anna.flac", speech_like(0.6, 250), RATE)
    run("convert a.wav --voice shipped/voices/anna.flac -o file.wav")
    run("convert a.wav --voice anna -o name.wav")
    assert Path("name.wav").read_bytes() == Path("file.wav").read_bytes()
    assert "bert does not exist; give a recording of the voice, a voice file, or an example voice: anna." in run(
        "convert a.wav --voice bert -o out.wav", status=2
    )
    Path("ref.wav").rename("anna")
    run("convert a.wav --voice anna -o own.wav")
    assert Path("own.wav").read_bytes() != Path("name.wav").read_bytes()


def test_plot_writes_a_figure(run: Run) -> None:
    assert "a.png: 0.60 s of speech" in run("plot a.wav -o a.png")
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")


def test_info_says_what_is_in_a_bundle(small_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = bundle.load(small_bundle)
    parts.speakers, parts.card = ["anna", "bert"], "# Made for a test"
    bundle.save(parts, tmp_path / "known")
    assert main(["info", str(tmp_path / "known")]) == 0
    said = capsys.readouterr().out
    for fact in ("16,000 Hz", "80 mel bands", "20 times a second", "2 known", "# Made for a test"):
        assert fact in said
    assert main(["info", str(tmp_path / "known"), "--speakers"]) == 0
    assert capsys.readouterr().out == "anna\nbert\n"


def test_evaluate_hands_its_options_on(small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicevae.evaluation.plan import Plan
    from voicevae.evaluation.report import runner

    calls: list[Any] = []
    monkeypatch.setattr(runner, "evaluate", lambda *args: calls.append(args))
    options = f"--corpus {tmp_path} --split test --out-dir {tmp_path / 'new'} --quick --pairs 7 --seed 3 --baseline"
    assert main(["evaluate", str(small_bundle), *options.split()]) == 0
    wanted = Plan(tmp_path, "test", quick=True, pairs=7, seed=3, baseline=True)
    assert [args[1:] for args in calls] == [(wanted, tmp_path / "new")]


def test_evaluate_names_the_extra_that_is_missing(
    small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from voicevae.evaluation.report import runner

    def evaluate(*args: object) -> None:
        raise ModuleNotFoundError("No module named 'lhotse'", name="lhotse")

    monkeypatch.setattr(runner, "evaluate", evaluate)
    assert main(["evaluate", str(small_bundle), "--corpus", str(tmp_path), "--out-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err == 'voicevae: evaluate needs lhotse; pip install "voicevae[eval]" brings it.\n'


def test_an_interrupt_is_quiet_and_leaves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: VoiceVAE, *args: object) -> Iterator[np.ndarray]:
        yield np.zeros(100, np.float32)
        raise KeyboardInterrupt

    monkeypatch.setattr(VoiceVAE, "decode_blocks", interrupted)
    before = sorted(os.listdir())
    assert run("modulate a.wav -o out.wav", status=130) == ""
    assert sorted(os.listdir()) == before


def test_a_reader_that_leaves_early_is_no_error(small_bundle: Path) -> None:
    command = [sys.executable, "-m", "voicevae", "info", str(small_bundle)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_refused(run: Run) -> None:
    assert "There is no device 'cuda'" in run("modulate a.wav --device cuda -o out.wav", status=2)


def test_shares_of_progress_sum_to_one(vv: VoiceVAE) -> None:
    shares: list[float] = []
    vv.encode(speech_like(25.0, 150.0), progress=shares.append)
    assert len(shares) > 4 and sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(("patience_s", "shown"), [(0.0, True), (60.0, False)])
def test_long_work_shows_a_bar_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, patience_s: float, shown: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(files, "PATIENCE_S", patience_s)
    said = run("modulate a.wav -o out.wav")
    assert ("a.wav: " in said and "%|" in said) == shown
