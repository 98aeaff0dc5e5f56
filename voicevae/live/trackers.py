"""The F0 tracker of a stream: a quick one, or the one that recordings have."""

from voicevae.errors import EditError
from voicevae.features import FeatureConfig
from voicevae.features.live_f0 import LiveF0
from voicevae.live.analysis import Tracker
from voicevae.live.steps import STEP_FRAMES

LATENCIES = ("low", "best")


def tracker(latency: str, config: FeatureConfig) -> Tracker:
    """That of the `latency`: "low", with 20 ms of look-ahead, or "best", swift-f0 with 192 ms.

    Raises:
        EditError: there is no such latency. VoiceVAEError: `config` has another frame grid than the tracker.
    """
    if latency not in LATENCIES:
        raise EditError(f"latency is {latency!r}; choose {' or '.join(LATENCIES)}.")
    if latency == "low":
        return LiveF0(config, at_once=STEP_FRAMES)
    from voicevae.features.swift_stream import SwiftStream

    return SwiftStream(config)
