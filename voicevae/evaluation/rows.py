"""Measurements to rows of the table, with the targets."""

from collections.abc import Mapping
from typing import Any

from voicevae.evaluation.table import Row

PERCENT = 100.0


def edits(found: Mapping[str, Mapping[float, Mapping[str, float]]]) -> list[Row]:
    """Rows of `editing.evaluate`."""
    rows = []
    for semitones, result in found["pitch"].items():
        name = f"pitch edit of {semitones:+g} semitones" if semitones else "unedited round trip"
        beside = (
            f"95 % of frames within {result['p95_cents']:.0f} cents, "
            f"{PERCENT * result['share_over_50_cents']:.1f} % over 50 cents"
        )
        rows.append(Row(f"{name}: median F0 error", result["median_cents"], "cents", at_most=15, beside=beside))
        wanted = None if semitones else 90.0
        rows.append(Row(f"{name}: voicing agreement", PERCENT * result["voicing_agreement"], "%", at_least=wanted))
    for rate, result in found["file"].items():
        beside = f"worst clip {result['max_percent']:.2f} %"
        if rate in found["speech"]:
            beside += f"; first to last voiced frame {found['speech'][rate]['mean_percent']:.1f} %"
        rows.append(Row(f"rate {rate:g}: duration error", result["mean_percent"], "%", at_most=2, beside=beside))
    for decibels, result in found["energy"].items():
        beside = f"worst clip {result['max_abs_db']:.2f} dB, bias {result['bias_db']:+.2f} dB"
        rows.append(Row(f"energy {decibels:+g} dB: error", result["mean_abs_db"], "dB", at_most=1, beside=beside))
    return rows


def conversions(corpus: str, found: Mapping[str, Any], headline: bool, why_absent: str) -> list[Row]:
    """Rows of `conversion.evaluate` of one corpus; targets stand in those of the headline corpus."""
    rows = _similarity(corpus, found["similarity"], headline, why_absent)
    beside = f"{found['correlation_undefined']} pairs undefined" if found["correlation_undefined"] else ""
    rows.append(
        Row(
            f"{corpus}: log-F0 correlation with the source",
            found["correlation"],
            "",
            found["correlation_interval"],
            beside=beside,
        )
    )
    beside = (
        f"{PERCENT * found['within_2_semitones_of_reference']:.0f} % of the reference itself; "
        f"a real utterance of the target: {PERCENT * found['within_2_semitones_held_out']:.0f} %"
    )
    rows.append(
        Row(
            f"{corpus}: mean log-F0 within 2 semitones of the target's",
            PERCENT * found["within_2_semitones"],
            "%",
            _percent(found["within_2_semitones_interval"]),
            at_least=90 if headline else None,
            beside=beside,
        )
    )
    return rows


def probes(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `probes.evaluate`."""
    readings = ", ".join(f"{name} {PERCENT * value:.0f} %" for name, value in found["z_c_readings"].items())
    chance = f"chance {PERCENT * found['chance']:.1f} %"
    size = f"{found['speakers']} known speakers, {found['train_utterances']} + {found['test_utterances']} utterances"
    return [
        Row("speaker from z_c, linear probe", PERCENT * found["z_c"], "%", beside=f"{chance}; {readings}"),
        Row("speaker from z_s, linear probe", PERCENT * found["z_s"], "%", beside=chance),
        Row(
            "speaker from z_c / from z_s",
            found["ratio"],
            "",
            found["ratio_interval"],
            at_most=0.25,
            beside=size,
        ),
    ]


def speed(found: Mapping[str, float]) -> list[Row]:
    """Row of `cost.evaluate`."""
    beside = f"1 thread: {found['rtf_1_thread']:.3f}; a reference of 5 s is read each time"
    return [Row("real-time factor, 10 s, 2 threads", found["rtf_2_threads"], "", at_most=0.05, beside=beside)]


def memory(found: Mapping[str, float]) -> list[Row]:
    """Row of `cost.evaluate_memory`."""
    beside = f"{found['long_mb']:.0f} MB against {found['short_mb']:.0f} MB"
    return [Row("peak memory, 30 minutes over 10 s", found["growth_mb"], "MB", at_most=300, beside=beside)]


def absent(figure: str, reason: str) -> list[Row]:
    """The row of something not measured."""
    return [Row(figure, None, beside=reason)]


def _similarity(corpus: str, found: Mapping[str, Any] | None, headline: bool, why_absent: str) -> list[Row]:
    if found is None:
        return [Row(f"{corpus}: {name}", None, beside=why_absent) for name in ("closure", "SECS", "EER")]
    bounds = f"floor {found['floor']:.3f}, ceiling {found['ceiling']:.3f}"
    count = f"{found['pairs']} pairs, {found['speakers']} targets"
    wanted = 0.40 if headline else None
    return [
        Row(f"{corpus}: closure", found["closure"], "", found["closure_interval"], at_least=wanted, beside=count),
        Row(f"{corpus}: SECS", found["secs"], "", found["secs_interval"], beside=bounds),
        Row(f"{corpus}: EER, 50 % is perfect", found["eer"], "%", found["eer_interval"]),
    ]


def _percent(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if interval is None else (PERCENT * interval[0], PERCENT * interval[1])
