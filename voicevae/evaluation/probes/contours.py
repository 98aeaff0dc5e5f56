"""Probes of the contours in each latent, by fresh networks: R2 of F0 and of loudness, frame by frame.

log-F0 is taken in standard deviations from the recording's mean over its voiced frames, loudness in dB over its speech.
A small perceptron reads the step of the latent that covers a frame, its two neighbours on each side, and where in the
step the frame lies. Utterances that test are not those that train. R2 is one less the error over the variance, of all
frames: 1 is perfect, 0 is what the mean gives, and an overfitted reader falls below it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.bootstrap import interval
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.probes import networks
from voicevae.evaluation.probes.latents import NAMES, Latents
from voicevae.evaluation.probes.linear import held_out
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.targets import TARGETS, Target, target

CLIPS, QUICK_CLIPS = 160, 60
TITLES = {"f0": "F0 contour", "loudness": "loudness"}
CONTEXT = 2
MIN_STD = 0.02  # ln Hz
SAMPLES = 20_000
DB = 20.0


def validate(latents: Sequence[Latents], test: np.ndarray) -> None:
    """Raise ValueError unless there is speech to train and to test on (`test` `[n]` bool)."""
    if len(latents) != len(test) or test.all() or not test.any():
        raise ValueError("Give a flag for each utterance, some to train and some to test on.")
    for part in (test, ~test):
        if not any(one.voiced.any() for one, chosen in zip(latents, part, strict=True) if chosen):
            raise ValueError("Utterances to train and to test on need voiced speech.")


def inputs(one: Latents, name: str) -> np.ndarray:
    """What is read for each frame: `[T, 5 D + stride]` of a sequence, `[T, D]` of z_s."""
    sequence, stride = one.mean[name], one.stride(name)
    frames = np.arange(len(one.log_f0))
    if len(sequence) == 1:
        return np.repeat(sequence, len(frames), 0)
    padded = np.pad(sequence, ((CONTEXT, CONTEXT), (0, 0)), "edge")
    near = [padded[frames // stride + i] for i in range(2 * CONTEXT + 1)]
    return np.concatenate([*near, np.eye(stride)[frames % stride]], 1)


def pitch(one: Latents) -> tuple[np.ndarray, np.ndarray]:
    """Contour `[T]` of log-F0 in standard deviations from its mean, and which frames count `[T]`."""
    std = one.log_f0[one.voiced].std() if one.voiced.any() else 0.0
    return one.log_f0 / max(float(std), MIN_STD), one.voiced


def loudness(one: Latents) -> tuple[np.ndarray, np.ndarray]:
    """Contour `[T]` of loudness in units of 20 dB, and which frames count `[T]`."""
    return one.loudness_db / DB, one.speech


CONTOURS = {"f0": pitch, "loudness": loudness}


def r2(groups: Sequence[np.ndarray]) -> float:
    """R2 of (contour, prediction), `[n, 2]` a group, all together; NaN where the contour is constant."""
    wanted, said = np.concatenate(list(groups)).T
    variance = np.mean((wanted - wanted.mean()) ** 2)
    return float(1 - np.mean((wanted - said) ** 2) / variance) if variance > 0 else float("nan")


def evaluate(
    latents: Sequence[Latents], test: np.ndarray, seed: int = 0, step: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """R2 of f0 and loudness, by z_s, z_p and z_c: r2, and interval, by bootstrap over speakers; `step` after each."""
    validate(latents, test)
    speakers = np.asarray([one.clip.speaker for one in latents])
    result: dict[str, Any] = {name: {} for name in CONTOURS}
    for name in NAMES:
        read = [inputs(one, name) for one in latents]
        for contour, of in CONTOURS.items():
            wanted = [of(one) for one in latents]
            train, tested = np.flatnonzero(~test).tolist(), np.flatnonzero(test).tolist()
            said = networks.regress(
                np.concatenate([read[i][wanted[i][1]] for i in train]),
                np.concatenate([wanted[i][0][wanted[i][1]] for i in train]),
                np.concatenate([read[i][wanted[i][1]] for i in tested]),
                SAMPLES,
                seed,
            )
            both = np.stack([np.concatenate([wanted[i][0][wanted[i][1]] for i in tested]), said], 1)
            whose = np.concatenate([np.repeat(speakers[i], wanted[i][1].sum()) for i in tested])
            groups = [both[whose == speaker] for speaker in np.unique(whose)]
            result[contour][name] = {"r2": r2(groups), "interval": interval(groups, r2, seed)}
        step()
    return result


def contour_clips(study: Study) -> list[Clip]:
    """The recordings that probes of contours, capacity and disentanglement read."""
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)


def steps(study: Study) -> int:
    """Recordings, and trained networks."""
    return len(contour_clips(study)) + len(NAMES)


def run(study: Study) -> None:
    """Add rows of R2 of F0 and loudness from each latent."""
    latents = study.latents(contour_clips(study))
    test = held_out([one.clip.speaker for one in latents], study.plan.seed)
    try:
        found = evaluate(latents, test, study.plan.seed, study.step)
    except (ImportError, ValueError) as error:
        why = missing(error) if isinstance(error, ImportError) else str(error)
        study.report.add("contours", None, [absent("F0 and loudness from each latent, R2", why)])
        return
    study.report.add("contours", found, rows(found), f"{study.plan.split}, {len(latents)} recordings; fresh networks")


def rows(found: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Rows of `evaluate`; that of z_s, one vector a recording, is 0 by construction and left out."""
    added = []
    for contour, title in TITLES.items():
        for name in ("z_p", "z_c"):
            one, figure = found[contour][name], f"{title} from {name}"
            better = "higher" if name == "z_p" else "lower"
            asked = target(figure) if figure in TARGETS else Target()
            row = Row(f"{figure}, R2", one["r2"], "", one["interval"], **asked, better=better)
            added.append(row)
    return added
