"""The benchmark's figures as Markdown."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.cost import THREADS, Cost
from benchmarks.measures import COPY, DRIFT_SEMITONES, SEMITONES, Summary
from benchmarks.peers import OURS
from benchmarks.sounds import BURST_DB, LEVEL_DB, Survival

SHIFTS = [semitones for semitones in SEMITONES if semitones != COPY]
QUALITY = """\
Medians over the clips. PESQ-WB (up to 4.64) and STOI (up to 1) hold copy synthesis against the recording; DNSMOS
(P.835, overall, 1 to 5) rates each wave alone, also with its pitch shifted by so many semitones.
"""
PITCH = f"""\
Requested F0 against F0 measured by swift-f0: the median error in cents, the share of frames off
by over 50 cents, and the share of frames whose voicing is wrong, over all shifts; then the median at each. The last
column is the drift of the formants in cents at {DRIFT_SEMITONES:+g} semitones, the median over the clips.
"""
COSTS = """\
Making 10 s of speech from features (PSOLA and librosa: from the wave, shifted) in a fresh process. The real-time factor
is the median of five runs; memory is the process' peak over what its imported libraries hold.
"""
SOUNDS = f"""\
Sounds that are not clean speech through {OURS}, unedited and at +4 semitones, the worse of both. Level is of the whole
(limit: {LEVEL_DB:g} dB); burst is the most by which a frame is louder than the source near it (limit:
{BURST_DB:g} dB).
"""


@dataclass
class Results:
    """Everything measured. about: on what and with what. absent: one sentence for each thing not measured."""

    about: Mapping[str, str]
    summaries: Mapping[str, Summary]
    costs: Mapping[str, Mapping[int, Cost]]
    sounds: Mapping[str, Survival]
    absent: Sequence[str] = field(default_factory=list)


def markdown(results: Results, command: str) -> str:
    """The whole document; `command` is what was typed."""
    about = {"made by": f"`{command}`", **results.about}
    parts = ["# The vocoder beside others", "\n".join(f"- {name}: {text}" for name, text in about.items())]
    parts += ["## Quality", QUALITY, _quality(results.summaries)]
    parts += ["## Pitch", PITCH, _pitch(results.summaries)]
    parts += ["## Cost", COSTS, _costs(results.costs)]
    parts += ["## Other sounds", SOUNDS, _sounds(results.sounds)]
    parts += [f"Absent: {sentence}." for sentence in results.absent]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _quality(summaries: Mapping[str, Summary]) -> str:
    header = ["", "PESQ-WB", "STOI", "DNSMOS, copy", *(f"{s:+g}" for s in SHIFTS)]
    rows = []
    for name, one in summaries.items():
        rated = [_number(one.dnsmos.get(s), 2) for s in (COPY, *SHIFTS)]
        rows.append([name, _number(one.pesq, 2), _number(one.stoi, 3), *rated])
    return table(header, rows)


def _pitch(summaries: Mapping[str, Summary]) -> str:
    header = ["", "median", "over 50 cents", "voicing error", *(f"{s:+g}" for s in SHIFTS), "formant drift"]
    rows = []
    for name, one in summaries.items():
        if not one.edits:
            continue
        wrong = 100 * (1 - one.edits["voicing_agreement"])
        shares = [f"{_number(100 * one.edits['share_over_50_cents'], 1)} %", f"{_number(wrong, 1)} %"]
        each = [_number(one.pitch.get(s, {}).get("median_cents"), 1) for s in SHIFTS]
        rows.append([name, _number(one.edits["median_cents"], 1), *shares, *each, _number(one.drift_cents, 0, "+")])
    return table(header, rows)


def _costs(costs: Mapping[str, Mapping[int, Cost]]) -> str:
    header = ["", *(f"real-time factor, {n} thread{'s' if n > 1 else ''}" for n in THREADS), "memory"]
    rows = []
    for name, own in costs.items():
        factors = [f"{own[n].rtf:.2g}" if n in own else "" for n in THREADS]
        rows.append([name, *factors, f"{max(one.memory_mb for one in own.values()):.0f} MB"])
    return table(header, rows)


def _sounds(sounds: Mapping[str, Survival]) -> str:
    rows = []
    for name, one in sounds.items():
        level, burst = (f"{_number(value, 1, '+')} dB" for value in (one.level_db, one.burst_db))
        rows.append([name, "yes" if one.finite else "no", level, burst, "yes" if one.survived else "no"])
    return table(["", "finite", "level", "burst", "within limits"], rows)


def _number(value: float | None, digits: int, sign: str = "") -> str:
    """Empty where there is none."""
    return "" if value is None or math.isnan(value) else f"{value:{sign}.{digits}f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns padded, so that it reads as plain text, too."""
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    text = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |" for line in lines]
    return "\n".join([text[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *text[1:]])
