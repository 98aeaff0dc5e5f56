"""The same as `python -m voicevae.recipes.train_vocoder`; --help documents it."""

from voicevae.recipes.train_vocoder import main

if __name__ == "__main__":
    main()
