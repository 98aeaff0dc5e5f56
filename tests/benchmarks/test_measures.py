from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import measures
from benchmarks.measures import Made
from benchmarks.peers import Peer
from voicevae.evaluation.metrics import quality
from voicevae.evaluation.metrics.pitch import Track
from voicevae.features import FeatureConfig

CONFIG = FeatureConfig()


@pytest.fixture
def without_dnsmos(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes half a second a wave."""
    monkeypatch.setattr(quality, "missing", lambda: {"dnsmos": "left out"})


def test_a_parrot_copies_perfectly_and_shifts_not_at_all(
    parrot: Peer, vowel: Callable[..., np.ndarray], without_dnsmos: None
) -> None:
    found = measures.summarise(measures.measure(parrot, vowel(), CONFIG))
    if "pesq" not in quality.missing():
        assert found.pesq == pytest.approx(4.64, abs=0.01)
    assert found.stoi == pytest.approx(1)
    assert found.drift_cents == pytest.approx(0, abs=0.1)
    assert np.isnan(found.dnsmos[0.0])
    for semitones in measures.SEMITONES:
        assert found.pitch[semitones]["median_cents"] == pytest.approx(abs(100 * semitones))
    assert found.edits["share_over_50_cents"] == 1
    assert found.edits["voicing_agreement"] == 1


def test_silence_is_rated_as_nothing(vowel: Callable[..., np.ndarray], without_dnsmos: None) -> None:
    mute = Peer(lambda wave: wave, lambda wave, semitones: 0 * wave)
    found = measures.summarise(measures.measure(mute, vowel(), CONFIG))
    assert np.isnan([found.pesq, found.stoi, found.drift_cents, found.edits["median_cents"]]).all()
    assert found.edits["voicing_agreement"] < 0.6


def test_waves_are_cut_and_padded_to_the_source() -> None:
    assert measures.fitted(np.arange(5.0), 3).tolist() == [0, 1, 2]
    assert measures.fitted(np.arange(2.0), 4).tolist() == [0, 1, 0, 0]


def made(semitones: float, rating: float, cents: float) -> Made:
    asked = Track(np.full(4, 5.0), np.array([True, True, True, False]))
    heard = Track(asked.log_f0 + cents / 1200 * np.log(2), np.array([True, True, True, True]))
    return Made(semitones, rating, rating / 5, rating, cents, (asked, heard))


def test_a_summary_is_of_medians_over_clips_and_of_all_frames() -> None:
    clips = [made(s, rating, 20 * rating) for rating in (1.0, 2.0, 5.0) for s in (0.0, 4.0, 7.0)]
    found = measures.summarise(clips)
    assert (found.pesq, found.stoi, found.drift_cents) == pytest.approx((2.0, 0.4, 40))
    assert found.dnsmos == {0.0: 2.0, 4.0: 2.0, 7.0: 2.0}
    assert found.pitch[7.0]["median_cents"] == pytest.approx(40)
    assert found.edits["share_over_50_cents"] == pytest.approx(1 / 3)
    assert found.edits["voicing_agreement"] == pytest.approx(3 / 4)


def test_a_clip_that_was_not_rated_is_left_out_of_the_median() -> None:
    unrated = replace(made(0.0, 1.0, 0), pesq=float("nan"))
    found = measures.summarise([made(0.0, 3.0, 0), unrated, made(0.0, 4.0, 0)])
    assert (found.pesq, found.dnsmos) == (3.5, {0.0: 3.0})
    assert np.isnan(found.drift_cents) and found.edits == {}
