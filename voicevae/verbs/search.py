"""Search for a voice by comparing pairs; the best guess approaches the wanted voice.

    search = vv.search(seed=0)
    a, b = search.pair()            # two Speakers to listen to
    search.choose("a")              # or "b", or "same"
    vv.save_voice(search.best(), "mine.voice")

The search space is the leading directions of the training speakers' mixture (`voicevae.verbs.voices`): register, z_s,
mean and covariance of the mel. `voicevae.verbs.preference` learns the preference. The constants were chosen on
simulated listeners who look for training speakers.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.aside import written
from voicevae.code import Speaker
from voicevae.errors import EditError, InputError
from voicevae.verbs.preference import Belief, Comparison, learn
from voicevae.verbs.voices import BLOCKS, VoiceSpace

FORMAT = "voicevae search 1"
ANSWERS = {"a": 1.0, "b": 0.0, "same": 0.5}
DIRECTIONS = 16
REGISTER = 3.0  # weight of the mean log-F0, which is heard more than other coordinates
PRIOR = 5.0  # variance of the prior over that of the mixture: wanted voices are seldom average
LIKE = 0.3  # the same, about a given voice
SHARPNESS = 10.0  # nats for a difference in utility of the mixture's variance
WIDTH, WIDER = 1.0, 1.5  # of a pair, in standard deviations; factor after each "same" in a row


@dataclass(frozen=True, eq=False)
class Axes:
    """The line from `K` numbers to a voice's coordinates `[D]`: centre `[D]`, basis `[K, D]`, variances `[K]`."""

    centre: np.ndarray
    basis: np.ndarray
    variances: np.ndarray

    @staticmethod
    def of(space: VoiceSpace, gender: str | None = None, like: np.ndarray | None = None) -> "Axes":
        """The leading directions of the mixture, or of its components of one gender; or about a voice's coordinates
        `like` `[D]`, of its gender unless another is given.

        Raises:
            EditError: an unknown gender.
        """
        if gender is None and like is not None:
            gender = space.names[int(space.mixture.log_densities(like[None])[0].argmax())]
        centre, covariance = _moments(space, gender)
        units = _units(space, covariance)
        values, vectors = np.linalg.eigh(covariance * units * units[:, None])
        leading = slice(-1, -1 - min(DIRECTIONS, len(values)), -1)
        basis = vectors[:, leading].T / units
        variances = (PRIOR if like is None else LIKE) * values[leading]
        return Axes(centre if like is None else like.astype(np.float64), basis, variances)


@dataclass(frozen=True, eq=False)
class Choice:
    """A pair that was compared, as points `[K]`, and the answer: "a", "b" or "same"."""

    a: np.ndarray
    b: np.ndarray
    answer: str


class Search:
    """A search; the same seed and answers give the same pairs. `history` holds the choices so far.

    Args:
        gender: to search among, as the training corpus calls it; None is any.
        like: coordinates of a voice to start from.
        vae: checksum of the weights that the voices belong to.
    """

    def __init__(
        self, space: VoiceSpace, vae: str, seed: int = 0, gender: str | None = None, like: np.ndarray | None = None
    ) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise EditError(f"seed is {seed!r}; give a whole number of 0 or more.")
        self._space, self._axes, self._vae = space, Axes.of(space, gender, like), vae
        self.seed, self.gender, self._like = seed, gender, like
        self.history: list[Choice] = []
        self._update()

    def pair(self) -> tuple[Speaker, Speaker]:
        """The two voices to compare next, the same until one is chosen."""
        a, b = self._points
        return self._voice(a), self._voice(b)

    def choose(self, answer: str) -> None:
        """Record which of the pair is nearer to the wanted voice: "a", "b" or "same".

        Raises:
            EditError: another answer.
        """
        if answer not in ANSWERS:
            raise EditError(f"The answer is {answer!r}; give a, b or same.")
        self.history.append(Choice(*self._points, answer))
        self._update()

    def undo(self) -> None:
        """Take the last choice back. Raises EditError if there is none."""
        if not self.history:
            raise EditError("There is no choice to take back.")
        self.history.pop()
        self._update()

    def best(self) -> Speaker:
        """The voice that fits the choices best."""
        return self._voice(self._belief.mean)

    @property
    def guess(self) -> np.ndarray:
        """Coordinates `[K]` of `best` in the searched directions."""
        return self._belief.mean

    @property
    def known(self) -> float:
        """Share of the prior variance that the answers have removed, 0..1."""
        return float(1 - np.trace(self._belief.covariance) / self._axes.variances.sum())

    def save(self, path: str | Path) -> None:
        """Write the search to a JSON file, aside first. Raises OutputError: it cannot be written."""
        path = Path(path)
        choices = [{"a": _rounded(one.a), "b": _rounded(one.b), "answer": one.answer} for one in self.history]
        like = None if self._like is None else _rounded(self._like)
        about = {"format": FORMAT, "vae": self._vae, "seed": self.seed, "gender": self.gender, "like": like}
        with written(path) as aside:
            aside.write_text(json.dumps(about | {"choices": choices}), encoding="utf-8")

    @staticmethod
    def load(path: str | Path, space: VoiceSpace, vae: str) -> "Search":
        """Resume a search that `save` wrote.

        Raises:
            InputError: no such file, or a search of other weights than `vae`.
        """
        try:
            content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError("another format")
            like = None if content["like"] is None else np.array(content["like"], np.float64)
            search = Search(space, content["vae"], content["seed"], content["gender"], like)
            search.history = [_choice(one, len(search._axes.variances)) for one in content["choices"]]
        except FileNotFoundError:
            raise InputError(f"{path} does not exist; give a file of a search.") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path} is not a search; give a file that a search was saved to.") from error
        if content["vae"] != vae:
            raise InputError(f"{path} was made with another bundle; begin a new search with this one.")
        search._update()
        return search

    def _update(self) -> None:
        comparisons = [Comparison(one.a, one.b, ANSWERS[one.answer]) for one in self.history]
        scale = self._axes.variances.sum()
        self._belief: Belief = learn(comparisons, self._axes.variances, SHARPNESS / scale * PRIOR)
        unheard = 0
        while unheard < len(self.history) and self.history[-1 - unheard].answer == "same":
            unheard += 1
        a, b = self._belief.pair(WIDTH * WIDER**unheard)
        swap = np.random.default_rng([self.seed, len(self.history)]).random() < 0.5
        self._points = (b, a) if swap else (a, b)

    def _voice(self, point: np.ndarray) -> Speaker:
        return self._space.speaker((self._axes.centre + point @ self._axes.basis).astype(np.float32))


def _moments(space: VoiceSpace, gender: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Mean `[D]` and covariance `[D, D]` of the mixture, or of its components of one gender."""
    known = sorted(set(space.names) - {""})
    if gender is not None and gender not in space.names:
        raise EditError(f"The bundle knows no gender {gender!r}; known are {', '.join(known) or 'none'}.")
    chosen = [gender in (None, name) for name in space.names]
    weights, means, covariances = (
        np.asarray(values, np.float64)[chosen]
        for values in (space.mixture.weights, space.mixture.means, space.mixture.covariances)
    )
    weights = weights / weights.sum()
    mean = weights @ means
    return mean, np.einsum("k,kde->de", weights, covariances) + (means - mean).T * weights @ (means - mean)


def _units(space: VoiceSpace, covariance: np.ndarray) -> np.ndarray:
    """Factor of each coordinate, `[D]`, so that equal distances sound equally different.

    Blocks count alike, except for the mean of log-F0; within one, directions count by the square root of their standard
    deviation.
    """
    stds = np.sqrt(covariance.diagonal())
    units, start = np.empty(len(stds)), 0
    for size in (1, 1, *(len(space.basis[name]) for name in BLOCKS)):
        block = slice(start, start + size)
        units[block] = 1 / np.sqrt(stds[block] * stds[block].mean())
        start += size
    units[0] *= REGISTER
    return units


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values]


def _choice(content: dict[str, Any], size: int) -> Choice:
    """Raises ValueError unless it is one of points `[size]`."""
    a, b = (np.array(content[name], np.float64) for name in ("a", "b"))
    if content["answer"] not in ANSWERS or a.shape != (size,) or b.shape != (size,):
        raise ValueError("no choice")
    return Choice(a, b, content["answer"])
