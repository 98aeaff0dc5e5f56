"""Lines between voices, and between manners of speaking."""

from typing import Any

import numpy as np

from voicevae.evaluation import blending
from voicevae.evaluation.clips import draw_clips
from voicevae.evaluation.pairs import Pair
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import PERCENT, Row, absent

PAIRS, QUICK_PAIRS = 20, 6
SENTENCES, QUICK_SENTENCES = 8, 2


def steps(study: Study) -> int:
    return len(_pairs(study)) if study.originals.judge else 0


def run(study: Study) -> None:
    judge, pairs = study.originals.judge, _pairs(study)
    if judge is None or not pairs:
        why = f"resemblyzer is not installed; {EXTRA}" if judge is None else "no two speakers"
        study.report.add("blending", None, [absent("blends: SECS to both ends monotone along nine steps", why)])
        return
    sentences = draw_clips(study.clips, study.plan.of(SENTENCES, QUICK_SENTENCES), study.plan.seed)
    found = blending.evaluate_all(study.vv, pairs, sentences, judge, study.step)
    study.report.add("blending", found, rows(found))


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `blending.evaluate`."""
    beside = (
        f"{found['pairs']} pairs; to real recordings of both speakers {PERCENT * found['monotone_real']:.0f} % are, "
        "whose sentences differ"
    )
    manner = f"{found['prosody_pairs']} pairs"
    return [
        Row(
            "blends: SECS to both ends monotone along nine steps",
            PERCENT * found["monotone"],
            "%",
            None,
            90.0,
            None,
            beside,
        ),
        Row("prosody blends: pitch range monotone", PERCENT * found["pitch_range"], "%", None, 90.0, None, manner),
        Row("prosody blends: loudness depth monotone", PERCENT * found["depth"], "%", None, 90.0, None, manner),
    ]


def _pairs(study: Study) -> list[Pair]:
    """Some of the pairs of all corpora, in turn, between speakers who leave a third to say the sentences."""
    own = [pairs for pairs in study.pairs.values() if len({pair.target for pair in pairs}) > 2] or [
        *study.pairs.values()
    ]
    wanted = study.plan.of(PAIRS, QUICK_PAIRS)
    turns = [pairs[i] for i in range(wanted) for pairs in own if i < len(pairs)]
    rng = np.random.default_rng(study.plan.seed)
    return [turns[i] for i in rng.permutation(len(turns))[:wanted]]
