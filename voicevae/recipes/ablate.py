"""Ablation: rows of one table, each trained with the same seed and budget, and measured on the same
conversions.

    python -m voicevae.recipes.ablate --exp exp/mine --rows rows.yaml
    python -m voicevae.recipes.ablate --exp exp/mine --rows rows.yaml --only "wider perturbation"

The file of rows has `config`, what all rows have in common, and `rows`: a name, and what differs in it; `share` in a
row is the part of the training recordings that it hears. The first row is the one that others are compared with. Rows
that are done are not done again; <exp>/ablation/<row>/ has the weights and figures of each.
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

import voicevae
from voicevae.data.prepare import load_cuts
from voicevae.engine.torch_networks import TorchNetworks, bundle_of, modules_of
from voicevae.evaluation.bootstrap import interval, mean_of_means
from voicevae.evaluation.document import write_text
from voicevae.evaluation.metrics import content, conversion, quality
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.plan import Plan
from voicevae.evaluation.probes import speakers
from voicevae.evaluation.study import prepare
from voicevae.recipes import command
from voicevae.training import stages
from voicevae.training.export import load_vae
from voicevae.training.settings import TrainingError
from voicevae.voice import VoiceVAE

PARTS = (conversion, content, quality, speakers)
COLUMNS = {  # of the table, and the figure of the report that stands there
    "closure": "{corpus}: closure",
    "SECS": "{corpus}: SECS",
    "content distance": "{corpus}: content distance",
    "speaker from z_c, %": "unseen speaker from z_c",
    "speaker from z_p, %": "unseen speaker from z_p",
    "DNSMOS drop": "DNSMOS drop of conversion",
}


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--rows", type=Path, required=True, help="YAML file of the rows")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="these rows, and the first")
    parser.add_argument("--corpus", type=Path, help="another folder of recordings to measure on than that in --exp")
    parser.add_argument("--pairs", type=int, default=80, help="conversions of each row (default 80)")
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
        plan = Plan(args.corpus or args.exp, quick=True, pairs=args.pairs)
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
    _, vocoder = modules_of(voicevae.bundle.load())
    originals: Originals | None = None
    for row in rows:
        if (row / "figures.json").exists():
            continue
        print(f"== {row.name}", flush=True)
        features, vae, steps = load_vae(row)
        voice = VoiceVAE(bundle_of(vae, vocoder), TorchNetworks(vae, vocoder))
        study = prepare(voice, plan, None)
        study.originals = originals = originals or study.originals
        for part in PARTS:
            part.run(study)
        figures: dict[str, Any] = {r.figure: r.value for r in study.report.rows}
        pairs = {
            f"{c.pair.source.id} {c.pair.reference.id}": (c.scores.target, c.scores.secs)
            for c in study.done[study.headline]
            if c.scores
        }
        said = {"corpus": study.headline, "figures": figures, "secs": pairs, "steps": steps}
        write_text(row / "figures.json", json.dumps(said))


def _figures(row: Path) -> dict[str, Any]:
    return json.loads((row / "figures.json").read_text())


def table(found: dict[str, dict[str, Any]]) -> str:
    """Markdown, a line a row; the last column is the mean difference of SECS to the first row's, pair by pair, with its
    95 % interval, bootstrapped over target speakers."""
    first = next(iter(found.values()))
    lines = [f"| row | {' | '.join(COLUMNS)} | SECS above the first row |", "| --- " * (len(COLUMNS) + 2) + "|"]
    for name, row in found.items():
        cells = [_cell(row, figure.format(corpus=row["corpus"])) for figure in COLUMNS.values()]
        lines.append(f"| {name} | {' | '.join(cells)} | {_difference(row, first) if row is not first else ''} |")
    return "\n".join(lines)


def _cell(row: dict[str, Any], figure: str) -> str:
    value = next((v for name, v in row["figures"].items() if name.startswith(figure)), None)
    return "absent" if value is None else f"{value:.3g}"


def _difference(row: dict[str, Any], first: dict[str, Any]) -> str:
    groups: dict[str, list[float]] = {}
    for pair, (target, secs) in row["secs"].items():
        if pair in first["secs"]:
            groups.setdefault(target, []).append(secs - first["secs"][pair][1])
    drawn = [np.array(own) for own in groups.values()]
    bounds = interval(drawn, mean_of_means, 0)
    return f"{mean_of_means(drawn):+.3f}" + (f" ({bounds[0]:+.3f} to {bounds[1]:+.3f})" if bounds else "")


if __name__ == "__main__":
    main()
