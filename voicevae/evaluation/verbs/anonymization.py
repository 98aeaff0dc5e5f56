"""Anonymised speech: privacy against speaker verification, and the loss of utility.

Each recording is anonymised with a voice of its own, as the VoicePrivacy Challenge 2024 asks. Attackers compare
Resemblyzer's embeddings of trials with the mean of a speaker's enrolled recordings; the equal-error rate (EER) is that
of telling the same speaker from others, 50 % is perfect privacy:

    unprotected     recordings against recordings: how well speakers are told at all
    ignorant        anonymised trials against recordings
    lazy-informed   anonymised trials against anonymised recordings, as the attacker has the tool, but not the secret
    semi-informed   the same in a space learned from anonymised speech of other speakers: within-class covariance
                    normalisation (Hatch et al., 2006), so that what is left of a speaker counts most

The challenge trains its attacker's network afresh on hundreds of hours of anonymised speech: it is stronger than this.
Words are measured by a recogniser, style by a probe of the prosody, trained on other speakers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.metrics.similarity import equal_error_rate
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import target
from voicevae.evaluation.verbs import embedding
from voicevae.evaluation.verbs.embedding import ProbeTask
from voicevae.features import extract
from voicevae.speaker_encoder import Resemblyzer
from voicevae.verbs import embed
from voicevae.verbs.anonymous import RESIDUAL
from voicevae.voice import VoiceVAE

OWN, QUICK_OWN = 8, 4  # recordings of each speaker that is attacked; the first half is enrolled
SPEAKERS, QUICK_SPEAKERS = 20, 4
KNOWN, QUICK_KNOWN = 80, 16  # recordings that teach the semi-informed attacker
PER_KNOWN = 4  # of each speaker
STYLED, QUICK_STYLED = 48, 8
TAUGHT, QUICK_TAUGHT = 330, 40
SHRINKAGE = 0.2  # of the within-class covariance to its mean variance
ENROLMENT, TRIAL = 1, 2  # secrets
EER = "anonymised: EER of a semi-informed attacker, 50 % is perfect"


@dataclass
class Attack:
    """Embeddings `[n, D]` and speakers of recordings and of what hides them; trials, `[n]` bool, are not enrolled."""

    recorded: np.ndarray
    hidden: np.ndarray
    speakers: list[str]
    trial: np.ndarray

    def scores(self, enrolled: np.ndarray, tested: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cosines of trials with the mean of each speaker's enrolment: of the same speaker, and of others."""
        names, labels = sorted(set(self.speakers)), np.array(self.speakers)
        models = np.stack([_units(enrolled[(labels == name) & ~self.trial]).mean(0) for name in names])
        cosines = _units(tested[self.trial]) @ _units(models).T
        same = labels[self.trial][:, None] == np.array(names)
        return cosines[same], cosines[~same]


@dataclass
class Utility:
    """Character error rates of recordings and of what hides them, and the styles' accuracies, 0..1."""

    source: list[float] = field(default_factory=list)
    hidden: list[float] = field(default_factory=list)
    style: dict[str, float] = field(default_factory=dict)


def validate(attack: Attack) -> None:
    """Raise ValueError unless two speakers have enrolled and trial recordings, all finite."""
    labels = np.array(attack.speakers)
    both = set(labels[attack.trial]) & set(labels[~attack.trial])
    if len(both) < 2 or both != set(labels) or not np.isfinite([attack.recorded, attack.hidden]).all():
        raise ValueError("Give finite embeddings of two speakers or more, each with enrolled and trial recordings.")


def normalisation(embeddings: np.ndarray, speakers: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mean `[D]` and matrix `[D, D]` that make what varies within a speaker round: of embeddings `[n, D]`."""
    labels = np.array(speakers)
    within = np.concatenate([own - own.mean(0) for name in set(speakers) for own in (embeddings[labels == name],)])
    covariance = within.T @ within / max(len(within) - len(set(speakers)), 1)
    level = np.trace(covariance) / len(covariance)
    values, vectors = np.linalg.eigh((1 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(len(covariance)))
    return embeddings.mean(0), vectors / np.sqrt(values) @ vectors.T


def evaluate(attack: Attack, known: np.ndarray, known_speakers: Sequence[str], utility: Utility) -> dict[str, Any]:
    """EER of each attacker, percent; CER added; style accuracies.

    Args:
        known: embeddings `[n, D]` of anonymised speech of other speakers.
    """
    validate(attack)
    mean, matrix = normalisation(known, known_speakers)
    informed = (attack.hidden - mean) @ matrix
    tests = {
        "unprotected": (attack.recorded, attack.recorded),
        "ignorant": (attack.recorded, attack.hidden),
        "lazy-informed": (attack.hidden, attack.hidden),
        "semi-informed": (informed, informed),
    }
    return {
        "speakers": len(set(attack.speakers)),
        "trials": int(attack.trial.sum()),
        "known": len(known),
        "eer": {name: equal_error_rate(*attack.scores(*pair)) for name, pair in tests.items()},
        "sentences": len(utility.source),
        "cer": float(np.mean(utility.source)) if utility.source else None,
        "cer_added": float(np.mean(utility.hidden) - np.mean(utility.source)) if utility.source else None,
        "style": utility.style,
    }


def hidden(vv: VoiceVAE, clip: Clip, secret: int, residual: float = RESIDUAL) -> np.ndarray:
    """A recording in a voice of its own, `[n]`; `residual` as in `VoiceVAE.anonymize`."""
    wave, rate = clip.load(vv.sample_rate), vv.sample_rate
    return vv.decode(vv.anonymize(wave, rate, seed=secret, speaker=clip.id, residual=residual))


def attacked(
    vv: VoiceVAE,
    clips: Sequence[Clip],
    encoder: Resemblyzer,
    transcriber: Transcriber | None = None,
    step: Callable[[], object] = lambda: None,
    residual: float = RESIDUAL,
) -> tuple[Attack, Utility]:
    """The recordings of some speakers, the first half of each enrolled, and the character error rates of trials."""
    rate, utility = vv.sample_rate, Utility()
    recorded, made, speakers, trial = [], [], [], []
    for name, own in by_speaker(clips).items():
        for number, clip in enumerate(own):
            tested = number >= len(own) // 2
            source, wave = clip.load(rate), hidden(vv, clip, TRIAL if tested else ENROLMENT, residual)
            recorded.append(encoder.embed(source, rate))
            made.append(encoder.embed(wave, rate))
            if tested and transcriber is not None:
                utility.source.append(transcriber.source(clip, source, rate))
                utility.hidden.append(transcriber.made(clip, wave, rate))
            speakers.append(name)
            trial.append(tested)
            step()
    return Attack(np.stack(recorded), np.stack(made), speakers, np.array(trial)), utility


def style_kept(
    vv: VoiceVAE, taught: Sequence[Clip], tested: Sequence[Clip], step: Callable[[], object] = lambda: None
) -> dict[str, float]:
    """Accuracy, 0..1, of a probe of the prosody: of recordings, anonymised, and of the most frequent style.

    Raises:
        ValueError: there are not enough recordings.
    """
    rate, rows, labels, kinds = vv.sample_rate, [], [], []
    for kind, clips in (("taught", taught), ("recorded", tested), ("anonymised", tested)):
        for clip in clips:
            wave = hidden(vv, clip, TRIAL) if kind == "anonymised" else clip.load(rate)
            rows.append(embed.vector(vv.coder, extract(wave, vv.config))["prosody"])
            labels.append(clip.style)
            kinds.append(kind)
            step()
    told = np.array(kinds)
    tasks = {kind: ProbeTask(labels, told == "taught", told == kind) for kind in ("recorded", "anonymised")}
    found = {kind: embedding.accuracy(np.stack(rows), task) for kind, task in tasks.items()}
    return {kind: hits for kind, (hits, _) in found.items()} | {"chance": found["recorded"][1]}


def steps(study: Study) -> int:
    """Recordings that are anonymised; none without a speaker encoder."""
    own, known, taught, styled = _clips(study)
    return len(own) + len(known) + len(taught) + 2 * len(styled) if study.originals.encoder else 0


def run(study: Study) -> None:
    """Add rows of the EER of each attacker, and of CER and style after anonymisation."""
    encoder = study.originals.encoder
    own, known, taught, styled = _clips(study)
    if encoder is None or not known or len(by_speaker(own)) < 2:
        why = f"resemblyzer is not installed; {EXTRA}" if encoder is None else "too few speakers with four recordings"
        study.report.add("anonymisation", None, [absent(EER, why)])
        return
    transcriber = None if isinstance(study.recogniser, str) else Transcriber(study.recogniser)
    attack, utility = attacked(study.vv, own, encoder, transcriber, study.step)
    learned = []
    for clip in known:
        learned.append(encoder.embed(hidden(study.vv, clip, ENROLMENT), study.vv.sample_rate))
        study.step()
    try:
        utility.style = style_kept(study.vv, taught, styled, study.step)
    except (ImportError, ValueError) as error:
        study.report.skipped.append(f"anonymised styles: {error}")
    found = evaluate(attack, np.stack(learned), [clip.speaker for clip in known], utility)
    on = f"{study.plan.split}, {found['speakers']} speakers, {found['trials']} trials; Resemblyzer"
    study.report.add("anonymisation", found, rows(found), on)


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    others = ", ".join(f"{name} {value:.0f} %" for name, value in found["eer"].items() if name != "semi-informed")
    beside = f"{others}; taught by {found['known']} recordings of others"
    made = [Row(EER, found["eer"]["semi-informed"], "%", **target("anonymise: EER"), beside=beside)]
    if found["cer_added"] is None:
        made.append(absent("anonymised: CER added", "no recogniser"))
    else:
        beside = f"recordings {found['cer']:.3f}, {found['sentences']} sentences"
        made.append(Row("anonymised: CER added", found["cer_added"], beside=beside, better="lower"))
    if found["style"]:
        beside = f"recordings {PERCENT * found['style']['recorded']:.0f} %"
        beside += f", the most frequent {PERCENT * found['style']['chance']:.0f} %"
        kept = PERCENT * found["style"]["anonymised"]
        made.append(Row("anonymised: style read from the prosody", kept, "%", beside=beside, better="higher"))
    return made


def _clips(study: Study) -> tuple[list[Clip], list[Clip], list[Clip], list[Clip]]:
    """Recordings of the speakers attacked, of those who teach the attacker, that teach styles, and that have one."""
    plan = study.plan
    plain = [clip for clip in study.clips if not clip.style]
    several = [own for own in by_speaker(plain).values() if len(own) >= QUICK_OWN]
    wanted = plan.of(OWN, QUICK_OWN)
    own = [clip for clips in several[: plan.of(SPEAKERS, QUICK_SPEAKERS)] for clip in clips[:wanted]]
    corpora = {clip.corpus for clip in own}
    others = [clips[:PER_KNOWN] for clips in by_speaker(study.known).values() if len(clips) >= PER_KNOWN]
    near = [clips for clips in others if clips[0].corpus in corpora] or others
    known = [clip for clips in near for clip in clips][: plan.of(KNOWN, QUICK_KNOWN)]
    taught = draw_clips([c for c in study.known if c.style], plan.of(TAUGHT, QUICK_TAUGHT), plan.seed)
    styled = draw_clips([c for c in study.clips if c.style], plan.of(STYLED, QUICK_STYLED), plan.seed)
    return own, known, taught, styled


def _units(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)
