"""Embeddings say what the code says, tables come back as they were, and maps are projections."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.errors import EditError, OutputError
from voicevae.verbs import maps
from voicevae.verbs.embed import GROUPS, PROSODY, Embeddings
from voicevae.voice import VoiceVAE


def tone(f0_hz: float, sway: float = 1.0, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(16000 * seconds)) / 16000
    phase = 2 * np.pi * np.cumsum(f0_hz * 2 ** (sway / 12 * np.sin(2 * np.pi * 2 * time))) / 16000
    return (0.1 * sum(np.sin(k * phase) / k for k in range(1, 12))).astype(np.float32)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture(scope="module")
def found(vv: VoiceVAE) -> Embeddings:
    return vv.embed([tone(120, 1), tone(200, 3), tone(240, 2, 0.7)], names=["a", "b", "c"])


def test_a_row_is_what_the_code_says(vv: VoiceVAE, found: Embeddings) -> None:
    code = vv.encode(tone(200, 3))
    np.testing.assert_allclose(found.groups["z_s"][1], code.speaker.z, atol=1e-6)
    np.testing.assert_allclose(
        found.groups["register"][1], [code.speaker.log_f0_mean, code.speaker.log_f0_std], atol=1e-6
    )
    np.testing.assert_allclose(found.groups["mel"][1], code.speaker.mel_mean, atol=1e-6)
    np.testing.assert_allclose(found.seconds, [1, 1, 0.7])
    np.testing.assert_allclose(found.groups["z_p"][1, :12], code.prosody.mean(0), atol=1e-5)


def test_prosody_is_in_its_units(found: Embeddings) -> None:
    prosody = dict(zip(PROSODY, found.groups["prosody"].T, strict=True))
    np.testing.assert_allclose(prosody["F0 range"], np.array([1, 3, 2]) / np.sqrt(2), rtol=0.1)
    np.testing.assert_allclose(prosody["F0 rate of change"], 8 * np.array([1, 3, 2]), rtol=0.15)
    assert (prosody["voiced share"] > 0.9).all() and (prosody["loudness depth"] < 4).all()


def test_columns_name_the_matrix(found: Embeddings) -> None:
    assert found.matrix().shape == (3, len(found.columns()))
    assert len(set(found.columns())) == len(found.columns())
    assert found.columns(["prosody"]) == [f"prosody.{name}" for name in PROSODY]
    with pytest.raises(EditError, match="no group 'z_q'"):
        found.matrix(["z_q"])


def test_a_table_comes_back(found: Embeddings, tmp_path: Path) -> None:
    found.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        assert file["names"].tolist() == ["a", "b", "c"]
        for name in GROUPS:
            np.testing.assert_array_equal(file[name], found.groups[name])
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_a_parquet_table_has_a_column_a_number(found: Embeddings, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    found.save(tmp_path / "a.parquet")
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == ["name", "seconds", *found.columns()]
    np.testing.assert_array_equal(table["z_s.3"].to_numpy(), found.groups["z_s"][:, 3])


def test_what_cannot_be_is_refused(vv: VoiceVAE, found: Embeddings, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=".npz, .parquet"):
        found.save(tmp_path / "a.csv")
    with pytest.raises(EditError, match="nothing to embed"):
        vv.embed([])
    with pytest.raises(EditError, match="1 names for 2"):
        vv.embed([tone(120), tone(130)], names=["a"])


# --- maps -----------------------------------------------------------------------------------------------------------


def test_points_in_a_plane_keep_their_distances() -> None:
    random = np.random.default_rng(0)
    plane = random.normal(size=(40, 2))
    plane = (plane - plane.mean(0)) / plane.std(0)
    plane[:, 1] -= plane[:, 0] * (plane[:, 0] @ plane[:, 1]) / (plane[:, 0] @ plane[:, 0])
    plane /= plane.std(0)
    found = maps.project(np.concatenate([plane, np.zeros((40, 3))], 1))
    wanted = np.linalg.norm(plane[:, None] - plane, axis=-1)
    np.testing.assert_allclose(np.linalg.norm(found[:, None] - found, axis=-1), wanted, atol=1e-6)


def test_a_map_agrees_with_scikit_learn() -> None:
    decomposition = pytest.importorskip("sklearn.decomposition", reason="scikit-learn is not installed")
    values = np.random.default_rng(1).normal(size=(30, 6)) * [5, 4, 3, 2, 1, 0.5] + 7
    values[:, 1] += values[:, 0]
    wanted = decomposition.PCA(2).fit_transform((values - values.mean(0)) / values.std(0))
    np.testing.assert_allclose(np.abs(maps.project(values)), np.abs(wanted), atol=1e-6)


def test_a_page_stands_alone_and_names_every_dot(tmp_path: Path) -> None:
    points = np.array([[0.0, 0], [1, 2], [3, -1]])
    maps.write_html(points, ["a.wav", "<b>.wav", "c.wav"], ["x", "y", "x"], tmp_path / "m.html", "Map & more", "About.")
    page = (tmp_path / "m.html").read_text()
    assert page.count("<circle") == 3 and "<title>a.wav (x)</title>" in page and "&lt;b&gt;.wav (y)" in page
    assert "Map &amp; more" in page and "http" not in page and "<script" not in page


@pytest.mark.parametrize(("rows", "method", "said"), [(2, "pca", "three recordings"), (5, "tsne", "one of pca, umap")])
def test_a_map_that_cannot_be_is_refused(rows: int, method: str, said: str) -> None:
    with pytest.raises(EditError, match=said):
        maps.project(np.eye(rows), method)
