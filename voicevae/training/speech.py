"""What the VAE is trained on: the prepared corpus in memory, or its shards where recipes/shard.py has written them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicevae.data.batches import TrainingBatches
from voicevae.data.prepare import load_cuts
from voicevae.data.sharded import ShardedBatches
from voicevae.data.shards import MIN_SPREAD, STATISTICS, Units
from voicevae.training.config import RecipeConfig
from voicevae.training.labels import hide_labels
from voicevae.training.record import fingerprint
from voicevae.training.run import TrainingError


@dataclass
class Speech:
    """batches: `batch(step)`, each item with its transport to the corpus; data: what `run.json` says of it."""

    batches: TrainingBatches | ShardedBatches
    speakers: list[str]
    units: Units
    data: dict[str, object]


def read(exp: Path, config: RecipeConfig) -> Speech:
    """The training speech of the experiment in `exp`.

    Raises:
        CorpusError: it is not prepared. TrainingError: labels are to be hidden, and shards cannot hide them.
    """
    training, crops = config.vae_training, (config.vae_frames, config.vae_reference_frames)
    folder = exp / "data" / "shards"
    if folder.is_dir():
        if config.hidden_labels:
            raise TrainingError(f"hidden_labels works without shards only; set it to 0, or delete {folder}.")
        sharded = ShardedBatches(folder, training.batch_size, *crops, training.seed)
        said = sharded.shards
        data: dict[str, Any] = {"utterances": said.utterances, "frames": said.frames, "checksum": said.checksum}
        return Speech(sharded, said.speakers, sharded.units, data | {"shards": said.n_shards})
    cuts, speakers = hide_labels(load_cuts(exp / "data", "train"), config.hidden_labels, training.seed)
    batches = TrainingBatches(cuts, training.batch_size, *crops, training.seed, 0, training.max_steps, speakers)
    data = fingerprint(batches.bank)
    return Speech(batches, speakers, _units(batches), data)


def spread_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread over the first axis, float32; a spread of nearly nothing does not divide."""
    spread = np.maximum(values.std(0, dtype=np.float64), MIN_SPREAD)
    return values.mean(0, dtype=np.float64).astype(np.float32), spread.astype(np.float32)


def _units(batches: TrainingBatches) -> Units:
    """The corpus' means, spreads and covariance; every cut gets its transport to the last."""
    shown = batches.statistics
    covariance = shown["mel_cov"].mean(0)
    batches.bring_to(covariance)
    columns = np.concatenate([shown[name].reshape(len(shown[name]), -1) for name in STATISTICS], 1)
    return Units(*spread_of(batches.bank.frames[:, :-3]), *spread_of(columns), covariance)
