"""A logistic regression finds what is there, and only chance where nothing is."""

import numpy as np
import pytest

from voicevae.evaluation.verbs import embedding
from voicevae.evaluation.verbs.embedding import ProbeTask
from voicevae.verbs.embed import Embeddings

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

LABELS = ["a", "b"] * 30
TEST = np.arange(60) >= 40


def test_what_is_there_is_found_and_what_is_not_is_chance() -> None:
    random = np.random.default_rng(0)
    told = random.normal(size=(60, 4)) + 6 * (np.array(LABELS) == "b")[:, None] * [1, 0, 0, 0]
    assert embedding.accuracy(told, ProbeTask(LABELS, ~TEST, TEST)) == (1.0, 0.5)
    blind = [embedding.accuracy(random.normal(size=(60, 4)), ProbeTask(LABELS, ~TEST, TEST))[0] for _ in range(20)]
    assert np.mean(blind) == pytest.approx(0.5, abs=0.08)


def test_rows_without_a_label_take_no_part() -> None:
    labels = ["", *LABELS[1:]]
    values = np.where(np.array(labels) == "b", 1.0, -1.0)[:, None]
    values[0] = 1e6
    assert embedding.accuracy(values, ProbeTask(labels, ~TEST, TEST))[0] == 1.0


def test_each_task_reads_its_groups() -> None:
    told = np.where(np.array(LABELS) == "b", 1.0, -1.0)[:, None].astype(np.float32)
    nothing = np.zeros((60, 1), np.float32)
    groups = {"z_s": told, "register": nothing, "z_p": nothing, "prosody": nothing, "mel": nothing}
    task = ProbeTask(LABELS, ~TEST, TEST)
    found = embedding.evaluate(Embeddings([], groups, np.ones(60)), {"gender": task, "style": task})
    assert found["gender"] == {"accuracy": 1.0, "chance": 0.5, "train": 40, "test": 20, "groups": ["z_s", "register"]}
    assert found["style"]["accuracy"] == 0.5


@pytest.mark.parametrize(
    "task",
    [
        ProbeTask(["a"] * 60, ~TEST, TEST),
        ProbeTask(LABELS, ~TEST, np.zeros(60, bool)),
        ProbeTask(LABELS, np.ones(60, bool), TEST),
    ],
)
def test_what_cannot_be_learnt_is_refused(task: ProbeTask) -> None:
    with pytest.raises(ValueError, match="Give two labels|both train and test"):
        embedding.validate(task)
