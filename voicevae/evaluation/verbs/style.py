"""Pushed styles: direction against that of real recordings, and accuracy of a style classifier.

Neutral recordings of unseen speakers are pushed towards each style, decoded, and measured like recordings. Direction:
the sign of the mean difference from neutral in mean F0, F0 range, loudness and rate, against that of the same speakers'
own recordings in the style, where theirs is clear: above two standard errors. Probe: a logistic regression from
register, prosody and mean mel (`voicevae.verbs.embed`) to the style, taught by recordings of other speakers. Words: the
character errors that a style adds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics.recognition import Transcriber
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.targets import target
from voicevae.evaluation.verbs import embedding
from voicevae.evaluation.verbs.embedding import ProbeTask
from voicevae.features import Frames, extract
from voicevae.training.calibration_style import NEUTRAL, StyleFit, differences
from voicevae.verbs import embed
from voicevae.verbs.style import EFFECTS
from voicevae.voice import VoiceVAE

MEASURES = {"mean F0": "pitch", "F0 range": "range", "loudness": "level", "rate": "rate"}
GROUPS = ("register", "prosody", "mel")
PUSHED = "pushed "
CLEAR = 2.0  # standard errors
KNOWN, QUICK_KNOWN = 1000, 70
REAL, QUICK_REAL = 1000, 35
SOURCES, QUICK_SOURCES = 20, 10
DIRECTION = "styles pushed: direction as in recordings of the style"
PROBE = "styles pushed: accuracy of a probe"
CER = "styles pushed: CER added"


@dataclass
class StyleFigures:
    """Feature vectors and styles of known recordings, of the split's, and of pushed speech; effects of the last two;
    character errors that each push added, and that a round trip of each source did."""

    fit: StyleFit
    vectors: list[np.ndarray] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)  # "known", "real", "pushed"
    cer_added: list[float] = field(default_factory=list)
    round_trip: list[float] = field(default_factory=list)

    def add(self, frames: Frames, clip: Clip, style: str, kind: str) -> None:
        """One recording, or what was made of it."""
        found = embed.vector(self.fit.coder, frames)
        self.vectors.append(np.concatenate([found[name] for name in GROUPS]))
        self.styles.append(style)
        self.kinds.append(kind)
        if kind != "known":
            self.fit.add(frames, clip.speaker, style if kind == "real" else PUSHED + style, clip.text)


def style_figures(
    vv: VoiceVAE,
    known: Sequence[Clip],
    real: Sequence[Clip],
    sources: Sequence[Clip],
    styles: Sequence[str],
    step: Callable[[], object] = lambda: None,
    transcriber: Transcriber | None = None,
) -> StyleFigures:
    """Recordings `known` to the bundle and `real` ones that are not, and `sources` pushed towards `styles`; without a
    `transcriber`, character errors are not counted."""
    figures, rate = StyleFigures(StyleFit(vv.coder)), vv.sample_rate
    for kind, clips in (("known", known), ("real", real)):
        for clip in clips:
            figures.add(extract(clip.load(rate), vv.config), clip, clip.style, kind)
            step()
    for clip in sources:
        source = clip.load(rate)
        code, reader = vv.encode(source, rate), _reader(transcriber, clip)
        errors = reader.source(clip, source, rate) if reader else 0.0
        if reader:
            figures.round_trip.append(reader.made(clip, vv.decode(code), rate) - errors)
        for style in styles:
            wave = vv.decode(vv.style(code, style=style))
            figures.add(extract(wave, vv.config), clip, style, "pushed")
            if reader:
                figures.cer_added.append(reader.made(clip, wave, rate) - errors)
        step()
    return figures


def directions(figures: StyleFigures, styles: Sequence[str]) -> dict[str, dict[str, tuple[float, float, bool]]]:
    """Of each style and measure: the mean difference from neutral of its recordings and of pushed speech, and whether
    the recordings' is clear."""
    found = {}
    for style in styles:
        real, pushed = (differences(figures.fit.recordings, name) for name in (style, PUSHED + style))
        if real and pushed:
            found[style] = {
                measure: _compared(np.concatenate([*real.values()]), np.concatenate([*pushed.values()]), effect)
                for measure, effect in MEASURES.items()
            }
    return found


def evaluate(figures: StyleFigures, styles: Sequence[str]) -> dict[str, Any]:
    """Everything about pushed styles.

    Returns:
        directions, as `directions` gives them; clear, how many there are, and as_recorded, the share of those with the
        recordings' sign; accuracy, 0..1, of the probe on pushed speech, accuracy_real on recordings, and by style;
        cer_added, and cer_round_trip of the sources, None where they were not counted.

    Raises:
        ValueError: there are not two styles to learn, or nothing was pushed.
    """
    kinds, labels = np.array(figures.kinds), np.array(figures.styles)
    vectors = np.stack(figures.vectors)
    tasks = {kind: ProbeTask(figures.styles, kinds == "known", kinds == kind) for kind in ("pushed", "real")}
    accuracy = {kind: embedding.accuracy(vectors, task)[0] for kind, task in tasks.items()}
    told = directions(figures, styles)
    signs = [real * pushed > 0 for own in told.values() for real, pushed, clear in own.values() if clear]
    return {
        "directions": {style: {name: list(values) for name, values in own.items()} for style, own in told.items()},
        "clear": len(signs),
        "as_recorded": float(np.mean(signs)) if signs else float("nan"),
        "accuracy": accuracy["pushed"],
        "accuracy_real": accuracy["real"],
        "styles": len(set(labels[kinds == "known"])),
        "sources": int((kinds == "pushed").sum()) // max(len(styles), 1),
        "known": int((kinds == "known").sum()),
        "cer_added": float(np.mean(figures.cer_added)) if figures.cer_added else None,
        "cer_round_trip": float(np.mean(figures.round_trip)) if figures.round_trip else None,
    }


def _reader(transcriber: Transcriber | None, clip: Clip) -> Transcriber | None:
    return transcriber if transcriber and transcriber.whisper.knows(clip.language) else None


def _compared(real: np.ndarray, pushed: np.ndarray, effect: str) -> tuple[float, float, bool]:
    place = EFFECTS.index(effect)
    own, made = (values[np.isfinite(values[:, place]), place] for values in (real, pushed))
    if len(own) < 2 or not len(made):
        return 0.0, 0.0, False
    clear = abs(own.mean()) > CLEAR * own.std(ddof=1) / np.sqrt(len(own))
    return float(own.mean()), float(made.mean()), bool(clear)


def steps(study: Study) -> int:
    """Recordings, known, real and neutral."""
    return sum(map(len, _clips(study)))


def run(study: Study) -> None:
    """Add rows of direction, probe accuracy and character errors of pushed styles."""
    known, real, sources = _clips(study)
    transcriber = None if isinstance(study.recogniser, str) else Transcriber(study.recogniser)
    styles = _pushed(study)
    try:
        if not sources or not styles:
            raise ValueError("the bundle knows no style that the split has, or no recording is neutral")
        figures = style_figures(study.vv, known, real, sources, styles, study.step, transcriber)
        found = evaluate(figures, styles)
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add("styles pushed", None, [absent(figure, why) for figure in (DIRECTION, PROBE, CER)])
        return
    study.report.add(
        "styles pushed",
        found,
        rows(found),
        f"{study.plan.split}, {found['sources']} neutral recordings; logistic regression",
    )


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    wrong = [
        f"{style} {measure} {pushed:+.2f} for {real:+.2f}"
        for style, own in found["directions"].items()
        for measure, (real, pushed, clear) in own.items()
        if clear and real * pushed <= 0
    ]
    beside = f"{found['clear']} clear differences; not so: {', '.join(wrong) or 'none'}"
    chance = PERCENT / found["styles"]
    words = absent(CER, "no recogniser, or none of the language")
    if found["cer_added"] is not None:
        plain = f"{found['sources']} recordings, whose round trip adds {found['cer_round_trip']:.3f}"
        words = Row(CER, found["cer_added"], **target("style: CER added"), beside=plain)
    size = f"{found['sources']} neutral recordings pushed; taught by {found['known']} recordings of others"
    return [
        Row(DIRECTION, PERCENT * found["as_recorded"], "%", **target("style: direction"), beside=beside),
        Row(
            PROBE,
            PERCENT * found["accuracy"],
            "%",
            **target("style: probe, times chance", chance),
            beside=f"recordings {PERCENT * found['accuracy_real']:.0f} %, chance {chance:.0f} %; {size}",
        ),
        words,
    ]


def _pushed(study: Study) -> list[str]:
    own = {clip.style for clip in study.clips}
    known = study.vv.styles if isinstance(study.vv, VoiceVAE) else []
    return [name for name in known if name in own and name != NEUTRAL]


def _clips(study: Study) -> tuple[list[Clip], list[Clip], list[Clip]]:
    """Recordings that teach the probe, recordings of the split, and neutral ones to push."""
    styles, plan = {*_pushed(study), NEUTRAL}, study.plan
    known, real = ([clip for clip in clips if clip.style in styles] for clips in (study.known, study.clips))
    sources = [clip for clip in real if clip.style == NEUTRAL]
    return (
        draw_clips(known, plan.of(KNOWN, QUICK_KNOWN), plan.seed),
        draw_clips(real, plan.of(REAL, QUICK_REAL), plan.seed),
        draw_clips(sources, plan.of(SOURCES, QUICK_SOURCES), plan.seed),
    )
