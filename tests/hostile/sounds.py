"""Sound files and arrays that people and programs make by mistake, each named by a seed."""

import io
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile as sf

from voicevae.containers import READABLE

RATES = (1, 10, 999, 1000, 8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000, 384000, 768000)
CHANNELS = (1, 1, 2, 2, 3, 6, 8, 16, 64)
SECONDS = (0.0, 0.0001, 0.05, 0.1, 0.3, 1.0)
LARGEST = 2_000_000  # samples of a case, all channels together
NOT_WRITTEN = {"RAW", "SD2", "MPC2K", "SDS", "XI", "WVE", "MP3", "OGG"}  # encoders of the last two end the process
CONTAINERS = tuple(sorted(set(sf.available_formats()) - NOT_WRITTEN))
HEADER_BYTES = 80
EXTENSIONS = sorted(READABLE)


@dataclass(frozen=True)
class Sound:
    """A file's `data` with its extension, or an array at `rate` Hz. n_samples: what it must become at 16 kHz, or None
    where only its reader knows."""

    words: str
    data: bytes | None = None
    extension: str = ".wav"
    array: Any = None
    rate: float = 16000
    n_samples: int | None = None


def speech(n: int, rate: float, random: np.random.Generator) -> np.ndarray:
    """Something like a vowel, `[n]`."""
    time, f0 = np.arange(n) / rate, random.uniform(80, 300)
    tone = sum(np.sin(2 * np.pi * f0 * k * time) / k for k in range(1, 8))
    return 0.1 * tone + 1e-3 * random.standard_normal(n)


def spoilt(wave: np.ndarray, random: np.random.Generator) -> tuple[str, np.ndarray]:
    """One way in which samples go wrong, in words, and the wave `[n, channels]`."""
    one = wave.copy()
    place = random.integers(len(wave)) if len(wave) else 0
    ways: dict[str, Any] = {
        "as it is": lambda: wave,
        "a NaN": lambda: _with(one, place, np.nan),
        "an infinity": lambda: _with(one, place, -np.inf),
        "denormal": lambda: wave * 1e-40,
        "1e30": lambda: wave * 1e30,
        "32768": lambda: wave * 32768,
        "offset": lambda: wave + random.uniform(-0.9, 0.9),
        "clipped": lambda: np.clip(wave * 50, -1, 1),
        "constant": lambda: np.full_like(wave, 0.25),
        "silent": lambda: np.zeros_like(wave),
        "faint": lambda: wave * 10 ** random.uniform(-5, -2),
        "one click": lambda: _with(np.zeros_like(wave), place, 1.0),
        "noise": lambda: random.standard_normal(wave.shape) * 0.3,
        "opposite": lambda: wave * np.where(np.arange(wave.shape[1]) % 2, -1, 1),
        "one channel": lambda: wave * (np.arange(wave.shape[1]) == 0),
    }
    words = str(random.choice(list(ways)))
    return words, ways[words]()


def sound(seed: int) -> Sound:
    """The case of a seed."""
    random = np.random.default_rng(seed)
    makers = (_file, _file, _file, _cut, _cut, _changed_header, _changed_header, _noise, _array, _array)
    return makers[seed % len(makers)](random)


def _with(wave: np.ndarray, place: int, value: float) -> np.ndarray:
    if len(wave):
        wave[place] = value
    return wave


def _recording(random: np.random.Generator) -> tuple[np.ndarray, int]:
    rate, channels = int(random.choice(RATES)), int(random.choice(CHANNELS))
    n = min(round(random.choice(SECONDS) * rate) + int(random.integers(3)), LARGEST // channels)
    return np.repeat(speech(n, rate, random)[:, None], channels, axis=1), rate


def _expected(n: int, rate: float) -> int:
    return round(n * 16000 / rate)


def _file(random: np.random.Generator) -> Sound:
    wave, rate = _recording(random)
    words, samples = spoilt(wave, random)
    kind = str(random.choice(CONTAINERS))
    subtype = str(random.choice(sorted(sf.available_subtypes(kind))))
    if not np.abs(samples).max(initial=0) <= 1:
        kind, subtype = "WAV", "FLOAT"  # other encoders may end the process
    file = io.BytesIO()
    try:
        sf.write(file, samples, rate, subtype, format=kind)
    except (sf.SoundFileError, ValueError, TypeError):  # not every container takes every rate and channel
        file, kind, subtype = io.BytesIO(), "WAV", "FLOAT"
        sf.write(file, samples, rate, subtype, format=kind)
    lossless = kind in ("WAV", "FLAC", "AIFF", "W64", "CAF") and subtype[:3] in ("PCM", "FLO", "DOU")
    said = f"{kind}/{subtype}, {wave.shape[1]} channels of {len(wave)} samples at {rate} Hz, {words}"
    return Sound(said, file.getvalue(), f".{kind.lower()}", n_samples=_expected(len(wave), rate) if lossless else None)


def _good(random: np.random.Generator) -> tuple[str, bytes]:
    kind = str(random.choice(["WAV", "FLAC", "OGG", "MP3", "AIFF", "AU", "W64", "RF64", "CAF"]))
    file = io.BytesIO()
    sf.write(file, speech(6000, 16000, random), 16000, format=kind)
    return kind, file.getvalue()


def _cut(random: np.random.Generator) -> Sound:
    kind, data = _good(random)
    length = int(random.integers(min(HEADER_BYTES, len(data)) if random.random() < 0.7 else len(data)))
    return Sound(f"{kind} cut after {length} of {len(data)} bytes", data[:length], f".{kind.lower()}")


def _changed_header(random: np.random.Generator) -> Sound:
    kind, data = _good(random)
    place = int(random.integers(4, HEADER_BYTES))
    value = int(random.choice([0, 1, 255, 0x7FFFFFFF, 0xFFFFFFFF, int(random.integers(2**32))]))
    changed = data[:place] + struct.pack("<I", value) + data[place + 4 :]
    return Sound(f"{kind} with {value:#x} at {place}", changed, f".{kind.lower()}")


def _noise(random: np.random.Generator) -> Sound:
    extension, n = str(random.choice(EXTENSIONS)), int(random.integers(1, 20000))
    return Sound(f"{n} random bytes as {extension}", random.bytes(n), extension)


def _array(random: np.random.Generator) -> Sound:
    wave, rate = _recording(random)
    words, samples = spoilt(wave, random)
    kind = str(random.choice(["<f4", ">f4", "<f8", ">i2", "<i2", "<i4", "|u1", "<f2", "<i8", "<c8"]))
    with np.errstate(all="ignore"):
        scaled = samples * np.iinfo(kind).max if np.dtype(kind).kind in "iu" else samples
        array = np.nan_to_num(scaled).astype(kind) if np.dtype(kind).kind in "iu" else scaled.astype(kind)
    array = array.T if random.random() < 0.3 else array
    n = len(wave) if len(wave) > wave.shape[1] else None
    said = f"array {array.dtype} {list(array.shape)} at {rate} Hz, {words}"
    return Sound(said, array=array, rate=rate, n_samples=n and _expected(n, rate))
