"""Calibrate a bundle: measure statistics of the speech that it was trained on.

    python -m voicevae.recipes.calibrate --exp exp/mine --bundle exp/mine/bundle

Measures the training split prepared in --exp with the bundle, and writes calibration.safetensors into it: the space of
voices that `sample` draws from, what `score` holds for usual, and the standard deviations in whose units `traverse`
speaks. The stage bundle of voicevae.recipes.run calls it.
"""

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from voicevae.recipes import command
from voicevae.training.calibration import calibrate


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--exp", type=Path, required=True, help="experiment folder, with data/ prepared in it")
    parser.add_argument("--bundle", type=Path, help="folder of the bundle (default: bundle/ in --exp)")
    args = parser.parse_args(argv)
    folder = args.bundle or args.exp / "bundle"
    command.run(lambda: _calibrate(args.exp, folder))


def _calibrate(exp: Path, folder: Path) -> None:
    found = calibrate(exp, folder, lambda cuts: tqdm(cuts, "calibrate", unit="recording"))
    names = [name for name in found.labels["voices"] if name]
    print(f"{folder}: calibrated, {sum(array.nbytes for array in found.arrays.values()) / 2**10:.0f} KiB; ", end="")
    print(f"voices by gender: {', '.join(names)}" if names else "no genders are known")


if __name__ == "__main__":
    main()
