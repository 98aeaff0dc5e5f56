"""The same as `python -m voicevae.recipes.ablate`; --help documents it."""

from voicevae.recipes.ablate import main

if __name__ == "__main__":
    main()
