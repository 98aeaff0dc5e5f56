"""Linear probes of the speaker in each latent.

Multinomial logistic regression on standardised inputs, trained on some utterances of known speakers and tested on their
others; an utterance is decided by the sum of the log-probabilities of its parts. Content is read in three ways: the
mean and standard deviation over segments of at least 1.6 s, the mean alone, and single frames with two neighbours on
each side. The one that finds the speaker most often counts: a latent is as leaky as its best reader says.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from voicevae.evaluation.bootstrap import interval
from voicevae.evaluation.clips import Clip, by_corpus, by_speaker
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.plan import KNOWN_SPLIT
from voicevae.evaluation.study import Study, missing
from voicevae.evaluation.targets import target

SPEAKERS = 30
UTTERANCES = 14
TEST_SHARE = 0.3
MIN_UTTERANCES = 4
SEGMENT_S = 1.6
CONTEXT = 2
FRAME_STEP = 2
ITERATIONS = 300
LINEAR = "speaker from z_c / from z_s, linear probe"
FEW = "no two speakers with four recordings each"


class EncodedUtterance(NamedTuple):
    """Latents of one recording: content `[T, D_c]`, `rate` of them a second, and the speaker's z `[D_s]`."""

    speaker: str
    content: np.ndarray
    rate: float
    z_s: np.ndarray


def draw_known(clips: Sequence[Clip], seed: int, utterances: int = UTTERANCES) -> list[Clip]:
    """Up to so many clips each of up to 30 speakers, drawn by `seed` from the corpus that has the most to offer."""
    corpora = [[c for c in by_speaker(own).values() if len(c) >= MIN_UTTERANCES] for own in by_corpus(clips).values()]
    best = max(corpora, key=lambda speakers: sum(min(len(own), utterances) for own in speakers), default=[])
    rng = np.random.default_rng(seed)
    chosen = [best[i] for i in rng.permutation(len(best))[:SPEAKERS]]
    return [own[i] for own in chosen for i in rng.permutation(len(own))[:utterances]]


def segments(content: np.ndarray, rate: float) -> list[np.ndarray]:
    """Equal parts of content `[T, D]`, each of at least 1.6 s where it is that long."""
    return np.array_split(content, max(int(len(content) / (SEGMENT_S * rate)), 1))


def mean_and_std(content: np.ndarray, rate: float) -> np.ndarray:
    """`[segments, 2 D]`: mean and standard deviation over time."""
    return np.stack([np.concatenate([part.mean(0), part.std(0)]) for part in segments(content, rate)])


def mean_only(content: np.ndarray, rate: float) -> np.ndarray:
    """`[segments, D]`: mean over time."""
    return np.stack([part.mean(0) for part in segments(content, rate)])


def frames_in_context(content: np.ndarray, rate: float) -> np.ndarray:
    """`[frames, 5 D]`: every other frame with its two neighbours on each side."""
    padded = np.pad(content, ((CONTEXT, CONTEXT), (0, 0)), "edge")
    n = len(content)
    return np.concatenate([padded[i : i + n] for i in range(2 * CONTEXT + 1)], 1)[::FRAME_STEP]


READINGS = {"mean + std": mean_and_std, "mean": mean_only, "frames": frames_in_context}


def held_out(speakers: Sequence[str], seed: int) -> np.ndarray:
    """`[n]` bool: which utterances test, three in ten of each speaker's and at least one."""
    rng, names = np.random.default_rng(seed), np.asarray(speakers)
    test = np.zeros(len(names), bool)
    for name in np.unique(names):
        own = rng.permutation(np.flatnonzero(names == name))
        test[own[: max(1, round(TEST_SHARE * len(own)))]] = True
    return test


def validate(parts: Sequence[np.ndarray], speakers: Sequence[str], test: np.ndarray) -> None:
    """Raise ValueError unless all parts are finite `[n, D]`, and all speakers have some to train and to test on."""
    if not len(parts) == len(speakers) == len(test):
        raise ValueError("Give as many speakers and flags as utterances.")
    if any(part.ndim != 2 or not len(part) or not np.isfinite(part).all() for part in parts):
        raise ValueError("Every utterance needs at least one finite vector, as [n, D].")
    names = np.asarray(speakers)
    if len(set(names)) < 2 or set(names[test]) != set(names[~test]):
        raise ValueError("Give two speakers or more, each with utterances to train and to test on.")


def probe(parts: Sequence[np.ndarray], speakers: Sequence[str], test: np.ndarray) -> np.ndarray:
    """Train on the utterances outside `test`, and say which of those in it are recognised.

    Args:
        parts: one array `[n, D]` an utterance.
        speakers: of each utterance.
        test: `[utterances]` bool.

    Returns:
        `[test.sum()]` bool.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    validate(parts, speakers, test)
    names = np.asarray(speakers)
    train, tested = np.flatnonzero(~test).tolist(), np.flatnonzero(test).tolist()
    labels = np.repeat(names[train], [len(parts[i]) for i in train])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged in so many iterations is near enough
        model.fit(np.concatenate([parts[i] for i in train]), labels)
    votes = [model.predict_log_proba(parts[i]).sum(0) for i in tested]
    return model.classes_[np.argmax(votes, 1)] == names[test]


def evaluate(utterances: Sequence[EncodedUtterance], seed: int = 0) -> dict[str, Any]:
    """Speaker accuracy from content and from z_s, on the same utterances.

    Returns:
        speakers, train_utterances, test_utterances; chance and z_s, 0..1; z_c, 0..1, the highest of z_c_readings;
        ratio, z_c / z_s; ratio_interval, over speakers.
    """
    speakers = [u.speaker for u in utterances]
    test = held_out(speakers, seed)
    found = {
        name: probe([read(u.content, u.rate) for u in utterances], speakers, test) for name, read in READINGS.items()
    }
    from_speaker = probe([u.z_s[None] for u in utterances], speakers, test)
    best = max(found, key=lambda name: found[name].mean())
    tested = np.asarray(speakers)[test]
    both = np.stack([found[best], from_speaker], 1).astype(float)
    groups = [both[tested == name] for name in np.unique(tested)]
    return {
        "speakers": len(groups),
        "train_utterances": int((~test).sum()),
        "test_utterances": int(test.sum()),
        "chance": 1 / len(groups),
        "z_c_readings": {name: float(hits.mean()) for name, hits in found.items()},
        "z_c": float(found[best].mean()),
        "z_s": float(from_speaker.mean()),
        "ratio": _ratio(groups),
        "ratio_interval": interval(groups, _ratio, seed),
    }


def _ratio(groups: Sequence[np.ndarray]) -> float:
    content, speaker = np.concatenate(groups).mean(0)
    return float(content / speaker) if speaker else float("nan")


def steps(study: Study) -> int:
    """Recordings of known speakers."""
    return len(draw_known(study.known, study.plan.seed))


def run(study: Study) -> None:
    """Add rows of a logistic regression's accuracy on the speaker from each latent."""
    known = study.latents(draw_known(study.known, study.plan.seed))
    if len(by_speaker([one.clip for one in known])) < 2:
        study.report.add("probes", None, [absent(LINEAR, f"{FEW} in the split of known speakers")])
        return
    read = [EncodedUtterance(o.clip.speaker, o.mean["z_c"], o.rate("z_c"), o.mean["z_s"][0]) for o in known]
    try:
        found = evaluate(read, study.plan.seed)
    except ImportError as error:
        study.report.add("probes", None, [absent(LINEAR, missing(error))])
        return
    on = f"{KNOWN_SPLIT}, {found['speakers']} speakers, {len(known)} recordings; logistic regression"
    study.report.add("probes", found, rows(found), on)


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    readings = ", ".join(f"{name} {PERCENT * value:.0f} %" for name, value in found["z_c_readings"].items())
    beside = (
        f"chance {PERCENT * found['chance']:.1f} %, z_c {PERCENT * found['z_c']:.0f} % ({readings}), "
        f"z_s {PERCENT * found['z_s']:.0f} %; {found['speakers']} known speakers, "
        f"{found['train_utterances']} + {found['test_utterances']} utterances"
    )
    return [
        Row(
            LINEAR,
            found["ratio"],
            "",
            found["ratio_interval"],
            **target("speaker from z_c over z_s, linear"),
            beside=beside,
        )
    ]
