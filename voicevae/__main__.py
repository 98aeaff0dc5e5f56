"""`python -m voicevae` is `voicevae`."""

import sys

from voicevae.cli import main

if __name__ == "__main__":
    sys.exit(main())
