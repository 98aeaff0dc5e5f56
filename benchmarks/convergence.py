"""How soon the running statistics of live speech are those of the whole recording; `benchmarks.live` prints it.

Recordings of a speaker are played one after another, from nothing and after an enrolment by another one. From time to
time what the stream knows of the speaker is compared with the statistics of all that is played.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.clips import Clip
from voicevae.features import extract
from voicevae.live.stream import Live
from voicevae.units import SEMITONES_PER_NAT
from voicevae.voice import VoiceVAE

SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0)
STARTS = ("cold", "enrolled")


@dataclass(frozen=True)
class Distance:
    """From what is known so far to what the whole shows.

    level: dB. register: of the mean of log-F0, semitones. mel: mean absolute difference of the mean of the mel, nats.
    z_s: of z_s, a share of its norm.
    """

    level: float
    register: float
    mel: float
    z_s: float


def measure(vv: VoiceVAE, speakers: Sequence[Sequence[Clip]]) -> dict[str, list[Distance]]:
    """Distances after each of `SECONDS`, means over `speakers`, from each of `STARTS`.

    Each speaker has several recordings: the first one enrols, the others are played.
    """
    found: dict[str, list[list[Distance]]] = {start: [] for start in STARTS}
    for first, *others in speakers:
        n = round(SECONDS[-1] * vv.sample_rate)
        wave = np.resize(np.concatenate([clip.load(vv.sample_rate) for clip in others]), n)
        for start, enrolment in zip(STARTS, (None, first.load(vv.sample_rate)), strict=True):
            found[start].append(_followed(vv, wave, vv.live(voice=vv.sample(0), enrol=enrolment)))
    return {start: [_mean(after) for after in zip(*every, strict=True)] for start, every in found.items()}


def chosen(clips: Sequence[Clip], n: int) -> list[list[Clip]]:
    """The `n` speakers with the most recordings, and these.

    Raises:
        VoiceVAEError: none has two.
    """
    by_speaker: dict[str, list[Clip]] = {}
    for clip in clips:
        by_speaker.setdefault(clip.speaker, []).append(clip)
    several = sorted((own for own in by_speaker.values() if len(own) > 1), key=len, reverse=True)
    if not several:
        raise VoiceVAEError("No speaker has two recordings, and one enrols the other; give more.")
    return several[:n]


def table(found: Mapping[str, Sequence[Distance]]) -> str:
    """Markdown, a row a statistic and start."""
    lines = ["| distance from the whole | after, s: " + " | ".join(f"{s:g}" for s in SECONDS) + " |"]
    lines.append("| --- |" + " --- |" * len(SECONDS))
    units = {"level": "dB", "register": "semitones", "mel": "nats", "z_s": "share"}
    for field in fields(Distance):
        for start, every in found.items():
            values = " | ".join(f"{getattr(one, field.name):.2f}" for one in every)
            lines.append(f"| {field.name}, {units[field.name]}, {start} | {values} |")
    return "\n".join(lines)


def plot(found: Mapping[str, Sequence[Distance]], path: Path) -> None:
    """Draw the table as `path`, PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((8, 2), layout="constrained")
    FigureCanvasAgg(figure)
    labels = {"level": "level, dB", "register": "register, semitones", "mel": "mel, nats", "z_s": "z_s, share"}
    for axes, (name, label) in zip(figure.subplots(1, len(labels)), labels.items(), strict=True):
        for start, every in found.items():
            axes.plot(SECONDS, [getattr(one, name) for one in every], label=start)
        axes.set(title=label, xlabel="s", xscale="log", ylim=(0, None))
        axes.set_xticks(SECONDS, [f"{s:g}" for s in SECONDS])
        axes.minorticks_off()
    figure.axes[0].legend(frameon=False)
    figure.savefig(path, dpi=80)


def _followed(vv: VoiceVAE, wave: np.ndarray, live: Live) -> list[Distance]:
    whole = vv.coder.infer(extract(wave, vv.config))
    made, start = [], 0
    for seconds in SECONDS:
        stop = round(seconds * vv.sample_rate)
        live.feed(wave[start:stop])
        start = stop
        assert live.identity is not None
        own = live.identity.speaker()
        made.append(
            Distance(
                abs(live.source.level.db - whole.loudness_db),
                SEMITONES_PER_NAT * abs(own.log_f0_mean - whole.speaker.log_f0_mean),
                float(np.abs(own.mel_mean - whole.speaker.mel_mean).mean()),
                float(np.linalg.norm(own.z - whole.speaker.z) / np.linalg.norm(whole.speaker.z)),
            )
        )
    return made


def _mean(several: Sequence[Distance]) -> Distance:
    return Distance(*(float(np.mean([getattr(one, field.name) for one in several])) for field in fields(Distance)))
