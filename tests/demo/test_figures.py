"""What is drawn: the right way up, on the right scale."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from voicevae.demo import figures
from voicevae.features import FeatureConfig

CONFIG = FeatureConfig()


def pixels(url: str) -> np.ndarray:
    """Brightness `[rows, columns]` of a picture in a data URL."""
    with Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,")))) as image:
        return np.asarray(image.convert("L")).astype(int)


def test_time_runs_to_the_right_and_dimensions_upwards() -> None:
    values = np.zeros((5, 3))
    values[4, 2] = 1.0  # last moment, highest dimension
    drawn = pixels(figures.picture(values, "magma"))
    assert drawn.shape == (3, 5)
    assert np.unravel_index(drawn.argmax(), drawn.shape) == (0, 4)


def test_a_long_picture_is_narrowed_and_keeps_its_peaks() -> None:
    values = np.zeros((100_000, 2))
    values[51_234] = 1.0
    drawn = pixels(figures.picture(values, "magma"))
    assert drawn.shape[1] == figures.MAX_COLUMNS
    assert drawn[0].argmax() == 51_234 * figures.MAX_COLUMNS // 100_000
    assert drawn.max() > 200


def test_f0_of_a_tone_lies_where_the_tone_is() -> None:
    t = np.arange(CONFIG.sample_rate) / CONFIG.sample_rate
    wave = sum(np.sin(2 * np.pi * 150 * k * t) / k for k in range(1, 9)).astype(np.float32) * 0.1
    (panel,) = figures.speech([("tone", wave)], CONFIG)["panels"]
    found = [value for value in panel["curve"]["values"] if value is not None]
    assert np.median(found) == pytest.approx(150, rel=0.01)
    assert panel["curve"]["low"] < 150 < panel["curve"]["high"]
    assert panel["seconds"] == pytest.approx(1.0)


def test_hz_marks_rise_within_the_picture() -> None:
    where = [at for at, _ in figures.hz_ticks(CONFIG)]
    assert where == sorted(where) and 0 < where[0] and where[-1] < 1


def test_peaks_are_shares_of_the_loudest() -> None:
    wave = np.concatenate([np.full(6000, 0.1), np.full(6000, -0.4)])
    assert (figures.peaks(wave)[0], figures.peaks(wave)[-1]) == (0.25, 1.0)
