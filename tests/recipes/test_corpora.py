"""Published corpora from a miniature to figures, by the stages and the configuration of their recipes."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import voicevae
import voicevae.recipes.evaluate
from tests.data.miniatures import BUILD, Miniature
from voicevae.data.prepare import prepare
from voicevae.errors import CorpusError
from voicevae.evaluation.metrics import conversion, editing
from voicevae.evaluation.report import runner
from voicevae.recipes.fetch import fetch
from voicevae.training import config, stages
from voicevae.training.export import export

ROOT = Path(__file__).resolve().parents[2]
RATES_HZ = {
    "aishell3": 24000,
    "cml_tts": 24000,
    "cmu_arctic": 16000,
    "emodb": 16000,
    "esd": 16000,
    "librispeech": 16000,
    "libritts_r": 24000,
    "ljspeech": 22050,
    "speechocean762": 16000,
    "vcc2020": 24000,
    "vctk": 24000,
}
NOT_FETCHED = {"cml_tts", "esd"}  # of which one chooses a language, and has to ask for the licence
ALONE = "ljspeech"  # the corpus of one speaker
SMALL = """
model: {channels: 16, content_blocks: 1, decoder_blocks: 1, speaker_channels: 16, speaker_blocks: 1,
        prosody_channels: 16, prosody_blocks: 1}
vae_training: {max_steps: 1, batch_size: 2, checkpoint_steps: 1}
vae_frames: 64
vae_reference_frames: 64
vocoder: {channels: 16, blocks: 1}
vocoder_training: {max_steps: 1, batch_size: 2, checkpoint_steps: 1}
adversarial: {channels: 4}
adversarial_training: {max_steps: 1, batch_size: 2, checkpoint_steps: 1}
decoded_training: {max_steps: 1, batch_size: 2, checkpoint_steps: 1}
vocoder_frames: 48
"""


def configuration(name: str, folder: Path) -> Path:
    """The recipe's own, with networks and steps so small that they take no time; one has all the vocoder's stages."""
    values = yaml.safe_load((ROOT / "egs" / name / "conf" / "default.yaml").read_text()) | yaml.safe_load(SMALL)
    if name != ALONE:
        values |= {stage: {"max_steps": 0} for stage in ("adversarial_training", "decoded_training")}
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


@pytest.mark.parametrize(
    "name", [name if name == "emodb" else pytest.param(name, marks=pytest.mark.slow) for name in BUILD]
)
def test_from_a_miniature_to_figures(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    BUILD[name](Miniature(tmp_path / "corpus"), 3)
    exp, conf, rate = tmp_path / "exp", configuration(name, tmp_path), RATES_HZ[name]
    prepare(tmp_path / "corpus", exp, config.load(conf).features, workers=1, layout=name)
    with torch.random.fork_rng():
        stages.train_vae(exp, conf, False)
        stages.train_vocoder(exp, conf, False)
    export(exp, exp / "bundle", config.load(conf).about)
    vv = voicevae.load(exp / "bundle")
    assert vv.sample_rate == rate
    assert config.load(conf).about.name in (exp / "bundle" / "card.md").read_text()

    wave = vv.decode(vv.encode(np.sin(2 * np.pi * 150 / rate * np.arange(rate)).astype(np.float32) / 2))
    assert abs(len(wave) - rate) <= vv.config.hop_length and np.isfinite(wave).all()
    parts = (editing,) if name == ALONE else (conversion,)  # the others have tests of their own
    monkeypatch.setattr(runner, "PARTS", parts)
    voicevae.recipes.evaluate.main(["--exp", str(exp), "--quick", "--pairs", "1"])
    written = json.loads((exp / "report" / "report.json").read_text())
    (clips,) = written["about"]["clips"].values()
    assert clips.endswith(f"of {1 if name == ALONE else 2} speakers")
    measured = {row["figure"] for row in written["rows"] if row["value"] is not None}
    assert any(("F0 error" if name == ALONE else "SECS") in figure for figure in measured)


def run(name: str, *arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A recipe's run.sh, in `folder`."""
    command = [str(ROOT / "egs" / name / "run.sh"), *map(str, arguments)]
    environment = os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=folder, timeout=300, check=False
    )


@pytest.mark.parametrize("name", BUILD)
def test_help_gives_examples(name: str, tmp_path: Path) -> None:
    shown = run(name, "--help", folder=tmp_path)
    assert (
        shown.returncode == 0 and shown.stdout.startswith(f"Usage: egs/{name}/run.sh") and "Examples:" in shown.stdout
    )
    assert ("downloaded to there" in shown.stdout) == (name not in NOT_FETCHED)


def test_a_corpus_is_found_in_its_usual_place_and_prepared(tmp_path: Path) -> None:
    BUILD["esd"](Miniature(tmp_path / "corpora/esd/Emotion Speech Dataset"), 1)
    done = run("esd", "--stop-stage", "1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "dev: 2 utterances" in done.stdout and "2 files skipped: " in done.stdout
    assert (tmp_path / "exp/esd/data/cuts_evaluation.jsonl.gz").exists()


@pytest.mark.parametrize("name", sorted(set(BUILD) - NOT_FETCHED))
def test_a_corpus_that_is_not_there_is_downloaded_or_its_place_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >&2\nexit 2\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    refused = run(name, folder=tmp_path)
    assert refused.returncode == 2 and refused.stdout == "== download\n"
    dash_m, module, _, to, _, otherwise, *archives = refused.stderr.splitlines()
    assert [dash_m, module] == ["-m", "voicevae.recipes.fetch"] and to == f"corpora/{name}"
    assert re.match(rf"get it from https?://\S+, and unpack it in corpora/{name} so that .+ --corpus$", otherwise)
    assert archives and all(re.fullmatch(r"https?://\S+\.(zip|tgz|tar\.gz|tar\.bz2)", url) for url in archives)


def test_a_corpus_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    refused = run("esd", folder=tmp_path)
    assert refused.returncode == 2 and not refused.stdout and not any(tmp_path.iterdir())
    (line,) = refused.stderr.splitlines()
    assert "corpora/esd" in line and "https://" in line and "--corpus" in line and "0001/Angry" in line


@pytest.mark.parametrize(("arguments", "named"), [(["--corpus"], "--corpus needs a value"), (["--fast"], "--fast")])
def test_a_wrong_call_is_one_sentence(arguments: list[str], named: str, tmp_path: Path) -> None:
    refused = run("vctk", *arguments, folder=tmp_path)
    assert refused.returncode == 2 and not refused.stdout
    assert named in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_archives_are_unpacked_one_over_the_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("first")
    with tarfile.open(tmp_path / "one.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "a", "Corpus/part1/a")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(tmp_path / "a", "Corpus/part2/a")
    fetch([(tmp_path / name).as_uri() for name in ("one.tar.gz", "two.zip")], tmp_path / "to")
    assert sorted(p.relative_to(tmp_path / "to").as_posix() for p in (tmp_path / "to" / "Corpus").rglob("a")) == [
        "Corpus/part1/a",
        "Corpus/part2/a",
    ]


def test_an_archive_that_cannot_be_had_leaves_what_came_before_marked(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "one.tar.gz", "w:gz") as tar:
        tar.add(ROOT / "LICENSE", "Corpus/LICENSE")
    first, second = (tmp_path / name for name in ("one.tar.gz", "two.tar.gz"))
    with pytest.raises(
        CorpusError, match=r"two.tar.gz cannot be downloaded \(No such file or directory\); ask for it\.$"
    ):
        fetch([first.as_uri(), second.as_uri()], tmp_path / "to", "ask for it")
    assert (tmp_path / "to/.fetch/unfinished").exists()
    second.write_bytes(b"no archive")
    with pytest.raises(CorpusError, match="two.tar.gz is damaged"):
        fetch([first.as_uri(), second.as_uri()], tmp_path / "to")
    first.unlink()  # it is not needed again
    with tarfile.open(second, "w:gz") as tar:
        tar.add(ROOT / "LICENSE", "Corpus/part2/LICENSE")
    fetch([first.as_uri(), second.as_uri()], tmp_path / "to")
    assert (tmp_path / "to/Corpus/part2/LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert not (tmp_path / "to/.fetch/unfinished").exists()
    second.unlink()
    fetch([first.as_uri(), second.as_uri()], tmp_path / "to")  # nor are both, later
