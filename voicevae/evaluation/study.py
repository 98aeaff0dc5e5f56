"""What an evaluation measures on, and what its parts hand to one another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicevae.errors import AudioError, CorpusError
from voicevae.evaluation import clips as clip_lists
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker
from voicevae.evaluation.document import Report, package_versions
from voicevae.evaluation.metrics import recogniser as recognisers
from voicevae.evaluation.metrics.recogniser import Recogniser
from voicevae.evaluation.metrics.speaker_encoder import Resemblyzer
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import Conversion, Pair, draw_pairs
from voicevae.evaluation.plan import KNOWN_SPLIT, Plan
from voicevae.evaluation.probes import latents
from voicevae.evaluation.probes.latents import Latents
from voicevae.voice import VoiceVAE

Step = Callable[[], object]
EXTRA = "`pip install voicevae[eval]` brings it"


@dataclass
class Study:
    """What is measured: `clips` of the split, `known` ones of "train", `pairs` by corpus, the headline's first.

    recogniser: or the sentence that says why there is none. done: conversions by corpus, once they are made. encoded:
    latents of clips, once they are read.
    """

    vv: VoiceVAE
    plan: Plan
    clips: list[Clip]
    known: list[Clip]
    pairs: dict[str, list[Pair]]
    originals: Originals
    recogniser: Recogniser | str
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
    """Everything that the parts need: recordings are looked up, pairs drawn, judges loaded."""
    clips, known = read_clips(plan)
    pairs = draw(plan, clips)
    try:
        recogniser: Recogniser | str = recognisers.named(plan.recogniser)
    except ImportError as error:
        recogniser = missing(error)
    report = Report(
        {
            "bundle": str(getattr(vv, "checksum", "")),
            "corpus": plan.corpus.resolve().name,
            "split": plan.split,
            "clips": {
                name: f"{len(own)} clips of {len(by_speaker(own))} speakers" for name, own in by_corpus(clips).items()
            },
            "pairs": {name: len(own) for name, own in pairs.items()},
            "seed": plan.seed,
            "quick": plan.quick,
            "packages": package_versions(),
        }
    )
    return Study(vv, plan, clips, known, pairs, Originals(vv, speaker_encoder()), recogniser, out_dir, report)


def read_clips(plan: Plan) -> tuple[list[Clip], list[Clip]]:
    """The clips of the split that can be used, and all known ones.

    Raises:
        CorpusError: the split does not exist or has no speaker with enough speech.
    """
    splits = clip_lists.read_splits(plan.corpus)
    clips = clip_lists.usable_clips(clip_lists.of_split(splits, plan.split, plan.corpus))
    if not clips:
        raise CorpusError(
            f"No speaker of the split {plan.split!r} in {plan.corpus} has three recordings or 9 s of speech; add some."
        )
    return clips, [] if plan.split == KNOWN_SPLIT else splits.get(KNOWN_SPLIT, [])


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
