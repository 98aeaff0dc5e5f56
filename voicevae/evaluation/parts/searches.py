"""Voice design by ear."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voicevae.errors import BundleError
from voicevae.evaluation import searching
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.table import Row, absent
from voicevae.verbs.voices import VoiceSpace
from voicevae.voice import VoiceVAE

TARGETS = 20  # speakers
OTHERS = 4
FIGURE = "search: SECS to a hidden voice after 20 choices, over the best of 40 random voices"


def steps(study: Study) -> int:
    return 2 * len(_targets(study)) if _missing(study) is None else 0


def run(study: Study) -> None:
    judge, missing = study.originals.judge, _missing(study)
    if judge is None or missing is not None:
        study.report.add("search", None, [absent(FIGURE, missing or "")])
        return
    found = searching.search_all(study.vv, _sentence(study), _targets(study), judge, study.step)
    figures = {name: searching.evaluate(own) for name, own in found.items()}
    study.report.add("search", figures, rows(figures))


def rows(found: dict[str, dict[str, Any]]) -> list[Row]:
    """Rows of `searching.evaluate` of voices as the bundle says them, and as they were recorded."""
    return [
        _row(FIGURE, found["spoken"], "said by the bundle"),
        _row(f"{FIGURE}, recorded speakers", found["recorded"], "of recordings"),
    ]


def _row(figure: str, found: dict[str, Any], what: str) -> Row:
    beside = (
        f"{found['targets']} speakers, {what}: {found['secs']:.2f} after {found['choices']} choices; random: best "
        f"{found['best']:.2f}, mean {found['mean']:.2f}, over which it is {found['gain_mean']:.2f}; "
        f"the speaker's own conversion {found['own']:.2f}"
    )
    return Row(figure, found["gain"], "", None, 0.10, None, beside)


def _missing(study: Study) -> str | None:
    """Why there is nothing to measure."""
    if study.originals.judge is None:
        return f"resemblyzer is not installed; {EXTRA}"
    if study.plan.quick:
        return "minutes of conversions; a full run measures it"
    try:
        if not isinstance(study.vv, VoiceVAE) or not VoiceSpace.of(study.vv.bundle.calibration).names:
            return "this voice cannot be searched"
    except BundleError as error:
        return str(error)
    return None if _targets(study) else "no speaker has recordings enough"


def _targets(study: Study) -> list[tuple[Clip, Sequence[Clip]]]:
    """A clip of each of some speakers, drawn by the seed, and others of the same."""
    rng = np.random.default_rng(study.plan.seed)
    groups = [own for own in by_speaker(study.clips).values() if len(own) > 1]
    chosen = [groups[i] for i in rng.permutation(len(groups))[:TARGETS]]
    longest = [max(own, key=lambda clip: clip.duration_s) for own in chosen]
    return [
        (clip, [other for other in own if other != clip][:OTHERS]) for clip, own in zip(longest, chosen, strict=True)
    ]


def _sentence(study: Study) -> Clip:
    """What all voices say."""
    return draw_clips(study.clips, 1, study.plan.seed)[0]
