"""The same as `python -m voicevae.recipes.bundle`; --help documents it."""

from voicevae.recipes.bundle import main

if __name__ == "__main__":
    main()
