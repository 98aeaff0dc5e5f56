"""`python -m voicevae.demo` is `voicevae demo`."""

import sys

from voicevae.cli import main

if __name__ == "__main__":
    sys.exit(main(["demo", *sys.argv[1:]]))
