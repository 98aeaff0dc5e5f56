"""What stands before a request, without a server: token, rate, threads, voices, and the command's options."""

import asyncio
import json
import sys
import threading
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

import voicevae
from voicevae.bundle import DEFAULT
from voicevae.cli import main
from voicevae.cli.parser import build_parser
from voicevae.errors import InputError, VoiceVAEError
from voicevae.serve import gate, server, token
from voicevae.serve.rate import LARGEST, Rate
from voicevae.serve.settings import Settings
from voicevae.serve.voices import Voices
from voicevae.serve.work import WAITING, Work


def test_a_token_is_one_word_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "token.txt"
    path.write_text("0123456789abcdef\n")
    path.chmod(0o600)
    assert token.read(path) == "0123456789abcdef"
    assert token.matches("0123456789abcdef", b"Bearer 0123456789abcdef")
    for wrong in (
        None,
        b"",
        b"0123456789abcdef",
        b"Bearer 0123456789abcde",
        b"Bearer 0123456789abcdef0",
        b"Bearer \xff",
    ):
        assert not token.matches("0123456789abcdef", wrong)
    path.chmod(0o644)
    with pytest.warns(UserWarning, match="chmod 600"):
        token.read(path)
    path.chmod(0o600)
    for content in (b"", b"short", b"two words of many letters", "ä".encode() * 20, bytes(100), b"x" * 10_000):
        path.write_bytes(content)
        with pytest.raises(InputError, match="holds no token"):
            token.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        token.read(tmp_path / "none")
    with pytest.raises(InputError, match="cannot be read"):
        token.read(tmp_path)


def test_others_reach_the_server_only_with_a_token() -> None:
    assert token.is_loopback(Settings().host)
    for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
        token.check(host, None)
    for host in ("0.0.0.0", "::", "192.168.1.2", "example.com", ""):
        with pytest.raises(VoiceVAEError, match="--token-file"):
            token.check(host, None)
        token.check(host, "secret")


def test_a_rate_is_kept_and_comes_back() -> None:
    now = [0.0]
    rate = Rate(60, lambda: now[0])
    assert [rate.wait_s("a") for _ in range(60)] == [0] * 60
    assert rate.wait_s("a") == pytest.approx(1) and rate.wait_s("b") == 0
    now[0] = 0.5
    assert rate.wait_s("a") == pytest.approx(0.5)
    now[0] = 1.0
    assert rate.wait_s("a") == 0 and rate.wait_s("a") > 0
    for i in range(2 * LARGEST):
        rate.wait_s(str(i))
    assert len(rate._left) == LARGEST


def test_work_waits_in_a_bounded_queue() -> None:
    async def crowd(work: Work, n: int) -> list[int]:
        begun, free = threading.Event(), threading.Event()

        def one() -> int:
            begun.set()
            return 200 if free.wait(10) else 500

        tasks = [asyncio.create_task(work.do(one)) for _ in range(n)]
        await asyncio.sleep(0)
        begun.wait(10)
        free.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        return [one.status_code if isinstance(one, HTTPException) else one for one in done]  # type: ignore[misc]

    with Work(2) as work:
        places = 2 * (1 + WAITING)
        assert sorted(asyncio.run(crowd(work, places + 3))) == [200] * places + [429] * 3
        assert asyncio.run(crowd(work, places)) == [200] * places


def test_voices_of_a_folder(tmp_path: Path) -> None:
    vv = voicevae.load()
    for name in ("male", "one.voice", ".hidden.wav", "notes.txt"):
        (tmp_path / name).write_text("no voice") if "." in name else (tmp_path / name).mkdir()
    (tmp_path / "male" / "a.flac").symlink_to(DEFAULT / "voices" / "female.flac")
    voices = Voices(vv, tmp_path)
    assert [tuple(one.values()) for one in voices.listed()] == [
        ("female", "shipped"),
        ("male", "folder"),
        ("one", "folder"),
    ]
    assert voices.speaker("male") is voices.speaker("male")
    assert voices.speaker("male").log_f0_mean == voices.speaker("female").log_f0_mean
    with pytest.raises(InputError, match="^one.voice is not a voice file"):
        voices.speaker("one")
    (tmp_path / "one.wav").write_bytes(b"")
    with pytest.raises(InputError, match="would be one voice, one"):
        Voices(vv, tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        Voices(vv, tmp_path / "one.wav")


@pytest.mark.parametrize(
    ("headers", "local", "foreign"),
    [
        ({b"host": b"127.0.0.1:8000"}, True, False),
        ({b"host": b"[::1]:8000"}, True, False),
        ({}, True, False),
        ({b"host": b"evil.com"}, True, True),
        ({b"host": b"voices.example"}, False, False),
        ({b"host": b"voices.example", b"origin": b"https://voices.example"}, False, False),
        ({b"host": b"voices.example", b"origin": b"https://evil.com"}, False, True),
        ({b"host": b"127.0.0.1:8000", b"origin": b"null"}, True, True),
        ({b"host": b"[::1", b"origin": b"http://["}, True, True),
    ],
)
def test_who_is_foreign(headers: dict[bytes, bytes], local: bool, foreign: bool) -> None:
    assert gate.is_foreign(headers, local) == foreign


def test_options_arrive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: list[Settings] = []
    monkeypatch.setattr(server, "run", given.append)
    assert main(["serve"]) == 0
    path = tmp_path / "token.txt"
    path.write_text("0123456789abcdef")
    path.chmod(0o600)
    words = f"--host 0.0.0.0 --port 80 --token-file {path} --voices {tmp_path} --max-seconds 5 --max-mb 1"
    words += " --concurrency 3 --per-minute 7 --max-live 2 --no-watermark"
    assert main(["serve", *words.split()]) == 0
    wanted = Settings("0.0.0.0", 80, "0123456789abcdef", tmp_path, 5.0, 1.0, 3, 7, 2, None, False)
    assert given == [Settings(), wanted]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--host 0.0.0.0", "--token-file"),
        ("--host no.such.host.invalid --token-file {token}", "cannot be had"),
        ("--host 203.0.113.1 --token-file {token}", "cannot be had"),
        ("--voices {token}", "is not a folder"),
        ("--token-file {token}.none", "cannot be read"),
    ],
)
def test_what_cannot_be_served_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: str, said: str
) -> None:
    path = tmp_path / "token.txt"
    path.write_text("0123456789abcdef")
    path.chmod(0o600)
    assert main(["serve", "--port", "0", *words.format(token=path).split()]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.splitlines()) == 1


def test_without_the_extra_the_cure_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "voicevae.serve.server")
    monkeypatch.delattr(sys.modules["voicevae.serve"], "server")
    assert main(["serve"]) == 2
    assert 'pip install "voicevae[serve]"' in capsys.readouterr().err


def test_the_dockerfile_copies_what_is_there_and_starts_what_there_is() -> None:
    root = Path(voicevae.__file__).parents[1]
    lines = (root / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = [
        name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]
    ]
    shown = (root / ".dockerignore").read_text(encoding="utf-8").split()
    assert copied and all((root / name).exists() and f"!{name}" in shown for name in copied)
    words = [json.loads(line.split(" ", 1)[1]) for line in lines if line.startswith(("ENTRYPOINT", "CMD"))]
    args = build_parser().parse_args([*words[0], *words[1]][1:])
    assert args.run.__module__ == "voicevae.cli.serve" and args.host == "0.0.0.0" and args.token_file is not None
