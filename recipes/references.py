"""The same as `python -m voicevae.recipes.references`; --help documents it."""

from voicevae.recipes.references import main

if __name__ == "__main__":
    main()
