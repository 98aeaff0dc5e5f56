"""Data of an evaluation, and what its parts hand to one another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicevae.errors import AudioError, CorpusError
from voicevae.evaluation import clips as clip_lists
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker
from voicevae.evaluation.document import Report, package_versions
from voicevae.evaluation.metrics import whisper
from voicevae.evaluation.metrics.whisper import Whisper
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import Conversion, Pair, by_language, draw_across, draw_pairs
from voicevae.evaluation.plan import KNOWN_SPLIT, Plan
from voicevae.evaluation.probes import latents
from voicevae.evaluation.probes.latents import Latents
from voicevae.speaker_encoder import Resemblyzer
from voicevae.voice import VoiceVAE

Step = Callable[[], object]
ACROSS, QUICK_ACROSS = 32, 6  # pairs of a language
EXTRA = '`pip install "voicevae[eval]"` brings it'


@dataclass
class Study:
    """What is measured: `clips` of the split, `known` ones of "train", `pairs` by corpus, the headline's first.

    across: pairs of speakers of any corpora, by language, the most frequent first. recogniser: or the sentence that
    says why there is none. done: conversions by corpus, once they are made. encoded: latents of clips, once they are
    read.
    """

    vv: VoiceVAE
    plan: Plan
    clips: list[Clip]
    known: list[Clip]
    pairs: dict[str, list[Pair]]
    across: dict[str, list[Pair]]
    originals: Originals
    recogniser: Whisper | str
    out_dir: Path | None
    report: Report
    step: Step = lambda: None
    done: dict[str, list[Conversion]] = field(default_factory=dict)
    encoded: dict[Clip, Latents] = field(default_factory=dict)

    def latents(self, clips: Sequence[Clip]) -> list[Latents]:
        """Of those of `clips` that can be read; the bar takes a step for each."""
        for clip in clips:
            if clip not in self.encoded:
                try:
                    self.encoded[clip] = latents.read(self.vv, clip)
                except AudioError as error:
                    self.report.skipped.append(f"{clip.id}: {error}")
            self.step()
        return [self.encoded[clip] for clip in clips if clip in self.encoded]

    @property
    def headline(self) -> str:
        """The corpus whose figures have targets."""
        return next(iter(self.pairs), "")


def prepare(vv: VoiceVAE, plan: Plan, out_dir: Path | None) -> Study:
    """Everything that the parts need: recordings are looked up, pairs drawn, recogniser and speaker encoder loaded.

    Raises:
        CorpusError: the split does not exist or has no speaker with enough speech.
        VoiceVAEError: the recogniser that is asked for cannot be loaded.
    """
    every, known = read_clips(plan)
    clips = usable(every, plan)
    pairs = draw(plan, clips)
    across = {
        language: drawn
        for language, own in by_language(every).items()
        if (drawn := draw_across(own, plan.of(ACROSS, QUICK_ACROSS), plan.seed))
    }
    recogniser = load_recogniser(plan)
    report = Report(
        {
            "bundle": str(getattr(vv, "checksum", "")),
            "corpus": plan.corpus.resolve().name,
            "split": plan.split,
            "clips": {
                name: f"{len(own)} clips of {len(by_speaker(own))} speakers" for name, own in by_corpus(clips).items()
            },
            "pairs": {name: len(own) for name, own in pairs.items()},
            "recogniser": recogniser if isinstance(recogniser, str) else f"Whisper {recogniser.name}",
            "seed": plan.seed,
            "quick": plan.quick,
            "packages": package_versions(),
        }
    )
    return Study(vv, plan, clips, known, pairs, across, Originals(vv, speaker_encoder()), recogniser, out_dir, report)


def read_clips(plan: Plan) -> tuple[list[Clip], list[Clip]]:
    """The clips of the split, and all known ones. Raises CorpusError where the split does not exist."""
    splits = clip_lists.read_splits(plan.corpus)
    clips = clip_lists.of_split(splits, plan.split, plan.corpus)
    return clips, [] if plan.split == KNOWN_SPLIT else splits.get(KNOWN_SPLIT, [])


def usable(clips: list[Clip], plan: Plan) -> list[Clip]:
    """At least three clips of each speaker. Raises CorpusError where no speaker has so many."""
    found = clip_lists.usable_clips(clips)
    if not found:
        raise CorpusError(
            f"No speaker of the split {plan.split!r} in {plan.corpus} has three recordings or 9 s of speech; add some."
        )
    return found


def load_recogniser(plan: Plan) -> Whisper | str:
    """Whisper, or the sentence that says why there is none. Raises VoiceVAEError where the one asked for is none."""
    try:
        return whisper.chosen(plan.recogniser) or whisper.NONE
    except ImportError as error:
        return missing(error)


def draw(plan: Plan, clips: list[Clip]) -> dict[str, list[Pair]]:
    """Pairs by corpus, the headline first; a corpus of one speaker has none and is left out."""
    pairs: dict[str, list[Pair]] = {}
    for name, own in by_corpus(clips).items():
        if drawn := draw_pairs(own, plan.other_pairs if pairs else plan.pairs, plan.seed):
            pairs[name or plan.corpus.resolve().name] = drawn
    return pairs


def speaker_encoder() -> Resemblyzer | None:
    """Resemblyzer, if it is installed."""
    try:
        return Resemblyzer()
    except ImportError:
        return None


def missing(error: ImportError) -> str:
    """Which package is missing, and what brings it."""
    return f"{error.name} is not installed; {EXTRA}"
