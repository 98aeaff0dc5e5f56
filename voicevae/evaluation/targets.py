"""Targets of the report's figures: one table for all metrics."""

from typing import TypedDict


class Target(TypedDict, total=False):
    """Bounds of a figure, in its unit; both ends count as met."""

    at_least: float
    at_most: float


TARGETS: dict[str, Target] = {
    # Conversions; CER is a share of characters.
    "CER added by a conversion": {"at_most": 0.06},
    "CER added by a round trip": {"at_most": 0.02},
    "CER added by +4 semitones": {"at_most": 0.03},
    "CER added by -4 semitones": {"at_most": 0.03},
    "closure": {"at_least": 0.65},
    "EER": {"at_least": 20.0},
    "DNSMOS drop": {"at_most": 0.2},
    "burst": {"at_most": 0.0},
    "log-F0 correlation": {"at_least": 0.95},
    "register within 2 semitones": {"at_least": 90.0},
    "content distance": {"at_most": 0.5},
    # Edits.
    "F0 error": {"at_most": 15.0},
    "voicing agreement": {"at_least": 90.0},
    "rate error": {"at_most": 2.0},
    "energy error": {"at_most": 1.0},
    "span duration error": {"at_most": 12.5},
    "pitch range error": {"at_most": 5.0},
    # Probes; those of speakers and styles are times chance, or points above the contours.
    "speaker from z_s": {"at_least": 95.0},
    "speaker from z_c, times chance": {"at_most": 1.6},
    "speaker from z_p, points above its contours": {"at_most": 5.0},
    "speaker from z_c over z_s, linear": {"at_most": 0.25},
    "style from z_p, times chance": {"at_least": 2.0},
    "style from z_s, times chance": {"at_most": 1.3},
    "active units": {"at_least": 80.0},
    "F0 contour from z_p": {"at_least": 0.95},
    "F0 contour from z_c": {"at_most": 0.10},
    "loudness from z_p": {"at_least": 0.9},
    # Verbs.
    "sample: consistency": {"at_least": 0.80},
    "sample: diversity": {"at_least": 0.25},
    "sample: novelty": {"at_least": 0.15},
    "sample: intelligible": {"at_least": 100.0},
    "sample: gender": {"at_least": 90.0},
    "blend: monotone": {"at_least": 90.0},
    "transfer: rises with the mix": {"at_least": 90.0},
    "transfer: SECS drop": {"at_most": 0.03},
    "transfer: content": {"at_most": 0.0},
    "style: direction": {"at_least": 100.0},
    "style: probe, times chance": {"at_least": 2.0},
    "style: CER added": {"at_most": 0.03},
    "song: F0 error": {"at_most": 15.0},
    "song: notes in time": {"at_least": 90.0},
    "song: SECS drop": {"at_most": 0.05},
    "search: gain": {"at_least": 0.10},
    "repair: mel error to lines": {"at_most": 0.6},
    "repair: PESQ above lines": {"at_least": 0.0},
    "repair: samples changed": {"at_most": 0.0},
    "anomaly: mean AUROC": {"at_least": 0.95},
    "anomaly: worst AUROC": {"at_least": 0.85},
    "anonymise: EER": {"at_least": 30.0},
    # Cost.
    "real-time factor, 1 thread": {"at_most": 0.05},
    "real-time factor, 2 threads": {"at_most": 0.03},
    "memory growth": {"at_most": 300.0},
}


def target(name: str, times: float = 1.0, plus: float = 0.0) -> Target:
    """The target `name`, its bounds multiplied by `times`, then raised by `plus`. Raises KeyError for another name."""
    bounds, asked = TARGETS[name], Target()
    if "at_least" in bounds:
        asked["at_least"] = bounds["at_least"] * times + plus
    if "at_most" in bounds:
        asked["at_most"] = bounds["at_most"] * times + plus
    return asked
