"""Accuracy of fresh networks on speaker or style from each latent of unseen utterances.

A sequence is read in two ways (`probes.networks`): in windows of 0.3 s that vote, and whole. The one that
is right most often counts, for a latent is as leaky as its best reader says: what two readers get right by luck is in
the figure, so even a latent that holds nothing comes out a little above chance. Accuracy is the mean over classes, of
which each weighs the same, so that chance is one over their number.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.document import PERCENT, Row, percent
from voicevae.evaluation.probes import networks
from voicevae.evaluation.probes.latents import CONTOURS, NAMES, Latents
from voicevae.evaluation.targets import Target

WINDOW_S, HOP_S = 0.3, 0.1
PART_S = 1.5
Reader = Callable[[list[np.ndarray], list[str], list[np.ndarray], float, int], np.ndarray]


def read_windows(
    train: list[np.ndarray], labels: list[str], test: list[np.ndarray], rate: float, seed: int
) -> np.ndarray:
    """Labels of `test` by windows of 0.3 s, of sequences with `rate` steps a second."""
    return networks.mlp(train, labels, test, max(round(WINDOW_S * rate), 1), max(round(HOP_S * rate), 1), seed)


def read_whole(
    train: list[np.ndarray], labels: list[str], test: list[np.ndarray], rate: float, seed: int
) -> np.ndarray:
    """Labels of `test` as whole sequences with `rate` steps a second."""
    return networks.sequences(train, labels, test, max(round(PART_S * rate), 1), seed)


def read_vector(
    train: list[np.ndarray], labels: list[str], test: list[np.ndarray], rate: float, seed: int
) -> np.ndarray:
    """Labels of `test`, one vector `[1, D]` each."""
    return networks.mlp(train, labels, test, 1, 1, seed)


READERS: dict[str, dict[str, Reader]] = {
    "z_s": {"the vector": read_vector},
    "z_p": {"windows": read_windows, "whole": read_whole},
    "z_c": {"windows": read_windows, "whole": read_whole},
    CONTOURS: {"windows": read_windows, "whole": read_whole},
}


def validate(labels: Sequence[str], folds: Sequence[np.ndarray]) -> None:
    """Raise ValueError unless there are two classes or more, and all that a fold `[n]` bool tests it also trains on."""
    names = np.asarray(labels)
    if len(set(names)) < 2 or not folds or any(len(fold) != len(names) for fold in folds):
        raise ValueError("Give two classes or more, and folds with a flag for each utterance.")
    if any(not fold.any() or set(names[fold]) - set(names[~fold]) for fold in folds):
        raise ValueError("Every class that is tested needs utterances to train on.")


def hits(
    latents: Sequence[Latents], name: str, labels: Sequence[str], folds: Sequence[np.ndarray], seed: int = 0
) -> dict[str, np.ndarray]:
    """Which utterances each reader of a latent gets right, over all that a fold tests: `[tested]` bool by reader."""
    validate(labels, folds)
    parts, known = [one.mean[name] for one in latents], np.asarray(labels)
    rate, found = latents[0].rate(name), {}
    for how, read in READERS[name].items():
        right = []
        for fold in folds:
            train, test = np.flatnonzero(~fold).tolist(), np.flatnonzero(fold).tolist()
            said = read([parts[i] for i in train], known[train].tolist(), [parts[i] for i in test], rate, seed)
            right.append(said == known[fold])
        found[how] = np.concatenate(right)
    return found


def evaluate(
    latents: Sequence[Latents],
    labels: Sequence[str],
    folds: Sequence[np.ndarray],
    seed: int = 0,
    step: Callable[[], object] = lambda: None,
    names: Sequence[str] = NAMES,
) -> dict[str, Any]:
    """Accuracy from each latent.

    Args:
        latents: of `n` utterances; labels: of each; folds: `[n]` bool each, which utterances test.
        step: is called after each latent.
        names: of what is read, z_s, z_p, z_c, and of "contours" on demand.

    Returns:
        classes, train, test (utterances of a fold, of all), chance, 0..1; and for each of `names` accuracy, 0..1,
        of the best of its readings, their accuracies, and interval, by bootstrap over speakers.
    """
    tested = np.concatenate([np.asarray(labels)[fold] for fold in folds])
    speakers = np.concatenate([np.asarray([one.clip.speaker for one in latents])[fold] for fold in folds])
    classes = sorted(set(tested))
    result: dict[str, Any] = {
        "classes": len(classes),
        "train": int((~folds[0]).sum()),
        "test": len(tested),
        "chance": 1 / len(set(labels)),
    }
    for name in names:
        right = hits(latents, name, labels, folds, seed)
        scores = {how: _balanced(own, tested, classes) for how, own in right.items()}
        best = right[max(scores, key=lambda how: scores[how])].astype(float)
        groups = [best[speakers == speaker] for speaker in np.unique(speakers)]
        result[name] = {
            "accuracy": max(scores.values()),
            "readings": scores,
            "interval": interval(groups, mean_of_means, seed),
        }
        step()
    return result


def row(
    figure: str, found: Mapping[str, Any], name: str, size: str, wanted: Target, better: str, also: str = ""
) -> Row:
    """The row of a latent in `evaluate`; beside it stand chance and, of z_s, `size`, else its readings and `also`."""
    one = found[name]
    readings = ", ".join(f"{how} {PERCENT * value:.0f} %" for how, value in one["readings"].items())
    beside = f"chance {PERCENT * found['chance']:.1f} %; {size if name == 'z_s' else readings + also}"
    accuracy = PERCENT * one["accuracy"]
    return Row(figure, accuracy, "%", percent(one["interval"]), **wanted, beside=beside, better=better)


def _balanced(right: np.ndarray, tested: np.ndarray, classes: Sequence[str]) -> float:
    return float(np.mean([right[tested == name].mean() for name in classes]))
