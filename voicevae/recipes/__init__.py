"""Stages from a folder of recordings to a bundle and its figures, each a command: `python -m voicevae.recipes.prepare`.

In order: prepare, (shard,) train_vae, train_vocoder, bundle, calibrate, evaluate; besides, fetch downloads a published
corpus, make_corpus generates one with espeak-ng, ablate compares configurations, curve settings of the
conversion, references seconds of the target, and adaptations minutes. `--help` documents each.
"""
