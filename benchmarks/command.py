"""What the commands of the benchmarks share."""

import sys
from collections.abc import Callable

from voicevae.errors import VoiceVAEError


def printed(work: Callable[[], str]) -> int:
    """Print the text that `work` makes; returns the exit code: 0, or 2 after one sentence where the input was bad."""
    try:
        text = work()
    except ModuleNotFoundError as error:
        print(f'voicevae: the benchmark needs {error.name}; pip install "voicevae[eval]" brings it.', file=sys.stderr)
        return 2
    except VoiceVAEError as error:
        print(f"voicevae: {error}", file=sys.stderr)
        return 2
    print(text)
    return 0
