"""Train the conditional VAE on prepared data.

python -m voicevae.recipes.train_vae --exp exp/mine --config mine.yaml --resume
python -m voicevae.recipes.train_vae --exp exp/mine --minutes 60 --resume
"""

from voicevae.training import command, stages


def main() -> None:
    command.command(__doc__, stages.train_vae, clocked=True)


if __name__ == "__main__":
    main()
