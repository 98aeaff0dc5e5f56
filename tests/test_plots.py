"""Figures show what was measured, where it was measured, in units that are named."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import voicevae
from voicevae import plots
from voicevae.code import Code
from voicevae.errors import VoiceVAEError
from voicevae.features import FeatureConfig, Frames, extract

CONFIG = FeatureConfig()
RATE = CONFIG.sample_rate


def voice(seconds: float, f0_hz: float) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    return (0.1 * sum(np.sin(2 * np.pi * f0_hz * k * time) / k for k in range(1, 11))).astype(np.float32)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that would have been written."""
    figures: list[Figure] = []
    monkeypatch.setattr(plots, "save", lambda figure, path: figures.append(figure))
    return figures


@pytest.fixture(scope="module")
def encoded(small_bundle: Path) -> tuple[np.ndarray, Frames, Code]:
    """A wave of one second, voiced for its first half."""
    wave = np.concatenate([voice(0.5, 150.0), 0.01 * np.random.default_rng(0).standard_normal(RATE // 2)])
    wave = wave.astype(np.float32)
    return wave, extract(wave, CONFIG), voicevae.load(small_bundle).encode(wave)


def labels(figure: Figure) -> str:
    return " ".join(axes.get_xlabel() + " " + axes.get_ylabel() for axes in figure.axes)


@pytest.mark.parametrize(("extension", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".SVG", b"<?xml")])
def test_a_figure_is_written_whole(
    encoded: tuple[np.ndarray, Frames, Code], tmp_path: Path, extension: str, start: bytes
) -> None:
    path = tmp_path / f"figure{extension}"
    plots.recording(*encoded, CONFIG, path, "title")
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["figure.gif", "figure", "none/figure.png", "file/figure.png"])
def test_a_figure_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VoiceVAEError, match=name):
        plots.before_after([("voice", voice(0.2, 150.0))], CONFIG, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_recording_names_all_units(encoded: tuple[np.ndarray, Frames, Code], drawn: list[Figure]) -> None:
    plots.recording(*encoded, CONFIG, "figure.png")
    for label in ("time (s)", "frequency (Hz)", "F0 (Hz)", "power (dB)", "loudness\n(dB", "prosody", "content"):
        assert label in labels(drawn[0])


def test_latents_are_drawn_over_the_whole_time(encoded: tuple[np.ndarray, Frames, Code], drawn: list[Figure]) -> None:
    plots.recording(*encoded, CONFIG, "figure.png")
    code = encoded[2]
    images = [image for axes in drawn[0].axes for image in axes.get_images()]
    for latent in (code.prosody, code.content):
        image = next(image for image in images if image.get_array().shape == latent.T.shape)
        np.testing.assert_array_equal(image.get_array(), latent.T)
        assert image.get_extent()[:2] == [0, 1]


def test_f0_is_drawn_in_hz_where_there_is_voice(drawn: list[Figure]) -> None:
    plots.before_after([("voice", np.concatenate([voice(0.5, 150.0), np.zeros(RATE, np.float32)]))], CONFIG, "x.png")
    line = next(axes for axes in drawn[0].axes if axes.get_ylabel() == "F0 (Hz)").get_lines()[0]
    times, f0_hz = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    inside = (times > 0.1) & (times < 0.4)
    np.testing.assert_allclose(f0_hz[inside], 150, rtol=0.02)
    assert np.isnan(f0_hz[times > 0.7]).all()


@pytest.mark.parametrize("hz", [500, 1000, 2000, 4000])
def test_a_tone_lies_at_its_frequency(drawn: list[Figure], hz: int) -> None:
    tone = (0.1 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)).astype(np.float32)
    plots.before_after([("tone", tone)], CONFIG, "figure.png")
    axes = drawn[0].axes[0]
    marks = {label.get_text(): tick for tick, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)}
    loudest = np.asarray(axes.get_images()[0].get_array()).mean(1).argmax()
    assert abs(loudest - marks[str(hz)]) < 1


def test_panels_share_their_scales(drawn: list[Figure]) -> None:
    waves = [("low", voice(0.5, 100.0)), ("high and long", voice(0.8, 300.0)), ("quiet", 0.1 * voice(0.3, 150.0))]
    plots.before_after(waves, CONFIG, "figure.png")
    mels = [axes for axes in drawn[0].axes if axes.get_ylabel() == "frequency (Hz)"]
    pitches = [axes for axes in drawn[0].axes if axes.get_ylabel() == "F0 (Hz)"]
    assert [axes.get_title("left") for axes in mels] == [title for title, _ in waves]
    assert {axes.get_xlim() for axes in mels} == {(0, 0.8)}
    assert len({axes.get_images()[0].get_clim() for axes in mels}) == 1
    assert len(limits := {axes.get_ylim() for axes in pitches}) == 1
    low, high = limits.pop()
    assert low < 100 and high > 300


def test_sound_without_voice_is_drawn(drawn: list[Figure]) -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(RATE)).astype(np.float32)
    plots.before_after([("noise", noise), ("short", noise[: RATE // 10])], CONFIG, "figure.png")
    drawn[0].canvas.draw()
