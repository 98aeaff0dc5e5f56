"""Embeddings: accuracy of a logistic regression on them.

Speaker: some recordings of known speakers, tested on their others. Gender and style: recordings of some speakers,
tested on speakers that it has not seen. Inputs are standardised; chance is that of always the most frequent answer.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.probes import linear
from voicevae.evaluation.study import Study, missing
from voicevae.verbs.embed import Embeddings

TASKS = {"speaker": ("z_s", "register"), "gender": ("z_s", "register"), "style": ("z_p", "prosody")}
MIN_TEST = 4
ITERATIONS = 500
SPEAKERS, UTTERANCES = 20, 10
GENDERED, QUICK_GENDERED = 120, 40
STYLED, QUICK_STYLED = 160, 80


class ProbeTask(NamedTuple):
    """Which rows `[n]` of the embeddings train and test, and all rows' labels; "" where there is none."""

    labels: Sequence[str]
    train: np.ndarray
    test: np.ndarray


def validate(task: ProbeTask) -> None:
    """Raise ValueError unless there are two labels to learn, and recordings to train and to test on."""
    labels = np.asarray(task.labels)
    if len(set(labels[task.train]) - {""}) < 2 or task.test.sum() < MIN_TEST:
        raise ValueError(f"Give two labels or more, and at least {MIN_TEST} recordings to test on.")
    if (task.train & task.test).any():
        raise ValueError("No recording can both train and test.")


def accuracy(vectors: np.ndarray, task: ProbeTask) -> tuple[float, float]:
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


def evaluate(embeddings: Embeddings, tasks: dict[str, ProbeTask]) -> dict[str, Any]:
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


def steps(study: Study) -> int:
    """Recordings."""
    return len(_chosen(study))


def run(study: Study) -> None:
    """Add rows of the accuracy on speaker, gender and style from embeddings."""
    clips, vectors = [], []
    for clip in _chosen(study):
        try:
            vectors.append(study.vv.embed([clip.load(study.vv.sample_rate)], study.vv.sample_rate))
            clips.append(clip)
        except AudioError as error:
            study.report.skipped.append(f"{clip.id}: {error}")
        study.step()
    if not clips:
        study.report.add("embedding", None, [absent("embeddings: speaker", "no known recordings")])
        return
    for name, task in _tasks(study, clips).items():
        _add(study, name, task, _joined(vectors))


def rows(name: str, found: dict[str, Any]) -> list[Row]:
    """Row of one task of `evaluate`."""
    beside = (
        f"chance {PERCENT * found['chance']:.0f} %; from {' and '.join(found['groups'])}; "
        f"{found['train']} + {found['test']} recordings"
    )
    return [Row(f"embeddings: {name}", PERCENT * found["accuracy"], "%", beside=beside, better="higher")]


def _add(study: Study, name: str, task: ProbeTask, vectors: Embeddings) -> None:
    try:
        found = evaluate(vectors, {name: task})[name]
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add(f"embedding, {name}", None, [absent(f"embeddings: {name}", why)])
        return
    study.report.add(
        f"embedding, {name}",
        found,
        rows(name, found),
        f"{study.plan.split}, {found['train']} + {found['test']} recordings; logistic regression",
    )


def _chosen(study: Study) -> list[Clip]:
    """All that any task needs, once each."""
    return list(dict.fromkeys([*_known(study), *_gendered(study), *_styled(study)]))


def _known(study: Study) -> list[Clip]:
    own = [clips for clips in by_speaker(study.known).values() if len(clips) >= linear.MIN_UTTERANCES]
    return [clip for clips in own[:SPEAKERS] for clip in draw_clips(clips, UTTERANCES, study.plan.seed)]


def _gendered(study: Study) -> list[Clip]:
    wanted = study.plan.of(GENDERED, QUICK_GENDERED)
    lists = ([clip for clip in clips if clip.gender] for clips in (study.known, study.clips))
    return [clip for clips in lists for clip in draw_clips(clips, wanted, study.plan.seed)]


def _styled(study: Study) -> list[Clip]:
    wanted = study.plan.of(STYLED, QUICK_STYLED)
    lists = ([clip for clip in clips if clip.style] for clips in (study.known, study.clips))
    return [clip for clips in lists for clip in draw_clips(clips, wanted, study.plan.seed)]


def _tasks(study: Study, clips: list[Clip]) -> dict[str, ProbeTask]:
    """Speakers are known by some of their recordings; gender and style are of speakers not seen."""
    unseen = set(study.clips)
    own, gendered, styled = (set(lists) for lists in (_known(study), _gendered(study), _styled(study)))
    speakers = [clip.speaker if clip in own else "" for clip in clips]
    held = np.zeros(len(clips), bool)
    place = np.flatnonzero([bool(name) for name in speakers])
    if len(place):
        held[place] = linear.held_out([speakers[i] for i in place], study.plan.seed)
    new = np.array([clip in unseen for clip in clips])
    tasks = {"speaker": ProbeTask(speakers, ~held & (np.array(speakers) != ""), held)}
    for name, members in (("gender", gendered), ("style", styled)):
        labels = [getattr(clip, name) if clip in members else "" for clip in clips]
        told = np.array(labels) != ""
        tasks[name] = ProbeTask(labels, told & ~new, told & new)
    return tasks


def _joined(vectors: list[Embeddings]) -> Embeddings:
    groups = {name: np.concatenate([one.groups[name] for one in vectors]) for name in vectors[0].groups}
    return Embeddings([], groups, np.concatenate([one.seconds for one in vectors]))
