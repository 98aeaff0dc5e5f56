"""Whatever comes in: a finite result of the right length at a sane level, or one sentence; and nothing half-written.

VOICEVAE_HOSTILE=500 tries so many sounds, and as many damaged files of other kinds, in place of a few.
"""

import json
import os
import pickle
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from safetensors import safe_open
from safetensors.numpy import save

import voicevae
from tests.hostile.sounds import Sound, sound, speech
from voicevae import VoiceVAE, audio
from voicevae.code import Code
from voicevae.errors import VoiceVAEError

CASES = int(os.environ.get("VOICEVAE_HOSTILE", 60))
LONGEST_S = 20.0  # of the processor
MOST_MB = 1500.0  # more than before
LOUDER_DB = 12.0


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture(scope="module")
def known(vv: VoiceVAE, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a good recording, its code and its voice."""
    folder = tmp_path_factory.mktemp("known")
    sf.write(folder / "good.wav", speech(16000, 16000, np.random.default_rng(0)), 16000)
    vv.encode(folder / "good.wav").save(folder / "good.npz")
    vv.save_voice(folder / "good.wav", folder / "good.voice")
    return folder


def level_db(wave: np.ndarray) -> float:
    return 10 * np.log10(np.var(wave, dtype=np.float64) + 1e-20)


def within_bounds(work: Callable[[], object]) -> str | None:
    """Do `work` in bounded time and memory; the sentence of its error, if it has one."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    sentence = None
    try:
        work()
    except VoiceVAEError as error:
        sentence = str(error)
        assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 600, sentence
    assert time.process_time() - started < LONGEST_S
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MOST_MB
    return sentence


def made(vv: VoiceVAE, case: Sound, folder: Path) -> str | None:
    """What becomes of a sound, checked; the sentence where nothing does."""
    path, out = folder / f"in{case.extension}", folder / "out.wav"
    if case.data is not None:
        path.write_bytes(case.data)
    source = path if case.data is not None else case.array

    def work() -> None:
        vv.modulate_file(source, out, case.rate if case.data is None else None, pitch_semitones=2)

    sentence = within_bounds(work)
    assert sorted(os.listdir(folder)) == sorted(
        [*([path.name] * (case.data is not None)), *(["out.wav"] * (not sentence))]
    )
    if sentence is None:
        wave, _ = sf.read(out, dtype="float32")
        heard = audio.load(source, case.rate, 16000)
        assert np.isfinite(wave).all() and len(wave) == len(heard)
        assert case.n_samples is None or abs(len(wave) - case.n_samples) <= 1
        assert level_db(wave) < level_db(heard) + LOUDER_DB
    return sentence


@pytest.mark.parametrize("first", range(0, CASES, 10))
def test_sounds(vv: VoiceVAE, tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 10):
        case, folder = sound(seed), tmp_path / str(seed)
        folder.mkdir()
        try:
            made(vv, case, folder)
        except Exception as error:
            raise AssertionError(f"case {seed}, {case.words}: {type(error).__name__}: {error}") from error


@pytest.mark.parametrize("length", range(0, 46))
def test_a_header_cut_at_every_byte(vv: VoiceVAE, known: Path, tmp_path: Path, length: int) -> None:
    case = Sound("cut", (known / "good.wav").read_bytes()[:length], ".wav")
    assert made(vv, case, tmp_path) is not None


def damaged(data: bytes, other: bytes, random: np.random.Generator) -> bytes:
    """A file that was cut, changed, swapped, or made by something else."""
    n = len(data)
    place = int(random.integers(n))
    ways = [
        lambda: data[:place],
        lambda: data[:place] + random.bytes(8) + data[place + 8 :],
        lambda: data[place:] + data[:place],
        lambda: other,
        lambda: pickle.dumps({"about": os.getcwd}),
        lambda: random.bytes(place + 1),
        lambda: b"",
        lambda: data + random.bytes(100),
    ]
    return ways[int(random.integers(len(ways)))]()


def rewritten(path: Path, target: Path, random: np.random.Generator) -> None:
    """The arrays of a file, one of which has another shape, type or value."""
    arrays = read(path)
    name = str(random.choice(list(arrays)))
    value = arrays[name]
    about = json.loads(str(arrays["about"]))
    field = str(random.choice(list(about)))
    deep = "[" * 100000
    ways = [
        lambda: {name: value[..., None]},
        lambda: {name: np.zeros((0, *value.shape[1:]), value.dtype)},
        lambda: {name: np.full(value.shape, np.nan)},
        lambda: {name: np.full(value.shape, 1e300)},
        lambda: {name: np.array(["text"])},
        lambda: {name: np.zeros(value.shape, np.int8)},
        lambda: {"about": np.array(deep)},
        lambda: {"about": np.array(json.dumps(about | {field: random.choice([-1, 10**30, 1.5])}, default=float))},
        lambda: {"about": np.array(json.dumps(about | {field: None}))},
        lambda: {"about": np.array(json.dumps(about | {field: [deep[:10]]}))},
        lambda: {"more": np.zeros(3)},
    ]
    write(arrays | ways[int(random.integers(len(ways)))](), target)


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a code or a voice file, and what is said about them."""
    if path.suffix != ".voice":
        return dict(np.load(path))
    with safe_open(path, "numpy") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118, it is no dict
        return arrays | {"about": np.array(opened.metadata()["about"])}


def write(arrays: dict[str, np.ndarray], path: Path) -> None:
    """What `read` reads; safetensors hold text as bytes."""
    if path.suffix != ".voice":
        with path.open("wb") as file:
            np.savez(file, **arrays)
        return
    said = arrays.pop("about")
    tensors = {
        name: np.frombuffer(value.tobytes(), np.uint8) if value.dtype.kind == "U" else np.ascontiguousarray(value)
        for name, value in arrays.items()
    }
    path.write_bytes(save(tensors, {"about": str(said)}))


@pytest.mark.parametrize("first", range(0, CASES // 2, 10))
@pytest.mark.parametrize("kind", ["voice", "npz"])
def test_voices_and_codes(vv: VoiceVAE, known: Path, tmp_path: Path, kind: str, first: int) -> None:
    good, other = known / f"good.{kind}", known / ("good.npz" if kind == "voice" else "good.voice")
    for seed in range(first, first + 10):
        random, path, out = np.random.default_rng(seed), tmp_path / f"{seed}.{kind}", tmp_path / f"{seed}.wav"
        if seed % 2:
            path.write_bytes(damaged(good.read_bytes(), other.read_bytes(), random))
        else:
            rewritten(good, path, random)

        def work(path: Path = path, out: Path = out) -> None:
            if path.suffix == ".voice":
                vv.convert_file(known / "good.wav", out, voice=path)
            else:
                vv.decode_file(Code.load(path), out)

        try:
            sentence = within_bounds(work)
        except Exception as error:
            raise AssertionError(f"case {seed}: {type(error).__name__}: {error}") from error
        assert out.exists() == (sentence is None)
        assert sentence is not None or np.isfinite(sf.read(out)[0]).all()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("first", range(0, CASES // 2, 10))
def test_bundles(small_bundle: Path, known: Path, tmp_path: Path, first: int) -> None:
    names = ["config.json", "vae.safetensors", "vocoder.safetensors", "card.md"]
    for seed in range(first, first + 10):
        random, folder = np.random.default_rng(seed), tmp_path / str(seed)
        shutil.copytree(small_bundle, folder)
        name, other = (str(one) for one in random.choice(names, 2, replace=False))
        if name == "config.json" and seed % 2:
            config = json.loads((folder / name).read_text())
            part = str(random.choice(["features", "model", "vocoder", "sha256"]))
            field = str(random.choice(list(config[part])))
            config[part][field] = [0, -1, 10**9, None, "x", [], 1.5][int(random.integers(7))]
            (folder / name).write_text(json.dumps(config))
        else:
            (folder / name).write_bytes(damaged((folder / name).read_bytes(), (folder / other).read_bytes(), random))
        try:
            sentence = within_bounds(lambda folder=folder: voicevae.load(folder))
        except Exception as error:
            raise AssertionError(f"case {seed}, {name}: {type(error).__name__}: {error}") from error
        assert (
            sentence is not None
            or name == "card.md"
            or (folder / name).read_bytes() == (small_bundle / name).read_bytes()
        )
