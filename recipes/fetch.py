"""The same as `python -m voicevae.recipes.fetch`; --help documents it."""

from voicevae.recipes.fetch import main

if __name__ == "__main__":
    main()
