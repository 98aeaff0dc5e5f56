"""The mean content of other speakers where they say the same."""

import numpy as np
import pytest

from voicevae.training.consensus import Utterance, consensus, normalised

N_SOUNDS, DIM = 8, 4


def corpus(leak: float, n_speakers: int = 6, length: int = 120) -> tuple[list[Utterance], np.ndarray]:
    """Recordings whose content is that of their sounds, plus `leak` of the speaker's own change of each; and that of
    the sounds alone, `[n, length, DIM]`."""
    random = np.random.default_rng(0)
    sounds, heard = random.normal(size=(N_SOUNDS, DIM)), random.normal(size=(N_SOUNDS, 128))
    said, clean = [], []
    for number in range(n_speakers):
        which = random.integers(0, N_SOUNDS, length)
        accent = random.normal(size=(N_SOUNDS, DIM))
        content = sounds[which] + leak * accent[which]
        content[:10] = 0
        voice = random.normal(size=128)  # which a teacher hears, too
        told = heard[which] + voice + 0.1 * random.normal(size=(length, 128))
        said.append(Utterance(content.astype(np.float32), told.astype(np.float32), f"speaker {number}"))
        pure = sounds[which]
        clean.append(normalised(np.where(content.any(1)[:, None], pure, 0), content.any(1)))
    return said, np.array(clean)


def test_consensus_is_what_all_share() -> None:
    said, clean = corpus(leak=0.8)
    found = np.array(list(consensus(said)))
    own = np.array([normalised(one.content, one.spoken) for one in said])
    assert np.abs(found - clean).mean() < 0.6 * np.abs(own - clean).mean()


def test_background_stays_and_speech_is_normalised() -> None:
    said, _ = corpus(leak=0.5)
    for one, found in zip(said, consensus(said), strict=True):
        assert not found[~one.spoken].any()
        np.testing.assert_allclose(found[one.spoken].mean(0), 0, atol=1e-4)
        np.testing.assert_allclose(found[one.spoken].std(0), 1, atol=2e-2)


def test_no_step_of_the_speaker_is_used() -> None:
    said, _ = corpus(leak=0.0)
    odd = Utterance(said[0].content + 100 * said[0].spoken[:, None], said[0].heard, said[0].speaker)
    others = list(consensus([odd, *said[1:]]))[1:]
    usual = list(consensus([*said]))[1:]
    # Only the odd speaker's own steps are 100 away: where they count, others move.
    assert max(np.abs(a - b).max() for a, b in zip(others, usual, strict=True)) > 0.1
    alone = [Utterance(one.content, one.heard, "the same") for one in said]
    assert not np.array(list(consensus(alone))).any()


@pytest.mark.parametrize("spoken", [0, 1])
def test_hardly_any_speech(spoken: int) -> None:
    content = np.zeros((5, DIM), np.float32)
    content[:spoken] = 1.0
    made = normalised(content, content.any(1))
    assert np.isfinite(made).all() and not made[spoken:].any()
