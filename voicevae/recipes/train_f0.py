"""Train the live F0 tracker on prepared data.

python -m voicevae.recipes.train_f0 --exp exp/mine --config mine.yaml --resume
"""

from collections.abc import Sequence

from voicevae.recipes import command
from voicevae.training import stages


def main(argv: Sequence[str] | None = None) -> None:
    command.train(__doc__, stages.train_f0, argv)


if __name__ == "__main__":
    main()
