"""Speech from espeak-ng, for examples and tests: known words, voice and pitch, and no recording needed.

    wave, sample_rate = speak("The birch canoe slid on the planks.", voice="en+f3", pitch=60)

espeak-ng is GPL-3, so only examples and tests call this, and it is loaded when called. `pip install
espeakng-loader` brings the library and its data.
"""

import ctypes
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np

from voicevae.errors import VoiceVAEError

if sys.platform == "win32":
    from _ctypes import FreeLibrary as unload
else:
    from _ctypes import dlclose as unload

SYNCHRONOUS, KEEP_RUNNING, UTF8 = 2, 0x8000, 1  # from espeak-ng/speak_lib.h
PARAMETERS = {"rate_wpm": (1, 80, 450), "pitch": (3, 0, 99), "pitch_range": (4, 0, 100)}  # number, least, most
LONGEST_PATH = 140  # bytes; espeak-ng holds the path of its data in 160
SEED = 1

WORD, END_OF_LIST = 1, 0


class _Event(ctypes.Structure):
    """espeak_EVENT: what happens at `audio_position` ms; positions in the text are in characters, from 1."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_lock = threading.Lock()


class SpeakError(VoiceVAEError):
    """espeak-ng is missing, or cannot say what was asked for."""


def speak(
    text: str, voice: str = "en", pitch: int = 50, pitch_range: int = 50, rate_wpm: int = 160
) -> tuple[np.ndarray, int]:
    """Say `text`.

    The same arguments give the same samples, whatever was said before and in whichever process.

    Args:
        text: at least one word.
        voice: a language that espeak-ng knows ("en", "en-us", "de"), alone or with a variant of `voices` ("en+f3").
        pitch: 0..99; 10 more raise it by 1 to 2 semitones, as the voice has it.
        pitch_range: 0..100; 0 is monotone, 50 the voice's own.
        rate_wpm: 80..450 words a minute.

    Returns:
        wave: float32 `[n]`, within +-1.
        sample_rate: in Hz.
    """
    wave, sample_rate, _ = speak_words(text, voice, pitch, pitch_range, rate_wpm)
    return wave, sample_rate


def speak_words(
    text: str, voice: str = "en", pitch: int = 50, pitch_range: int = 50, rate_wpm: int = 160
) -> tuple[np.ndarray, int, list[tuple[str, float, float]]]:
    """The same with (word, start_s, end_s) of each word, which lasts until the next one, pauses included.

    Where espeak-ng says words as one ("on the"), they share its time by their letters.
    """
    values = {"rate_wpm": rate_wpm, "pitch": pitch, "pitch_range": pitch_range}
    _check(text, voice, values)
    blocks: list[np.ndarray] = []
    starts: dict[int, float] = {}  # seconds, by the place in the text: some are told twice

    @Callback
    def keep(samples: "ctypes._Pointer[ctypes.c_short]", n: int, events: "ctypes._Pointer[_Event]") -> int:
        if samples and n > 0:
            blocks.append(np.ctypeslib.as_array(samples, (n,)).copy())
        for event in _listed(events):
            if event.type == WORD:
                starts[event.text_position - 1] = event.audio_position / 1000
        return 0

    with _lock, _library() as (library, sample_rate):
        library.espeak_SetSynthCallback(keep)
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SpeakError(f"espeak-ng has no voice {voice!r}; give a language such as 'en', or 'en+f3'.")
        for name, value in values.items():
            library.espeak_SetParameter(PARAMETERS[name][0], value, 0)
        data = text.encode()
        library.espeak_Synth(data, len(data) + 1, 0, 0, 0, UTF8, None, None)
    wave = np.concatenate([np.zeros(0, np.int16), *blocks]).astype(np.float32) / 2**15
    if not wave.any():
        raise SpeakError(f"espeak-ng found nothing to say in {text!r}; give words.")
    return wave, sample_rate, _words(text, starts, len(wave) / sample_rate)


def _words(text: str, starts: dict[int, float], duration_s: float) -> list[tuple[str, float, float]]:
    places, times = [*sorted(starts), len(text)], [*(starts[place] for place in sorted(starts)), duration_s]
    found = []
    for i in range(len(starts)):
        words = text[places[i] : places[i + 1]].split()
        letters = np.cumsum([0, *map(len, words)])
        bounds = times[i] + (times[i + 1] - times[i]) * letters / max(letters[-1], 1)
        found += [(word, float(bounds[j]), float(bounds[j + 1])) for j, word in enumerate(words)]
    return found


def _listed(events: "ctypes._Pointer[_Event]") -> Iterator[_Event]:
    """Up to the one that ends the list."""
    i = 0
    while events and events[i].type != END_OF_LIST:
        yield events[i]
        i += 1


def voices(language: str = "en") -> list[str]:
    """`language` alone and with each variant that the data holds: "en", "en+f1", "en+klatt2", ..."""
    folder = Path(_loader().get_data_path()) / "voices" / "!v"
    return [language, *(f"{language}+{path.name}" for path in sorted(folder.iterdir()))]


def _check(text: str, voice: str, values: dict[str, int]) -> None:
    if not text.strip():
        raise SpeakError("There is no text to say; give at least one word.")
    language, plus, _ = voice.partition("+")
    if plus and voice not in voices(language):  # espeak-ng would take the plain voice without a word
        raise SpeakError(f"espeak-ng has no voice variant {voice!r}; `voices` lists them.")
    for name, value in values.items():
        _, least, most = PARAMETERS[name]
        if not least <= value <= most:
            raise SpeakError(f"{name} is {value}; give a whole number from {least} to {most}.")


@contextmanager
def _library() -> Iterator[tuple[ctypes.CDLL, int]]:
    """The library and its sample rate. It is loaded anew each time: it keeps some state that nothing else resets."""
    with _data_path() as path:
        library = ctypes.CDLL(_loader().get_library_path())
        library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
        try:
            sample_rate = library.espeak_Initialize(SYNCHRONOUS, 0, path, KEEP_RUNNING)
            if sample_rate <= 0:
                raise SpeakError(f"espeak-ng cannot read its data in {os.fsdecode(path)}; reinstall espeakng-loader.")
            library.espeak_ng_SetRandSeed(SEED)
            yield library, sample_rate
        finally:
            library.espeak_Terminate()
            unload(library._handle)


@contextmanager
def _data_path() -> Iterator[bytes]:
    """The folder of the data by a path that is short enough."""
    path = _loader().get_data_path()
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield os.fsencode(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "espeak-ng-data"
        link.symlink_to(path)
        yield os.fsencode(link)


def _loader() -> ModuleType:
    try:
        import espeakng_loader
    except ImportError:
        raise SpeakError("espeak-ng is not installed; `pip install espeakng-loader` brings it.") from None
    return espeakng_loader
