"""Settings of a page."""

import os
from dataclasses import dataclass
from pathlib import Path

from voicevae.errors import VoiceVAEError


@dataclass(frozen=True)
class Settings:
    """host, port: where it listens; only this machine reaches 127.0.0.1, and 0 is the first free port from 7860 on.

    auth: (user, password), or None; max_seconds: of one recording; max_mb: of one file; concurrency: clicks that are
    worked on at a time; keep_s: how long files are kept after their last use, s; bundle: folder, or the shipped one;
    watermark: whether sounds that are made carry it.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    auth: tuple[str, str] | None = None
    max_seconds: float = 60.0
    max_mb: float = 20.0
    concurrency: int = max(os.cpu_count() or 1, 1)
    keep_s: float = 900.0
    bundle: Path | None = None
    watermark: bool = True


def credentials(text: str) -> tuple[str, str]:
    """ "user:password" as two.

    Raises:
        VoiceVAEError: one of them is empty, or there is no colon.
    """
    user, _, password = text.partition(":")
    if not user or not password:
        raise VoiceVAEError("--auth needs a name and a password; give them as user:password.")
    return user, password
