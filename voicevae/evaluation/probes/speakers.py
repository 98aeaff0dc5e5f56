"""Probes of the speaker in each latent, of unseen speakers and of known ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from voicevae.evaluation import plots
from voicevae.evaluation.clips import Clip, by_speaker
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.probes import classifiers, linear
from voicevae.evaluation.probes.latents import CONTOURS, NAMES, Latents
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.targets import Target, target

READ = (*NAMES, CONTOURS)
UTTERANCES = 20
MIN_SPEAKERS = 4  # fewer make twice chance no target
UNSEEN, KNOWN = "unseen speaker", "known speaker"
FEW = "no two speakers with four recordings each"


def steps(study: Study) -> int:
    """Recordings, and trained networks."""
    found = len(_unseen(study)) + len(READ) + len(_known(study))
    return found if study.plan.quick else found + len(READ)


def run(study: Study) -> None:
    """Add rows of the accuracy on the speaker from each latent, and draw a map of the unseen speakers."""
    unseen, known = study.latents(_unseen(study)), study.latents(_known(study))
    _probe(study, UNSEEN, unseen, len(by_speaker([one.clip for one in unseen])) >= MIN_SPEAKERS)
    if not study.plan.quick and known:
        _probe(study, KNOWN, known, False)
    if study.out_dir is not None and len(unseen) > 2:
        plots.speaker_map(unseen, study.out_dir / "speakers.png")
        study.report.figures.append("speakers.png")


def rows(whose: str, found: Mapping[str, Any], targets: bool) -> list[Row]:
    """Rows of `classifiers.evaluate` of such speakers."""
    added, chance = [], PERCENT * found["chance"]
    size = f"{found['classes']} speakers, {found['train']} + {found['test']} utterances"
    for name in NAMES:
        contours = PERCENT * found[CONTOURS]["accuracy"]
        asked = _asked(name, chance, contours) if targets else Target()
        also = f"; from the contours that it is made of {contours:.0f} %" if name == "z_p" else ""
        better = "higher" if name == "z_s" else "lower"
        added.append(classifiers.row(f"{whose} from {name}, fresh network", found, name, size, asked, better, also))
    return added


def _asked(name: str, chance: float, contours: float) -> Target:
    """The target of a latent, where chance and what the contours of z_p tell are so many percent."""
    if name == "z_s":
        return target("speaker from z_s")
    if name == "z_c":
        return target("speaker from z_c, times chance", chance)
    return target("speaker from z_p, points above its contours", plus=contours)


def _unseen(study: Study) -> list[Clip]:
    return linear.draw_known(study.clips, study.plan.seed, UTTERANCES)


def _known(study: Study) -> list[Clip]:
    return linear.draw_known(study.known, study.plan.seed)


def _probe(study: Study, whose: str, latents: Sequence[Latents], targets: bool) -> None:
    labels = [one.clip.speaker for one in latents]
    name = f"probes, {whose}"
    try:
        if len(set(labels)) < 2:
            raise ValueError(FEW)
        folds = [linear.held_out(labels, study.plan.seed)]
        found = classifiers.evaluate(latents, labels, folds, study.plan.seed, study.step, READ)
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add(name, None, [absent(f"{whose} from {z}, fresh network", why) for z in NAMES])
        return
    on = f"{whose}, {found['classes']} speakers, {len(latents)} recordings; fresh networks"
    study.report.add(name, found, rows(whose, found, targets), on)
