"""Training data of an experiment: the prepared corpus in memory, or its shards (`voicevae.recipes.shard`)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.data.batches import TrainingBatches, VocoderBatches
from voicevae.data.prepare import load_cuts, read_report
from voicevae.data.sharded import ShardedBatches, ShardedVocoderBatches
from voicevae.data.shards import MIN_STD, STATISTICS, NormalisationStatistics, Shards
from voicevae.errors import CorpusError
from voicevae.features import FeatureConfig
from voicevae.training.config import RecipeConfig
from voicevae.training.labels import hide_labels
from voicevae.training.record import fingerprint
from voicevae.training.settings import TrainingConfig, TrainingError


@dataclass
class Speech:
    """batches: `batch(step)`, each item with its transport to the corpus; data: its description in `run.json`."""

    batches: TrainingBatches | ShardedBatches
    speakers: list[str]
    normalisation: NormalisationStatistics
    data: dict[str, object]


@dataclass
class VocoderSpeech:
    """batches: `batch(step)` of recordings; mean and standard deviation of the mel `[n_channels]`; data: as in
    `Speech`."""

    batches: VocoderBatches | ShardedVocoderBatches
    mel_mean: np.ndarray
    mel_std: np.ndarray
    data: dict[str, object]


def read(exp: Path, config: RecipeConfig) -> Speech:
    """The training speech of the experiment in `exp`.

    Raises:
        CorpusError: it is not prepared, or its shards are of another corpus. TrainingError: labels are to be hidden,
            and shards cannot hide them.
    """
    training, crops = config.vae_training, (config.vae_frames, config.vae_reference_frames)
    folder = exp / "data" / "shards"
    if folder.is_dir():
        if config.hidden_labels:
            raise TrainingError(f"hidden_labels works without shards only; set it to 0, or delete {folder}.")
        sharded = ShardedBatches(folder, training.batch_size, *crops, training.seed)
        return Speech(sharded, sharded.shards.speakers, sharded.normalisation, _checked(sharded.shards, exp))
    cuts, speakers = hide_labels(load_cuts(exp / "data", "train"), config.hidden_labels, training.seed)
    sizes = (training.batch_size, *crops, training.seed, 0, training.max_steps)
    batches = TrainingBatches(cuts, *sizes, speakers, corpus_weights=config.corpus_weights)
    data = fingerprint(batches.bank)
    return Speech(batches, speakers, _normalisation(batches), data)


def read_sound(exp: Path, features: FeatureConfig, training: TrainingConfig, frames: int) -> VocoderSpeech:
    """The training recordings of the experiment in `exp`, in crops of `frames`, with those; raises as `read`."""
    folder = exp / "data" / "shards"
    sizes = (training.batch_size, frames, features.hop_length, features.sample_rate, training.seed)
    if folder.is_dir():
        sharded = ShardedVocoderBatches(folder, *sizes)
        return VocoderSpeech(
            sharded, sharded.normalisation.mel_mean, sharded.normalisation.mel_std, _checked(sharded.shards, exp)
        )
    batches = VocoderBatches(load_cuts(exp / "data", "train"), *sizes, 0, training.max_steps)
    return VocoderSpeech(batches, *mean_and_std(batches.bank.frames[:, :-3]), fingerprint(batches.bank))


def mean_and_std(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over the first axis, float32; the latter at least `MIN_STD`."""
    std = np.maximum(values.std(0, dtype=np.float64), MIN_STD)
    return values.mean(0, dtype=np.float64).astype(np.float32), std.astype(np.float32)


def _checked(shards: Shards, exp: Path) -> dict[str, Any]:
    """Description of shards for `run.json`; raises CorpusError if another corpus is prepared beside them."""
    data = exp / "data"
    if (data / "report.json").exists() and read_report(data).get("checksum", "") != shards.corpus:
        raise CorpusError(
            f"{data / 'shards'} is not of the corpus as it is prepared now; write it again with `python "
            f"-m voicevae.recipes.shard --exp {exp}`, or delete it to train without shards."
        )
    said: dict[str, Any] = {"utterances": shards.utterances, "frames": shards.frames, "checksum": shards.checksum}
    return said | {"shards": shards.n_shards}


def _normalisation(batches: TrainingBatches) -> NormalisationStatistics:
    """Normalisation statistics of the corpus; every cut gets its transport to the mean covariance."""
    shown = batches.statistics
    covariance = shown["mel_cov"].mean(0)
    batches.bring_to(covariance)
    columns = np.concatenate([shown[name].reshape(len(shown[name]), -1) for name in STATISTICS], 1)
    return NormalisationStatistics(*mean_and_std(batches.bank.frames[:, :-3]), *mean_and_std(columns), covariance)
