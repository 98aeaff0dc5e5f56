"""Voice search: how near simulated listeners come to the voice that they look for.

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
from voicevae.errors import BundleError
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.metrics.similarity import mean_cosine
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import target
from voicevae.speaker_encoder import Resemblyzer
from voicevae.verbs.search import Search
from voicevae.verbs.voices import VoiceSpace
from voicevae.voice import VoiceVAE

CHOICES, EVERY = 20, 5
RANDOM = 40
SENTENCE_S = 2.5
TARGETS = 20  # speakers
OTHERS = 4
FIGURE = "search: SECS to a hidden voice after 20 choices, over the best of 40 random voices"


@dataclass(frozen=True, eq=False)
class SearchFigures:
    """Cosines with a hidden target: after every `EVERY` choices `[n]`; of sampled voices `[m]`; of its conversion."""

    path: np.ndarray
    random: np.ndarray
    own: float


class SimulatedListener:
    """Embeddings `[256]` of one sentence in any voice."""

    def __init__(self, vv: VoiceVAE, sentence: Clip, encoder: Resemblyzer) -> None:
        self._vv, self._encoder = vv, encoder
        wave = sentence.load(vv.sample_rate)[: round(SENTENCE_S * vv.sample_rate)]
        self._code: Code = vv.encode(wave, vv.sample_rate, residual=False)

    def embed(self, speaker: Speaker) -> np.ndarray:
        """The sentence in a voice."""
        return self._encoder.embed(self._vv.decode(self._code.edit(speaker)), self._vv.sample_rate)

    def random(self) -> list[np.ndarray]:
        """Sampled voices, the first `RANDOM` seeds."""
        return [self.embed(self._vv.sample(seed)) for seed in range(RANDOM)]


def follow(
    search: Search, embed: Callable[[Speaker], np.ndarray], target: Sequence[np.ndarray], choices: int = CHOICES
) -> np.ndarray:
    """Answer as who has `target` embeddings in mind; mean cosines of the best guess with them, after every `EVERY`."""
    path = []
    for done in range(1, choices + 1):
        a, b = (mean_cosine(embed(speaker), target) for speaker in search.pair())
        search.choose("a" if a > b else "b")
        if done % EVERY == 0:
            path.append(mean_cosine(embed(search.best()), target))
    return np.array(path)


def validate(found: Sequence[SearchFigures]) -> None:
    """Raise ValueError unless there are targets, with cosines, and as many choices each."""
    if not found or len({len(one.path) for one in found}) != 1:
        raise ValueError("Give at least one target, and as many choices for each.")
    if not all((np.abs([*one.path, *one.random, one.own]) <= 1 + 1e-6).all() for one in found):
        raise ValueError("Give cosines from -1 to 1.")


def evaluate(found: Sequence[SearchFigures]) -> dict[str, Any]:
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
    encoder: Resemblyzer,
    step: Callable[[], object] = lambda: None,
) -> dict[str, list[SearchFigures]]:
    """Searches for targets, each a clip that shows the voice and others of its speaker: "spoken" and "recorded"."""
    listener = SimulatedListener(vv, sentence, encoder)
    random = listener.random()
    rate = vv.sample_rate
    found: dict[str, list[SearchFigures]] = {"spoken": [], "recorded": []}
    for clip, others in targets:
        own = listener.embed(vv.speaker(clip.load(rate), rate))
        recordings = [encoder.embed(other.load(rate), rate) for other in others]
        for name, ideal in (("spoken", [own]), ("recorded", recordings)):
            path = follow(vv.search(), listener.embed, ideal)
            cosines = np.array([mean_cosine(one, ideal) for one in random])
            found[name].append(SearchFigures(path, cosines, mean_cosine(own, ideal)))
            step()
    return found


def steps(study: Study) -> int:
    """Searches; none where it cannot be measured."""
    return 2 * len(_targets(study)) if _missing(study) is None else 0


def run(study: Study) -> None:
    """Add rows of SECS to the hidden speakers after the answers of simulated listeners."""
    encoder, missing = study.originals.encoder, _missing(study)
    if encoder is None or missing is not None:
        study.report.add("search", None, [absent(FIGURE, missing or "")])
        return
    found = search_all(study.vv, _sentence(study), _targets(study), encoder, study.step)
    figures = {name: evaluate(own) for name, own in found.items()}
    study.report.add(
        "search", figures, rows(figures), f"{study.plan.split}, {figures['spoken']['targets']} speakers; Resemblyzer"
    )


def rows(found: dict[str, dict[str, Any]]) -> list[Row]:
    """Rows of `evaluate` of voices as the bundle says them, and as they were recorded."""
    return [
        _row(FIGURE, found["spoken"], "said by the bundle"),
        _row(f"{FIGURE}, recorded speakers", found["recorded"], "of recordings"),
    ]


def _row(figure: str, found: dict[str, Any], what: str) -> Row:
    beside = (
        f"{found['targets']} speakers, {what}: {found['secs']:.2f} after {found['choices']} choices; random: best "
        f"{found['best']:.2f}, mean {found['mean']:.2f}, over which it is {found['gain_mean']:.2f}; "
        f"the speaker's own conversion {found['own']:.2f}"
    )
    return Row(figure, found["gain"], "", **target("search: gain"), beside=beside)


def _missing(study: Study) -> str | None:
    """Why there is nothing to measure."""
    if study.originals.encoder is None:
        return f"resemblyzer is not installed; {EXTRA}"
    if study.plan.quick:
        return "minutes of conversions; a full run measures it"
    try:
        if not isinstance(study.vv, VoiceVAE) or not VoiceSpace.of(study.vv.bundle.calibration).names:
            return "this voice cannot be searched"
    except BundleError as error:
        return str(error)
    return None if _targets(study) else "no speaker has recordings enough"


def _targets(study: Study) -> list[tuple[Clip, Sequence[Clip]]]:
    """A clip of each of some speakers, drawn by the seed, and others of the same."""
    rng = np.random.default_rng(study.plan.seed)
    groups = [own for own in by_speaker(study.clips).values() if len(own) > 1]
    chosen = [groups[i] for i in rng.permutation(len(groups))[:TARGETS]]
    longest = [max(own, key=lambda clip: clip.duration_s) for own in chosen]
    return [
        (clip, [other for other in own if other != clip][:OTHERS]) for clip, own in zip(longest, chosen, strict=True)
    ]


def _sentence(study: Study) -> Clip:
    """What all voices say."""
    return draw_clips(study.clips, 1, study.plan.seed)[0]
