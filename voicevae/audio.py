"""Sound in and out: every input becomes float32 mono at one rate, every bad one becomes one clear `AudioError`.

Samples are floating-point numbers, full scale is 1. Files and arrays pass in blocks, so that long recordings cost
little more memory than their result.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import soundfile as sf
import soxr

from voicevae import containers, downmix, samples
from voicevae.aside import beside
from voicevae.errors import AudioError
from voicevae.names import shown

HEADROOM = 0.99
BLOCK = 1 << 16  # samples, of all channels
FORMATS = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3", ".aiff": "AIFF", ".aif": "AIFF"}


class Header(NamedTuple):
    """Of a sound file: rate in Hz, samples of each channel, channels, and its comment, empty where there is none."""

    sample_rate: int
    n_frames: int
    channels: int
    comment: str


def load(source: Any, rate: float | None, sample_rate: int) -> np.ndarray:
    """A sound, however it is given.

    Args:
        source: a path or binary file object, as `read` takes it, or samples, as `from_array`.
        rate: of samples, in Hz; that of the result by default.
        sample_rate: of the result, in Hz.

    Returns:
        float32 `[n]`.
    """
    if is_file(source):
        return read(source, sample_rate)
    if isinstance(source, Real):
        raise AudioError(
            f"{source!r} is no sound; give samples as one NumPy array, and their rate in Hz apart, as sample_rate."
        )
    if isinstance(source, bytes | bytearray | memoryview):
        raise AudioError("Bytes are no sound yet; wrap a sound file's bytes in io.BytesIO.")
    return from_array(source, sample_rate if rate is None else rate, sample_rate)


def is_file(source: Any) -> bool:
    """Whether `source` is a path or a file object, and not samples."""
    return isinstance(source, str | os.PathLike) or containers.is_file_object(source)


def read(source: str | os.PathLike[str] | BinaryIO, sample_rate: int) -> np.ndarray:
    """Read any sound file that libsndfile knows.

    Args:
        source: the file, or a binary file object, which stays open; any rate, channels are mixed (`downmix`).
        sample_rate: of the result, in Hz.

    Returns:
        float32 `[n]`.
    """
    name = containers.name_of(source)
    with containers.opened(source) as file:
        samples.check_rate(file.samplerate, name)
        silence = samples.FINE_SILENCE if containers.is_fine(file) else samples.SILENCE
        n = max(BLOCK // file.channels, 1)
        blocks = _mono(lambda: containers.blocks(file, n), file.channels)
        return _collect(blocks, file.samplerate, sample_rate, name, silence)


def header(source: str | os.PathLike[str] | BinaryIO, count: bool = True) -> Header:
    """What a sound file says of itself. Where it does not say how long it is, the samples are counted, or, without
    `count`, are more than any file has. Raises AudioError where it is no sound file."""
    with containers.opened(source) as file:
        samples.check_rate(file.samplerate, containers.name_of(source))
        return Header(file.samplerate, containers.n_frames(file) if count else file.frames, file.channels, file.comment)


def from_array(wave: Any, rate: float, sample_rate: int) -> np.ndarray:
    """Take sound from memory.

    Args:
        wave: numpy array or torch tensor `[n]`, `[channels, n]` or `[n, channels]`; floating point within +-1, or
            uint8, int16 or int32 at full scale, in any byte order.
        rate: of `wave`, in Hz.
        sample_rate: of the result, in Hz.

    Returns:
        float32 `[n']`.
    """
    samples.check_rate(rate, "An array of samples")
    array = samples.columns(wave)
    if array.size == 0:
        raise AudioError("The array holds no samples; give speech.")
    silence = samples.SILENCE if array.dtype.itemsize <= 2 else samples.FINE_SILENCE

    n = max(BLOCK // array.shape[1], 1)

    def blocks() -> Iterator[np.ndarray]:
        return (samples.to_float(array[start : start + n]) for start in range(0, len(array), n))

    return _collect(_mono(blocks, array.shape[1]), float(rate), sample_rate, "The array", silence)


def chunk(wave: Any) -> np.ndarray:
    """A piece of a longer sound as float32 `[n, channels]`: as `from_array` takes it, but also empty or silent."""
    block = samples.to_float(samples.columns(wave))
    if block.size:
        low, high = float(block.min()), float(block.max())
        samples.check_finite(low, high, "A chunk")
        samples.check_scale(low, high, "A chunk")
    return block


def write(
    path: str | os.PathLike[str], wave: np.ndarray | Iterable[np.ndarray], sample_rate: int, comment: str = ""
) -> float:
    """Write a mono sound file under a temporary name, then rename it; nothing half-written stays behind.

    Args:
        path: its extension decides the format.
        wave: float `[n]`, or an iterable of such blocks, which is consumed once in bounded memory.
        sample_rate: in Hz.
        comment: stored in the file; ASCII passes unharmed through every format.

    Returns:
        The gain applied: 1, or less where the wave went beyond +-1 and was scaled to a peak of 0.99.
    """
    path = Path(path)
    check_output(path)
    try:
        with beside(path) as sound, beside(path) as spooled:
            if hasattr(wave, "shape"):
                wave = [samples.as_numpy(wave)]
            _spool(wave, spooled, path)
            gain = _gain(spooled, path)
            _encode(spooled, sound, FORMATS[path.suffix.lower()], sample_rate, gain, comment)
            os.replace(sound, path)
    except (OSError, sf.SoundFileError) as error:
        raise AudioError(f"{shown(path)} cannot be written ({_reason(error)}); choose another output path.") from None
    return gain


def check_output(path: str | os.PathLike[str], extensions: Collection[str] = FORMATS) -> None:
    """Raise `AudioError` where a file with one of `extensions` could not be written here; long work asks first."""
    path = Path(path)
    if path.suffix.lower() not in extensions:
        raise AudioError(f"{shown(path)} has no extension that can be written; use one of {', '.join(extensions)}.")
    if os.path.isdir(path):
        raise AudioError(f"{shown(path)} is a directory; give the name of a file to write.")
    if not os.path.isdir(path.parent):
        raise AudioError(f"{shown(path)} cannot be written: there is no folder {shown(path.parent)}; create it first.")
    if not os.access(path if os.path.exists(path) else path.parent, os.W_OK):
        raise AudioError(f"{shown(path)} cannot be written: permission denied; choose another output path.")


def _mono(blocks: Callable[[], Iterator[np.ndarray]], channels: int) -> Iterator[np.ndarray]:
    """The blocks `[m, channels]`, which are read twice where there are several channels, as `[m]`."""
    heard = downmix.Channels(channels)
    if channels > 1:
        for block in blocks():
            heard.hear(block)
    weights = heard.weights()
    return (downmix.mixed(block, weights) for block in blocks())


def _collect(
    blocks: Iterable[np.ndarray], rate: float, sample_rate: int, name: str, silence: float = samples.FINE_SILENCE
) -> np.ndarray:
    """Resample blocks `[m]` and join them; returns float32 `[n]`."""
    resampler = soxr.ResampleStream(rate, sample_rate, 1) if rate != sample_rate else None
    wave = np.zeros(0, np.float32)  # grows in place, where a list of blocks would need its sum twice
    low, high = np.inf, -np.inf
    for block in blocks:
        samples.check_finite(float(block.min()), float(block.max()), name)
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        _append(wave, resampler.resample_chunk(block) if resampler else block)
    if high >= low:
        samples.check_range(low, high, name, silence)
    if resampler and high >= low:
        _append(wave, resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    samples.check(wave, sample_rate, name, 0.0)
    return wave


def _append(wave: np.ndarray, more: np.ndarray) -> None:
    wave.resize(len(wave) + len(more), refcheck=False)
    wave[len(wave) - len(more) :] = more


def _spool(blocks: Iterable[np.ndarray], spooled: Path, path: Path) -> None:
    """Store blocks `[m]` as raw float32."""
    with open(spooled, "wb") as file:
        for block in map(samples.as_numpy, blocks):
            if block.ndim != 1:
                raise AudioError(
                    f"A wave of shape {list(block.shape)} cannot be written to {shown(path)}; give mono, [n]."
                )
            block.astype(np.float32, copy=False).tofile(file)
        if file.tell() == 0:
            raise AudioError(f"There are no samples to write to {shown(path)}; give at least one.")


def _unspool(spooled: Path) -> Iterator[np.ndarray]:
    with open(spooled, "rb") as file:
        while len(block := np.fromfile(file, np.float32, BLOCK)):
            yield block


def _gain(spooled: Path, path: Path) -> float:
    """What keeps the stored samples within +-1."""
    peak = float(np.max([np.abs(block).max() for block in _unspool(spooled)]))
    if not np.isfinite(peak):
        raise AudioError(f"The samples for {shown(path)} hold NaN or infinity; nothing was written.")
    return HEADROOM / peak if peak > 1 else 1.0


def _encode(spooled: Path, sound: Path, kind: str, sample_rate: int, gain: float, comment: str) -> None:
    with sf.SoundFile(containers.native(sound), "w", sample_rate, 1, format=kind) as file:
        if comment:
            file.comment = comment
        for block in _unspool(spooled):
            file.write(block * np.float32(gain))


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or getattr(error, "error_string", error)).rstrip(".")
