"""Train the vocoder on prepared data.

python -m voicevae.recipes.train_vocoder --exp exp/mine --config mine.yaml --resume
"""

from voicevae.training import command, stages


def main() -> None:
    command.command(__doc__, stages.train_vocoder)


if __name__ == "__main__":
    main()
