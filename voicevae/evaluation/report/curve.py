"""Character errors added over closure, for settings of the conversion.

    curve(vv, draw_across(clips, 32, seed=0), {"half the residual": {"residual": 0.5}}, Transcriber(Whisper("base")))

A setting is a name and keyword arguments of `Code.edit`, beside the speaker. The same pairs are converted by each, and
the bundle as it is, "as shipped", is always the first of them. Of two settings the one is better that has more of both;
a conversion that is like the target and cannot be understood is worth as little as the source unchanged.

CER added, closure, EER: see `recognition` and `similarity`; here the similarity is that to one recording of the target,
which is not the reference, and the ceiling is the reference's. Means are over pairs, intervals by bootstrap over target
speakers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from voicevae.errors import AudioError, VoiceVAEError
from voicevae.evaluation.bootstrap import interval
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.document import Row, absent, padded, show
from voicevae.evaluation.metrics import burst, quality, whisper
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.metrics.similarity import closure, equal_error_rate
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import Pair, by_language, draw_across, grouped
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.study import EXTRA, Study, load_recogniser, read_clips
from voicevae.evaluation.targets import TARGETS, Target, target
from voicevae.voice import VoiceVAE

SHIPPED = "as shipped"
SETTINGS: Mapping[str, Mapping[str, Any]] = {f"residual {share:g}": {"residual": share} for share in (0.0, 0.4, 1.0)}
COLUMNS = {
    "CER added": "cer_added",
    "closure": "closure",
    "SECS": "secs",
    "EER, %": "eer",
    "DNSMOS drop": "mos_drop",
    "bursts": "burst",
}
FIGURE = "CER added by a conversion"
Point = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What one conversion gave; NaN where it was not measured.

    cer_source, cer: character error rates of the source and of the conversion, 0..1; secs, floor, ceiling: cosines;
    mos_source, mos: DNSMOS; burst: `burst.over_source`.
    """

    pair: Pair
    cer_source: float
    cer: float
    secs: float
    floor: float
    ceiling: float
    mos_source: float
    mos: float
    burst: float

    def numbers(self) -> list[float]:
        """All but the pair, in their order."""
        return [v for name, v in vars(self).items() if name != "pair"]


class Bench:
    """Converts pairs, and measures each conversion.

    Args:
        transcriber: None leaves the character errors out. originals: embeds recordings, if it has a speaker encoder.
    """

    def __init__(self, vv: VoiceVAE, transcriber: Transcriber | None, originals: Originals) -> None:
        self.vv, self.transcriber, self.originals = vv, transcriber, originals
        self.rated = "dnsmos" not in quality.missing()

    def convert(self, pair: Pair, settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Outcome]:
        """One pair by each of `settings`. Raises AudioError where a recording cannot be used."""
        vv, rate = self.vv, self.vv.sample_rate
        source = self.source(pair)
        code, speaker = vv.encode(source.wave, rate), vv.speaker(pair.reference.load(rate), rate)
        made = {name: vv.decode(code.edit(speaker, **options)) for name, options in settings.items()}
        return {name: self.outcome(pair, source, wave) for name, wave in made.items()}

    def source(self, pair: Pair) -> "Heard":
        """What is measured once of a pair, whatever is made of it."""
        wave, rate = pair.source.load(self.vv.sample_rate), self.vv.sample_rate
        cer = self.transcriber.source(pair.source, wave, rate) if self.transcriber else float("nan")
        return Heard(wave, cer, self._mos(wave))

    def outcome(self, pair: Pair, source: "Heard", made: np.ndarray) -> Outcome:
        """What a conversion `made` `[n]` gave."""
        rate, scores = self.vv.sample_rate, self.originals.scores(pair, made)
        return Outcome(
            pair,
            source.cer,
            self.transcriber.made(pair.source, made, rate) if self.transcriber else float("nan"),
            *(scores[1:] if scores else (float("nan"),) * 3),
            source.mos,
            self._mos(made),
            float(burst.over_source(made, source.wave, rate)),
        )

    def _mos(self, wave: np.ndarray) -> float:
        return quality.or_nan(quality.dnsmos, wave, self.vv.sample_rate) if self.rated else float("nan")


@dataclass(frozen=True, eq=False)
class Heard:
    """A source: its wave `[n]`, character error rate and DNSMOS, NaN where not measured."""

    wave: np.ndarray
    cer: float
    mos: float


def transcriber(plan: Plan) -> Transcriber:
    """The plan's recogniser. Raises VoiceVAEError where there is none."""
    found = load_recogniser(plan)
    if isinstance(found, str):
        raise VoiceVAEError(f"There is nothing to measure, as {found}. {whisper.HOW}")
    return Transcriber(found)


def clips(plan: Plan) -> list[Clip]:
    """The plan's recordings of the most frequent language. Raises CorpusError where the split does not exist."""
    return next(iter(by_language(read_clips(plan)[0]).values()))


def pairs(plan: Plan) -> list[Pair]:
    """The plan's pairs across corpora, of `clips`."""
    return draw_across(clips(plan), plan.pairs, plan.seed)


def validate(settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ValueError where a setting takes the shipped one's name."""
    if SHIPPED in settings:
        raise ValueError(f"{SHIPPED!r} is the bundle without settings; give this one another name.")


def curve(
    vv: VoiceVAE,
    pairs: Sequence[Pair],
    settings: Mapping[str, Mapping[str, Any]],
    transcriber: Transcriber | None = None,
    originals: Originals | None = None,
    seed: int = 0,
    step: Callable[[], object] = lambda: None,
) -> dict[str, Point]:
    """A point of `evaluate` for each setting, the shipped one first; pairs that cannot be used are left out.

    Args:
        pairs: as `pairs.draw_across` draws them.
        settings: keyword arguments of `Code.edit` by name.
        step: is called after each pair.
    """
    validate(settings)
    bench = Bench(vv, transcriber, originals or Originals(vv, None))
    done = convert_all(bench, pairs, {SHIPPED: {}, **settings}, step)[0]
    return {name: evaluate([one[name] for one in done], seed) for name in (SHIPPED, *settings)}


def convert_all(
    bench: Bench, pairs: Sequence[Pair], settings: Mapping[str, Mapping[str, Any]], step: Callable[[], object]
) -> tuple[list[dict[str, Outcome]], list[str]]:
    """Outcomes by setting of each pair, and a sentence for every pair that could not be converted."""
    done, failed = [], []
    for pair in pairs:
        try:
            done.append(bench.convert(pair, settings))
        except AudioError as error:
            failed.append(f"{pair.source.id} to {pair.reference.id}: {error}")
        step()
    return done, failed


def evaluate(outcomes: Sequence[Outcome], seed: int = 0) -> dict[str, Any]:
    """One point of the curve.

    Returns:
        pairs; cer_source, cer_added, 0..1; closure; secs, -1..1; eer, percent; mos_source, mos_drop; burst, 0..1; and
        of each its `<name>_interval`; None where nothing was measured.
    """
    names = sorted({one.pair.target for one in outcomes})
    groups = [np.array([one.numbers() for one in outcomes if one.pair.target == name]) for name in names]
    found: dict[str, Any] = {"pairs": len(outcomes)}
    for name in _statistics(np.zeros((1, 8))):
        value = _statistic(groups, name) if groups else float("nan")
        known = bool(np.isfinite(value))
        found[name] = value if known else None
        spread = interval(groups, partial(_statistic, name=name), seed) if known else None
        found[f"{name}_interval"] = spread
    return found


def table(points: Mapping[str, Point], head: str = "setting") -> str:
    """The curve as a Markdown table, the shipped setting in bold; `head` names the first column."""
    lines: list[Sequence[str]] = [(head, *COLUMNS, "pairs")]
    for name, point in points.items():
        lines.append((f"**{name}**" if name == SHIPPED else name, *cells(point), str(point["pairs"])))
    return padded(lines)


def cells(point: Point) -> list[str]:
    """Its `COLUMNS`; empty where nothing was measured."""
    return ["" if point[key] is None else show(point[key], "") for key in COLUMNS.values()]


def draw(points: Mapping[str, Point], path: Path) -> bool:
    """CER added over closure as a PNG, the shipped setting as a star; False where no point has both."""
    known = {n: p for n, p in points.items() if p["cer_added"] is not None and p["closure"] is not None}
    if not known:
        return False
    figure = Figure((6, 4.5), layout="constrained")
    axes = figure.subplots()
    line = sorted((point["closure"], point["cer_added"]) for point in known.values())
    axes.plot([x for x, _ in line], [y for _, y in line], "o-", color="tab:blue")
    for name, point in known.items():
        axes.annotate(name, (point["closure"], point["cer_added"]), (5, 5), textcoords="offset points", fontsize=8)
        if name == SHIPPED:
            axes.plot(point["closure"], point["cer_added"], "*", markersize=16, color="tab:red")
    axes.axhline(TARGETS[FIGURE]["at_most"], linestyle=":", color="gray")
    axes.axvline(TARGETS["closure"]["at_least"], linestyle=":", color="gray")
    axes.set(xlabel="closure (right is more like the target)", ylabel="CER added (low is better understood)")
    figure.savefig(path, dpi=110)
    return True


def rows(group: str, point: Point, headline: bool, whisper: str) -> list[Row]:
    """Rows of the shipped point of a group of pairs; targets stand in those of the headline."""
    figures = (
        (FIGURE, "cer_added", "", FIGURE, "lower", f"Whisper {whisper}", whisper),
        ("closure", "closure", "", "closure", "higher", "Resemblyzer", f"resemblyzer is not installed; {EXTRA}"),
        ("EER, 50 % is perfect", "eer", "%", "EER", "higher", "Resemblyzer", f"resemblyzer is not installed; {EXTRA}"),
        ("DNSMOS drop", "mos_drop", "", "DNSMOS drop", "lower", "DNSMOS", f"speechmos is not installed; {EXTRA}"),
    )
    added = []
    for figure, key, unit, name, better, by, why in figures:
        if point[key] is None:
            added.append(absent(f"{group}: {figure}", why))
            continue
        asked = target(name) if headline else Target()
        on = f"{group}, {point['pairs']} pairs; {by}"
        bounds = point[f"{key}_interval"]
        added.append(Row(f"{group}: {figure}", point[key], unit, bounds, **asked, better=better, on=on))
    return added


def steps(study: Study) -> int:
    """Pairs across corpora."""
    return sum(map(len, study.across.values()))


def run(study: Study) -> None:
    """The curve on pairs of the most frequent language; the shipped setting on all, by language and corpus."""
    whisper = study.recogniser
    transcriber = None if isinstance(whisper, str) else Transcriber(whisper)
    done: dict[str, list[Outcome]] = {}
    points: dict[str, Point] = {}
    for language, pairs in study.across.items():
        own = transcriber if transcriber and transcriber.whisper.knows(language) else None
        settings: dict[str, Mapping[str, Any]] = {SHIPPED: {}, **({} if done else SETTINGS)}
        made, failed = convert_all(Bench(study.vv, own, study.originals), pairs, settings, study.step)
        study.report.skipped += failed
        if made and not points:
            points = {name: evaluate([one[name] for one in made], study.plan.seed) for name in settings}
        done[language] = [one[SHIPPED] for one in made]
    groups = grouped(done, lambda one: one.pair.source.corpus)
    found = {name: evaluate(own, study.plan.seed) for name, own in groups.items()}
    by = whisper if isinstance(whisper, str) else whisper.name
    first = next(iter(found), "")
    added = [row for name, one in found.items() for row in rows(name, one, name == first, by)]
    study.report.add("conversions across corpora", found, added or [absent(FIGURE, "no two speakers")])
    study.report.add("curve", points, [])


def _statistics(numbers: np.ndarray) -> dict[str, float]:
    """Of outcomes `[n, 8]`."""
    cer_source, cer, secs, floor, ceiling, mos_source, mos, bursts = numbers.mean(0).tolist()
    return {
        "cer_source": cer_source,
        "cer_added": cer - cer_source,
        "closure": closure(secs, floor, ceiling),
        "secs": secs,
        "eer": equal_error_rate(numbers[:, 4], numbers[:, 2]) if np.isfinite(secs) else float("nan"),
        "mos_source": mos_source,
        "mos_drop": mos_source - mos,
        "burst": bursts,
    }


def _statistic(groups: Sequence[np.ndarray], name: str) -> float:
    return _statistics(np.concatenate(list(groups)))[name]
