from pathlib import Path

import numpy as np
import soundfile as sf

from benchmarks import cold
from voicevae.evaluation.metrics.cost import Process


def test_the_least_of_each_figure_stands() -> None:
    assert cold.row("info", [Process(0.5, 0.4, 90.0), Process(0.6, 0.3, 80.0)]) == "| info | 0.50 s | 0.30 s | 80 MB |"


def test_a_command_is_measured_from_file_to_file(tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    sf.write(source, 0.1 * np.sin(np.arange(16000) / 20), 16000)
    found = cold.measured(cold.COMMANDS["modulate"], source)
    assert sf.info(tmp_path / "out.wav").frames == 16000
    assert found.wall_s > 0 < found.cpu_s and found.peak_mb > 20
