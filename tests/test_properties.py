"""What holds of all edits, on whole codes: the identity, sums, products, ends, seeds, and the order of composition."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicevae import Code, Edit, VoiceVAE, load
from voicevae.edits import RANGES
from voicevae.errors import EditError
from voicevae.units import NATS_PER_SEMITONE
from voicevae.verbs import blend

RATE = 16000
EXAMPLES, FEW = settings(max_examples=6, deadline=None), settings(max_examples=3, deadline=None)

semitones = st.floats(-6, 6)
ratios = st.floats(0.6, 1.6)
changes = st.fixed_dictionaries(
    {},
    optional={
        "pitch_semitones": semitones,
        "pitch_range": ratios,
        "rate": ratios,
        "energy_db": semitones,
        "formant_semitones": st.floats(-3, 3),
    },
)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return load(small_bundle)


@pytest.fixture(scope="module")
def code(vv: VoiceVAE) -> Code:
    return vv.encode(hum(0.6))


def hum(seconds: float, f0_hz: float = 140.0) -> np.ndarray:
    """Five harmonics that sway by two semitones."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(f0_hz * 2 ** (np.sin(2 * np.pi * 2 * time) / 6)) / RATE
    return (0.1 * sum(np.sin(k * phase) / k for k in range(1, 6))).astype(np.float32)


def frames(vv: VoiceVAE, code: Code) -> np.ndarray:
    """Mel and contours that `code` decodes to, as columns."""
    mel, contours = vv.coder.decode(code)
    return np.concatenate([mel, contours.array()], 1)


# --- one edit after another -----------------------------------------------------------------------------------------


def test_the_identity_is_the_identity(vv: VoiceVAE, code: Code) -> None:
    nothing = code.edit(pitch_semitones=0, pitch_range=1, rate=1, energy_db=0, formant_semitones=0, marks=[])
    np.testing.assert_array_equal(vv.decode(nothing), vv.decode(code))


@given(changes, changes)
@EXAMPLES
def test_edits_may_come_in_any_order(vv: VoiceVAE, code: Code, one: dict[str, float], two: dict[str, float]) -> None:
    here, there = code.edit(**one).edit(**two), code.edit(**two).edit(**one)
    np.testing.assert_allclose(frames(vv, here), frames(vv, there), atol=1e-4)


@given(semitones, semitones)
@EXAMPLES
def test_pitch_edits_add(vv: VoiceVAE, code: Code, one: float, two: float) -> None:
    twice, plain = vv.coder.decode(code.edit(pitch_semitones=one).edit(pitch_semitones=two)), vv.coder.decode(code)
    np.testing.assert_allclose((twice[1].log_f0 - plain[1].log_f0) / NATS_PER_SEMITONE, one + two, atol=1e-3)
    np.testing.assert_array_equal(twice[0], plain[0])


@given(ratios, ratios)
@EXAMPLES
def test_rates_multiply(vv: VoiceVAE, code: Code, one: float, two: float) -> None:
    twice = code.edit(rate=one).edit(rate=two)
    assert len(vv.decode(twice)) == round(code.n_samples / (one * two))
    assert twice.duration_s == pytest.approx(code.duration_s / one / two)


@given(changes)
@EXAMPLES
def test_range_comes_before_pitch_and_time_comes_last(vv: VoiceVAE, code: Code, asked: dict[str, float]) -> None:
    """The order that `Edit` states, in closed form."""
    edit = Edit(**asked)
    plain, made = vv.coder.decode(code)[1], vv.coder.decode(code.edit(**asked))[1].array()
    mean = code.speaker.log_f0_mean
    log_f0 = mean + edit.pitch_range * (plain.log_f0 - mean) + edit.pitch_semitones * NATS_PER_SEMITONE
    louder = plain.loudness_db + edit.energy_db
    where = np.minimum(np.arange(len(made)) * edit.rate, len(plain) - 1)
    wanted = [np.interp(where, np.arange(len(plain)), x) for x in (log_f0, plain.voicing, louder)]
    np.testing.assert_allclose(made, np.stack(wanted, 1), atol=1e-3)


@given(changes)
@EXAMPLES
def test_another_voice_before_or_after_the_edits_is_the_same(vv: VoiceVAE, code: Code, asked: dict[str, float]) -> None:
    voice = vv.sample(1)
    here, there = code.edit(speaker=voice).edit(**asked), code.edit(**asked).edit(speaker=voice)
    np.testing.assert_array_equal(frames(vv, here), frames(vv, there))


# --- marks ----------------------------------------------------------------------------------------------------------


@given(changes, changes)
@EXAMPLES
def test_a_mark_on_everything_is_an_edit(
    vv: VoiceVAE, code: Code, asked: dict[str, float], more: dict[str, float]
) -> None:
    marked = code.edit(**asked, marks=[(0, code.n_samples / RATE, Edit(**more))])
    np.testing.assert_allclose(frames(vv, marked), frames(vv, code.edit(**asked).edit(**more)), atol=1e-5)


@given(changes, changes, st.floats(0.05, 0.25), st.floats(0.3, 0.55))
@EXAMPLES
def test_disjoint_marks_commute(
    vv: VoiceVAE, code: Code, one: dict[str, float], two: dict[str, float], start_s: float, end_s: float
) -> None:
    marks = [(0, start_s, Edit(**one)), (end_s, 0.6, Edit(**two))]
    here, there = code.edit(marks=marks), code.edit(marks=marks[1:]).edit(marks=marks[:1])
    np.testing.assert_array_equal(frames(vv, here), frames(vv, there))
    seconds = start_s / one.get("rate", 1) + end_s - start_s + (0.6 - end_s) / two.get("rate", 1)
    assert abs(len(vv.decode(here)) / RATE - seconds) < 1 / 80


# --- blends and seeds -----------------------------------------------------------------------------------------------


def test_the_ends_of_a_blend_are_its_voices(vv: VoiceVAE) -> None:
    one, two = vv.sample(1), vv.sample(2)
    assert blend.voices([one, two], [1, 0]) is one and blend.voices([one, two], [0, 1]) is two


@given(st.floats(0.01, 0.99))
@EXAMPLES
def test_a_blend_lies_between(vv: VoiceVAE, share: float) -> None:
    one, two = vv.sample(1), vv.sample(2)
    middle = vv.blend([one, two], [1 - share, share])
    np.testing.assert_allclose(middle.z, (1 - share) * one.z + share * two.z, atol=1e-5)
    assert middle.log_f0_mean == pytest.approx((1 - share) * one.log_f0_mean + share * two.log_f0_mean)


@given(st.integers(0, 2**32 - 1), changes)
@FEW
def test_a_seed_fixes_the_output(vv: VoiceVAE, seed: int, asked: dict[str, float]) -> None:
    wave = hum(0.2)
    made = vv.modulate(wave, seed=seed, **asked)
    np.testing.assert_array_equal(vv.modulate(wave, seed=seed, **asked), made)
    assert not np.array_equal(vv.modulate(wave, seed=seed ^ 1, **asked), made)
    np.testing.assert_array_equal(vv.sample(seed).z, vv.sample(seed).z)


# --- bad values -----------------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(RANGES)), st.sampled_from([float("nan"), float("inf"), -1e3, 1e3]))
@FEW
def test_bad_values_are_one_sentence_with_the_range(vv: VoiceVAE, code: Code, name: str, value: float) -> None:
    low, high = RANGES[name]
    for asked in (lambda: code.edit(**{name: value}), lambda: vv.modulate(hum(0.2), **{name: value})):
        with pytest.raises(EditError, match=f"{name} is {value!r}; give a number from {low:g} to {high:g}"):
            asked()
