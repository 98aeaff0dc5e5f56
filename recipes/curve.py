"""The same as `python -m voicevae.recipes.curve`; --help documents it."""

from voicevae.recipes.curve import main

if __name__ == "__main__":
    main()
