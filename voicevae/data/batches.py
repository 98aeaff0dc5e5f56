"""Batches that are a pure function of (seed, step), so that a resumed run gets those of an uninterrupted one.

All frames (and for the vocoder all samples) are in memory: 105 MB an hour at 16 kHz, and 115 for the samples.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from lhotse import CutSet, MonoCut
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from voicevae.data.prepare import load_frames
from voicevae.data.recordings import INT16, pack
from voicevae.errors import CorpusError
from voicevae.features import SILENCE_DB
from voicevae.features.statistics import utterance_statistics
from voicevae.models.transport import shrunk, transport


class FrameBank:
    """The frames of all cuts in one array, cuts of a speaker side by side.

    frames: `[sum of T, C]`; start, length: `[cuts]`, in frames; speaker: `[cuts]`, a number for each name, in order.
    """

    def __init__(self, cuts: CutSet) -> None:
        self.cuts: list[MonoCut] = sorted(cuts, key=lambda cut: (cut.supervisions[0].speaker, cut.id))
        if not self.cuts:
            raise CorpusError("There is no cut to make batches of; prepare a corpus with recordings in this split.")
        self.length = np.array([cut.frames.shape[0] for cut in self.cuts])
        self.start = np.cumsum(self.length) - self.length
        self.frames = np.empty((self.length.sum(), self.cuts[0].frames.shape[1]), np.float32)
        for start, length, cut in zip(self.start, self.length, self.cuts, strict=True):
            self.frames[start : start + length] = load_frames(cut)
        _, self.speaker = np.unique([cut.supervisions[0].speaker for cut in self.cuts], return_inverse=True)

    def windows(self, cut: np.ndarray, first: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Windows of `n` frames of the cuts `[B]`, from frame `first` `[B]` of each.

        Returns:
            frames `[B, n, C]` and mask `[B, n]`, 1 within the cut. Beyond its end a cut continues in digital silence.
        """
        position = first[:, None] + np.arange(n)
        inside = position < self.length[cut, None]
        frames = self.frames[self.start[cut, None] + np.minimum(position, self.length[cut, None] - 1)]
        held = frames[~inside][:, -3]
        frames[~inside] = 0.0
        frames[~inside, -3:] = np.stack([held, np.zeros_like(held), np.full_like(held, SILENCE_DB)], -1)
        return frames, inside.astype(np.float32)


class CutSampler:
    """Draws a speaker with probability proportional to the square root of its duration, then one of its cuts with
    probability proportional to the cut's; `corpus_weights` multiply a corpus' probability, 1 where it has none."""

    def __init__(self, bank: FrameBank, corpus_weights: Mapping[str, float] | None = None) -> None:
        total = np.bincount(bank.speaker, bank.length)
        corpora = [cut.supervisions[0].speaker.split("/")[0] for cut in bank.cuts]
        factor = np.array([(corpus_weights or {}).get(corpus, 1.0) for corpus in corpora])
        weight = factor * bank.length / np.sqrt(total[bank.speaker])
        self.edge = np.concatenate([[0.0], np.cumsum(weight / weight.sum())])
        first = np.searchsorted(bank.speaker, np.arange(len(total)))
        last = np.searchsorted(bank.speaker, np.arange(len(total)), side="right")
        self.low, self.high = self.edge[first][bank.speaker], self.edge[last][bank.speaker]
        self.alone = (last - first == 1)[bank.speaker]

    def draw(self, n: int, random: np.random.Generator) -> np.ndarray:
        """Cuts `[n]`, by number."""
        return self._cut_at(random.random(n) * self.edge[-1])

    def another(self, cut: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """For each of `cut` `[n]` another cut of its speaker; the same one where there is no other."""
        own_low, own_high = self.edge[cut], self.edge[cut + 1]
        free = (self.high - self.low)[cut] - (own_high - own_low)
        point = self.low[cut] + random.random(len(cut)) * free
        found = self._cut_at(np.where(point < own_low, point, point + own_high - own_low))
        # Rounding at an edge may land on the cut itself, or on the neighbouring speaker.
        low, high = self._cut_at(self.low[cut]), self._cut_at(np.nextafter(self.high[cut], 0))
        found = np.clip(found, low, high)
        found = np.where(found == cut, np.where(cut > low, cut - 1, cut + 1), found)
        return np.where(self.alone[cut], cut, found)

    def _cut_at(self, point: np.ndarray) -> np.ndarray:
        return np.clip(np.searchsorted(self.edge, point, side="right") - 1, 0, len(self.edge) - 2)


class _Batches(IterableDataset):
    """Batches `start_step` to `n_steps - 1` of a run of `n_steps`; loader workers share them out in order."""

    def __init__(self, seed: int, start_step: int, n_steps: int) -> None:
        self.seed, self.start_step, self.n_steps = seed, start_step, n_steps
        self.batch_size, self.rank, self.ranks = 0, 0, 1

    def divide(self, rank: int, ranks: int) -> None:
        """Restrict each batch to the part of `rank`; the parts together are the batch."""
        self.rank, self.ranks = rank, ranks

    def _part(self) -> slice:
        size = self.batch_size // self.ranks
        return slice(self.rank * size, (self.rank + 1) * size)

    def batch(self, step: int) -> dict[str, Tensor]:
        raise NotImplementedError

    def _random(self, step: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, step))

    def __len__(self) -> int:
        return max(self.n_steps - self.start_step, 0)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        worker = get_worker_info()
        first, stride = (worker.id, worker.num_workers) if worker else (0, 1)
        return map(self.batch, range(self.start_step + first, self.n_steps, stride))


class TrainingBatches(_Batches):
    """Windows of speech, each with a reference window from elsewhere of the same speaker.

    A batch, `B` items of `C = n_channels + 3` columns (mel, log_f0, voicing, loudness_db):
        frames `[B, frames, C]`, mask `[B, frames]`; reference `[B, reference_frames, C]`, reference_mask;
        speaker, style `[B]` int64, places in `speakers` and `styles`, -1 where not listed;
        source_* and reference_*: `utterance_statistics` of the whole cuts, `[B]` or `[B, n_channels]`.
    """

    def __init__(
        self,
        cuts: CutSet,
        batch_size: int,
        frames: int,
        reference_frames: int,
        seed: int,
        start_step: int,
        n_steps: int,
        speakers: Sequence[str],
        styles: Sequence[str] = (),
        corpus_weights: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(seed, start_step, n_steps)
        self.batch_size, self.n_frames, self.n_reference = batch_size, frames, reference_frames
        self.bank = FrameBank(cuts)
        self.sampler = CutSampler(self.bank, corpus_weights)
        supervisions = [cut.supervisions[0] for cut in self.bank.cuts]
        self.speaker = _places([s.speaker for s in supervisions], speakers)
        self.style = _places([(s.custom or {}).get("style") for s in supervisions], styles)
        spans = zip(self.bank.start, self.bank.length, strict=True)
        statistics = [vars(utterance_statistics(self.bank.frames[start : start + length])) for start, length in spans]
        self.statistics = {name: np.stack([s[name] for s in statistics]) for name in statistics[0]}

    def drawn(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Of batch number `step`: the cuts, by number, and the first frames of their windows, `[B]` each; and those of
        the references."""
        random = self._random(step)
        source = self.sampler.draw(self.batch_size, random)
        first = _first(self.bank.length[source] - self.n_frames, random)
        reference = self.sampler.another(source, random)
        reference_first = self._reference_first(source, first, reference, random)
        part = self._part()
        return source[part], first[part], reference[part], reference_first[part]

    def batch(self, step: int) -> dict[str, Tensor]:
        """Batch number `step`, with the shapes above (`[B, ...]`)."""
        source, first, reference, reference_first = self.drawn(step)
        batch: dict[str, Any] = {"speaker": self.speaker[source], "style": self.style[source]}
        batch["frames"], batch["mask"] = self.bank.windows(source, first, self.n_frames)
        batch["reference"], batch["reference_mask"] = self.bank.windows(reference, reference_first, self.n_reference)
        for name, values in self.statistics.items():
            batch[f"source_{name}"], batch[f"reference_{name}"] = values[source], values[reference]
        return {name: torch.from_numpy(value) for name, value in batch.items()}

    def bring_to(self, covariance: np.ndarray) -> None:
        """Every cut gets its transport to `covariance` `[n_channels, n_channels]`, in place of its own covariance."""
        shown = self.statistics
        shown["transport"] = transport(shrunk(shown.pop("mel_cov"), shown["n_speech"], covariance), covariance)

    def _reference_first(
        self, source: np.ndarray, first: np.ndarray, reference: np.ndarray, random: np.random.Generator
    ) -> np.ndarray:
        """First frame of each reference window: anywhere in another cut, else where it overlaps least."""
        spare = np.maximum(self.bank.length[reference] - self.n_reference, 0)
        anywhere = _first(spare, random)
        # In the same cut: places that end before the source window, then places that begin after it.
        before = np.maximum(first - self.n_reference + 1, 0)
        after = np.maximum(spare - (first + self.n_frames) + 1, 0)
        place = (random.random(len(source)) * (before + after)).astype(np.int64)
        apart = np.where(place < before, place, place - before + first + self.n_frames)
        left = first >= self.bank.length[source] - (first + self.n_frames)
        least = np.where(left, 0, spare)
        return np.where(reference != source, anywhere, np.where(before + after > 0, apart, least))


class VocoderBatches(_Batches):
    """Crops of recordings with their samples.

    A batch: frames `[B, frames, n_channels + 3]`; wave `[B, frames * hop_length]`, where the samples of frame `t` of
    the crop begin at its centre; mask `[B, frames]`, 1 where a frame has all its samples.

    Where `decoded` `[sum of T, n_channels]` is set, a `share` of the items has its mels in place of the bank's.
    """

    def __init__(
        self,
        cuts: CutSet,
        batch_size: int,
        frames: int,
        hop_length: int,
        sample_rate: int,
        seed: int,
        start_step: int,
        n_steps: int,
    ) -> None:
        super().__init__(seed, start_step, n_steps)
        self.batch_size, self.n_frames, self.hop = batch_size, frames, hop_length
        self.bank = FrameBank(cuts)
        self.sampler = CutSampler(self.bank)
        # Frame t begins at sample t * hop_length, so that both share one index; the last frame's samples are in part
        # beyond the recording, and silent there.
        self.samples = np.zeros(len(self.bank.frames) * hop_length, np.int16)
        self.gain = np.ones(len(self.bank.cuts), np.float32)
        for i, cut in enumerate(self.bank.cuts):
            packed = pack(cut, sample_rate)
            start = self.bank.start[i] * hop_length
            self.samples[start : start + len(packed.samples)], self.gain[i] = packed.samples, packed.gain
        self.decoded: np.ndarray | None = None
        self.share = 0.0

    def replace_mels(self, decode: Callable[[FrameBank], np.ndarray], share: float) -> None:
        """From now on replace the mels of this `share` of items by those that `decode` makes of the bank, `[sum of T,
        n_channels]`."""
        self.decoded, self.share = decode(self.bank), share

    def batch(self, step: int) -> dict[str, Tensor]:
        """Batch number `step`, with the shapes above (`[B, ...]`)."""
        random = self._random(step)
        cut = self.sampler.draw(self.batch_size, random)
        whole = self.bank.length[cut] - 1  # frames with all their samples
        first, chosen = _first(whole - self.n_frames, random), random.random(len(cut)) < self.share
        cut, whole, first, chosen = (drawn[self._part()] for drawn in (cut, whole, first, chosen))
        frames, inside = self.bank.windows(cut, first, self.n_frames)
        if self.decoded is not None:
            place = self.bank.start[cut, None] + np.minimum(first[:, None] + np.arange(self.n_frames), whole[:, None])
            frames[chosen, :, :-3] = self.decoded[place[chosen]] * inside[chosen, :, None]
        mask = (first[:, None] + np.arange(self.n_frames) < whole[:, None]).astype(np.float32)
        samples = ((self.bank.start[cut] + first) * self.hop)[:, None] + np.arange(self.n_frames * self.hop)
        wave = self.samples[np.minimum(samples, len(self.samples) - 1)] * (self.gain[cut, None] / np.float32(INT16))
        wave *= np.repeat(inside, self.hop, axis=1)
        return {name: torch.from_numpy(value) for name, value in (("frames", frames), ("wave", wave), ("mask", mask))}


def _first(spare: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Uniform in 0..spare; 0 where there is nothing to spare."""
    return random.integers(0, np.maximum(spare, 0) + 1)


def _places(values: Sequence[str | None], names: Sequence[str]) -> np.ndarray:
    """Place of each value in `names`, -1 where it is not there; int64."""
    place = {name: i for i, name in enumerate(names)}
    return np.array([place.get(value, -1) if value else -1 for value in values], np.int64)
