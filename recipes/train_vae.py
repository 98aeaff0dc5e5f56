"""The same as `python -m voicevae.recipes.train_vae`; --help documents it."""

from voicevae.recipes.train_vae import main

if __name__ == "__main__":
    main()
