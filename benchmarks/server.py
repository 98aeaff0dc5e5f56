"""The server under live load: several sockets at once, each speaking in real time.

    python -m benchmarks.server                          # 1, 2, 4 and 8 sockets, twenty seconds each
    python -m benchmarks.server --sockets 8 --seconds 60 --no-voice

It starts a server of its own, sends blocks when a microphone would, and prints how late the answers came, how much was
dropped, and the time of the CPU (user and system) that the server used for a second of answered speech. From this one
follows how many sockets the cores of an idle machine hold.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.memory import resident_mb
from benchmarks.processes import serving
from voicevae import audio
from voicevae.bundle import examples

RATE, BLOCK_S = 16000, 0.02
HEADER = "| sockets | answer, median | 99 % | dropped | CPU for 1 s of speech | memory |"


@dataclass
class Heard:
    """late_s: of each answer after its block was sent; dropped_ms: as the server says."""

    late_s: list[float] = field(default_factory=list)
    dropped_ms: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1, 2, 4, 8], metavar="N", help="at once")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S", help="of speech of each (default 20)")
    parser.add_argument("--no-voice", action="store_true", help="edits alone, and no conversion")
    args = parser.parse_args()
    start: dict[str, object] = {"sample_rate": RATE, "pitch_semitones": 2} | (
        {} if args.no_voice else {"voice": "male"}
    )
    wave = audio.read(examples()["female"], RATE)
    wave = np.tile(wave, -(-round(args.seconds * RATE) // len(wave)))[: round(args.seconds * RATE)]
    print(HEADER, "| --- | --- | --- | --- | --- | --- |", sep="\n")
    with serving("voicevae", "serve", "--max-live", str(max(args.sockets))) as (url, pid):
        address = url.replace("http", "ws")
        asyncio.run(crowd(address, 1, start, wave[:RATE]))  # reads the voice
        for n in args.sockets:
            print(row(address, pid, n, start, wave), flush=True)
    return 0


def row(address: str, pid: int, n: int, start: dict[str, object], wave: np.ndarray) -> str:
    used, asked_s = cpu_s(pid), n * len(wave) / RATE
    heard = asyncio.run(crowd(address, n, start, wave))
    dropped_s = sum(one.dropped_ms for one in heard) / 1000
    cpu = (cpu_s(pid) - used) / (asked_s - dropped_s)
    median, late = 1000 * np.percentile(np.concatenate([one.late_s for one in heard]), [50, 99])
    dropped = f"{dropped_s / asked_s:.1%}"
    return f"| {n} | {median:.0f} ms | {late:.0f} ms | {dropped} | {cpu:.2f} s | {resident_mb(pid):.0f} MB |"


async def crowd(address: str, n: int, start: dict[str, object], wave: np.ndarray) -> list[Heard]:
    """`n` clients at once, that begin at different times within a block."""
    return await asyncio.gather(*(speak(address, start, wave, BLOCK_S * i / n) for i in range(n)))


async def speak(address: str, start: dict[str, object], wave: np.ndarray, wait_s: float) -> Heard:
    """One client: a block every 20 ms, whether the last one was answered or not."""
    heard, size = Heard(), round(BLOCK_S * RATE)
    sent: list[float] = []
    async with connect(f"{address}/v1/live") as socket:
        await socket.send(json.dumps(start))
        said = json.loads(await socket.recv())
        assert "latency_ms" in said, said
        listening = asyncio.create_task(listen(socket, heard, sent))
        clock = time.monotonic() + wait_s
        for i, at in enumerate(range(0, len(wave), size)):
            await asyncio.sleep(clock + i * BLOCK_S - time.monotonic())
            sent.append(time.monotonic())
            await socket.send((wave[at : at + size] * 32767).astype("<i2").tobytes())
        await socket.send('{"end": true}')
        await listening
    return heard


async def listen(socket: ClientConnection, heard: Heard, sent: list[float]) -> None:
    """Count answers, to the end. An answer is that of the oldest block that was neither answered nor dropped."""
    answered, size = 0, round(BLOCK_S * 1000)
    async for message in socket:
        if isinstance(message, str):
            heard.dropped_ms = json.loads(message)["dropped_ms"]
        elif (block := answered + round(heard.dropped_ms / size)) < len(sent):
            heard.late_s.append(time.monotonic() - sent[block])
            answered += 1


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
