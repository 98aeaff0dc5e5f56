"""Calibration of a trained bundle (`voicevae.calibration`), measured on its training split by one command."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from lhotse import CutSet, MonoCut

from voicevae import bundle
from voicevae.calibration import Calibration
from voicevae.code import Speaker
from voicevae.coder import Coder
from voicevae.data.prepare import load_cuts, load_frames
from voicevae.engine import torch_networks
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig, Frames
from voicevae.training.calibration_score import ScoreFit, scales
from voicevae.training.calibration_style import StyleFit
from voicevae.training.calibration_traverse import StdFit
from voicevae.training.calibration_voices import fit_voices

SCALE_STEP = 8  # every eighth recording shows the scales of the likelihoods
LONGEST_FRAMES = 4800  # a minute of a recording is enough
MIN_RECORDINGS = 20  # for a Gaussian of nineteen dimensions

Progress = Callable[[list[MonoCut]], Iterable[MonoCut]]


def calibrate(exp: Path, folder: Path, progress: Progress = lambda cuts: cuts) -> Calibration:
    """Measure the bundle in `folder` on the training split prepared in `exp / "data"`, and save it with the result.

    Args:
        progress: wraps the list of recordings, to show how far the work is.

    Raises:
        CorpusError: there is no such split, it has other features than the bundle, or too few recordings.
    """
    parts, cuts = bundle.load(folder), load_cuts(exp / "data", "train")
    report = exp / "data" / "report.json"
    if FeatureConfig(**json.loads(report.read_text(encoding="utf-8"))["features"]) != parts.features:
        raise CorpusError(f"{report} and {folder} have different features; prepare the corpus for this bundle.")
    if len(cuts) < MIN_RECORDINGS:
        raise CorpusError(f"{exp / 'data'} has {len(cuts)} training recordings; give at least {MIN_RECORDINGS}.")
    parts.calibration = measure_all(Coder(parts, torch_networks.load(parts)), cuts, progress)
    bundle.save(parts, folder)
    return parts.calibration


def measure_all(coder: Coder, cuts: CutSet, progress: Progress) -> Calibration:
    """Every part, from prepared `cuts`."""
    ordered = sorted(cuts, key=lambda cut: cut.id)
    usual = ScoreFit(coder, *scales(coder, [_frames(cut) for cut in ordered[::SCALE_STEP]]))
    std, styled = StdFit(coder), StyleFit(coder)
    voices: dict[str, list[Speaker]] = defaultdict(list)
    genders: dict[str, str] = {}
    for cut in progress(ordered):
        frames, said = _frames(cut), cut.supervisions[0]
        q = coder.infer(frames)
        usual.add(frames, q)
        std.add(frames, q)
        voices[said.speaker].append(q.speaker)
        genders[said.speaker] = said.gender or genders.get(said.speaker, "")
        if style := (said.custom or {}).get("style"):
            styled.add(frames, said.speaker, style, said.text or "")
    space, names = fit_voices(list(voices.values()), list(genders.values()))
    shifts, styles = styled.arrays()
    parts = {"voices": space, "score": usual.arrays(), "traverse": std.arrays(), "style": shifts}
    arrays = {f"{part}.{name}": value for part, own in parts.items() for name, value in own.items()}
    return Calibration(arrays, {"voices": names} | ({"styles": styles} if styles else {}))


def _frames(cut: MonoCut) -> Frames:
    return Frames.from_array(load_frames(cut)[:LONGEST_FRAMES])
