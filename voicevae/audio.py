"""Sound in and out: every input becomes float32 mono at one rate, every bad one becomes one clear `AudioError`.

Samples are floating-point numbers, full scale is 1. Files and arrays pass in blocks, so that long recordings cost
little more memory than their result.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr

from voicevae.aside import beside
from voicevae.errors import AudioError

MIN_SECONDS = 0.1
SILENCE = 1e-4  # peak to peak: about three steps of 16-bit sound
LOUDEST = 100.0  # floating-point sound beyond it was never scaled to +-1
HEADROOM = 0.99
BLOCK = 1 << 16  # frames
FORMATS = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3", ".aiff": "AIFF", ".aif": "AIFF"}
NO_SOUND = "is damaged or is not audio; give a WAV, FLAC, OGG, MP3 or AIFF file."


def read(path: str | os.PathLike[str], sample_rate: int) -> np.ndarray:
    """Read any sound file that libsndfile knows.

    Args:
        path: the file; any rate, channels are averaged.
        sample_rate: of the result, in Hz.

    Returns:
        float32 `[n]`.
    """
    path = Path(path)
    _check_input(path)
    try:
        with sf.SoundFile(path) as file:
            return _collect(_file_blocks(file), file.samplerate, sample_rate, str(path))
    except (sf.SoundFileError, TypeError):  # TypeError: soundfile would have to be told a .raw file's rate
        raise AudioError(f"{path} {NO_SOUND}") from None


def read_comment(path: str | os.PathLike[str]) -> str:
    """The comment in a sound file, empty where there is none. Raises AudioError where it is no sound file."""
    path = Path(path)
    _check_input(path)
    try:
        with sf.SoundFile(path) as file:
            return file.comment
    except (sf.SoundFileError, TypeError):
        raise AudioError(f"{path} {NO_SOUND}") from None


def from_array(wave: Any, rate: float, sample_rate: int) -> np.ndarray:
    """Take sound from memory.

    Args:
        wave: numpy array or torch tensor `[n]`, `[channels, n]` or `[n, channels]`; floating point within +-1, or
            uint8, int16 or int32 at full scale.
        rate: of `wave`, in Hz.
        sample_rate: of the result, in Hz.

    Returns:
        float32 `[n']`.
    """
    check_rate(rate, "An array of samples")
    array = _columns(wave)
    if array.size == 0:
        raise AudioError("The array holds no samples; give speech.")
    blocks = (_to_float(array[start : start + BLOCK]) for start in range(0, len(array), BLOCK))
    return _collect(blocks, float(rate), sample_rate, "The array")


def piece(wave: Any) -> np.ndarray:
    """A piece of a longer sound as float32 `[n]`: as `from_array` takes it, but also empty or silent."""
    block = _to_float(_columns(wave))
    mono = block.mean(axis=1, dtype=np.float32)
    if len(mono):
        _check_finite(float(mono.min()), float(mono.max()), "A chunk")
        _check_range(float(mono.min()), float(mono.max()) + SILENCE, "A chunk")
    return mono


def check_rate(rate: Any, name: str) -> None:
    """Raise `AudioError` unless `rate` is a number of Hz."""
    if not (isinstance(rate, Real) and 0 < float(rate) < float("inf")):
        raise AudioError(f"{name} needs its sample rate in Hz, a positive number, but {rate!r} was given.")


def check(wave: np.ndarray, sample_rate: int, name: str) -> None:
    """Raise `AudioError` where a mono wave `[n]` is no speech: empty, not finite, silent, shorter than 0.1 s."""
    if len(wave) == 0:
        raise AudioError(f"{name} holds no samples; give a recording with speech in it.")
    low, high = float(wave.min()), float(wave.max())
    _check_finite(low, high, name)
    _check_range(low, high, name)
    if len(wave) < MIN_SECONDS * sample_rate:
        length = 1000 * len(wave) / sample_rate
        raise AudioError(f"{name} is {length:.0f} ms long; give at least {1000 * MIN_SECONDS:.0f} ms of speech.")


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
        raise AudioError(f"{path} cannot be written ({_reason(error)}); choose another output path.") from None
    return gain


def check_output(path: str | os.PathLike[str], extensions: Collection[str] = FORMATS) -> None:
    """Raise `AudioError` where a file with one of `extensions` could not be written here; long work asks first."""
    path = Path(path)
    if path.suffix.lower() not in extensions:
        raise AudioError(f"{path} has no extension that can be written; use one of {', '.join(extensions)}.")
    if os.path.isdir(path):
        raise AudioError(f"{path} is a directory; give the name of a file to write.")
    if not os.path.isdir(path.parent):
        raise AudioError(f"{path} cannot be written: there is no folder {path.parent}; create it first.")
    if not os.access(path if os.path.exists(path) else path.parent, os.W_OK):
        raise AudioError(f"{path} cannot be written: permission denied; choose another output path.")


def _check_input(path: Path) -> None:
    if os.path.isdir(path):
        raise AudioError(f"{path} is a directory; give a sound file.")
    if not os.path.exists(path):
        raise AudioError(f"{path} does not exist; check the path.")
    if path.is_file() and path.stat().st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes); give a sound file.")
    if not os.access(path, os.R_OK):
        raise AudioError(f"{path} cannot be read: permission denied; change its permissions.")


def _file_blocks(file: sf.SoundFile) -> Iterator[np.ndarray]:
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        yield block


def _collect(blocks: Iterable[np.ndarray], rate: float, sample_rate: int, name: str) -> np.ndarray:
    """Mix blocks `[m, channels]` to mono, resample and join them; returns float32 `[n]`."""
    resampler = soxr.ResampleStream(rate, sample_rate, 1) if rate != sample_rate else None
    samples = bytearray()  # grows in place, where a list of blocks would need its sum twice
    low, high = np.inf, -np.inf
    for block in blocks:
        mono = block.mean(axis=1, dtype=np.float32)
        low, high = min(low, float(mono.min())), max(high, float(mono.max()))
        _check_finite(float(mono.min()), float(mono.max()), name)
        samples += (resampler.resample_chunk(mono) if resampler else mono).tobytes()
    if high >= low:
        _check_range(low, high, name)
    if resampler and high >= low:
        samples += resampler.resample_chunk(np.zeros(0, np.float32), last=True).tobytes()
    wave = np.frombuffer(samples, np.float32)
    check(wave, sample_rate, name)
    return wave


def _check_finite(low: float, high: float, name: str) -> None:
    if not (np.isfinite(low) and np.isfinite(high)):
        raise AudioError(f"{name} holds NaN or infinite samples; repair or export it again.")


def _check_range(low: float, high: float, name: str) -> None:
    if high - low < SILENCE:
        raise AudioError(f"{name} holds nothing but silence; give a recording with speech in it.")
    if max(-low, high) > LOUDEST:
        peak = max(-low, high)
        raise AudioError(f"{name} has a peak of {peak:.3g}; scale floating-point samples to lie within +-1.")


def _as_numpy(wave: Any) -> np.ndarray:
    """A numpy array of a torch tensor (recognised by its `detach`, so that torch need not be imported) or array."""
    if hasattr(wave, "detach"):
        wave = wave.detach().cpu()
        wave = (wave.float() if wave.is_floating_point() else wave).numpy()
    return np.asarray(wave)


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
    """Full scale becomes 1: uint8 is centred on 128, int16 and int32 on 0."""
    if block.dtype == np.uint8:
        return (block.astype(np.float32) - 128) / 128
    if block.dtype in (np.int16, np.int32):
        return block.astype(np.float32) / -float(np.iinfo(block.dtype).min)
    if np.issubdtype(block.dtype, np.floating):
        with np.errstate(over="ignore"):  # becomes infinite, and is then refused as such
            return block.astype(np.float32)
    raise AudioError(f"An array of {block.dtype} is no sound; give floating point, uint8, int16 or int32.")


def _spool(blocks: Iterable[np.ndarray], samples: Path, path: Path) -> None:
    """Store blocks `[m]` as raw float32."""
    with open(samples, "wb") as file:
        for block in map(_as_numpy, blocks):
            if block.ndim != 1:
                raise AudioError(f"A wave of shape {list(block.shape)} cannot be written to {path}; give mono, [n].")
            block.astype(np.float32, copy=False).tofile(file)
        if file.tell() == 0:
            raise AudioError(f"There are no samples to write to {path}; give at least one.")


def _unspool(samples: Path) -> Iterator[np.ndarray]:
    with open(samples, "rb") as file:
        while len(block := np.fromfile(file, np.float32, BLOCK)):
            yield block


def _gain(samples: Path, path: Path) -> float:
    """What keeps the stored samples within +-1."""
    peak = float(np.max([np.abs(block).max() for block in _unspool(samples)]))
    if not np.isfinite(peak):
        raise AudioError(f"The samples for {path} hold NaN or infinity; nothing was written.")
    return HEADROOM / peak if peak > 1 else 1.0


def _encode(samples: Path, sound: Path, kind: str, sample_rate: int, gain: float, comment: str) -> None:
    with sf.SoundFile(sound, "w", sample_rate, 1, format=kind) as file:
        if comment:
            file.comment = comment
        for block in _unspool(samples):
            file.write(block * np.float32(gain))


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or getattr(error, "error_string", error)).rstrip(".")
