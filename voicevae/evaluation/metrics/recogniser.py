"""Speech recognisers by name: "pocketsphinx" (the default, offline, weak), "whisper:<size>", "wav2vec2:<bundle>".

A recogniser has two methods, and any object that has them will do.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import soxr

from voicevae.errors import VoiceVAEError

RATE = 16000
NONE = -1
MARGIN_S, ROOM_NOISE = 0.3, 1e-3  # of full scale
WIDE_BEAMS = {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80}  # the usual ones lose one sentence in ten
KINDS = "pocketsphinx, whisper:<size> such as whisper:base.en, or wav2vec2:<bundle> such as wav2vec2:ASR_BASE_960H"


class Recogniser(Protocol):
    """`language` is the code of the one that it understands, "" for any."""

    language: str

    def transcribe(self, wave: np.ndarray, sample_rate: int) -> str:
        """The words in `wave` `[n]`, at `sample_rate` Hz."""

    def choose(self, wave: np.ndarray, sample_rate: int, sentences: Sequence[str]) -> int:
        """Which of the different `sentences` `wave` says, as an index; -1 where none is heard."""


def named(name: str) -> Recogniser:
    """The recogniser called `name`; an ImportError where its package is not installed.

    Raises:
        VoiceVAEError: there is none of that name, or its weights are neither here nor can be fetched.
    """
    kind, _, which = name.partition(":")
    if name == "pocketsphinx":
        return PocketSphinx()
    if kind == "whisper" and which:
        return Whisper(which)
    if kind == "wav2vec2" and which:
        return Wav2Vec2(which)
    raise VoiceVAEError(f"There is no recogniser {name!r}; choose {KINDS}.")


def plain(text: str) -> str:
    """Lower-case words with single blanks between them, without punctuation but apostrophes."""
    return " ".join(re.findall(r"[\w']+", text.casefold()))


class PocketSphinx:
    """CMU Sphinx with its US English models, which the package brings; each wave is heard for itself."""

    language = "en"

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._free = Decoder(loglevel="FATAL")
        self._bound = Decoder(loglevel="FATAL", lm=None, **WIDE_BEAMS)

    def transcribe(self, wave: np.ndarray, sample_rate: int) -> str:
        return plain(_decode(self._free, wave, sample_rate))

    def choose(self, wave: np.ndarray, sample_rate: int, sentences: Sequence[str]) -> int:
        """By a grammar of the sentences alone; words that it does not know are left out of them."""
        known = [" ".join(filter(self._bound.lookup_word, plain(sentence).split())) for sentence in sentences]
        rules = " | ".join(sentence for sentence in known if sentence)
        self._bound.add_jsgf_string("sentences", f"#JSGF V1.0; grammar g; public <s> = {rules};")
        self._bound.activate_search("sentences")
        heard = _decode(self._bound, wave, sample_rate)
        return known.index(heard) if heard in known else _nearest(heard, known)


class Whisper:
    """OpenAI's Whisper, of the package openai-whisper, which fetches its weights once."""

    def __init__(self, size: str) -> None:
        import whisper

        if size not in whisper.available_models():
            raise VoiceVAEError(f"There is no Whisper {size!r}; choose one of {', '.join(whisper.available_models())}.")
        self.language = "en" if size.endswith(".en") else ""
        self._model = _fetched(f"whisper:{size}", lambda: whisper.load_model(size, device="cpu"))

    def transcribe(self, wave: np.ndarray, sample_rate: int) -> str:
        found = self._model.transcribe(_resampled(wave, sample_rate), fp16=False, temperature=0.0)
        return plain(found["text"])

    def choose(self, wave: np.ndarray, sample_rate: int, sentences: Sequence[str]) -> int:
        return _nearest(self.transcribe(wave, sample_rate), sentences)


class Wav2Vec2:
    """A CTC bundle of torchaudio.pipelines, read greedily; its weights are fetched once."""

    def __init__(self, bundle: str) -> None:
        from torchaudio import pipelines

        full = next((n for n in dir(pipelines) if n in (bundle, f"WAV2VEC2_{bundle}") and "ASR" in n), None)
        if full is None:
            known = [name for name in dir(pipelines) if "_ASR_" in name]
            raise VoiceVAEError(f"torchaudio has no recogniser {bundle!r}; choose one of {', '.join(known)}.")
        pipeline = getattr(pipelines, full)
        self.language = full[-2:].lower() if full.startswith("VOXPOPULI") else "en"
        self._labels, self._rate = pipeline.get_labels(), int(pipeline.sample_rate)
        self._model = _fetched(f"wav2vec2:{bundle}", pipeline.get_model).eval()

    def transcribe(self, wave: np.ndarray, sample_rate: int) -> str:
        import torch

        with torch.inference_mode():
            scores, _ = self._model(torch.from_numpy(_resampled(wave, sample_rate, self._rate))[None])
        steps = torch.unique_consecutive(scores[0].argmax(-1)).tolist()
        return plain("".join(self._labels[i] for i in steps if self._labels[i] != "-").replace("|", " "))

    def choose(self, wave: np.ndarray, sample_rate: int, sentences: Sequence[str]) -> int:
        return _nearest(self.transcribe(wave, sample_rate), sentences)


def _decode(decoder: Any, wave: np.ndarray, sample_rate: int) -> str:
    decoder.reinit_feat()  # forgets what was heard before
    decoder.start_utt()
    room = np.pad(_resampled(wave, sample_rate), round(MARGIN_S * RATE))  # it waits for a pause, and not a digital one
    room += ROOM_NOISE * np.random.default_rng(0).standard_normal(len(room)).astype(np.float32)
    samples = np.round(32767 * room.clip(-1, 1)).astype(np.int16)
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    heard = decoder.hyp()
    return heard.hypstr if heard else ""


def _nearest(heard: str, sentences: Sequence[str]) -> int:
    """The sentence with the lowest character error rate against what was heard."""
    import jiwer

    if not heard:
        return NONE
    return int(np.argmin([jiwer.cer(plain(sentence) or " ", heard) for sentence in sentences]))


def _fetched(name: str, load: Any) -> Any:
    try:
        return load()
    except (OSError, RuntimeError) as error:
        said = str(error).strip().partition("\n")[0]
        raise VoiceVAEError(
            f"The weights of {name} are not at hand and could not be fetched ({said}); "
            "fetch them once where there is a network, or choose pocketsphinx."
        ) from None


def _resampled(wave: np.ndarray, sample_rate: int, rate: int = RATE) -> np.ndarray:
    """float32 `[n']` at `rate`, within +-1."""
    wave = np.asarray(wave, np.float32)
    wave = wave if sample_rate == rate else soxr.resample(wave, sample_rate, rate)
    return wave / max(float(np.abs(wave).max()), 1.0)
