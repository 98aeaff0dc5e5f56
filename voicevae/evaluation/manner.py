"""Styles: does a pushed style move speech as the style's recordings differ, and is it heard for what it is?

Neutral recordings of speakers that the bundle has not heard are pushed towards each style, spoken, and measured like
recordings. Direction: the sign of the mean difference from neutral in mean F0, F0 range, loudness and rate, against
that of the same speakers' own recordings in the style, where theirs is clear: above two standard errors. Probe: a
logistic regression from register, manner and mean mel (`voicevae.verbs.embed`) to the style, taught by recordings of
other speakers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voicevae.evaluation import embedding
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.embedding import Task
from voicevae.features import Frames, extract
from voicevae.training.calibration_style import StyleFit, differences
from voicevae.verbs import embed
from voicevae.verbs.style import EFFECTS
from voicevae.voice import VoiceVAE

MEASURES = {"mean F0": "pitch", "F0 range": "range", "loudness": "level", "rate": "rate"}
GROUPS = ("register", "manner", "mel")
PUSHED = "pushed "
CLEAR = 2.0  # standard errors


@dataclass
class Heard:
    """Feature vectors and styles of known recordings, of the split's, and of pushed speech; effects of the last two."""

    fit: StyleFit
    vectors: list[np.ndarray] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)  # "known", "real", "pushed"

    def add(self, frames: Frames, clip: Clip, style: str, kind: str) -> None:
        """One recording, or what was made of it."""
        found = embed.vector(self.fit.coder, frames)
        self.vectors.append(np.concatenate([found[name] for name in GROUPS]))
        self.styles.append(style)
        self.kinds.append(kind)
        if kind != "known":
            self.fit.add(frames, clip.speaker, style if kind == "real" else PUSHED + style, clip.text)


def hear(
    vv: VoiceVAE,
    known: Sequence[Clip],
    real: Sequence[Clip],
    sources: Sequence[Clip],
    styles: Sequence[str],
    step: Callable[[], object] = lambda: None,
) -> Heard:
    """Recordings `known` to the bundle and `real` ones that are not, and `sources` pushed towards `styles`."""
    heard, rate = Heard(StyleFit(vv.coder)), vv.sample_rate
    for kind, clips in (("known", known), ("real", real)):
        for clip in clips:
            heard.add(extract(clip.load(rate), vv.config), clip, clip.style, kind)
            step()
    for clip in sources:
        code = vv.encode(clip.load(rate), rate)
        for style in styles:
            wave = vv.decode(vv.style(code, style=style))
            heard.add(extract(wave, vv.config), clip, style, "pushed")
        step()
    return heard


def directions(heard: Heard, styles: Sequence[str]) -> dict[str, dict[str, tuple[float, float, bool]]]:
    """Of each style and measure: the mean difference from neutral of its recordings and of pushed speech, and whether
    the recordings' is clear."""
    found = {}
    for style in styles:
        real, pushed = (differences(heard.fit.recordings, name) for name in (style, PUSHED + style))
        if real and pushed:
            found[style] = {
                measure: _compared(np.concatenate([*real.values()]), np.concatenate([*pushed.values()]), effect)
                for measure, effect in MEASURES.items()
            }
    return found


def evaluate(heard: Heard, styles: Sequence[str]) -> dict[str, Any]:
    """Everything about pushed styles.

    Returns:
        directions, as `directions` gives them; clear, how many there are, and as_recorded, the share of those with the
        recordings' sign; accuracy, 0..1, of the probe on pushed speech, accuracy_real on recordings, and by style.

    Raises:
        ValueError: there are not two styles to learn, or nothing was pushed.
    """
    kinds, labels = np.array(heard.kinds), np.array(heard.styles)
    vectors = np.stack(heard.vectors)
    tasks = {kind: Task(heard.styles, kinds == "known", kinds == kind) for kind in ("pushed", "real")}
    accuracy = {kind: embedding.accuracy(vectors, task)[0] for kind, task in tasks.items()}
    told = directions(heard, styles)
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
    }


def _compared(real: np.ndarray, pushed: np.ndarray, effect: str) -> tuple[float, float, bool]:
    place = EFFECTS.index(effect)
    own, made = (values[np.isfinite(values[:, place]), place] for values in (real, pushed))
    if len(own) < 2 or not len(made):
        return 0.0, 0.0, False
    clear = abs(own.mean()) > CLEAR * own.std(ddof=1) / np.sqrt(len(own))
    return float(own.mean()), float(made.mean()), bool(clear)
