"""`voicevae embed` writes a table and maps."""

from pathlib import Path

import numpy as np
import soundfile as sf

from tests.cli.conftest import RATE, Run, tone
from voicevae.voice import VoiceVAE


def test_embed_writes_a_table_and_maps(run: Run, vv: VoiceVAE) -> None:
    Path("voices/ann").mkdir(parents=True)
    for i in range(3):
        sf.write(f"voices/ann/{i}.wav", tone(120 + 40 * i), RATE)
    run("embed voices a.wav -o all.npz --map map.png map.html --group prosody")
    with np.load("all.npz") as file:
        assert [Path(name).name for name in file["names"]] == ["0.wav", "1.wav", "2.wav", "a.wav"]
        np.testing.assert_allclose(file["z_s"][3], vv.speaker("a.wav").z, atol=1e-5)
    assert Path("map.png").read_bytes().startswith(b"\x89PNG")
    page = Path("map.html").read_text()
    assert page.count("<circle") == 4 and "1.wav (ann)" in page
