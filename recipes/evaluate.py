"""The same as `python -m voicevae.recipes.evaluate`; --help documents it."""

from voicevae.recipes.evaluate import main

if __name__ == "__main__":
    main()
