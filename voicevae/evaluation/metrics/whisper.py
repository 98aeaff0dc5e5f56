"""The speech recogniser: Whisper (Radford et al., 2022), run by faster-whisper, decoded greedily.

Its weights are a folder in CTranslate2's form (model.bin, config.json, tokenizer.json, vocabulary), or the name of a
model that faster-whisper fetches once, such as "base" or "small.en".
"""

import os
from pathlib import Path

import numpy as np
import soxr

from voicevae.errors import VoiceVAEError, first_line

RATE = 16000
VARIABLE = "VOICEVAE_WHISPER"
WEIGHTS = "model.bin"
NONE = "no recogniser is chosen"
HOW = (
    f"Give --recogniser (or {VARIABLE}) the name of a Whisper model such as base, which faster-whisper fetches once, "
    "or a folder that `ct2-transformers-converter --model openai/whisper-base --output_dir FOLDER` makes."
)


def plain(text: str) -> str:
    """Lower-case letters and digits, with single blanks between words."""
    return " ".join("".join(c for c in text.lower() if c.isalnum() or c.isspace()).split())


class Whisper:
    """Transcribes each recording by itself: beam 1, temperature 0, no text of what came before.

    Args:
        name: a folder, or one of the models that faster-whisper knows.

    Raises:
        ImportError: faster-whisper is not installed. VoiceVAEError: the name is neither, or cannot be fetched.
    """

    def __init__(self, name: str) -> None:
        from faster_whisper import WhisperModel

        validate(name)
        try:
            self.model = WhisperModel(name, device="cpu", compute_type="int8", cpu_threads=1)
        except (OSError, RuntimeError, ValueError) as error:
            said = first_line(error)
            raise VoiceVAEError(
                f"Whisper {name!r} cannot be loaded ({said}); give --recogniser a folder in CTranslate2's form."
            ) from None
        self.name = Path(name).name

    def knows(self, language: str) -> bool:
        """Whether it transcribes `language`, a code such as "en" or "de-DE"; "" is any language."""
        return not language or _code(language) in self.model.supported_languages

    def transcribe(self, wave: np.ndarray, sample_rate: int, language: str = "") -> str:
        """The words in `wave` `[n]` at `sample_rate` Hz, as `plain` text; `language` "" is found out from the wave."""
        segments, _ = self.model.transcribe(
            _resampled(wave, sample_rate),
            language=_code(language) or None,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return plain(" ".join(segment.text for segment in segments))


def chosen(name: str | None) -> Whisper | None:
    """The recogniser `name`, or the one that VOICEVAE_WHISPER names; None where neither says one.

    Raises:
        ImportError, VoiceVAEError: as `Whisper`.
    """
    name = name or os.environ.get(VARIABLE)
    return Whisper(name) if name else None


def validate(name: str) -> None:
    """Raise VoiceVAEError unless `name` is a folder with weights, or a model of faster-whisper."""
    from faster_whisper import available_models

    if Path(name).is_dir():
        if not (Path(name) / WEIGHTS).is_file():
            raise VoiceVAEError(f"{name} holds no {WEIGHTS}; give a folder with a Whisper in CTranslate2's form.")
    elif name not in available_models():
        known = ", ".join(available_models())
        raise VoiceVAEError(f"There is no recogniser {name!r}; give the folder of one, or choose one of {known}.")


def _code(language: str) -> str:
    """The two or three letters of a language tag."""
    return language.lower().replace("_", "-").partition("-")[0]


def _resampled(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """float32 `[n']` at 16 kHz, within +-1."""
    wave = np.asarray(wave, np.float32)
    wave = wave if sample_rate == RATE else soxr.resample(wave, sample_rate, RATE)
    return wave / max(float(np.abs(wave).max()), 1.0)
