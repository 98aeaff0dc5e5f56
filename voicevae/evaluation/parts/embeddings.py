"""Feature vectors, as a logistic regression reads them."""

from typing import Any

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation import embedding, probes
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.embedding import Task
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.verbs.embed import Embeddings

SPEAKERS, UTTERANCES = 20, 10
GENDERED, QUICK_GENDERED = 120, 40
STYLED, QUICK_STYLED = 160, 80


def steps(study: Study) -> int:
    return len(_chosen(study))


def run(study: Study) -> None:
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
    """Row of one task of `embedding.evaluate`."""
    beside = (
        f"chance {PERCENT * found['chance']:.0f} %; from {' and '.join(found['groups'])}; "
        f"{found['train']} + {found['test']} recordings"
    )
    return [Row(f"embeddings: {name}", PERCENT * found["accuracy"], "%", beside=beside, better="higher")]


def _add(study: Study, name: str, task: Task, vectors: Embeddings) -> None:
    try:
        found = embedding.evaluate(vectors, {name: task})[name]
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add(f"embedding, {name}", None, [absent(f"embeddings: {name}", why)])
        return
    study.report.add(f"embedding, {name}", found, rows(name, found))


def _chosen(study: Study) -> list[Clip]:
    """All that any task needs, once each."""
    return list(dict.fromkeys([*_known(study), *_gendered(study), *_styled(study)]))


def _known(study: Study) -> list[Clip]:
    own = [clips for clips in by_speaker(study.known).values() if len(clips) >= probes.MIN_UTTERANCES]
    return [clip for clips in own[:SPEAKERS] for clip in draw_clips(clips, UTTERANCES, study.plan.seed)]


def _gendered(study: Study) -> list[Clip]:
    wanted = study.plan.of(GENDERED, QUICK_GENDERED)
    lists = ([clip for clip in clips if clip.gender] for clips in (study.known, study.clips))
    return [clip for clips in lists for clip in draw_clips(clips, wanted, study.plan.seed)]


def _styled(study: Study) -> list[Clip]:
    wanted = study.plan.of(STYLED, QUICK_STYLED)
    lists = ([clip for clip in clips if clip.style] for clips in (study.known, study.clips))
    return [clip for clips in lists for clip in draw_clips(clips, wanted, study.plan.seed)]


def _tasks(study: Study, clips: list[Clip]) -> dict[str, Task]:
    """Speakers are known by some of their recordings; gender and style are of speakers not seen."""
    unseen = set(study.clips)
    own, gendered, styled = (set(lists) for lists in (_known(study), _gendered(study), _styled(study)))
    speakers = [clip.speaker if clip in own else "" for clip in clips]
    held = np.zeros(len(clips), bool)
    place = np.flatnonzero([bool(name) for name in speakers])
    if len(place):
        held[place] = probes.held_out([speakers[i] for i in place], study.plan.seed)
    new = np.array([clip in unseen for clip in clips])
    tasks = {"speaker": Task(speakers, ~held & (np.array(speakers) != ""), held)}
    for name, members in (("gender", gendered), ("style", styled)):
        labels = [getattr(clip, name) if clip in members else "" for clip in clips]
        told = np.array(labels) != ""
        tasks[name] = Task(labels, told & ~new, told & new)
    return tasks


def _joined(vectors: list[Embeddings]) -> Embeddings:
    groups = {name: np.concatenate([one.groups[name] for one in vectors]) for name in vectors[0].groups}
    return Embeddings([], groups, np.concatenate([one.seconds for one in vectors]))
