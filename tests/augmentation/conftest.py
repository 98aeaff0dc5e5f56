"""Recordings whose onsets are known."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

RATE = 16000
BURSTS_S = ((0.15, 0.35), (0.55, 0.85), (1.1, 1.25))  # start and end of each


def bursts(f0_hz: float, bursts_s: tuple[tuple[float, float], ...] = BURSTS_S, seconds: float = 1.4) -> np.ndarray:
    """Bursts of ten harmonics over faint noise, `[n]`."""
    time = np.arange(round(RATE * seconds)) / RATE
    tone = sum(np.sin(2 * np.pi * f0_hz * k * time + k) / k for k in range(1, 11))
    inside = sum((time >= start) & (time < end) for start, end in bursts_s)
    noise = np.random.default_rng(round(f0_hz)).normal(0, 3e-4, len(time))
    return (0.1 * tone * inside + noise).astype(np.float32)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two speakers with labels, and a file that is no sound."""
    folder = tmp_path / "corpus"
    lines = ["utt_id,speaker,path,split,text,style,language,gender"]
    for speaker, f0_hz, split in (("ann", 210.0, "train"), ("bob", 110.0, "dev")):
        (folder / speaker).mkdir(parents=True)
        for i in range(2 if speaker == "ann" else 1):
            sf.write(folder / speaker / f"{i}.wav", bursts(f0_hz + 5 * i), RATE)
            lines.append(f"{i},{speaker},{speaker}/{i}.wav,{split},one two three,joy,en,female")
    (folder / "ann" / "broken.wav").write_text("no sound")
    lines.append("broken,ann,ann/broken.wav,train,,,,")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    return folder
