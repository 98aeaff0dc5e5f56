"""Probes of the style in each latent, by fresh networks, on unseen speakers.

Half of the utterances test what the others, and known ones of the same styles, taught; then the other half.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.probes import classifiers
from voicevae.evaluation.probes.latents import NAMES, Latents
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.targets import TARGETS, Target, target

KNOWN, QUICK_KNOWN = 160, 0
MIN_CLIPS = 4  # of a style


def steps(study: Study) -> int:
    """Recordings, and trained networks."""
    clips = _clips(study)
    return sum(map(len, clips)) + (len(NAMES) if clips[0] else 0)


def run(study: Study) -> None:
    """Add rows of the accuracy on the style from each latent."""
    own, known = (study.latents(clips) for clips in _clips(study))
    labels = [one.clip.style for one in (*own, *known)]
    figures = [f"style from {name}, fresh network" for name in NAMES]
    try:
        if not own:
            raise ValueError(f"no two styles with {MIN_CLIPS} recordings each")
        folds = _folds(own, len(known), study.plan.seed)
        found = classifiers.evaluate([*own, *known], labels, folds, study.plan.seed, study.step)
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add("style", None, [absent(figure, why) for figure in figures])
        return
    study.report.add(
        "style",
        found,
        rows(found),
        f"{study.plan.split}, {len(own)} recordings in {found['classes']} styles; fresh networks",
    )


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `classifiers.evaluate` of styles."""
    added = []
    size = f"{found['classes']} styles, {found['train']} utterances to learn from, {found['test']} tested"
    for name in ("z_p", "z_s", "z_c"):
        asked = f"style from {name}, times chance"
        wanted = target(asked, PERCENT * found["chance"]) if asked in TARGETS else Target()
        better = "higher" if name == "z_p" else "lower"
        added.append(classifiers.row(f"style from {name}, fresh network", found, name, size, wanted, better))
    return added


def _clips(study: Study) -> tuple[list[Clip], list[Clip]]:
    """Of the split, and known ones in the same styles; none where there are fewer than two styles."""
    counts = Counter(clip.style for clip in study.clips if clip.style)
    styles = {style for style, n in counts.items() if n >= MIN_CLIPS}
    if len(styles) < 2:
        return [], []
    known = [clip for clip in study.known if clip.style in styles]
    wanted = study.plan.of(KNOWN, QUICK_KNOWN)
    return [clip for clip in study.clips if clip.style in styles], draw_clips(known, wanted, study.plan.seed)


def _folds(own: list[Latents], known: int, seed: int) -> list[np.ndarray]:
    """Two flags `[own + known]`, of the halves of each style; known utterances never test."""
    rng, first = np.random.default_rng(seed), np.zeros(len(own) + known, bool)
    styles = np.array([one.clip.style for one in own])
    for style in np.unique(styles):
        members = rng.permutation(np.flatnonzero(styles == style))
        first[members[: len(members) // 2]] = True
    second = ~first
    second[len(own) :] = False
    return [first, second]
