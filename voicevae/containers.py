"""Sound files as libsndfile reads them: which of a folder's are, and how one is opened whatever its header says of its
length."""

import contextlib
import io
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
import soundfile as sf

from voicevae.errors import AudioError
from voicevae.names import shown

ALIASES = {".aif", ".aifc", ".bwf", ".oga", ".opus", ".snd", ".sph", ".wave"}
READABLE = frozenset({f".{name.lower()}" for name in sf.available_formats()} - {".raw"} | ALIASES)
UNREADABLE = frozenset(
    ".3gp .aac .ac3 .amr .ape .asf .dsf .dts .m4a .m4b .mka .mkv .mov .mp4 .mpc .ra .tta .webm .wma .wv".split()
)  # sound that people have and libsndfile does not read
COMMON = ".wav, .flac, .ogg, .opus, .mp3, .aiff"
NO_SOUND = "is damaged or is not audio; give a WAV, FLAC, OGG, MP3 or AIFF file."
NAMED = 5  # files in a sentence
UNKNOWN = 1 << 48  # frames; more than any file has
UNTOLD = b"\xff" * 4  # a length that libsndfile takes for "to the end"
TRAILER = 4096  # bytes behind the samples that may be something else


class Found(NamedTuple):
    """The sound files of a folder, in order, and those of other sounds, which cannot be read."""

    readable: list[Path]
    left_out: list[Path]


def find(folder: Path) -> Found:
    """All files in `folder` and below that have a sound's extension and are not hidden."""
    files = sorted(p for p in folder.rglob("*") if not p.name.startswith(".") and os.path.isfile(p))
    return Found(*([p for p in files if p.suffix.lower() in kinds] for kinds in (READABLE, UNREADABLE)))


def in_folder(folder: Path) -> Found:
    """As `find`. Raises AudioError where nothing in `folder` can be read."""
    found = find(folder)
    if not found.readable:
        others = f" ({left_out(found.left_out)})" if found.left_out else ""
        raise AudioError(f"{shown(folder)} holds no sound file{others}; give a folder of {COMMON} or other sounds.")
    return found


def left_out(paths: Sequence[Path]) -> str:
    """A sentence, without its full stop, on files of formats that cannot be read."""
    named = ", ".join(shown(path.name) for path in paths[:NAMED])
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return f"{named}{more} left out, as libsndfile does not read them"


def is_file_object(source: Any) -> bool:
    """Whether it can be read from, as an open file; a tensor, which has a `detach` too, cannot."""
    return callable(getattr(source, "read", None))


def name_of(source: Any) -> str:
    """Of a path or file object, for messages."""
    if not is_file_object(source):
        return shown(source) or "''"
    name = getattr(source, "name", None)
    return shown(name) if isinstance(name, str) and name and not name.startswith("<") else "The file object"


@contextlib.contextmanager
def opened(source: str | os.PathLike[str] | BinaryIO) -> Iterator[sf.SoundFile]:
    """A path, or a binary file object, which is read from its beginning and is afterwards where it was.

    Raises:
        AudioError: it cannot be opened or decoded; the sentence says why.
    """
    name = name_of(source)
    try:
        with contextlib.ExitStack() as stack:
            path = None if is_file_object(source) else cast("str | os.PathLike[str]", source)
            file = stack.enter_context(_rewound(source, name) if path is None else _file(path, name))
            mended = _mended(file)
            by_name = path is not None and mended is file and not isinstance(file, io.BytesIO)
            yield stack.enter_context(sf.SoundFile(native(path) if path is not None and by_name else mended))
    # TypeError: soundfile would have to be told a .raw file's rate. Some headers make it divide by zero.
    except (sf.SoundFileError, TypeError, ZeroDivisionError, struct.error):
        raise AudioError(f"{name} {NO_SOUND}") from None
    except OSError as error:
        raise AudioError(f"{name} cannot be read ({error.strerror or error}); check it, and its disk.") from None


def blocks(file: sf.SoundFile, n: int) -> Iterator[np.ndarray]:
    """What is in an open file, from its beginning, as float32 `[m, channels]` with m up to `n`."""
    with contextlib.suppress(sf.SoundFileError):  # GSM 6.10 cannot be sought, has one channel, and is read once
        file.seek(0)
    if file.frames < UNKNOWN:
        with _unsought(file):
            while len(block := file.read(n, dtype="float32", always_2d=True)):
                yield block
        return
    # FLAC as pipes write it says no length: libsndfile fails at the end, after it has given what there was.
    while True:
        block = np.full((n, file.channels), np.nan, np.float32)
        try:
            file.read(out=block)
        except sf.SoundFileError:
            block = block[: int(np.isfinite(block[:, 0]).sum())]
            if len(block):
                yield block
            return
        yield block


@contextlib.contextmanager
def _unsought(file: sf.SoundFile) -> Iterator[None]:
    """soundfile seeks to where it is after each read, which in an MP3 drops some 2,000 samples; here it does not."""
    file.seekable = lambda: False
    try:
        yield
    finally:
        del file.seekable


def n_frames(file: sf.SoundFile) -> int:
    """Samples of each channel of an open file; counted where its header does not say."""
    return file.frames if file.frames < UNKNOWN else sum(len(block) for block in blocks(file, 1 << 16))


def is_fine(file: sf.SoundFile) -> bool:
    """Whether its samples have more than 16 bits."""
    return file.subtype in ("PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAC_24", "ALAC_32")


def native(path: str | os.PathLike[str]) -> str | bytes:
    """A path as soundfile takes any that the system has."""
    return os.fspath(path) if os.name == "nt" else os.fsencode(path)


@contextlib.contextmanager
def _file(source: str | os.PathLike[str], name: str) -> Iterator[BinaryIO]:
    _check(source, name)
    with open(source, "rb") as file:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            yield io.BytesIO(file.read())  # it must be read twice
        else:
            yield file


@contextlib.contextmanager
def _rewound(source: Any, name: str) -> Iterator[BinaryIO]:
    if not isinstance(source.read(0), bytes):
        raise AudioError(f"{name} was opened as text; open it as binary, with mode 'rb'.")
    if not (hasattr(source, "seekable") and source.seekable()):
        yield io.BytesIO(source.read())
        return
    place = source.tell()
    try:
        if source.seek(0, os.SEEK_END) == 0:
            raise AudioError(f"{name} is empty (0 bytes); give a sound file.")
        yield source
    finally:
        source.seek(place)


def _check(source: str | os.PathLike[str], name: str) -> None:
    if os.path.isdir(source):
        raise AudioError(f"{name} is a directory; give a sound file.")
    if not os.path.exists(source):
        raise AudioError(f"{name} does not exist; check the path.")
    mode = os.stat(source).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise AudioError(f"{name} is a device; give a sound file.")
    if stat.S_ISREG(mode) and os.path.getsize(source) == 0:
        raise AudioError(f"{name} is empty (0 bytes); give a sound file.")
    if not os.access(source, os.R_OK):
        raise AudioError(f"{name} cannot be read: permission denied; change its permissions.")


class _Overlaid(io.RawIOBase):
    """A binary file of which the bytes from `place` on read as `new`."""

    def __init__(self, file: BinaryIO, place: int, new: bytes) -> None:
        self.file, self.place, self.new = file, place, new

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def readinto(self, buffer: Any) -> int:
        start = self.file.tell()
        data = bytearray(self.file.read(len(buffer)))
        for i, byte in enumerate(self.new, self.place - start):
            if 0 <= i < len(data):
                data[i] = byte
        buffer[: len(data)] = data
        return len(data)


def _mended(file: BinaryIO) -> BinaryIO:
    """`file` at its beginning; where its header was written before its samples, as pipes and crashes leave it, one
    that says that they go on to the end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(36)
    change = None
    if head[:4] == b"RF64" and head[12:16] == b"ds64" and head[28:36] == bytes(8):
        change = 0, b"RIFF"
    elif head[:4] in (b"RIFF", b"RIFX") and head[8:12] == b"WAVE":
        change = _wrong_length(file, size, "<" if head[:4] == b"RIFF" else ">")
    elif head[:4] == b".snd" and head[8:12] == bytes(4):
        change = 8, UNTOLD
    file.seek(0)
    return file if change is None else _Overlaid(file, *change)  # type: ignore[return-value]


def _wrong_length(file: BinaryIO, size: int, order: str) -> tuple[int, bytes] | None:
    """What makes the header of a WAV file of `size` bytes right, if it says that there are fewer samples than are."""
    for name, start, length in _chunks(file, 12, size, order):
        if name == b"data":
            beyond = size - start - length
            whole = length > 0 and beyond <= TRAILER
            rest = list(_chunks(file, start + length + length % 2, size, order))
            known = bool(rest) and rest[-1][1] + rest[-1][2] >= size - 1
            return None if beyond <= 0 or whole or known else (start - 4, UNTOLD)
    return None


def _chunks(file: BinaryIO, place: int, size: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, its length) of each chunk of a RIFF file from `place` on."""
    while place + 8 <= size:
        file.seek(place)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        if not name.isascii() or not name.decode().isprintable():
            return
        yield name, place + 8, length
        place += 8 + length + length % 2
