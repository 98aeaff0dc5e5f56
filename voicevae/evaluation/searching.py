"""Voice design by ear: does a listener with a voice in mind find it?

A simulated listener knows a hidden speaker, and of each pair prefers the voice nearer to that speaker by SECS, the
cosine of Resemblyzer's embeddings of what the voice says. There are two ways to have a speaker in mind:

    spoken     the speaker's voice as the bundle says it, the same sentence that all pairs say: the best that a search
               of voices can reach is 1
    recorded   the speaker's own recordings, of other sentences: no more can be reached than the bundle's conversion
               reaches, which stands beside it

Beside either stand the best and the mean of as many sampled voices as `RANDOM`, on the same sentence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.code import Code, Speaker
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.similarity import Judge, mean_cosine
from voicevae.verbs.search import Search
from voicevae.voice import VoiceVAE

CHOICES, EVERY = 20, 5
RANDOM = 40
SENTENCE_S = 2.5


@dataclass(frozen=True, eq=False)
class Found:
    """Cosines with a hidden target: after every `EVERY` choices `[n]`; of sampled voices `[m]`; of its conversion."""

    path: np.ndarray
    random: np.ndarray
    own: float


class Listener:
    """Hears one sentence in any voice, as embeddings `[256]`."""

    def __init__(self, vv: VoiceVAE, sentence: Clip, judge: Judge) -> None:
        self._vv, self._judge = vv, judge
        wave = sentence.load(vv.sample_rate)[: round(SENTENCE_S * vv.sample_rate)]
        self._code: Code = vv.encode(wave, vv.sample_rate, residual=False)

    def hear(self, speaker: Speaker) -> np.ndarray:
        """The sentence in a voice."""
        return self._judge.embed(self._vv.decode(self._code.edit(speaker)), self._vv.sample_rate)

    def random(self) -> list[np.ndarray]:
        """Sampled voices, the first `RANDOM` seeds."""
        return [self.hear(self._vv.sample(seed)) for seed in range(RANDOM)]


def follow(
    search: Search, hear: Callable[[Speaker], np.ndarray], target: Sequence[np.ndarray], choices: int = CHOICES
) -> np.ndarray:
    """Answer as who has `target` embeddings in mind; mean cosines of the best guess with them, after every `EVERY`."""
    path = []
    for done in range(1, choices + 1):
        a, b = (mean_cosine(hear(speaker), target) for speaker in search.pair())
        search.choose("a" if a > b else "b")
        if done % EVERY == 0:
            path.append(mean_cosine(hear(search.best()), target))
    return np.array(path)


def validate(found: Sequence[Found]) -> None:
    """Raise ValueError unless there are targets, with cosines, and as many choices each."""
    if not found or len({len(one.path) for one in found}) != 1:
        raise ValueError("Give at least one target, and as many choices for each.")
    if not all((np.abs([*one.path, *one.random, one.own]) <= 1 + 1e-6).all() for one in found):
        raise ValueError("Give cosines from -1 to 1.")


def evaluate(found: Sequence[Found]) -> dict[str, Any]:
    """Medians over targets.

    Returns:
        targets, choices; secs after all choices, path after every `EVERY`; best and mean of the random voices; gain, of
        secs over the best, gain_mean, over their mean; own, of the target's own conversion.
    """
    validate(found)
    last, best, mean = (
        np.array([value(one) for one in found])
        for value in (lambda one: one.path[-1], lambda one: one.random.max(), lambda one: one.random.mean())
    )
    return {
        "targets": len(found),
        "choices": EVERY * len(found[0].path),
        "secs": float(np.median(last)),
        "path": np.median([one.path for one in found], 0).tolist(),
        "best": float(np.median(best)),
        "mean": float(np.median(mean)),
        "gain": float(np.median(last - best)),
        "gain_mean": float(np.median(last - mean)),
        "own": float(np.median([one.own for one in found])),
    }


def search_all(
    vv: VoiceVAE,
    sentence: Clip,
    targets: Sequence[tuple[Clip, Sequence[Clip]]],
    judge: Judge,
    step: Callable[[], object] = lambda: None,
) -> dict[str, list[Found]]:
    """Searches for targets, each a clip that shows the voice and others of its speaker: "spoken" and "recorded"."""
    listener = Listener(vv, sentence, judge)
    random = listener.random()
    rate = vv.sample_rate
    found: dict[str, list[Found]] = {"spoken": [], "recorded": []}
    for clip, others in targets:
        own = listener.hear(vv.speaker(clip.load(rate), rate))
        recordings = [judge.embed(other.load(rate), rate) for other in others]
        for name, target in (("spoken", [own]), ("recorded", recordings)):
            path = follow(vv.search(), listener.hear, target)
            cosines = np.array([mean_cosine(one, target) for one in random])
            found[name].append(Found(path, cosines, mean_cosine(own, target)))
            step()
    return found
