"""The same as `python -m voicevae.recipes.run`; --help documents it."""

from voicevae.recipes.run import main

if __name__ == "__main__":
    main()
