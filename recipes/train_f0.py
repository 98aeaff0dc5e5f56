"""The same as `python -m voicevae.recipes.train_f0`; --help documents it."""

from voicevae.recipes.train_f0 import main

if __name__ == "__main__":
    main()
