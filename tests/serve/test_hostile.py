"""What cannot be used is answered in one sentence, and the server goes on."""

import io
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import soundfile as sf

from tests.serve.conftest import MAX_MB, MAX_SECONDS, TOKEN, served
from voicevae import audio
from voicevae.bundle import DEFAULT

BEARER = {"authorization": f"Bearer {TOKEN}"}


def sound(wave: np.ndarray, kind: str = "WAV", subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    sf.write(file, wave, 16000, format=kind, subtype=subtype)
    return file.getvalue()


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    sentence = answer.json()["error"]
    assert answer.status_code == status, sentence
    assert list(answer.json()) == ["error"] and sentence.endswith(".") and "\n" not in sentence
    assert all(word in sentence for word in words), sentence
    assert "/tmp" not in sentence and "Traceback" not in sentence


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (b"", "empty"),
        (b"no sound", "not audio"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", "not audio"),
        (sound(np.zeros(16000)), ""),
        (sound(np.full(16000, np.nan), subtype="FLOAT"), ""),
        (sound(0.1 * np.ones(40)), "s"),
        (sound(np.zeros(round((MAX_SECONDS + 1) * 16000)), "FLAC"), f"give at most {MAX_SECONDS:g} s"),
    ],
    ids=["nothing", "text", "a header", "silence", "nan", "too short", "too long"],
)
def test_a_recording_that_cannot_be_used(client: httpx.Client, what: bytes, words: str) -> None:
    refused(client.post("/v1/modulate", files={"speech": ("my talk.wav", what)}), 422, "my talk.wav", words)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\x\\passwd", "passwd"])
def test_a_name_is_shown_without_its_folder_and_opened_nowhere(client: httpx.Client, name: str) -> None:
    answer = client.post("/v1/modulate", files={"speech": (name, b"no sound")})
    refused(answer, 422, "passwd is damaged")
    assert "/" not in answer.text and "root" not in answer.text


@pytest.mark.parametrize("name", ["a\nb\x1b[31m", "n" * 500, "\u202e.wav", "%00.wav"])
def test_strange_names_stay_a_line(client: httpx.Client, name: str) -> None:
    refused(client.post("/v1/modulate", files={"speech": (name, b"no sound")}), 422, "is damaged")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"rate": "9"}, 422, "rate is 9"),
        ({"rate": "nan"}, 422, "rate is nan"),
        ({"rate": "fast"}, 422, "rate is fast"),
        ({"pich": "1"}, 422, "no field pich"),
        ({"seed": "-1"}, 422, "seed is -1"),
        ({"response_format": "../x"}, 422, "response_format is ../x"),
    ],
)
def test_a_field_that_cannot_be_used(
    client: httpx.Client, speech: bytes, fields: dict[str, str], status: int, words: str
) -> None:
    refused(client.post("/v1/modulate", files={"speech": speech}, data=fields), status, words)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Give the voice once"),
        ({"voice": "nobody"}, "no voice 'nobody'"),
        ({"voice": "../ours"}, "no voice"),
        ({"voice": "broken"}, "broken.wav is damaged"),
    ],
)
def test_a_voice_that_cannot_be_had(client: httpx.Client, speech: bytes, fields: dict[str, str], words: str) -> None:
    refused(client.post("/v1/convert", files={"speech": speech}, data=fields), 422, words)


def test_references_are_counted_and_read_as_recordings(client: httpx.Client, speech: bytes) -> None:
    many = [("speech", speech), *[("reference", speech)] * 21]
    refused(client.post("/v1/convert", files=many), 422, "at most 20")
    hum = sound(0.1 * np.random.default_rng(0).standard_normal(32000))
    refused(client.post("/v1/convert", files=[("speech", speech), ("reference", ("hum.wav", hum))]), 422, "hum.wav")


def test_other_bodies_addresses_and_methods(client: httpx.Client) -> None:
    refused(client.post("/v1/modulate", json={"speech": "x"}), 422, "speech is missing")
    refused(client.post("/v1/modulate", data={"speech": "x"}), 422, "speech is no file")
    broken = {"content-type": "multipart/form-data; boundary=x"}
    refused(client.post("/v1/modulate", content=b"--y\r\n", headers=broken), 400, "multipart/form-data")
    refused(client.get("/nowhere"), 404, "/docs")
    refused(client.get("/v1/convert"), 405, "/docs")


def test_a_large_request_is_refused_before_it_has_arrived(client: httpx.Client) -> None:
    size = round(MAX_MB * 1e6) + 1000
    refused(client.post("/v1/modulate", files={"speech": bytes(size)}), 413, f"larger than {MAX_MB:g} MB")
    sent = 0

    def endless() -> object:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="speech"; filename="a"\r\n\r\n'
        while sent < 100 * size:
            sent += 65536
            yield bytes(65536)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    try:
        refused(client.post("/v1/modulate", content=endless(), headers=headers), 413)
    except (httpx.WriteError, httpx.ReadError):  # it closed the door
        pass
    assert sent < 20 * size


def test_pages_of_other_sites_are_kept_out(client: httpx.Client) -> None:
    refused(client.get("/v1/voices", headers={"origin": "http://example.com"}), 403)
    refused(client.get("/v1/voices", headers={"host": "example.com"}), 403)
    assert client.get("/v1/voices", headers={"origin": str(client.base_url)}).status_code == 200


def test_without_the_token_nothing_is_read(guarded: str, speech: bytes) -> None:
    with httpx.Client(base_url=guarded, verify=False) as client:
        assert client.get("/health").status_code == 200
        for wrong in ({}, {"authorization": "Bearer x"}, {"authorization": f"Basic {TOKEN}"}):
            answer = client.post("/v1/modulate", files={"speech": speech}, headers=wrong)
            refused(answer, 401, "Bearer")
            assert answer.headers["www-authenticate"] == "Bearer"
        assert client.get("/v1/voices", headers=BEARER).status_code == 200


def test_too_many_requests_have_to_wait() -> None:
    with served("--per-minute", "12") as (where, _), httpx.Client(base_url=where, verify=False) as client:
        answers = [client.get("/v1/voices") for _ in range(14)]
        assert answers[-1].status_code == 429 and 0 < int(answers[-1].headers["retry-after"]) <= 60
        refused(answers[-1], 429, "wait")
        assert client.get("/health").status_code == 200


def test_who_speaks_no_http_or_never_ends_stops_nobody(client: httpx.Client) -> None:
    place = urlsplit(str(client.base_url))
    slow = socket.create_connection((place.hostname, place.port))
    slow.sendall(b"POST /v1/modulate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n--")
    rude = socket.create_connection((place.hostname, place.port))
    rude.sendall(os.urandom(1000))
    assert client.get("/health").status_code == 200
    slow.close()
    rude.close()


def test_health_answers_while_all_threads_work(client: httpx.Client) -> None:
    long = audio.read(DEFAULT / "voices" / "female.flac", 16000)[: round(6 * 16000)]
    files = {"speech": sound(long)}
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(client.post, "/v1/modulate", files=files) for _ in range(3)]
        begun = time.monotonic()
        assert client.get("/health").status_code == 200
        assert time.monotonic() - begun < 2 and not all(one.done() for one in answers)
        assert [one.result().status_code for one in answers] == [200] * 3
