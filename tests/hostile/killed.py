"""Runs that test_kills.py kills, each as a process that begins with all packages imported."""

import multiprocessing
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

import voicevae
from tests.training.experiment import as_yaml, prepared
from voicevae import batch
from voicevae.augmentation import augment
from voicevae.data import shards
from voicevae.data.prepare import load_cuts, prepare
from voicevae.features import FeatureConfig
from voicevae.training import stages

STEPS = 6
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


def convert(bundle: Path, corpus: Path, out: Path) -> None:
    batch.convert(voicevae.load(bundle), [corpus], out, rate=1.1)


def embed(bundle: Path, corpus: Path, out: Path) -> None:
    out.mkdir(exist_ok=True)
    table, _ = batch.embed(voicevae.load(bundle), [corpus], out / "table.npz")
    table.save(out / "table.npz")


def copy(bundle: Path, corpus: Path, out: Path) -> None:
    augment(voicevae.load(bundle), corpus, out, 1, workers=1)


def extract(bundle: Path, corpus: Path, out: Path) -> None:
    prepare(corpus, out, FeatureConfig(), workers=1)


def shard(bundle: Path, corpus: Path, out: Path) -> None:
    if not (out / "data" / "report.json").exists():
        prepare(corpus, out, FeatureConfig(), workers=1)
    shards.write(load_cuts(out / "data", "train"), out / "data" / "shards", 2 / 3600, sample_rate=16000)


def train_vae(exp: Path, corpus: Path, out: Path) -> None:
    stages.train_vae(_experiment(exp, out), exp / "tiny.yaml", resume=True)


def train_vocoder(exp: Path, corpus: Path, out: Path) -> None:
    stages.train_vocoder(_experiment(exp, out), exp / "tiny.yaml", resume=True)


def train_decoded(exp: Path, corpus: Path, out: Path) -> None:
    """All three stages of the vocoder, the last of which reads what the VAE decodes."""
    stages.train_vae(_experiment(exp, out), exp / "decoded.yaml", resume=True)
    stages.train_vocoder(out, exp / "decoded.yaml", resume=True)


def experiment(exp: Path) -> Path:
    """A prepared corpus of a few seconds, and configurations of tiny networks."""
    prepared(exp)
    steps = dict.fromkeys(("vae_training", "vocoder_training", "adversarial_training"), STEPS)
    as_yaml(exp / "tiny.yaml", **steps, decoded_training=0)
    as_yaml(exp / "decoded.yaml", **steps, decoded_training=STEPS)
    return exp


def _experiment(exp: Path, out: Path) -> Path:
    """Another one, `out`, of the same data."""
    out.mkdir(exist_ok=True)
    if not (out / "data").is_symlink():
        (out / "data").symlink_to(exp / "data")
    return out


VERBS = (convert, embed, copy, extract, shard, train_vae, train_vocoder, train_decoded)
RUNS = {function.__name__: function for function in VERBS}


def start(kind: str, bundle: Path, corpus: Path, out: Path) -> BaseProcess:
    process = FORKS.Process(target=_run, args=(kind, bundle, corpus, out))
    process.start()
    return process


def _run(kind: str, *where: Path) -> None:
    torch.set_num_threads(1)
    RUNS[kind](*where)
