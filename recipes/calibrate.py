"""The same as `python -m voicevae.recipes.calibrate`; --help documents it."""

from voicevae.recipes.calibrate import main

if __name__ == "__main__":
    main()
