"""Adaptation keeps what a speaker encoder finds nearer to held-back speech, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae import adaptation
from voicevae.adaptation import CANDIDATES, WORTH, _adapt, _read
from voicevae.code import AdaptedSpeaker
from voicevae.errors import AudioError, EditError
from voicevae.files import unseen
from voicevae.voice import VoiceVAE

RATE = 16000


def buzz(seconds: float, f0_hz: float = 140.0) -> np.ndarray:
    time = np.arange(round(RATE * seconds)) / RATE
    phase = 2 * np.pi * f0_hz * time + 3 * np.sin(2 * np.pi * 0.7 * time)
    tone = sum(np.sin(k * phase) / k for k in range(1, 11))
    return (0.1 * tone * (1 + 0.7 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture(scope="module")
def pieces(vv: VoiceVAE) -> list[adaptation._Piece]:
    return _read(vv, [buzz(50.0)], RATE, float("inf"), unseen)[0]


def encoder(n_held: int, cosines: list[float], sentences: int) -> Callable[[np.ndarray], np.ndarray]:
    """Hears the held-back speech first, and then the conversions of each candidate as so much like it."""
    told = [1.0] * n_held + [value for value in cosines for _ in range(sentences)]
    return lambda wave: np.array([value := told.pop(0), np.sqrt(1 - value**2)])


@pytest.mark.parametrize("best", range(len(CANDIDATES)))
def test_the_best_candidate_is_kept(vv: VoiceVAE, pieces: list[adaptation._Piece], best: int) -> None:
    cosines = [0.5] * len(CANDIDATES)
    cosines[best] = 0.6
    judge = encoder(len(pieces) // adaptation.HELD_BACK, cosines, len(adaptation._sentences(vv)))
    found = _adapt(vv, pieces, 0, 0, judge, unseen)
    assert found.kept.dynamics == CANDIDATES[best]
    assert isinstance(found.speaker, AdaptedSpeaker) == (best > 0)
    assert found.kept.secs >= found.trials[0].secs == pytest.approx(cosines[0])


def test_what_is_hardly_better_is_not_kept(vv: VoiceVAE, pieces: list[adaptation._Piece]) -> None:
    cosines = [0.5, *([0.5 + WORTH / 2] * (len(CANDIDATES) - 1))]
    judge = encoder(len(pieces) // adaptation.HELD_BACK, cosines, len(adaptation._sentences(vv)))
    found = _adapt(vv, pieces, 0, 0, judge, unseen)
    assert not isinstance(found.speaker, AdaptedSpeaker) and "nothing was better" in str(found)


def test_loudness_is_told(vv: VoiceVAE, pieces: list[adaptation._Piece]) -> None:
    plain = vv.coder.speaker([piece.frames for piece in pieces])
    loudness = adaptation._loudness(vv, plain, pieces)
    levels = np.concatenate([piece.frames.loudness_db[piece.frames.contours.speech] for piece in pieces])
    assert adaptation._error_db(vv, plain, loudness, pieces) < levels.std() / 2


def test_the_seed_draws_what_is_held_back(vv: VoiceVAE, pieces: list[adaptation._Piece]) -> None:
    heard: list[np.ndarray] = []
    for seed in (0, 0, 3):
        _adapt(vv, pieces, 0, seed, lambda wave: heard.append(wave) or np.ones(3), unseen)
    first, again, other = heard[:: len(heard) // 3]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_little_speech_is_held_back_in_part(vv: VoiceVAE, pieces: list[adaptation._Piece]) -> None:
    few = pieces[:3]
    heard: list[np.ndarray] = []
    found = _adapt(vv, few, 0, 0, lambda wave: heard.append(wave) or np.ones(3), unseen)
    (back,) = (piece for piece in few if piece.wave is heard[0])
    assert found.held_back_s == pytest.approx(back.frames.contours.speech.sum() / vv.config.frame_rate)


def test_what_there_is_no_time_for_is_left_out(vv: VoiceVAE) -> None:
    read, unread = _read(vv, [buzz(1.0), buzz(1.0), buzz(1.0)], RATE, 0.0, unseen)
    assert len(read) == 1 and unread == 2


def test_too_little_speech_and_none_are_refused(vv: VoiceVAE, pieces: list[adaptation._Piece]) -> None:
    with pytest.raises(AudioError, match="give 20 s or more"):
        _adapt(vv, pieces[:2], 0, 0, lambda wave: wave, unseen)
    with pytest.raises(AudioError, match="no voiced speech"):
        _read(vv, [1e-3 * np.random.default_rng(0).standard_normal(RATE)], RATE, float("inf"), unseen)
    with pytest.raises(EditError, match="minutes is 0"):
        vv.adapt([buzz(1.0)], RATE, minutes=0)
