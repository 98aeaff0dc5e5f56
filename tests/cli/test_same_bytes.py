"""What the command line writes is what the API's file rung writes, byte for byte, verb for verb."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.cli.conftest import RATE, Run
from voicevae import provenance
from voicevae.edits import Edit
from voicevae.errors import AudioError, OutputError
from voicevae.files import Written
from voicevae.voice import VoiceVAE

MARKS = [(0.1, 0.2, Edit(energy_db=3))]
VERBS: dict[str, tuple[str, Callable[[VoiceVAE, str], Written]]] = {
    "convert": (
        "convert a.wav --voice b.wav --rate 1.1 --seed 3 --marks marks.json",
        lambda vv, out: vv.convert_file("a.wav", out, voice="b.wav", rate=1.1, seed=3, marks=MARKS),
    ),
    "modulate": (
        "modulate a.wav --pitch 2 --energy 30 --no-watermark",
        lambda vv, out: vv.modulate_file("a.wav", out, pitch_semitones=2, energy_db=30, watermark=False),
    ),
    "decode": ("decode a.npz --seed 4", lambda vv, out: vv.decode_file("a.npz", out, seed=4)),
    "transfer": (
        "transfer a.wav --reference b.wav --mix 0.8",
        lambda vv, out: vv.transfer_file("a.wav", out, reference="b.wav", mix=0.8),
    ),
    "style": (
        "style a.wav --style joy --strength 1.2",
        lambda vv, out: vv.style_file("a.wav", out, style="joy", strength=1.2),
    ),
    "melody": (
        "melody a.wav --tune C:major --voice b.wav --vibrato 5:30",
        lambda vv, out: vv.melody_file("a.wav", out, tune="C:major", voice="b.wav", vibrato=(5, 30)),
    ),
    "repair": (
        "repair a.wav --span 0.1 0.12 --span 0.2 0.24",
        lambda vv, out: vv.repair_file("a.wav", out, spans=[(0.1, 0.12), (0.2, 0.24)]),
    ),
    "blend": (
        "blend a.wav b.wav --prosody --weights 1 2 --seed 1",
        lambda vv, out: vv.decode_file(
            vv.blend_prosody(["a.wav", "b.wav"], [1, 2]), out, seed=1, edits="blended prosody"
        ),
    ),
}


@pytest.mark.parametrize(("verb", "extension"), [*((verb, ".wav") for verb in VERBS), ("convert", ".flac")])
def test_the_command_line_writes_what_the_api_writes(run: Run, vv: VoiceVAE, verb: str, extension: str) -> None:
    command, rung = VERBS[verb]
    vv.encode("a.wav").save("a.npz")
    Path("marks.json").write_text('[{"start_s": 0.1, "end_s": 0.2, "energy_db": 3}]')
    run(f"{command} -o cli{extension}")
    written = rung(vv, f"api{extension}")
    assert Path(f"cli{extension}").read_bytes() == Path(f"api{extension}").read_bytes()
    info = sf.info(f"api{extension}")
    assert written.path == Path(f"api{extension}") and written.duration_s == pytest.approx(info.frames / RATE)
    assert (written.gain < 1) == (verb == "modulate")
    assert provenance.verify(written.path).provenance is not None


def test_shares_of_progress_sum_to_one(run: Run, vv: VoiceVAE) -> None:
    for source in ("a.wav", vv.encode("a.wav")):
        shares: list[float] = []
        vv.convert_file(source, "out.wav", voice="b.wav", rate=1.3, progress=shares.append)
        assert sum(shares) == pytest.approx(1, abs=0.01)


def test_an_input_is_not_overwritten_and_a_bad_name_is_refused_before_the_work(
    run: Run, vv: VoiceVAE, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VoiceVAE, "encode", lambda *_: pytest.fail("worked"))
    before = Path("a.wav").read_bytes(), Path("b.wav").read_bytes()
    for out in ("a.wav", "b.wav"):
        with pytest.raises(OutputError, match=f"{out} is an input"):
            vv.convert_file("a.wav", out, voice="b.wav")
    with pytest.raises(AudioError, match="no extension"):
        vv.modulate_file("a.wav", "out.xyz")
    with pytest.raises(OutputError, match="is an input"):
        vv.repair_file("a.wav", "a.wav", spans=[(0.1, 0.2)])
    assert (Path("a.wav").read_bytes(), Path("b.wav").read_bytes()) == before


def test_waves_are_sources_too(run: Run, vv: VoiceVAE) -> None:
    wave = sf.read("a.wav", dtype="float32")[0]
    vv.modulate_file(wave, "one.wav", rate=1.1)
    vv.modulate_file("a.wav", "two.wav", rate=1.1)
    assert Path("one.wav").read_bytes() == Path("two.wav").read_bytes()
    assert np.isfinite(sf.read("one.wav")[0]).all()
