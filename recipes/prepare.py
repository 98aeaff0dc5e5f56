"""The same as `python -m voicevae.recipes.prepare`; --help documents it."""

from voicevae.recipes.prepare import main

if __name__ == "__main__":
    main()
