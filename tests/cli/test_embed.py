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


def test_a_bad_file_stops_no_other(run: Run) -> None:
    Path("mixed").mkdir()
    for name, f0_hz in (("one.wav", 120), ("$two_{.wav", 160), ("three.wav", 200)):
        sf.write(f"mixed/{name}", tone(f0_hz), RATE)
    Path("mixed/bad.wav").write_text("no sound")
    for command in (
        "embed mixed -o folder.npz --map m.png",
        "embed mixed/one.wav mixed/bad.wav none.wav mixed/three.wav -o files.npz",
    ):
        said = run(command, status=2)
        assert "bad.wav is damaged" in said and "files failed" in said and "Traceback" not in said
    assert Path("m.png").is_file()
    with np.load("folder.npz") as file:
        assert [Path(name).name for name in file["names"]] == ["$two_{.wav", "one.wav", "three.wav"]
        folder = file["z_s"][[1, 2]]
    with np.load("files.npz") as file:
        np.testing.assert_allclose(file["z_s"], folder, atol=1e-6)
        assert len(file["seconds"]) == len(file["names"]) == 2
