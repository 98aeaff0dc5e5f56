"""The same as `python -m voicevae.recipes.shard`; --help documents it."""

from voicevae.recipes.shard import main

if __name__ == "__main__":
    main()
