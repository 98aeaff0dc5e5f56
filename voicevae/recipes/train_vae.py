"""Train the conditional VAE on prepared data.

python -m voicevae.recipes.train_vae --exp exp/mine --config mine.yaml --resume
python -m voicevae.recipes.train_vae --exp exp/mine --minutes 60 --resume
"""

from collections.abc import Sequence

from voicevae.recipes import command
from voicevae.training import stages


def main(argv: Sequence[str] | None = None) -> None:
    command.train(__doc__, stages.train_vae, argv)


if __name__ == "__main__":
    main()
