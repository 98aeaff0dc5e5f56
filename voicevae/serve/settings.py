"""Settings of a server."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """host, port: where it listens; only this machine reaches 127.0.0.1, and 0 is any free port.

    token: that clients must send, or None; voices: folder of more voices than the shipped ones; max_seconds: of one
    recording; max_mb: of one request; concurrency: requests that are worked on at a time; per_minute: requests of one
    address; max_live: live sockets at a time; bundle: folder, or the shipped one; watermark: whether sounds that are
    made carry it.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    voices: Path | None = None
    max_seconds: float = 60.0
    max_mb: float = 20.0
    concurrency: int = max(os.cpu_count() or 1, 1)
    per_minute: int = 120
    max_live: int = 8
    bundle: Path | None = None
    watermark: bool = True
