"""The same as `python -m voicevae.recipes.examples`; --help documents it."""

from voicevae.recipes.examples import main

if __name__ == "__main__":
    main()
