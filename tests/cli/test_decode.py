"""`voicevae decode` speaks what `voicevae encode` stored."""

from pathlib import Path

from tests.cli.conftest import Run


def test_a_code_decodes_to_what_modulate_writes(run: Run) -> None:
    run("encode a.wav -o a.code.npz")
    run("decode a.code.npz -o again.wav")
    run("modulate a.wav -o out.wav")
    assert Path("again.wav").read_bytes() == Path("out.wav").read_bytes()
