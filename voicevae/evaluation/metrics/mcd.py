"""Mel-cepstral distortion (MCD) between two readings of one sentence, in dB.

The root mean square over frequency of the difference of two smoothed log spectra without their level, here by the first
24 mel-cepstra of the harmonic-free mel (Kubichek, 1993), its mean over the speech frames, aligned in time.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.clips import Clip
from voicevae.evaluation.document import Row, absent
from voicevae.evaluation.originals import FEATURES, fixed_frames
from voicevae.evaluation.pairs import Conversion
from voicevae.evaluation.study import Study
from voicevae.features import Frames, dtw
from voicevae.units import DB_PER_NAT

BANDS = FEATURES.n_mels
CEPSTRA = 24
PAIRS = 40
NO_PARALLEL = "no two speakers read the same sentence, as far as the corpus says"


def validate(a: Frames, b: Frames) -> None:
    """Raise ValueError unless both are finite and hold `fixed_frames`."""
    if not len(a) or not len(b) or min(a.mel.shape[1], b.mel.shape[1]) < BANDS:
        raise ValueError(f"Give frames with {BANDS} mel bands.")
    if not (np.isfinite(a.mel).all() and np.isfinite(b.mel).all()):
        raise ValueError("Mels must be finite.")


def cepstra(frames: Frames, n: int) -> np.ndarray:
    """Coefficients 1 to `n` of the orthonormal DCT-II of the 80 mel bands of `fixed_frames`: `[T, n]`, in nats."""
    return dtw.cepstra(frames.mel[:, :BANDS], n)


def aligned(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances `[L]` along the path between `a` `[n, D]` and `b` `[m, D]` with the least sum.

    See `voicevae.features.dtw`.
    """
    total = dtw.least_sums(np.sqrt(dtw.square_distances(a, b)))
    i, j = dtw.path_to(total, len(a), len(b))
    return np.linalg.norm(a[i] - b[j], axis=1)


def distortion_db(a: Frames, b: Frames) -> float:
    """MCD of two recordings in dB; 0 for the same."""
    validate(a, b)
    x, y = (cepstra(frames, CEPSTRA)[frames.contours.speech] for frames in (a, b))
    return float(DB_PER_NAT * aligned(x, y).mean() / np.sqrt(BANDS))


def evaluate(distortions: Sequence[np.ndarray], seed: int = 0) -> dict[str, Any]:
    """mean_db and mean_db_interval of distortions `[n]`, one array a target speaker."""
    return {"mean_db": mean_of_means(distortions), "mean_db_interval": interval(distortions, mean_of_means, seed)}


def steps(study: Study) -> int:
    """None: nothing is converted here."""
    return 0


def run(study: Study) -> None:
    """Converted files against the target's own readings of their sentences."""
    readings = _readings(study.clips)
    pairs = [
        (done, other)
        for own in study.done.values()
        for done in own
        if done.wave is not None
        for other in readings.get((done.pair.target, done.pair.source.text.casefold()), [])[:1]
        if done.pair.source.text
    ][:PAIRS]
    figure = "MCD to the target's own reading"
    if not pairs:
        study.report.add("mcd", None, [absent(figure, NO_PARALLEL)])
        return
    made = evaluate(_distortions(study, pairs, converted=True), study.plan.seed)
    before = evaluate(_distortions(study, pairs, converted=False), study.plan.seed)
    beside = f"the source itself {before['mean_db']:.2f} dB; {len(pairs)} pairs"
    row = Row(figure, made["mean_db"], "dB", made["mean_db_interval"], beside=beside, better="lower")
    study.report.add(
        "mcd",
        {"converted": made, "source": before, "pairs": len(pairs)},
        [row],
        f"{study.plan.split}, {len(pairs)} conversions; mel-cepstra",
    )


def _distortions(study: Study, pairs: list[tuple[Conversion, Clip]], converted: bool) -> list[np.ndarray]:
    """MCD in dB of each pair, by target speaker."""
    found: dict[str, list[float]] = {}
    for done, reading in pairs:
        source = study.originals.frames(done.pair.source)
        frames = fixed_frames(done.wave, study.vv.sample_rate) if converted and done.wave is not None else source
        distortion = distortion_db(frames, study.originals.frames(reading))
        found.setdefault(done.pair.target, []).append(distortion)
    return [np.array(values) for values in found.values()]


def _readings(clips: list[Clip]) -> dict[tuple[str, str], list[Clip]]:
    found: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        found.setdefault((clip.speaker, clip.text.casefold()), []).append(clip)
    return found
