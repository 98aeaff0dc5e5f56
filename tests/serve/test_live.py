"""Live sockets, with an engine that is only a gain, so that what the socket itself does can be seen."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import voicevae
from tests.serve.conftest import TOKEN
from voicevae import audio, watermark
from voicevae.bundle import DEFAULT
from voicevae.edits import Edit
from voicevae.serve import app, live, pcm
from voicevae.serve.conversion import Converter
from voicevae.serve.settings import Settings
from voicevae.serve.work import Work

BLOCK = 320
SOCKETS = 3


class Gain:
    """Gives blocks back with `energy_db`; a block whose first sample is -0.5 takes half a second."""

    latency_ms = 65.0

    def __init__(self, rate: int, gate_db: float | None = None, **asked: Any) -> None:
        self.db = 0.0
        self.set(**asked)

    def set(self, voice: Any = None, **edits: Any) -> None:
        self.db = Edit.of(edits).energy_db

    def feed(self, block: np.ndarray) -> np.ndarray:
        wave = audio.chunk(block).reshape(-1)
        if len(wave) and wave[0] == -0.5:
            time.sleep(0.5)
        if len(wave) and wave[0] == -0.25:
            raise ZeroDivisionError("a mistake")
        return wave * np.float32(10 ** (self.db / 20))

    def flush(self) -> np.ndarray:
        return np.full(5, 0.125, np.float32)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    vv: Any = voicevae.load()
    with pytest.MonkeyPatch.context() as patched, Work(1) as work, ThreadPoolExecutor(2) as pool:
        patched.setattr(type(vv), "live", lambda self, rate, **asked: Gain(rate, **asked), raising=False)
        settings = Settings(watermark=False, max_live=SOCKETS, per_minute=100_000)
        converter = Converter(vv, settings, tmp_path_factory.mktemp("live"))
        config = uvicorn.Config(app.build(converter, work, pool), port=0, log_level="warning", ws="websockets-sansio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1/live"
        server.should_exit = True
        thread.join()


def said(socket: ClientConnection) -> dict[str, Any]:
    message = socket.recv(timeout=30)
    assert isinstance(message, str), len(message)
    return json.loads(message)


@contextmanager
def begun(address: str, **start: Any) -> Iterator[ClientConnection]:
    with connect(address) as socket:
        socket.send(json.dumps(start))
        assert said(socket)["latency_ms"] == Gain.latency_ms
        yield socket


def heard(socket: ClientConnection, kind: pcm.Format = "float32") -> np.ndarray:
    message = socket.recv(timeout=30)
    assert isinstance(message, bytes), message
    return pcm.decoded(message, kind)


@pytest.mark.parametrize("kind", ["int16", "float32"])
def test_blocks_come_back_in_order_and_the_rest_at_the_end(address: str, kind: pcm.Format) -> None:
    wave = np.arange(10 * BLOCK, dtype=np.float32) / 32768
    with begun(address, format=kind, sample_rate=48000) as socket:
        made = []
        for start in range(0, len(wave), BLOCK):
            socket.send(pcm.encoded(wave[start : start + BLOCK], kind))
            made.append(heard(socket, kind))
        assert np.array_equal(np.concatenate(made), wave)
        socket.send('{"end": true}')
        assert np.array_equal(heard(socket, kind), np.full(5, 0.125, np.float32))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000


def test_int16_is_clipped_and_not_wrapped() -> None:
    loud = np.array([2.0, -2.0, 1.0, 0.5], np.float32)
    assert np.frombuffer(pcm.encoded(loud, "int16"), "<i2").tolist() == [32767, -32768, 32767, 16384]


def test_settings_change_between_blocks(address: str) -> None:
    ones = np.full(BLOCK, 0.1, np.float32)
    with begun(address, format="float32", voice="female") as socket:
        for change, gain in (({}, 1.0), ({"energy_db": 20}, 10.0), ({"energy_db": -20, "voice": None}, 0.1)):
            socket.send(json.dumps(change))
            assert not change or said(socket)["latency_ms"] == Gain.latency_ms
            socket.send(ones.tobytes())
            assert heard(socket) == pytest.approx(ones * gain)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("no json", "no JSON object"),
        ("[]", "no JSON object"),
        (b"\0\0", "must be text"),
        ('{"sample_rate": 7}', "sample_rate is 7"),
        ('{"format": "mp3"}', "format is mp3"),
        ('{"pich": 3}', "no field pich"),
        ('{"voice": "../x"}', "no voice"),
        ('{"energy_db": 1e999}', "energy_db"),
        ('{"rate": 2}', "no field rate"),
        ('{"voice": "' + "x" * 5000 + '"}', "at most 4096"),
    ],
)
def test_a_first_message_that_cannot_be_used_ends_it_in_a_sentence(
    address: str, first: str | bytes, words: str
) -> None:
    with connect(address) as socket:
        socket.send(first)
        assert words in said(socket)["error"]
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


def test_what_cannot_be_used_later_is_said_and_the_stream_goes_on(address: str) -> None:
    ones = np.full(BLOCK, 0.1, np.float32)
    with begun(address, format="float32") as socket:
        for wrong, words in (
            (b"\0\0\0", "no whole number"),
            (np.full(BLOCK, np.nan, np.float32).tobytes(), "NaN"),
            (bytes(4 * 16001), "at most 1 s"),
            ("{", "no JSON object"),
            ('{"energy_db": 100}', "energy_db is 100"),
            ('{"sample_rate": 8000}', "no field sample_rate"),
            ('{"voice": "nobody"}', "no voice"),
            ('{"rate": 2}', "no field rate"),
            (np.full(BLOCK, -0.25, np.float32).tobytes(), "did not foresee"),
        ):
            socket.send(wrong)
            assert words in said(socket)["error"]
            socket.send(ones.tobytes())
            assert np.array_equal(heard(socket), ones)
        socket.send(b"")
        assert len(heard(socket)) == 0


def test_late_blocks_are_dropped_and_never_queued(address: str) -> None:
    """While one block takes half a second, two more seconds arrive: only the last of them are answered."""
    with begun(address, format="float32") as socket:
        socket.send(np.full(BLOCK, -0.5, np.float32).tobytes())
        time.sleep(0.1)
        for i in range(100):
            socket.send(np.full(BLOCK, i / 1000, np.float32).tobytes())
        messages = [socket.recv(timeout=30) for _ in range(2 + round(live.LATE_S * 16000) // BLOCK)]
        answers = [pcm.decoded(one, "float32")[0] for one in messages if isinstance(one, bytes)]
        assert answers == pytest.approx([-0.5, *np.arange(90, 100) / 1000])
        assert [json.loads(one) for one in messages if isinstance(one, str)] == [{"dropped_ms": 1800}]
        socket.send(np.full(BLOCK, 0.5, np.float32).tobytes())
        assert heard(socket)[0] == 0.5


def test_a_slow_socket_holds_up_no_other(address: str) -> None:
    ones = np.full(BLOCK, 0.1, np.float32)
    with begun(address, format="float32") as slow, begun(address, format="float32") as quick:
        slow.send(np.full(BLOCK, -0.5, np.float32).tobytes())
        started = time.monotonic()
        quick.send(ones.tobytes())
        assert np.array_equal(heard(quick), ones)
        assert time.monotonic() - started < 0.4
        assert heard(slow)[0] == -0.5


def test_who_says_nothing_gives_the_place_back(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FIRST_S", 0.1)
    with connect(address) as socket:
        assert "for too long" in said(socket)["error"]
    monkeypatch.setattr(live, "IDLE_S", 0.1)
    monkeypatch.setattr(live, "FIRST_S", 10.0)
    with begun(address, gate_db=-50) as socket:
        assert "for too long" in said(socket)["error"]
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=30)


def test_only_so_many_at_a_time(address: str) -> None:
    with ExitStack() as stack:
        for _ in range(SOCKETS):
            stack.enter_context(begun(address))
        with pytest.raises(InvalidStatus) as refused, begun(address):
            pass
    assert refused.value.response.status_code == 429
    assert "try again later" in json.loads(refused.value.response.body)["error"]
    for _ in range(100):
        with suppress(InvalidStatus), begun(address):
            break
        time.sleep(0.05)  # until the server has heard of it
    else:
        pytest.fail("No place was given back")


def test_a_client_that_vanishes_leaves_nothing(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    for message in (None, b"\0\0", np.full(BLOCK, -0.5, np.float32).tobytes()):
        with begun(address, format="float32") as socket:
            if message:
                socket.send(message)
            socket.socket.shutdown(SHUT_RDWR)
    time.sleep(0.7)
    with begun(address):
        pass
    assert "Traceback" not in capfd.readouterr().err


def test_pages_of_other_sites_and_strangers_are_kept_out(address: str, guarded: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        with connect(address, origin="http://example.com"):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403
    other = guarded.replace("http", "ws") + "/v1/live"
    with pytest.raises(InvalidStatus) as refused:
        with connect(other, additional_headers={"authorization": "Bearer x"}):
            pass
    assert refused.value.response.status_code == 401
    assert "Bearer" in json.loads(refused.value.response.body)["error"]
    with connect(other, additional_headers={"authorization": f"Bearer {TOKEN}"}) as socket:
        assert socket.ping().wait(10)


def test_a_request_over_http_is_told(address: str) -> None:
    answer = httpx.get(address.replace("ws", "http", 1))
    assert answer.status_code == 404 and "/docs" in answer.json()["error"]


def test_what_comes_out_is_marked() -> None:
    wave = audio.read(DEFAULT / "voices" / "female.flac", 16000)
    marked = live.Marked(Gain(16000), 16000)
    made = np.concatenate([*(marked.feed(wave[i : i + BLOCK]) for i in range(0, len(wave), BLOCK)), marked.flush()])
    assert watermark.detect(made, 16000) and len(made) == len(wave) + 5
