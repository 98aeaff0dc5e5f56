"""Pairs of published evaluations, so that a row of ours can stand beside theirs.

librispeech   LibriSpeech test-clean, any speaker to any other: M. Baas, B. van Niekerk, H. Kamper, Voice Conversion
              With Just Nearest Neighbors, Interspeech 2023, section 4. Five utterances of each of the 40 speakers to
              the 39 others, all of the target's speech as reference. The paper draws the 200 utterances and lists none
              of them; here they are spread evenly over each speaker's, by name.
vcc2020       The Voice Conversion Challenge 2020: Y. Zhao et al., Intra-lingual semi-parallel and cross-lingual voice
              conversion, section 2. The 25 evaluation sentences of the four sources to the four targets of task 1, or
              to the six of task 2, whose training sentences are the reference.

Metrics as in the first: word and character error rate of a recogniser (theirs is Whisper base) on what was converted,
and the equal-error rate of a speaker encoder (theirs gives x-vectors) that tells pairs of real utterances of a target
from pairs of a real and a converted one; 50 % is perfect. Figures compare only by the same recogniser and encoder. The
challenge itself asked listeners, whose scores of a baseline stand beside; no measured figure compares with these.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voicevae.errors import CorpusError
from voicevae.evaluation.clips import Clip, by_speaker

PER_SPEAKER = 5
METHOD = (__doc__ or "").strip()
TASKS = {1: "E", 2: "FGM"}  # of the Voice Conversion Challenge: languages of the targets, by the letter in their names
EVALUATION = "E3"  # how the challenge's evaluation sentences are called


@dataclass(frozen=True)
class Trial:
    """One conversion: `source` in the voice of `target`, whom `references` show; `reading` is the target's own
    recording of the same sentence, where there is one."""

    source: Clip
    target: str
    references: tuple[Clip, ...]
    reading: Clip | None = None


@dataclass(frozen=True)
class Published:
    """What a paper reports for a system, in percent."""

    system: str
    wer: float
    cer: float
    eer: float


LIBRISPEECH = (
    Published("kNN-VC", 7.36, 2.96, 37.15),
    Published("FreeVC", 7.61, 3.17, 8.97),
    Published("VQMIVC", 59.46, 37.55, 2.22),
)  # table of results of the paper on kNN-VC, which evaluates all three


@dataclass(frozen=True)
class Opinion:
    """What a challenge's listeners said of a system in a task: naturalness from 1 to 5, and how many percent of its
    conversions they took for the target speaker's voice."""

    system: str
    task: int
    naturalness: float
    similarity: float


VCC2020 = (
    Opinion("CycleVAE with Parallel WaveGAN (T16)", 1, 2.87, 75.37),
    Opinion("CycleVAE with Parallel WaveGAN (T16)", 2, 2.56, 56.46),
)  # P. L. Tobing, Y.-C. Wu, T. Toda, Baseline System of Voice Conversion Challenge 2020 with [both], 2020, abstract


def librispeech(clips: Iterable[Clip], reference_s: float = float("inf")) -> list[Trial]:
    """The conversions of kNN-VC's evaluation.

    Args:
        clips: all of test-clean.
        reference_s: how much of the target's speech is the reference, in seconds, at least one utterance.

    Raises:
        CorpusError: there are fewer than two speakers.
    """
    speakers = by_speaker(clips)
    if len(speakers) < 2:
        raise CorpusError("The protocol needs two speakers or more; give all of LibriSpeech's test-clean.")
    references = {speaker: _first(own, reference_s) for speaker, own in speakers.items()}
    return [
        Trial(source, target, references[target])
        for speaker, own in speakers.items()
        for source in _spread(own, PER_SPEAKER)
        for target in speakers
        if target != speaker
    ]


def vcc2020(splits: Mapping[str, Sequence[Clip]], task: int) -> list[Trial]:
    """The conversions of the challenge.

    Args:
        splits: as `voicevae.data.corpora.vcc2020` names them: sources in "dev", targets in "train", "groundtruth".
        task: 1, English targets, or 2, Finnish, German and Mandarin ones.

    Raises:
        CorpusError: the evaluation sentences or the targets of this task are missing.
    """
    if task not in TASKS:
        raise CorpusError(f"The Voice Conversion Challenge 2020 has no task {task}; give 1 or 2.")
    sources = [c for c in splits.get("dev", ()) if c.path.stem.startswith(EVALUATION)]
    targets = {s: own for s, own in by_speaker(splits.get("train", ())).items() if _language(s) in TASKS[task]}
    if not sources or not targets:
        lacks = f"targets of task {task}" if sources else "evaluation sentences"
        raise CorpusError(f"There are no {lacks}; prepare all archives of the Voice Conversion Challenge 2020.")
    readings = {(c.speaker, _sentence(c)): c for c in splits.get("groundtruth", ())}
    return [
        Trial(source, target, tuple(own), readings.get((target, _sentence(source))))
        for speaker, spoken in by_speaker(sources).items()
        for source in spoken
        for target, own in targets.items()
    ]


def genuine(trials: Sequence[Trial], clips: Iterable[Clip]) -> list[tuple[Clip, Clip]]:
    """A pair of real utterances of the target for each of `trials`, to be told from its second and the converted one.

    Args:
        clips: the targets' recordings. Each speaker's pairs go through all of them in turn.

    Raises:
        CorpusError: a target has but one recording.
    """
    own = by_speaker(clips)
    turns = dict.fromkeys(own, 0)
    pairs = []
    for trial in trials:
        real = own.get(trial.target, [])
        if len(real) < 2:
            raise CorpusError(f"{trial.target} has fewer than two recordings to compare with; add some.")
        turn = turns[trial.target]
        turns[trial.target] += 1
        apart = 1 + turn // len(real) % (len(real) - 1)
        pairs.append((real[turn % len(real)], real[(turn + apart) % len(real)]))
    return pairs


def _first(clips: Sequence[Clip], seconds: float) -> tuple[Clip, ...]:
    """The first of `clips` that together last no more than `seconds`, and the very first in any case."""
    total, taken = clips[0].duration_s, [clips[0]]
    for clip in clips[1:]:
        total += clip.duration_s
        if total > seconds:
            break
        taken.append(clip)
    return tuple(taken)


def _spread(clips: Sequence[Clip], n: int) -> list[Clip]:
    """`n` of `clips`, evenly spread; all where there are no more."""
    return [clips[(2 * i + 1) * len(clips) // (2 * n)] for i in range(n)] if len(clips) > n else list(clips)


def _language(speaker: str) -> str:
    """The letter of a target's language: TEF1 speaks English."""
    return speaker.rpartition("/")[2][1:2]


def _sentence(clip: Clip) -> str:
    """The number of a sentence, which is the same in every language."""
    return clip.path.stem[1:]
