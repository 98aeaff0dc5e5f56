from types import SimpleNamespace

import numpy as np
import pytest

from voicevae.evaluation.metrics import burst
from voicevae.features import FeatureConfig, extract

RATE = 16000
NOISE = 0.01 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)


def louder(db: float) -> np.ndarray:
    """The noise with one frame of 25 ms louder."""
    wave = NOISE.copy()
    wave[8000:8400] *= 10 ** (db / 20)
    return wave


@pytest.mark.parametrize(("db", "is_burst"), [(0.0, False), (8.0, False), (13.0, True), (30.0, True)])
def test_a_frame_far_above_the_loudest_of_the_source_is_a_burst(db: float, is_burst: bool) -> None:
    assert burst.over_source(louder(db), NOISE, RATE) is is_burst


def test_the_level_of_neither_matters() -> None:
    assert not burst.over_source(30 * NOISE, NOISE, RATE)
    assert burst.over_source(0.01 * louder(13.0), NOISE, RATE)
    assert not burst.over_source(louder(30.0), louder(25.0), RATE)


def test_what_is_heard_is_compared_with_what_was_asked() -> None:
    config = FeatureConfig()
    asked = SimpleNamespace(loudness_db=extract(NOISE, config).loudness_db)
    vv = SimpleNamespace(config=config, coder=SimpleNamespace(decode=lambda code: (None, asked)))
    assert burst.over_asked_db(vv, None, NOISE) == pytest.approx(0, abs=1e-6)
    assert burst.over_asked_db(vv, None, louder(20.0)) > burst.OVER_ASKED_DB
    asked.loudness_db = asked.loudness_db + 3
    assert burst.over_asked_db(vv, None, NOISE) == pytest.approx(-3, abs=1e-4)


def test_figures_are_shares_of_outputs_and_the_target_is_none() -> None:
    found = burst.evaluate({"conversions": [(False, 2.0), (True, 9.0)], "+12 semitones": [(False, None)]})
    assert found["conversions"] == {"outputs": 2, "over_source": 0.5, "over_asked": 0.5, "worst_db": 9.0}
    rows = burst.rows(found)
    assert [row.value for row in rows] == [50, 50, 0, None]
    assert [row.met for row in rows] == [False, False, True, None]


@pytest.mark.parametrize("wave", [np.zeros(RATE), np.full(RATE, np.nan), np.ones((2, 100))])
def test_bad_waves_raise(wave: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite and hold sound"):
        burst.over_source(wave, NOISE, RATE)
