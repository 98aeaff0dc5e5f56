"""`python -m voicevae` is `voicevae`."""

import sys

from voicevae import interrupts


def run() -> None:
    """The command line as a program: ends with its exit code."""
    interrupts.end_at_once()
    from voicevae.cli import main

    interrupts.be_raised()
    status = main()
    interrupts.end_at_once()
    sys.exit(status)


if __name__ == "__main__":
    run()
