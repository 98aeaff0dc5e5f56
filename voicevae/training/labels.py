"""Speaker labels, and a share of them hidden for semi-supervised training."""

import numpy as np
from lhotse import CutSet, MonoCut
from lhotse.utils import fastcopy

from voicevae.training.settings import TrainingError


def speaker_names(cuts: CutSet) -> list[str]:
    """The speakers of `cuts`, in alphabetical order: their place is their index."""
    return sorted({cut.supervisions[0].speaker for cut in cuts})


def hide_labels(cuts: CutSet, share: float, seed: int) -> tuple[CutSet, list[str]]:
    """Cuts of which a `share`, drawn by the seed, are each a voice of their own, and the speakers of the others.

    Raises:
        TrainingError: a share that is not from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise TrainingError(f"hidden_labels is {share}; give a share from 0 to 1.")
    drawn = set(np.random.default_rng(seed).permutation(len(cuts))[: round(share * len(cuts))].tolist())
    known = CutSet.from_cuts(cut for i, cut in enumerate(cuts) if i not in drawn)
    shown = CutSet.from_cuts(_unlabelled(cut) if i in drawn else cut for i, cut in enumerate(cuts))
    return shown, speaker_names(known)


def _unlabelled(cut: MonoCut) -> MonoCut:
    return fastcopy(cut, supervisions=[fastcopy(cut.supervisions[0], speaker=f"nobody known: {cut.id}")])
