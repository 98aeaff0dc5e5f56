"""The same as `python -m voicevae.recipes.make_corpus`; --help documents it."""

from voicevae.recipes.make_corpus import main

if __name__ == "__main__":
    main()
