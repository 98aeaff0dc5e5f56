"""Train the vocoder on prepared data.

python recipes/train_vocoder.py --exp exp/mine --config egs/folder/conf/default.yaml --resume
"""

from voicevae.training import command, stages

if __name__ == "__main__":
    command.command(__doc__, stages.train_vocoder)
