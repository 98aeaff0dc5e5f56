"""The commands of the verbs do what Python does, refuse what cannot be, and leave no half-written file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae import bundle
from voicevae.calibration import Calibration
from voicevae.cli import main
from voicevae.cli.parser import build_parser
from voicevae.cli.verb_options import GROUPS
from voicevae.features import extract
from voicevae.training.calibration_score import ScoreFit, scales
from voicevae.training.calibration_voices import fit_voices
from voicevae.verbs import embed, sampling, traverse
from voicevae.voice import VoiceVAE

RATE = 16000
Run = Callable[..., str]


def tone(f0_hz: float, seconds: float = 0.4) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    made = sum(np.sin(2 * np.pi * f0_hz * k * time + 0.3 * np.sin(5 * time)) / k for k in range(1, 11))
    return (0.1 * made * (1 + 0.5 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.fixture(scope="module")
def calibrated(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small bundle, told of twelve tones."""
    vv = voicevae.load(small_bundle)
    usual = [extract(tone(90 + 12 * i), vv.config) for i in range(12)]
    space, names = fit_voices([[vv.coder.speaker(frames)] for frames in usual], ["m"] * 6 + ["f"] * 6)
    fit = ScoreFit(vv.coder, *scales(vv.coder, usual[:3]))
    for frames in usual:
        fit.add(frames, vv.coder.infer(frames))
    stds = {"z_s": np.full(64, 0.05), "z_p": np.full(12, 0.05), "measures": np.ones(6)}
    parts = {"voices": space, "score": fit.arrays(), "traverse": stds}
    arrays = {f"{part}.{name}": np.asarray(value) for part, own in parts.items() for name, value in own.items()}
    vv.bundle.calibration = Calibration(arrays, {"voices": names})
    path = tmp_path_factory.mktemp("calibrated") / "bundle"
    bundle.save(vv.bundle, path)
    return path


@pytest.fixture(scope="module")
def vv(calibrated: Path) -> VoiceVAE:
    return voicevae.load(calibrated)


@pytest.fixture
def run(tmp_path: Path, calibrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """f(words) -> stdout and stderr of a command in a folder with two recordings."""
    monkeypatch.chdir(tmp_path)
    for name, f0_hz in {"a": 110.0, "b": 200.0}.items():
        sf.write(f"{name}.wav", tone(f0_hz), RATE, subtype="FLOAT")

    def run_one(command: str, *, status: int = 0) -> str:
        assert main([*command.split(), "--bundle", str(calibrated)]) == status
        return "".join(capsys.readouterr())

    return run_one


def same_voice(one: voicevae.Speaker, two: voicevae.Speaker) -> None:
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(two, name))


def test_sample_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    assert "new.voice: a voice of " in run("sample --seed 3 --gender female -o new.voice")
    same_voice(vv.speaker("new.voice"), vv.sample(3, gender="female"))
    run("sample --seed 4 --like a.wav --distance 0.25 -o near.voice")
    same_voice(vv.speaker("near.voice"), vv.sample(4, like="a.wav", distance=0.25))
    run("sample --source prior -o prior.voice")
    same_voice(vv.speaker("prior.voice"), vv.sample(0, source="prior"))


def test_a_saved_voice_is_a_voice_everywhere(run: Run, vv: VoiceVAE) -> None:
    run("sample --seed 3 -o new.voice")
    run("convert a.wav --voice new.voice --no-watermark -o out.wav")
    written, _ = sf.read("out.wav")
    wave = vv.convert("a.wav", voice=vv.sample(3))
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)
    run("blend new.voice b.wav -o mix.voice")
    run("sample --like new.voice -o near.voice")


def test_blend_is_what_python_does(run: Run, vv: VoiceVAE) -> None:
    run("blend a.wav b.wav --weights 1 3 -o mix.voice")
    same_voice(vv.speaker("mix.voice"), vv.blend(["a.wav", "b.wav"], [1, 3]))
    run("blend a.wav b.wav --prosody --weights 1 1 --no-watermark -o mix.wav")
    written, _ = sf.read("mix.wav")
    wave = vv.decode(vv.blend_prosody(["a.wav", "b.wav"]))
    np.testing.assert_allclose(written, wave / max(1, np.abs(wave).max() / 0.99), atol=1 / 32768)


def test_traverse_writes_a_picture_and_a_sound_a_row(run: Run, vv: VoiceVAE) -> None:
    said = run("traverse a.wav --dimensions 2 --steps 3 --out-dir sweeps")
    sweeps = vv.traverse("a.wav", dimensions=2, steps=3)
    for sweep in sweeps:
        assert f"{sweep.name}: {sweep.words()}" in said
    names = sorted(path.name for path in Path("sweeps").iterdir())
    assert names == sorted(["traverse.png", *(f"{sweep.name.replace(' ', '-')}.wav" for sweep in sweeps)])
    assert sf.info("sweeps/z_s-0.wav").frames == 3 * (len(tone(110)) + round(0.2 * RATE))


def test_score_says_numbers_and_its_exit_status_says_whether_one_is_high(run: Run, vv: VoiceVAE) -> None:
    sf.write("hiss.wav", np.random.default_rng(0).normal(0, 0.1, 8000), RATE)
    usual, strange = vv.score("a.wav"), vv.score("hiss.wav")
    between = (usual.z + strange.z) / 2
    assert strange.z > usual.z
    assert f"a.wav: z {usual.z:+.2f}, percentile {usual.percentile:.1f}, " in run("score a.wav")
    run(f"score a.wav --threshold {between}")
    run(f"score a.wav hiss.wav --threshold {between}", status=1)
    run("score a.wav hiss.wav --plot plots")
    assert sorted(path.name for path in Path("plots").iterdir()) == ["a.png", "hiss.png"]


def test_score_goes_on_after_a_file_that_cannot_be_read(run: Run) -> None:
    Path("broken.wav").write_text("no sound")
    said = run("score broken.wav a.wav", status=2)
    assert "a.wav: z" in said and "broken.wav is damaged" in said


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
        ("sample --gender child -o new.voice", "known are female, male"),
        ("sample --label ann -o new.voice", "knows no speaker 'ann'"),
        ("sample --gender female --source prior -o new.voice", "prior knows no gender"),
        ("sample -o new.wav", "no extension that can be written; use one of .voice"),
        ("sample --like missing.wav -o new.voice", "missing.wav does not exist"),
        ("blend a.wav b.wav --weights 1 -o mix.voice", "1 weights for 2 voices"),
        ("blend a.wav b.wav --weights 0 0 -o mix.voice", "All weights are 0"),
        ("blend a.wav b.wav -o mix.wav", "use one of .voice"),
        ("blend a.wav b.wav --prosody -o a.wav", "a.wav is an input"),
        ("traverse a.wav --steps 4 --out-dir sweeps", "odd number"),
        ("embed a.wav b.wav -o all.npz --map map.png", "three recordings"),
        ("embed a.wav -o all.csv", "use one of .npz, .parquet"),
        ("embed empty -o all.npz", "empty holds no sound file"),
        ("convert a.wav --voice a.voice -o out.wav", "a.voice does not exist"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(run: Run, command: str, said: str) -> None:
    Path("empty").mkdir()
    before = sorted(path.name for path in Path().iterdir() if path.name != "sweeps")
    found = run(command, status=2)
    assert said in found and found.startswith("voicevae: ") and "Traceback" not in found
    assert sorted(path.name for path in Path().iterdir() if path.name != "sweeps") == before


def test_the_command_line_and_python_have_the_same_words_and_defaults() -> None:
    args = build_parser().parse_args(["traverse", "a.wav", "--out-dir", "x"])
    assert (args.latent, args.dimensions, args.steps, args.span) == (
        traverse.LATENTS[0],
        traverse.DIMENSIONS,
        traverse.STEPS,
        traverse.SPAN,
    )
    assert tuple(GROUPS) == embed.GROUPS
    assert build_parser().parse_args(["sample", "-o", "x.voice"]).distance is None and sampling.DISTANCE == 0.3
