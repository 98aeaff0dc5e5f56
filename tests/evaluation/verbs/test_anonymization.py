"""Attackers: who is hidden is not told, who is not is; what varies within a speaker is no help."""

import numpy as np
import pytest

from voicevae.evaluation.document import Row
from voicevae.evaluation.verbs import anonymization
from voicevae.evaluation.verbs.anonymization import EER, Attack, Utility

SPEAKERS = [f"s{i}" for i in range(10) for _ in range(8)]
TRIAL = np.array([j >= 4 for _ in range(10) for j in range(8)])


def embeddings(seed: int, of_speaker: float, noise: float = 0.3) -> np.ndarray:
    """`[80, 16]`: how much of the speaker is in them, and noise."""
    random = np.random.default_rng(seed)
    voices = np.repeat(np.random.default_rng(0).standard_normal((10, 16)), 8, axis=0)
    return of_speaker * voices + noise * random.standard_normal((80, 16))


def known() -> tuple[np.ndarray, list[str]]:
    return np.random.default_rng(9).standard_normal((40, 16)), [f"k{i // 4}" for i in range(40)]


def test_who_is_hidden_is_not_told() -> None:
    found = anonymization.evaluate(
        Attack(embeddings(1, 1.0), embeddings(2, 0.0), SPEAKERS, TRIAL), *known(), Utility([0.1], [0.3])
    )
    assert found["eer"]["unprotected"] < 1
    assert all(found["eer"][name] > 35 for name in ("ignorant", "lazy-informed", "semi-informed"))
    assert found["cer_added"] == pytest.approx(0.2) and (found["speakers"], found["trials"]) == (10, 40)


def test_who_changes_alone_is_told_by_who_enrols_alike() -> None:
    """All are moved to one side: an attacker who does not know is lost, one who does the same is not."""
    recorded = embeddings(1, 1.0)
    found = anonymization.evaluate(Attack(recorded, -recorded, SPEAKERS, TRIAL), *known(), Utility())
    assert found["eer"]["ignorant"] > 90 and found["eer"]["lazy-informed"] < 1
    assert found["cer_added"] is None


def test_what_varies_within_a_speaker_is_taken_off() -> None:
    """The drawn voice fills one half of the dimensions, loudly, the speaker the other, softly."""
    random = np.random.default_rng(3)
    voice = np.concatenate([np.zeros((80, 16)), 5 * random.standard_normal((80, 16))], 1)
    hidden = np.concatenate([embeddings(1, 1.0, 0.2), np.zeros((80, 16))], 1) + voice
    other = np.concatenate([np.repeat(random.standard_normal((60, 16)), 4, 0), np.zeros((240, 16))], 1)
    other += np.concatenate([0.2 * random.standard_normal((240, 16)), 5 * random.standard_normal((240, 16))], 1)
    attack = Attack(hidden, hidden, SPEAKERS, TRIAL)
    found = anonymization.evaluate(attack, other, [f"k{i // 4}" for i in range(240)], Utility())
    assert found["eer"]["lazy-informed"] > found["eer"]["semi-informed"] + 10


def test_the_normalised_embeddings_vary_alike_within_a_speaker() -> None:
    random = np.random.default_rng(4)
    scale = np.array([1.0, 3.0])
    made = np.repeat(random.standard_normal((200, 2)), 5, 0) + scale * random.standard_normal((1000, 2))
    speakers = [f"k{i // 5}" for i in range(1000)]
    _, matrix = anonymization.normalisation(made, speakers)
    shrunk = 0.8 * np.diag(scale**2) + 0.2 * np.mean(scale**2) * np.eye(2)
    np.testing.assert_allclose(matrix @ shrunk @ matrix, np.eye(2), atol=0.15)


def test_an_attack_needs_enrolment_and_trials_of_two_speakers() -> None:
    good = embeddings(1, 1.0)
    for speakers, trial in ((["a"] * 80, TRIAL), (SPEAKERS, np.ones(80, bool))):
        with pytest.raises(ValueError, match="two speakers"):
            anonymization.evaluate(Attack(good, good, speakers, trial), *known(), Utility())


def test_rows_say_all_attackers_and_what_is_lost() -> None:
    style = {"recorded": 0.5, "anonymised": 0.4, "chance": 0.2}
    attack = Attack(embeddings(1, 1.0), embeddings(2, 0.0), SPEAKERS, TRIAL)
    made = anonymization.rows(anonymization.evaluate(attack, *known(), Utility([0.1], [0.3], style)))
    assert [type(row) for row in made] == [Row] * 3 and made[0].figure == EER
    assert "ignorant" in made[0].beside and made[1].value == pytest.approx(0.2) and made[2].value == 40
    silent = anonymization.rows(anonymization.evaluate(attack, *known(), Utility()))
    assert [row.value is None for row in silent] == [False, True]
