"""A client's requests over HTTP, against a server of its own process."""

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile as sf
from websockets.sync.client import connect

import voicevae
from voicevae import provenance
from voicevae.bundle import DEFAULT
from voicevae.code import SHARES
from voicevae.edits import CONTROLS
from voicevae.live_watermark import LiveMarker

VOICES = DEFAULT / "voices"


def test_health_and_voices(client: httpx.Client) -> None:
    health = client.get("/health").json()
    assert health["status"] == "ok" and health["version"] == voicevae.__version__ and health["sample_rate"] == 16000
    listed = client.get("/v1/voices").json()["voices"]
    assert {one["name"]: one["source"] for one in listed} == {
        "broken": "folder",
        "female": "shipped",
        "male": "shipped",
        "ours": "folder",
    }


@pytest.mark.parametrize(("kind", "wanted"), [("wav", "WAV"), ("flac", "FLAC"), ("ogg", "OGG")])
def test_a_modulation_is_that_of_the_api_and_marked(
    client: httpx.Client, speech: bytes, tmp_path: Path, kind: str, wanted: str
) -> None:
    fields = {"pitch_semitones": "2", "rate": "0.5", "response_format": kind}
    answer = client.post("/v1/modulate", files={"speech": ("a.wav", speech)}, data=fields)
    assert answer.status_code == 200 and answer.headers["content-type"] == f"audio/{kind}"
    path = tmp_path / f"made.{kind}"
    path.write_bytes(answer.content)
    with sf.SoundFile(path) as file:
        assert file.format == wanted and file.samplerate == 16000 and file.channels == 1
        assert file.frames == 32000
    said = provenance.verify(path)
    assert said.provenance is not None and said.provenance.edits == "pitch_semitones=2, rate=0.5"
    if kind == "wav":
        own = tmp_path / "own.wav"
        voicevae.load().modulate_file(io.BytesIO(speech), own, pitch_semitones=2, rate=0.5)
        there, here = (sf.read(one, dtype="int16")[0].astype(int) for one in (path, own))
        assert np.abs(there - here).max() <= 1  # networks round otherwise with another number of threads


def test_three_ways_to_name_a_voice_are_one(client: httpx.Client, speech: bytes) -> None:
    def converted(**sent: object) -> bytes:
        answer = client.post("/v1/convert", files=[("speech", speech), *sent.pop("files", [])], data=sent)  # type: ignore
        assert answer.status_code == 200, answer.text
        return answer.content

    male = (VOICES / "male.flac").read_bytes()
    named = converted(voice="male")
    assert converted(voice="ours") == named
    assert converted(files=[("reference", ("../../male.flac", male))]) == named
    answer = client.post("/v1/audio/speech-to-speech", files={"file": speech}, data={"voice": "male", "speed": "1"})
    assert answer.content == named
    assert converted(voice="female") != named


def test_a_voice_file_is_a_reference(client: httpx.Client, speech: bytes, tmp_path: Path) -> None:
    vv = voicevae.load()
    vv.save_voice(vv.sample(3), tmp_path / "new.voice")
    voice = ("reference", ("new.voice", (tmp_path / "new.voice").read_bytes()))
    answer = client.post("/v1/convert", files=[("speech", speech), voice])
    assert answer.status_code == 200 and np.isfinite(sf.read(io.BytesIO(answer.content))[0]).all()
    assert "sent alone" in client.post("/v1/convert", files=[("speech", speech), voice, voice]).json()["error"]


def test_every_edit_is_a_field_with_its_range(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for form, more in (("Modulate", {}), ("Convert", SHARES)):
        fields = schemas[form]["properties"]
        for name, one in CONTROLS.items():
            assert (fields[name]["minimum"], fields[name]["maximum"]) == (one.low, one.high)
            assert fields[name]["description"].startswith(one.help)
        assert set(more) <= set(fields)
        assert set(fields) - set(CONTROLS) - set(more) <= {"speech", "response_format", "seed", "voice", "reference"}
    assert client.get("/docs").status_code == 200


def test_requests_at_once_get_what_each_asked_for(client: httpx.Client, speech: bytes) -> None:
    def answer(pitch: int) -> bytes:
        return client.post("/v1/modulate", files={"speech": speech}, data={"pitch_semitones": str(pitch)}).content

    alone = [answer(pitch) for pitch in range(3)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(answer, [0, 1, 2, 0, 1, 2])) == alone * 2
    assert len(set(alone)) == 3


def test_live_speech_is_that_of_the_api_and_marked(address: str) -> None:
    wave, block = voicevae.audio.read(VOICES / "female.flac", 16000)[16000:32000], 800
    with connect(address.replace("http", "ws") + "/v1/live") as socket:
        socket.send(json.dumps({"format": "float32", "voice": "male", "pitch_semitones": 2}))
        said, made = json.loads(socket.recv()), []
        for start in range(0, len(wave), block):
            socket.send(wave[start : start + block].tobytes())
            made.append(np.frombuffer(socket.recv(), "<f4"))
            assert len(made[-1]) == min(block, len(wave) - start)
        socket.send('{"end": true}')
        made.append(np.frombuffer(socket.recv(), "<f4"))
    engine = voicevae.load().live(16000, voice=VOICES / "male.flac", pitch_semitones=2)
    assert said["latency_ms"] == engine.latency_ms < 100
    alone = np.concatenate([engine.feed(wave), engine.flush()])
    expected = LiveMarker(16000).feed(alone)
    # Products in 8 bits make a small error of a last bit that differs from process to process.
    assert np.square(np.concatenate(made) - expected).mean() < 1e-3 * np.square(expected).mean()


@pytest.mark.parametrize("imports", ["import httpx", "import asyncio, json"])
def test_the_examples_of_the_documentation_run(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speech: bytes, imports: str
) -> None:
    text = (Path(voicevae.__file__).parents[1] / "docs" / "server.md").read_text(encoding="utf-8")
    blocks = ["\n".join(line[4:] for line in block.splitlines()) for block in re.findall(r"(?:(?:    .*)?\n)+", text)]
    (code,) = [block.strip() for block in blocks if block.strip().startswith(imports)]
    monkeypatch.chdir(tmp_path)
    wave, rate = sf.read(io.BytesIO(speech))
    sf.write("speech.wav", wave[: rate // 2], rate)
    exec(
        code.replace("http://127.0.0.1:8000", address).replace("ws://127.0.0.1:8000", address.replace("http", "ws")), {}
    )
    made, made_rate = sf.read("out.wav")
    assert made_rate == rate and len(made) >= 0.5 * rate
