"""A calibration belongs to the weights it was measured with, and a bundle without one says what it lacks."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae import bundle, calibration
from voicevae.calibration import Calibration
from voicevae.errors import BundleError

MEASURED = Calibration(
    {"voices.means": np.arange(6, dtype=np.float32).reshape(2, 3), "score.scale": np.ones(2, np.float16)},
    {"voices": ["female", "male"]},
)


@pytest.fixture
def folder(small_bundle: Path, tmp_path: Path) -> Path:
    parts = bundle.load(small_bundle)
    parts.calibration = MEASURED
    bundle.save(parts, tmp_path / "mine")
    return tmp_path / "mine"


def test_it_comes_back_with_the_bundle(folder: Path) -> None:
    found = bundle.load(folder).calibration
    assert found.labels == MEASURED.labels and found.arrays.keys() == MEASURED.arrays.keys()
    np.testing.assert_array_equal(found.part("voices")["means"], MEASURED.arrays["voices.means"])
    assert found.part("score")["scale"].dtype == np.float32


def test_the_checksum_of_the_weights_does_not_depend_on_it(folder: Path, small_bundle: Path) -> None:
    assert bundle.load(folder).checksum == bundle.load(small_bundle).checksum


def test_it_stays_when_the_same_weights_are_saved_again_and_goes_with_others(
    folder: Path, small_bundle: Path, make_bundle: Callable[..., Path]
) -> None:
    bundle.save(bundle.load(small_bundle), folder)
    assert bundle.load(folder).calibration.labels == MEASURED.labels
    bundle.save(bundle.load(make_bundle(seed=1)), folder)
    assert not bundle.load(folder).calibration.arrays
    assert not (folder / calibration.FILE).exists()


def test_a_damaged_one_goes_when_weights_are_saved_over_it(folder: Path, small_bundle: Path) -> None:
    (folder / calibration.FILE).write_bytes(b"no tensors")
    with pytest.raises(BundleError, match=r"calibration\.safetensors is damaged"):
        bundle.load(folder)
    bundle.save(bundle.load(small_bundle), folder)
    assert not bundle.load(folder).calibration.arrays


def test_one_that_is_missing_or_of_other_weights_is_named(folder: Path) -> None:
    file, config = folder / calibration.FILE, json.loads((folder / "config.json").read_text())
    calibration.write(MEASURED, file, "0123456789ab")
    config["sha256"][calibration.FILE] = bundle._sha256(file)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BundleError, match=r"calibration\.safetensors was measured with other weights"):
        bundle.load(folder)
    file.unlink()
    with pytest.raises(BundleError, match=r"calibration\.safetensors is missing"):
        bundle.load(folder)


def test_a_bundle_without_one_says_what_it_lacks(small_bundle: Path) -> None:
    vv = voicevae.load(small_bundle)
    assert vv.sample(1).z.shape == (64,)
    for ask in (lambda: vv.sample(1, gender="female"), lambda: vv.sample(1, source="mixture")):
        with pytest.raises(BundleError, match="no calibration of voices; .*voicevae.recipes.calibrate"):
            ask()
