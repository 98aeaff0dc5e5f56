"""The intonation of a reference on other words."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voicevae.evaluation import content, intonation
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker, draw_clips
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import PERCENT, Row, absent
from voicevae.voice import VoiceVAE

PAIRS, QUICK_PAIRS = 20, 3  # of one sentence, and as many of two
OTHERS = 3
RISES = "transfer: contour correlation with the reference rises with the mix"
SPEAKER = "transfer: SECS with the speaker's recordings, below the round trip's"
CONTENT = "transfer: content distance, 0 same sentence, 1 another"
Trio = tuple[Clip, Clip, Sequence[Clip]]


def steps(study: Study) -> int:
    return len(_pairs(study))


def run(study: Study) -> None:
    heard, failed = intonation.hear_all(study.vv, _pairs(study), study.originals, study.plan.seed, study.step)
    study.report.skipped += failed
    if not heard:
        study.report.add("transfer", None, [absent(RISES, "no two recordings with voiced speech")])
        return
    found = intonation.evaluate(heard, _scale(study))
    study.report.add("transfer", found, rows(found))


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `intonation.evaluate`."""
    means = ", ".join(
        f"{value:.2f} at {mix:g}" for mix, value in zip(intonation.MIXES, found["correlation"], strict=True)
    )
    beside = f"mean {means}; {found['pairs']} pairs, {found['same']} of one sentence"
    made = [Row(RISES, PERCENT * found["rises"], "%", None, 90.0, None, beside)]
    if found["secs_drop"] is None:
        made.append(absent(SPEAKER, f"resemblyzer is not installed; {EXTRA}"))
    else:
        made.append(Row(SPEAKER, found["secs_drop"], "", None, None, 0.03))
    if found["content"] is None:
        return [*made, absent(CONTENT, "no two speakers read one sentence")]
    before = f"{found['content'][0]:.2f} without"
    return [*made, Row(CONTENT, found["content"][-1], "", None, None, 0.0, before)]


def _pairs(study: Study) -> list[Trio]:
    """Pairs of one sentence, and pairs of two, the speakers of the sources in turn."""
    if not isinstance(study.vv, VoiceVAE):
        return []
    wanted, seed = study.plan.of(PAIRS, QUICK_PAIRS), study.plan.seed
    rng, own = np.random.default_rng(seed), by_speaker(study.clips)
    drawn = draw_clips(study.clips, len(study.clips), seed)
    found: list[Trio] = []
    for same in (True, False):
        kind: list[Trio] = []
        for clip in drawn:
            others = [o for o in study.clips if o.id != clip.id and (bool(o.text) and o.text == clip.text) == same]
            if others and len(kind) < wanted:
                reference = others[rng.integers(len(others))]
                kind.append((clip, reference, [o for o in own[clip.speaker] if o.id != clip.id][:OTHERS]))
        found += kind
    return found


def _scale(study: Study) -> dict[str, float] | None:
    """One sentence read twice and two sentences, the mean over corpora that show both."""
    known = (study.report.details.get("content") or {}).get("scales") or {
        name: content.scale(clips, study.originals.content_distance, study.plan.seed)
        for name, clips in by_corpus([clip for clip in study.clips if clip.text]).items()
    }
    both = [s for s in known.values() if s["same"] is not None and s["different"] is not None]
    return {name: float(np.mean([s[name] for s in both])) for name in ("same", "different")} if both else None
