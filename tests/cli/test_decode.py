"""`voicevae decode` speaks what `voicevae encode` stored."""

from pathlib import Path

import numpy as np
import soundfile as sf

from tests.cli.conftest import Run


def test_a_code_decodes_to_what_modulate_writes(run: Run) -> None:
    run("encode a.wav -o a.code.npz")
    run("decode a.code.npz -o again.wav")
    run("modulate a.wav -o out.wav")
    assert Path("again.wav").stat().st_size == Path("out.wav").stat().st_size
    again, out = (sf.read(name, dtype="int16")[0].astype(int) for name in ("again.wav", "out.wav"))
    assert (
        np.abs(again - out).max() <= 1
    )  # a code's decoded mel and residual add up to the recorded mel, but for rounding
