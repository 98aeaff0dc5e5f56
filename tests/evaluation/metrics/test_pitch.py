import numpy as np
import pytest

from voicevae.evaluation.metrics import pitch
from voicevae.evaluation.metrics.pitch import Track
from voicevae.features import FeatureConfig
from voicevae.units import SEMITONES_PER_NAT


def track(n: int = 200, seed: int = 0) -> Track:
    rng = np.random.default_rng(seed)
    return Track(np.log(150) + 0.1 * rng.standard_normal(n), rng.random(n) < 0.7)


def test_a_track_against_itself_is_perfect() -> None:
    found = pitch.evaluate([(track(), track())])
    assert found == {"median_cents": 0, "p95_cents": 0, "share_over_50_cents": 0, "voicing_agreement": 1}
    assert pitch.correlation(track(), track()) == pytest.approx(1)


@pytest.mark.parametrize("semitones", [-6.0, 0.3, 3.0])
def test_a_shift_is_measured_in_cents(semitones: float) -> None:
    found = pitch.evaluate([(track(), track().shifted(semitones))])
    assert found["median_cents"] == pytest.approx(abs(100 * semitones))
    assert found["p95_cents"] == pytest.approx(abs(100 * semitones))
    assert found["share_over_50_cents"] == (abs(semitones) > 0.5)


def test_an_octave_is_1200_cents() -> None:
    one = np.ones(3, bool)
    assert pitch.errors_cents(Track(np.log([100.0] * 3), one), Track(np.log([200.0] * 3), one)) == pytest.approx(1200)


def test_only_frames_voiced_in_both_count() -> None:
    log_f0 = np.log(np.full(4, 100.0))
    requested = Track(log_f0, np.array([True, True, False, False]))
    measured = Track(log_f0 + [0, 1, 1, 1], np.array([True, False, True, False]))
    assert pitch.errors_cents(requested, measured) == pytest.approx([0])
    assert pitch.voicing_agreement(requested, measured) == 0.5


def test_correlation_does_not_see_register_or_range() -> None:
    source = track()
    assert pitch.correlation(source, Track(1 + 0.4 * source.log_f0, source.voiced)) == pytest.approx(1)
    assert pitch.correlation(source, Track(-source.log_f0, source.voiced)) == pytest.approx(-1)


def test_correlation_of_a_monotone_or_of_few_frames_is_undefined() -> None:
    source = track()
    assert np.isnan(pitch.correlation(source, Track(np.full(200, 5.0), source.voiced)))
    assert np.isnan(pitch.correlation(source, Track(source.log_f0, np.arange(200) < 5)))


def test_nothing_voiced_is_undefined_and_not_perfect() -> None:
    unvoiced = Track(track().log_f0, np.zeros(200, bool))
    assert np.isnan(pitch.evaluate([(track(), unvoiced)])["median_cents"])
    assert np.isnan(pitch.mean_log_f0([unvoiced]))


def test_mean_log_f0_pools_voiced_frames() -> None:
    a = Track(np.array([1.0, 9.0]), np.array([True, False]))
    b = Track(np.array([2.0, 3.0]), np.array([True, True]))
    assert pitch.mean_log_f0([a, b]) == pytest.approx(2)


def test_a_tone_is_measured_at_its_pitch(harmonic) -> None:
    measured = pitch.measure(harmonic(180.0, 1.5), FeatureConfig())
    inside = slice(24, 96)
    assert measured.voiced[inside].mean() > 0.95
    assert SEMITONES_PER_NAT * (pitch.mean_log_f0([measured]) - np.log(180)) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize(
    "measured",
    [track(199), Track(np.full(200, np.nan), np.ones(200, bool)), Track(np.zeros((200, 1)), np.ones(200, bool))],
)
def test_bad_tracks_raise(measured: Track) -> None:
    with pytest.raises(ValueError, match="F0"):
        pitch.errors_cents(track(), measured)
