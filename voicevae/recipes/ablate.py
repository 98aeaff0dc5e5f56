"""Ablation: rows of one table, each trained with the same seed and budget, and measured on the same
conversions.

    python -m voicevae.recipes.ablate --exp exp/mine --rows rows.yaml
    python -m voicevae.recipes.ablate --exp exp/mine --rows rows.yaml --only "wider perturbation"

The file of rows has `config`, what all rows have in common, and `rows`: a name, and what differs in it; `share` in a
row is the part of the training recordings that it hears. The first row is the one that others are compared with. Rows
that are done are not done again; <exp>/ablation/<row>/ has the weights and figures of each. Conversions are measured
as by voicevae.recipes.curve, with the shipped vocoder.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from lhotse import CutSet
from tqdm import tqdm

import voicevae
from voicevae.data.prepare import load_cuts
from voicevae.engine.torch_networks import TorchNetworks, bundle_of, modules_of
from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.document import padded, write_text
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.probes import speakers
from voicevae.evaluation.report import curve
from voicevae.evaluation.study import ACROSS, prepare
from voicevae.recipes import command
from voicevae.training import stages
from voicevae.training.export import load_vae
from voicevae.training.settings import TrainingError
from voicevae.voice import VoiceVAE

PROBES = {"speaker from z_c, %": "unseen speaker from z_c", "speaker from z_p, %": "unseen speaker from z_p"}
COMPARED = {"CER above the first row": "cer", "SECS above the first row": "secs"}  # of `curve.Outcome`, pair by pair


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--rows", type=Path, required=True, help="YAML file of the rows")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="these rows, and the first")
    parser.add_argument("--corpus", type=Path, help="another folder of recordings to measure on than that in --exp")
    parser.add_argument("--pairs", type=int, default=ACROSS, help=f"conversions of each row (default {ACROSS})")
    parser.add_argument("--recogniser", help="Whisper: a model or a folder (default $VOICEVAE_WHISPER)")
    parser.add_argument("--stage", choices=("train", "measure"), help="one of the two steps (default: both)")
    args = parser.parse_args(argv)
    command.run(lambda: _ablate(args))


def _ablate(args: argparse.Namespace) -> None:
    common, rows = _read(args.rows)
    wanted = [name for name in rows if args.only is None or name in args.only or name == next(iter(rows))]
    out = args.exp / "ablation"
    if args.stage != "measure":
        for name in wanted:
            _train(args.exp, out / name, _merged(common, rows[name]))
    if args.stage != "train":
        # Quick: fewer networks of the probes; and all pairs.
        plan = Plan(args.corpus or args.exp, quick=True, pairs=args.pairs, recogniser=args.recogniser)
        _measure([out / name for name in wanted if (out / name / "done").exists()], plan)
        print(table({name: _figures(out / name) for name in wanted if (out / name / "figures.json").exists()}))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows = {name: row or {} for name, row in found["rows"].items()}
        if unusable := [name for name in rows if "/" in name]:
            raise TrainingError(f"{path}: the row {unusable[0]!r} names a folder; leave out the slash.")
        return found.get("config", {}), rows
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise TrainingError(
            f"{path}: no file of rows ({error.__class__.__name__}); give one with `config` and `rows`."
        ) from None


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """`one`, and in it what `other` says, at any depth."""
    both = dict(one)
    for key, value in other.items():
        both[key] = _merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def _train(exp: Path, row: Path, config: dict[str, Any]) -> None:
    """The VAE of one row, from its last checkpoint on if it has one."""
    asked, share = yaml.safe_dump(config), config.pop("share", 1.0)
    if (row / "row.yaml").exists() and (row / "row.yaml").read_text() != asked:
        shutil.rmtree(row)  # its weights and figures are another row's
    if (row / "done").exists():
        return
    print(f"== {row.name}", flush=True)
    (row / "data").mkdir(parents=True, exist_ok=True)
    (row / "row.yaml").write_text(asked)
    cuts = sorted(load_cuts(exp / "data", "train"), key=lambda cut: cut.id)
    kept = np.sort(np.random.default_rng(0).permutation(len(cuts))[: round(share * len(cuts))])
    CutSet.from_cuts(cuts[i] for i in kept).to_file(row / "data" / "cuts_train.jsonl.gz")
    (row / "config.yaml").write_text(yaml.safe_dump(config))
    stages.train_vae(row, row / "config.yaml", resume=True)
    (row / "done").touch()


def _measure(rows: list[Path], plan: Plan) -> None:
    """Each row's VAE with the shipped vocoder."""
    rows = [row for row in rows if not (row / "figures.json").exists()]
    if not rows:
        return
    transcriber, pairs = curve.transcriber(plan), curve.pairs(plan)
    _, vocoder = modules_of(voicevae.bundle.load())
    originals: Originals | None = None
    for row in rows:
        features, vae, steps = load_vae(row)
        voice = VoiceVAE(bundle_of(vae, vocoder), TorchNetworks(vae, vocoder))
        study = prepare(voice, plan, None)
        originals = originals or study.originals
        with tqdm(total=len(pairs), desc=row.name, unit="pair") as bar:
            made, failed = curve.convert_all(
                curve.Bench(voice, transcriber, originals), pairs, {row.name: {}}, bar.update
            )
        speakers.run(study)
        done = [one[row.name] for one in made]
        said = {
            "steps": steps,
            "failed": failed,
            "point": curve.evaluate(done, plan.seed),
            "probes": {r.figure: r.value for r in study.report.rows},
            "pairs": {f"{one.pair.source.id} {one.pair.reference.id}": _compared(one) for one in done},
        }
        write_text(row / "figures.json", json.dumps(said))


def _compared(one: curve.Outcome) -> dict[str, Any]:
    return {"target": one.pair.target} | {name: getattr(one, name) for name in COMPARED.values()}


def _figures(row: Path) -> dict[str, Any]:
    return json.loads((row / "figures.json").read_text())


def table(found: dict[str, dict[str, Any]]) -> str:
    """Markdown, a line a row; the last columns are mean differences to the first row, pair by pair, with 95 %
    intervals, bootstrapped over target speakers."""
    first = next(iter(found.values()))
    lines = [("row", *curve.COLUMNS, *PROBES, *COMPARED)]
    for name, row in found.items():
        probed = [_probed(row["probes"], figure) for figure in PROBES.values()]
        above = ["" if row is first else _difference(row["pairs"], first["pairs"], of) for of in COMPARED.values()]
        lines.append((name, *curve.cells(row["point"]), *probed, *above))
    return padded(lines)


def _probed(figures: dict[str, Any], figure: str) -> str:
    value = next((v for name, v in figures.items() if name.startswith(figure)), None)
    return "absent" if value is None else f"{value:.0f}"


def _difference(row: dict[str, Any], first: dict[str, Any], of: str) -> str:
    groups: dict[str, list[float]] = {}
    for pair, one in row.items():
        if pair in first:
            groups.setdefault(one["target"], []).append(one[of] - first[pair][of])
    drawn = [np.array(own) for own in groups.values()]
    bounds = interval(drawn, mean_of_means, 0)
    return f"{mean_of_means(drawn):+.3f}" + (f" ({bounds[0]:+.3f} to {bounds[1]:+.3f})" if bounds else "")


if __name__ == "__main__":
    main()
