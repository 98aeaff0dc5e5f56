"""Baselines that need no conversion, measured as conversions are, on the headline corpus' first pairs.

source unchanged, target unchanged  the source itself; an utterance of the target's that is not the reference
pitch shift  WORLD moves the source's mean F0 to the reference's, and nothing else
copy synthesis  the target's utterance, encoded and decoded without an edit
no residual  the same without the residual that conversion leaves behind: what the networks alone can say
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics import conversion, quality, world
from voicevae.evaluation.pairs import Conversion, Pair
from voicevae.evaluation.study import Study, missing
from voicevae.units import SEMITONES_PER_NAT

PAIRS, QUICK_PAIRS = 40, 12
RATED = 12  # by DNSMOS
OURS = "this bundle"
Make = Callable[[Study, Pair], np.ndarray]
"""What a baseline makes of a pair: `[n]`."""


def source(study: Study, pair: Pair) -> np.ndarray:
    """The source itself."""
    return pair.source.load(study.vv.sample_rate)


def target(study: Study, pair: Pair) -> np.ndarray:
    """Another recording of the target."""
    return pair.held_out.load(study.vv.sample_rate)


def shifted(study: Study, pair: Pair) -> np.ndarray:
    """The source with the mean log-F0 of the reference."""
    means = [study.originals.mean_log_f0(clip) for clip in (pair.reference, pair.source)]
    semitones = SEMITONES_PER_NAT * (means[0] - means[1])
    return world.shifted(source(study, pair), study.vv.sample_rate, semitones if np.isfinite(semitones) else 0.0)


def copied(study: Study, pair: Pair) -> np.ndarray:
    """The same recording, encoded and decoded."""
    return study.vv.modulate(target(study, pair), study.vv.sample_rate)


def without_residual(study: Study, pair: Pair) -> np.ndarray:
    """The same, decoded without the residual of its mel."""
    code = study.vv.encode(target(study, pair), study.vv.sample_rate)
    return study.vv.decode(replace(code, mel_residual=None))


MAKERS: dict[str, Make] = {
    "source unchanged": source,
    "target unchanged": target,
    "pitch shift": shifted,
    "copy synthesis": copied,
    "no residual": without_residual,
}


def steps(study: Study) -> int:
    """Conversions of all baselines, if the plan asks for them."""
    return len(MAKERS) * len(_pairs(study)) if study.plan.baseline else 0


def run(study: Study) -> None:
    """Add a row for each baseline."""
    if not study.plan.baseline:
        return
    pairs = _pairs(study)
    ours = study.done.get(study.headline, [])[: len(pairs)]
    found = {OURS: _figures(study, ours)} if ours else {}
    for name, make in MAKERS.items():
        try:
            found[name] = _figures(study, _measured(study, make, pairs))
        except ImportError as error:
            study.report.add(f"baseline, {name}", None, [absent(f"baseline, {name}: closure", missing(error))])
    on = f"{study.headline}, {len(pairs)} pairs; Resemblyzer"
    study.report.add("baselines", found, [row(name, one, len(pairs)) for name, one in found.items()], on)


def row(name: str, found: Mapping[str, Any], pairs: int) -> Row:
    """One baseline: its closure, and the other figures beside it."""
    alike, rated = found["similarity"], found["dnsmos"]
    words = [f"{pairs} pairs"]
    if alike:
        words += [f"SECS {alike['secs']:.3f}", f"EER {alike['eer']:.1f} %"]
    words += [f"DNSMOS {rated:.2f}"] if rated is not None else []
    words += [f"content distance {found['content']:.2f}"] if np.isfinite(found["content"]) else []
    words += [f"log-F0 correlation {found['correlation']:.2f}"] if np.isfinite(found["correlation"]) else []
    words.append(f"register within 2 semitones {100 * found['within_2_semitones']:.0f} %")
    figure, beside = f"baseline, {name}: closure", ", ".join(words)
    if not alike:
        return absent(figure, f"resemblyzer is not installed; {beside}")
    return Row(figure, alike["closure"], "", alike["closure_interval"], beside=beside)


def _pairs(study: Study) -> list[Pair]:
    return study.pairs.get(study.headline, [])[: study.plan.of(PAIRS, QUICK_PAIRS)]


def _measured(study: Study, make: Make, pairs: Sequence[Pair]) -> list[Conversion]:
    done: list[Conversion] = []
    for pair in pairs:
        try:
            made = make(study, pair)
            done.append(conversion.measure(study.vv, pair, made, study.originals, len(done) < RATED))
        except AudioError as error:
            study.report.skipped.append(f"{pair.source.id} as a baseline: {error}")
        study.step()
    return done


def _figures(study: Study, done: Sequence[Conversion]) -> dict[str, Any]:
    """`conversion.evaluate`, and means of DNSMOS (None without it) and of the content distance to the source."""
    found = conversion.evaluate(done, study.plan.seed)
    waves = [c.wave for c in done if c.wave is not None][:RATED]
    rateable = "dnsmos" not in quality.missing() and bool(waves)
    rated = np.mean([quality.dnsmos(wave, study.vv.sample_rate) for wave in waves]) if rateable else None
    distances = [c.content for c in done if np.isfinite(c.content)]
    return found | {
        "dnsmos": None if rated is None else float(rated),
        "content": float(np.mean(distances)) if distances else float("nan"),
    }
