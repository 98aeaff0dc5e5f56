"""Sound in and out: every input becomes float32 mono at one rate, every bad one becomes one clear `AudioError`.

Samples are floating-point numbers, full scale is 1. Files and arrays pass in blocks, so that long recordings cost
little more memory than their result.
"""

import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import soundfile as sf
import soxr

from voicevae import containers, downmix
from voicevae.aside import beside
from voicevae.errors import AudioError, SilenceError
from voicevae.names import shown

MIN_SECONDS = 0.1
SILENCE, FINE_SILENCE = 1e-4, 1e-6  # peak to peak: about three steps of 16-bit sound; and of finer sound
LOWEST_RATE, HIGHEST_RATE = 1000, 3_072_000  # Hz
LOUDEST = 100.0  # floating-point sound beyond it was never scaled to +-1
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
        check_rate(file.samplerate, name)
        silence = FINE_SILENCE if containers.is_fine(file) else SILENCE
        n = max(BLOCK // file.channels, 1)
        blocks = _mono(lambda: containers.blocks(file, n), file.channels)
        return _collect(blocks, file.samplerate, sample_rate, name, silence)


def header(source: str | os.PathLike[str] | BinaryIO, count: bool = True) -> Header:
    """What a sound file says of itself. Where it does not say how long it is, the samples are counted, or, without
    `count`, are more than any file has. Raises AudioError where it is no sound file."""
    with containers.opened(source) as file:
        check_rate(file.samplerate, containers.name_of(source))
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
    check_rate(rate, "An array of samples")
    array = _columns(wave)
    if array.size == 0:
        raise AudioError("The array holds no samples; give speech.")
    silence = SILENCE if array.dtype.itemsize <= 2 else FINE_SILENCE

    n = max(BLOCK // array.shape[1], 1)

    def blocks() -> Iterator[np.ndarray]:
        return (_to_float(array[start : start + n]) for start in range(0, len(array), n))

    return _collect(_mono(blocks, array.shape[1]), float(rate), sample_rate, "The array", silence)


def chunk(wave: Any) -> np.ndarray:
    """A piece of a longer sound as float32 `[n, channels]`: as `from_array` takes it, but also empty or silent."""
    block = _to_float(_columns(wave))
    if block.size:
        low, high = float(block.min()), float(block.max())
        _check_finite(low, high, "A chunk")
        _check_scale(low, high, "A chunk")
    return block


def check_rate(rate: Any, name: str) -> None:
    """Raise `AudioError` unless `rate` is a number of Hz at which there can be speech."""
    if isinstance(rate, bool) or not (isinstance(rate, Real) and 0 < float(rate) < float("inf")):
        raise AudioError(f"{name} needs its sample rate in Hz, a positive number, but {rate!r} was given.")
    if not LOWEST_RATE <= float(rate) <= HIGHEST_RATE:
        raise AudioError(
            f"{name} has a sample rate of {float(rate):g} Hz; give speech at {LOWEST_RATE} to {HIGHEST_RATE} Hz."
        )


def check(wave: np.ndarray, sample_rate: int, name: str, silence: float = FINE_SILENCE) -> None:
    """Raise `AudioError` where a mono wave `[n]` is no speech: empty, not finite, silent, shorter than 0.1 s."""
    if len(wave) == 0:
        raise AudioError(f"{name} holds no samples; give a recording with speech in it.")
    _check_range(float(wave.min()), float(wave.max()), name, silence)
    if len(wave) < MIN_SECONDS * sample_rate:
        length = math.floor(10_000 * len(wave) / sample_rate) / 10  # never "100 ms, give at least 100 ms"
        raise AudioError(f"{name} is {length:g} ms long; give at least {1000 * MIN_SECONDS:g} ms of speech.")


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
        with beside(path) as sound, beside(path) as samples:
            if hasattr(wave, "shape"):
                wave = [_as_numpy(wave)]
            _spool(wave, samples, path)
            gain = _gain(samples, path)
            _encode(samples, sound, FORMATS[path.suffix.lower()], sample_rate, gain, comment)
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
    blocks: Iterable[np.ndarray], rate: float, sample_rate: int, name: str, silence: float = FINE_SILENCE
) -> np.ndarray:
    """Resample blocks `[m]` and join them; returns float32 `[n]`."""
    resampler = soxr.ResampleStream(rate, sample_rate, 1) if rate != sample_rate else None
    samples = bytearray()  # grows in place, where a list of blocks would need its sum twice
    low, high = np.inf, -np.inf
    for block in blocks:
        _check_finite(float(block.min()), float(block.max()), name)
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        samples += (resampler.resample_chunk(block) if resampler else block).tobytes()
    if high >= low:
        _check_range(low, high, name, silence)
    if resampler and high >= low:
        samples += resampler.resample_chunk(np.zeros(0, np.float32), last=True).tobytes()
    wave = np.frombuffer(samples, np.float32)
    check(wave, sample_rate, name, 0.0)
    return wave


def _check_range(low: float, high: float, name: str, silence: float) -> None:
    _check_finite(low, high, name)
    if high - low < silence:
        raise SilenceError(f"{name} holds nothing but silence; give a recording with speech in it.")
    _check_scale(low, high, name)


def _check_finite(low: float, high: float, name: str) -> None:
    if not (np.isfinite(low) and np.isfinite(high)):
        raise AudioError(f"{name} holds NaN or infinite samples; export it again from where it was made.")


def _check_scale(low: float, high: float, name: str) -> None:
    if (peak := max(-low, high)) > LOUDEST:
        raise AudioError(f"{name} has a peak of {peak:.3g}; scale floating-point samples to lie within +-1.")


def _as_numpy(wave: Any) -> np.ndarray:
    """A numpy array of a torch tensor, which is told by its methods so that torch need not be imported, or array."""
    if hasattr(wave, "detach") and hasattr(wave, "is_floating_point"):
        wave = wave.detach().cpu()
        wave = (wave.float() if wave.is_floating_point() else wave).numpy()
    try:
        return np.asarray(wave)
    except (ValueError, TypeError):
        raise AudioError("The samples are no array; give one NumPy array [n], or [n, channels].") from None


def _columns(wave: Any) -> np.ndarray:
    """`[n, channels]` of an array or tensor, in which time is the longer axis."""
    array = _as_numpy(wave)
    if array.ndim not in (1, 2):
        shape = list(array.shape)
        raise AudioError(f"The array has shape {shape}; give samples as [n], [channels, n] or [n, channels].")
    if array.ndim == 1:
        return array[:, None]
    return array.T if array.shape[0] < array.shape[1] else array


def _to_float(block: np.ndarray) -> np.ndarray:
    """Full scale becomes 1: uint8 is centred on 128, int16 and int32 on 0. Any byte order will do."""
    kind = block.dtype.newbyteorder("=")
    if kind == np.uint8:
        return (block.astype(np.float32) - 128) / 128
    if kind in (np.int16, np.int32):
        return block.astype(np.float32) / -float(np.iinfo(kind).min)
    if np.issubdtype(kind, np.floating):
        with np.errstate(over="ignore"):  # becomes infinite, and is then refused as such
            return block.astype(np.float32)
    raise AudioError(f"An array of {kind} is no sound; give floating point, uint8, int16 or int32.")


def _spool(blocks: Iterable[np.ndarray], samples: Path, path: Path) -> None:
    """Store blocks `[m]` as raw float32."""
    with open(samples, "wb") as file:
        for block in map(_as_numpy, blocks):
            if block.ndim != 1:
                raise AudioError(
                    f"A wave of shape {list(block.shape)} cannot be written to {shown(path)}; give mono, [n]."
                )
            block.astype(np.float32, copy=False).tofile(file)
        if file.tell() == 0:
            raise AudioError(f"There are no samples to write to {shown(path)}; give at least one.")


def _unspool(samples: Path) -> Iterator[np.ndarray]:
    with open(samples, "rb") as file:
        while len(block := np.fromfile(file, np.float32, BLOCK)):
            yield block


def _gain(samples: Path, path: Path) -> float:
    """What keeps the stored samples within +-1."""
    peak = float(np.max([np.abs(block).max() for block in _unspool(samples)]))
    if not np.isfinite(peak):
        raise AudioError(f"The samples for {shown(path)} hold NaN or infinity; nothing was written.")
    return HEADROOM / peak if peak > 1 else 1.0


def _encode(samples: Path, sound: Path, kind: str, sample_rate: int, gain: float, comment: str) -> None:
    with sf.SoundFile(containers.native(sound), "w", sample_rate, 1, format=kind) as file:
        if comment:
            file.comment = comment
        for block in _unspool(samples):
            file.write(block * np.float32(gain))


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or getattr(error, "error_string", error)).rstrip(".")
