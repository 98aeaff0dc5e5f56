"""Words: what a recogniser still finds of them, on some of the pairs, for it is slow."""

from collections.abc import Sequence
from typing import Any

from voicevae.evaluation import recognition
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.conversion import Conversion
from voicevae.evaluation.parts.conversions import KEPT
from voicevae.evaluation.recognisers import Recogniser, plain
from voicevae.evaluation.recognition import Heard
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.table import PERCENT, Row, absent, percent

PAIRS, QUICK_PAIRS = 30, 8
WEAK_WER = 50.0
FIGURES = ("dCER, converted less source", "dWER, converted less source", "sentence told from others by a recogniser")


def steps(study: Study) -> int:
    if isinstance(study.recogniser, str):
        return 0
    usable = [p for own in study.pairs.values() for p in own[:KEPT] if _usable(p.source, study.recogniser)]
    return min(len(usable), study.plan.of(PAIRS, QUICK_PAIRS))


def run(study: Study) -> None:
    recogniser = study.recogniser
    if isinstance(recogniser, str):
        study.report.add("words", None, [absent(figure, recogniser) for figure in FIGURES])
        return
    done = [c for own in study.done.values() for c in own if c.wave is not None and _usable(c.pair.source, recogniser)]
    done = done[: study.plan.of(PAIRS, QUICK_PAIRS)]
    try:
        heard = [_hear(study, recogniser, one) for one in done]
    except ImportError as error:
        study.report.add("words", None, [absent(figure, missing(error)) for figure in FIGURES])
        return
    if not heard:
        why = f"no source has a text in a language that {study.plan.recogniser} knows"
        study.report.add("words", None, [absent(figure, why) for figure in FIGURES])
        return
    found = recognition.evaluate(heard, study.plan.seed)
    study.report.add("words", found, rows(found, study.plan.recogniser))


def rows(found: dict[str, Any], name: str) -> list[Row]:
    """Rows of `recognition.evaluate` by the recogniser `name`."""
    pairs = f"{name}, {found['pairs']} pairs"
    weak = "; too weak to say much" if found["wer_source"] > WEAK_WER else ""
    characters, words, chosen = FIGURES
    return [
        Row(
            characters,
            found["dcer"],
            "points",
            found["dcer_interval"],
            at_most=10,
            beside=f"source {found['cer_source']:.0f} %; {pairs}{weak}",
        ),
        Row(
            words,
            found["dwer"],
            "points",
            found["dwer_interval"],
            beside=f"source {found['wer_source']:.0f} %{weak}",
            better="lower",
        ),
        Row(
            chosen,
            PERCENT * found["chosen"],
            "%",
            percent(found["chosen_interval"]),
            beside=f"source {PERCENT * found['chosen_source']:.0f} %; one of {recognition.CHOICES}",
            better="higher",
        ),
    ]


def _usable(source: Clip, recogniser: Recogniser) -> bool:
    known = not recogniser.language or not source.language or source.language[:2] == recogniser.language
    return known and bool(plain(source.text))


def _hear(study: Study, recogniser: Recogniser, done: Conversion) -> Heard:
    assert done.wave is not None
    rate, source = study.vv.sample_rate, done.pair.source
    sentences = recognition.choices(source, _same_corpus(source, study.clips), study.plan.seed)
    waves = (source.load(rate), done.wave)
    errors = [recognition.errors(source.text, recogniser.transcribe(wave, rate)) for wave in waves]
    chosen = [recogniser.choose(wave, rate, sentences) == 0 for wave in waves]
    study.step()
    return Heard(done.pair.target, errors[0], errors[1], chosen[0], chosen[1])


def _same_corpus(clip: Clip, clips: Sequence[Clip]) -> list[Clip]:
    return [other for other in clips if other.corpus == clip.corpus]
