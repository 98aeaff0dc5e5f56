"""The token of a server: read from a file, compared in constant time, and asked for where others reach the server."""

import hmac
import ipaddress
import os
import stat
import warnings
from pathlib import Path

from voicevae.errors import InputError, VoiceVAEError
from voicevae.names import shown

MIN_LENGTH = 16
LARGEST_BYTES = 4096
MAKE = "python -c 'import secrets; print(secrets.token_urlsafe())' writes a good one"
SCHEME = "bearer"


def read(path: Path) -> str:
    """The token in the file `path`: one word of ASCII; warns where every user of the machine can read the file.

    Raises:
        InputError: there is no such file, or no token in it.
    """
    try:
        with open(path, "rb") as file:
            mode, content = os.fstat(file.fileno()).st_mode, file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read ({error.strerror}); give a file that holds a token.") from None
    token = content.decode("ascii", "replace").strip()
    if not (MIN_LENGTH <= len(token) <= LARGEST_BYTES and token.isascii() and token.isprintable() and " " not in token):
        raise InputError(
            f"{shown(path)} holds no token, which is one word of {MIN_LENGTH} or more characters of ASCII; {MAKE}."
        )
    if os.name == "posix" and stat.S_ISREG(mode) and mode & stat.S_IROTH:
        warnings.warn(f"Every user can read the token in {shown(path)}; chmod 600 makes it yours.", stacklevel=2)
    return token


def check(host: str, token: str | None) -> None:
    """Raise VoiceVAEError where a server at `host` would be open to other machines without a token."""
    if token is None and not is_loopback(host):
        raise VoiceVAEError(
            f"Other machines reach {host}; give --token-file, so that not everybody may use the server, "
            "or leave --host at 127.0.0.1."
        )


def is_loopback(host: str) -> bool:
    """Whether an address, or a name, is of this machine alone.

    >>> is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("example.com")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def matches(token: str, authorization: bytes | None) -> bool:
    """Whether the header `Authorization` holds the token, as `Bearer <token>`."""
    scheme, _, given = (authorization or b"").partition(b" ")
    same = hmac.compare_digest(given.strip(), token.encode())
    return same and scheme.lower() == SCHEME.encode()
