"""Contours: absolute and relative are one thing in two units, and speech is told by loudness alone."""

import numpy as np
import pytest
import torch

from voicevae.features.contours import SPEECH_RANGE_DB, Contours, RelativeContours, is_speech


@pytest.fixture
def contours() -> Contours:
    random = np.random.default_rng(0)
    return Contours(random.normal(5, 0.2, 100), random.random(100), random.uniform(-80, -10, 100))


def test_columns_come_back(contours: Contours) -> None:
    again = Contours.from_array(contours.array())
    assert contours.array().dtype == np.float32 and contours.array().shape == (len(again), 3)
    for name, value in vars(contours).items():
        np.testing.assert_allclose(getattr(again, name), value, rtol=1e-6)


def test_relative_contours_have_the_speakers_units(contours: Contours) -> None:
    relative = contours.relative(5.0, 0.2, -20.0)
    np.testing.assert_allclose(5.0 + 0.2 * relative.pitch, contours.log_f0)
    np.testing.assert_allclose(-20.0 + 20.0 * relative.loudness, contours.loudness_db)
    np.testing.assert_array_equal(relative.voiced, contours.voiced)
    assert isinstance(RelativeContours.from_array(relative.array()), RelativeContours)


def test_unvoiced_frames_have_no_f0(contours: Contours) -> None:
    assert (contours.f0_hz[~contours.voiced] == 0).all()
    np.testing.assert_allclose(np.log(contours.f0_hz[contours.voiced]), contours.log_f0[contours.voiced])


def test_speech_is_the_same_absolute_relative_and_in_torch(contours: Contours) -> None:
    loud_db = float(np.percentile(contours.loudness_db, 95))
    assert 0 < contours.speech.sum() < len(contours)
    np.testing.assert_array_equal(contours.relative(5.0, 0.2, loud_db).speech, contours.speech)
    tensor = torch.from_numpy(contours.loudness_db)[None]
    np.testing.assert_array_equal(is_speech(tensor, torch.tensor([[loud_db]]))[0].numpy(), contours.speech)


def test_a_gain_makes_nothing_speech(contours: Contours) -> None:
    louder = Contours(contours.log_f0, contours.voicing, contours.loudness_db + 12)
    np.testing.assert_array_equal(louder.speech, contours.speech)
    edge = np.array([0.0, -SPEECH_RANGE_DB + 0.01, -SPEECH_RANGE_DB - 0.01])
    assert is_speech(edge, 0.0).tolist() == [True, True, False]
