"""ONNX Runtime and torch compute the same from the same weights, and what does not belong together is refused."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

import voicevae
from voicevae import bundle
from voicevae.code import Code
from voicevae.engine.export import examples, export
from voicevae.engine.networks import GRAPHS
from voicevae.engine.quantization import QUANTISED
from voicevae.errors import BundleError, VoiceVAEError
from voicevae.features import extract

VOICES = bundle.DEFAULT / "voices"


@pytest.fixture(scope="module")
def exported(make_bundle: Callable[..., Path]) -> Path:
    """A small bundle with graphs, which no test may change."""
    folder = make_bundle(seed=3)
    export(folder)
    return folder


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """One that a test may change."""
    return shutil.copytree(exported, tmp_path / "bundle")


@pytest.mark.parametrize("n_frames", [1, 2, 3, 7, 101])
@pytest.mark.parametrize("name", GRAPHS)
def test_every_network_is_the_same_at_any_length(exported: Path, name: str, n_frames: int) -> None:
    onnx, torch = (voicevae.load(exported, engine=engine) for engine in ("onnx", "torch"))
    inputs = examples(GRAPHS[name], torch.bundle, n_frames)
    for one, two in zip(onnx.networks.run(name, *inputs), torch.networks.run(name, *inputs), strict=True):
        assert one.shape == two.shape and one.dtype == two.dtype == np.float32
        if GRAPHS[name].in_8_bits:
            assert np.sqrt(np.square(one - two).mean()) < 0.1 * max(two.std(), 1e-3)
            continue
        np.testing.assert_allclose(one, two, atol=1e-4 * max(float(np.abs(two).max()), 1))


def test_the_shipped_bundle_says_the_same_with_both_engines() -> None:
    found = {engine: voicevae.load(engine=engine) for engine in ("onnx", "torch")}
    codes = {engine: vv.encode(VOICES / "female.flac") for engine, vv in found.items()}
    for name in ("prosody", "content", "contour_residual", "mel_residual"):
        one, two = (getattr(code, name) for code in codes.values())
        np.testing.assert_allclose(one, two, atol=1e-3, err_msg=name)
    waves = [vv.convert(VOICES / "female.flac", voice=VOICES / "male.flac", pitch_semitones=1) for vv in found.values()]
    assert 20 * np.log10((waves[0] - waves[1]).std() / waves[1].std()) < -60
    one, two = (extract(wave, found["onnx"].config) for wave in waves)
    np.testing.assert_allclose(one.log_f0, two.log_f0, atol=1e-3)


def test_graphs_are_checked_models_without_weights_of_their_own(exported: Path) -> None:
    for name, graph in GRAPHS.items():
        file = exported / f"{name}.onnx"
        onnx.checker.check_model(str(file))
        model = onnx.load(str(file), load_external_data=False)
        assert [one.name for one in model.graph.input] == list(graph.inputs)
        assert [one.name for one in model.graph.output] == list(graph.outputs)
        where = {
            entry.value for one in model.graph.initializer for entry in one.external_data if entry.key == "location"
        }
        assert where == {f"{graph.part}.safetensors"}
        assert file.stat().st_size < 100_000


def test_networks_in_8_bits_say_nearly_the_same(folder: Path) -> None:
    whole = voicevae.load(folder, engine="torch")
    sizes = {name: (folder / f"{name}.onnx").stat().st_size for name in GRAPHS}
    export(folder, "int8")
    quick = voicevae.load(folder, engine="onnx")
    for name, graph in GRAPHS.items():
        inputs = examples(graph, whole.bundle, 101)
        for one, two in zip(quick.networks.run(name, *inputs), whole.networks.run(name, *inputs), strict=True):
            assert np.sqrt(np.square(one - two).mean()) < 0.15 * max(two.std(), 1e-3)
        operators = {node.op_type for node in onnx.load(folder / f"{name}.onnx", load_external_data=False).graph.node}
        assert ("MatMulInteger" in operators) == (name in QUANTISED or graph.in_8_bits)
    export(folder)
    assert {name: (folder / f"{name}.onnx").stat().st_size for name in GRAPHS} == sizes


def test_export_of_other_weights_of_the_same_shapes_gives_the_same_graphs(
    exported: Path, make_bundle: Callable[..., Path]
) -> None:
    other = make_bundle(seed=4)
    for file in export(other):
        assert file.read_bytes() == (exported / file.name).read_bytes()
    assert bundle.load(other).checksum != bundle.load(exported).checksum


def test_without_graphs_torch_runs_and_onnx_says_how_to_export(small_bundle: Path) -> None:
    assert voicevae.load(small_bundle).networks.engine == "torch"
    with pytest.raises(BundleError, match=f"`voicevae export {small_bundle}` writes them"):
        voicevae.load(small_bundle, engine="onnx")


def test_with_graphs_onnx_runs(exported: Path) -> None:
    assert voicevae.load(exported).networks.engine == "onnx"
    assert voicevae.load(exported, engine="torch").networks.engine == "torch"


@pytest.mark.parametrize(("options", "reason"), [({"engine": "tflite"}, "onnx, torch"), ({"device": "tpu"}, "tpu")])
def test_what_is_no_engine_or_device_is_named(small_bundle: Path, options: dict[str, str], reason: str) -> None:
    with pytest.raises(VoiceVAEError, match=reason):
        voicevae.load(small_bundle, **options)


def test_a_foreign_or_missing_graph_is_refused(folder: Path) -> None:
    file = folder / "mel_decoder.onnx"
    shutil.copy(folder / "vocoder.onnx", file)
    with pytest.raises(BundleError, match=f"{file} is damaged or foreign.*voicevae export"):
        voicevae.load(folder)
    file.unlink()
    with pytest.raises(BundleError, match=f"{file} is missing"):
        voicevae.load(folder)


def test_graphs_go_with_weights_that_they_were_not_made_of(folder: Path, make_bundle: Callable[..., Path]) -> None:
    same = bundle.load(folder)
    bundle.save(same, folder)
    assert bundle.load(folder).graphs == same.graphs != {}
    bundle.save(bundle.load(make_bundle(seed=5)), folder)
    assert not bundle.load(folder).graphs and not list(folder.glob("*.onnx"))


def test_neither_importing_nor_converting_brings_torch(exported: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import voicevae\n"
        f"vv = voicevae.load({str(exported)!r})\n"
        f"code = vv.encode({str(VOICES / 'female.flac')!r})\n"
        f"vv.transfer(code, reference=code); vv.melody(code, tune='C:major'); vv.bend(code, [(0.5, 150.0)])\n"
        f"vv.convert_file(code, {str(tmp_path / 'out.wav')!r}, voice=vv.sample(1), rate=1.1, formant_semitones=2)\n"
        f"vv.repair({str(VOICES / 'male.flac')!r}, spans=[(0.5, 0.6)])\n"
        f"code.save({str(tmp_path / 'code.npz')!r})\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert Code.load(tmp_path / "code.npz").n_samples > 0
