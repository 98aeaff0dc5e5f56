"""`voicevae plot` draws."""

from pathlib import Path

from tests.cli.conftest import Run


def test_plot_writes_a_figure(run: Run) -> None:
    assert "a.png: 0.60 s of speech" in run("plot a.wav -o a.png")
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
