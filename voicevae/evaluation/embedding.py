"""Embeddings: what does a logistic regression learn from them?

Speaker: some recordings of known speakers, tested on their others. Gender and style: recordings of some speakers,
tested on speakers that it has not seen. Inputs are standardised; chance is that of always the most frequent answer.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from voicevae.verbs.embed import Embeddings

TASKS = {"speaker": ("z_s", "register"), "gender": ("z_s", "register"), "style": ("z_p", "manner")}
MIN_TEST = 4
ITERATIONS = 500


class Task(NamedTuple):
    """Which rows `[n]` of the embeddings train and test, and all rows' labels; "" where there is none."""

    labels: Sequence[str]
    train: np.ndarray
    test: np.ndarray


def validate(task: Task) -> None:
    """Raise ValueError unless there are two labels to learn, and recordings to train and to test on."""
    labels = np.asarray(task.labels)
    if len(set(labels[task.train]) - {""}) < 2 or task.test.sum() < MIN_TEST:
        raise ValueError(f"Give two labels or more, and at least {MIN_TEST} recordings to test on.")
    if (task.train & task.test).any():
        raise ValueError("No recording can both train and test.")


def accuracy(vectors: np.ndarray, task: Task) -> tuple[float, float]:
    """Share of the tested rows of `vectors` `[n, D]` whose label is found, and that of the most frequent one."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    validate(task)
    labels = np.asarray(task.labels)
    train, test = task.train & (labels != ""), task.test & (labels != "")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS, C=0.1))
    model.fit(vectors[train], labels[train])
    _, counts = np.unique(labels[test], return_counts=True)
    return float(model.score(vectors[test], labels[test])), float(counts.max() / counts.sum())


def evaluate(embeddings: Embeddings, tasks: dict[str, Task]) -> dict[str, Any]:
    """Every task of `TASKS` that can be done.

    Args:
        embeddings: of all recordings that any of `tasks` is about.

    Returns:
        for each task: accuracy and chance, 0..1, train and test (recordings), and groups of features.
    """
    found = {}
    for name, task in tasks.items():
        hits, chance = accuracy(embeddings.matrix(TASKS[name]), task)
        found[name] = {
            "accuracy": hits,
            "chance": chance,
            "train": int(task.train.sum()),
            "test": int(task.test.sum()),
            "groups": list(TASKS[name]),
        }
    return found
