"""Waves to `Code` and back, recordings to voices, and speech to files: what every verb stands on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeGuard, TypeVar, cast, overload

import numpy as np

from voicevae import audio, bundle, containers, files, voicefile
from voicevae.code import Code, Speaker
from voicevae.coder import Coder
from voicevae.engine import Networks
from voicevae.errors import AudioError, EditError
from voicevae.features import Frames, extract
from voicevae.features.mel_config import MelConfig
from voicevae.features.statistics import MIN_VOICED
from voicevae.files import Progress, unseen
from voicevae.names import shown
from voicevae.verbs import contour
from voicevae.vocoders.base import MelVocoder
from voicevae.vocoders.from_mel import frames_from_mel
from voicevae.vocoders.source_filter import Vocoder

if TYPE_CHECKING:
    from torch import Tensor

Source: TypeAlias = "str | os.PathLike[str] | BinaryIO | np.ndarray | Tensor"
"""One recording: a sound file, by its path or opened as binary, or samples `[n]`, `[channels, n]`, `[n, channels]`."""
Voice: TypeAlias = "Speaker | Source | Sequence[Source]"
"""A voice: of a recording, of several of one speaker, of a folder of them; a voice file; or a `Speaker`."""
One = TypeVar("One", bound="Source")
Sources = list[One] | tuple[One, ...]


class Codec:
    """A loaded bundle. Waves are float32 mono `[n]` at `sample_rate`; a list of sources gives a list of results.

    Only the unvoiced noise is random, by a seed.
    """

    def __init__(self, parts: bundle.Bundle, networks: Networks) -> None:
        self.bundle, self.networks, self.config = parts, networks, parts.features
        self.coder = Coder(parts, networks)
        self.vocoder = Vocoder(parts.features, parts.vocoder, networks.filters)
        self.card, self.checksum, self.path = parts.card, parts.checksum, parts.path
        self.sample_rate = parts.features.sample_rate

    @overload
    def encode(
        self, source: Source, sample_rate: int | None = None, residual: bool = True, progress: Progress = unseen
    ) -> Code: ...
    @overload
    def encode(
        self, source: Sources[One], sample_rate: int | None = None, residual: bool = True, progress: Progress = unseen
    ) -> list[Code]: ...
    def encode(
        self,
        source: Source | Sources[One],
        sample_rate: int | None = None,
        residual: bool = True,
        progress: Progress = unseen,
    ) -> Code | list[Code]:
        """Speech to `Code`.

        Args:
            source: path of a sound file, or an array or tensor `[n]`, `[channels, n]` or `[n, channels]` with its
                `sample_rate` (Hz; the bundle's own by default); or a list of these.
            residual: keep what the decoder does not explain, so that an unedited round trip is copy synthesis.
            progress: is called with each share of a source's work as it is done; they sum to 1.

        Raises:
            AudioError: the sound cannot be used; the sentence says why.
        """
        if isinstance(source, list | tuple):
            return [self.encode(one, sample_rate, residual, progress) for one in source]
        frames, n_samples = self._frames(source, sample_rate, progress)
        return self.coder.encode(frames, n_samples, residual, overwrite=True)

    def encode_to_edit(
        self, source: Source, sample_rate: int | None, edits: Mapping[str, Any], progress: Progress = unseen
    ) -> Code:
        """The code of a source that is to have `edits`: without latents where these change nothing."""
        if edits.get("speaker") is not None or edits.get("residual") not in (None, 1):
            return self.encode(source, sample_rate, progress=progress)
        return self.coder.bare(*self._frames(source, sample_rate, progress))

    def from_mel(
        self,
        mel: Any,
        config: MelConfig,
        *,
        f0_hz: Any = None,
        vocoder: MelVocoder | None = None,
        residual: bool = True,
    ) -> Code:
        """The mel of a TTS system to `Code`.

        Args:
            mel: log-mel `[T, n_mels]`, array or tensor, that `config` describes.
            f0_hz: `[T]`, 0 where unvoiced, if the system gives it; otherwise F0 is that of a Griffin-Lim wave.
            vocoder: if given, its wave is encoded like any recording.
            residual: as in `encode`.

        Raises:
            VoiceVAEError: the mel cannot be used; the sentence names the field of `config`, or says what is wrong.
        """
        return self.coder.encode(*frames_from_mel(mel, config, self.config, f0_hz, vocoder), residual)

    @overload
    def decode(self, code: Code, seed: int = 0) -> np.ndarray: ...
    @overload
    def decode(self, code: list[Code] | tuple[Code, ...], seed: int = 0) -> list[np.ndarray]: ...
    def decode(self, code: Code | list[Code] | tuple[Code, ...], seed: int = 0) -> np.ndarray | list[np.ndarray]:
        """`Code`, or a list of them, to waves `[n]`; energy edits may take a wave beyond +-1 (`write` scales)."""
        if isinstance(code, list | tuple):
            return [self.decode(one, seed) for one in code]
        return np.concatenate(list(self.decode_blocks(code, seed)))

    def decode_blocks(self, code: Code, seed: int = 0, overwrite: bool = False) -> Iterator[np.ndarray]:
        """The wave of `decode` in blocks `[m]`, in bounded memory; less with `overwrite`, after which `code` is of no
        further use."""
        self.coder.check(code)
        mel, contours = self.coder.decode(code, overwrite)
        left = code.n_spoken
        for block in self.vocoder.synthesize(mel, contours.array(), seed):
            if left > 0:
                yield block[:left]
            left -= len(block)

    decode_file = files.decode_file
    write = files.write

    def f0(self, code: Code) -> tuple[np.ndarray, np.ndarray]:
        """Times (s) and F0 (Hz, 0 where unvoiced), `[T]` each, of what `code`, with its edits, decodes to."""
        self.coder.check(code)
        return contour.f0(self.coder, code)

    def bend(self, code: Code, points: Any) -> Code:
        """`code` whose F0 passes through points `[n, 2]` (s, Hz) on `f0`. See `voicevae.verbs.contour`.

        Raises:
            EditError: unusable points, or a pitch range of 0, which leaves no contour.
        """
        self.coder.check(code)
        return contour.bend(self.coder, code, points)

    def speaker(self, voice: Voice, sample_rate: int | None = None) -> Speaker:
        """The voice of a recording (a few seconds are enough), of several of one speaker, or of a voice file.

        Args:
            voice: path of a recording, of a folder of them or of a voice file; samples at `sample_rate`; a list of
                recordings and folders, whose statistics are pooled; or a `Speaker`, which is returned.

        Raises:
            AudioError: a recording has no voiced speech, or there is none. EditError: voices in a list that are no
            recordings. InputError: the voice file is not one of this bundle.
        """
        if isinstance(voice, Speaker):
            return voice
        if _is_voice_file(voice):
            return voicefile.load(voice, self.bundle.vae_checksum)
        return self.coder.speaker([self.reference(one, sample_rate) for one in recordings(voice)])

    def save_voice(self, voice: Voice, path: str | Path) -> None:
        """Write a voice to a small file `*.voice`, which every verb takes as a voice."""
        voicefile.save(self.speaker(voice), path, self.bundle.vae_checksum)

    def reference(self, recording: Source, sample_rate: int | None = None) -> Frames:
        """Frames of a recording (as in `encode`) that a voice can be taken from. Raises AudioError where none can."""
        frames, _ = self._frames(recording, sample_rate)
        if frames.voiced.sum() < MIN_VOICED:
            name = shown(recording) if isinstance(recording, str | os.PathLike) else "The reference"
            raise AudioError(
                f"{name} has no voiced speech to take a voice from; give a recording of somebody speaking."
            )
        return frames

    def _frames(self, source: Source, sample_rate: int | None, progress: Progress = unseen) -> tuple[Frames, int]:
        """Features of a source, and of how many samples; its wave, which may be long, is not kept."""
        wave = self._wave(source, sample_rate)
        n_samples = len(wave)
        return extract(wave, self.config, progress, overwrite=True), n_samples

    def _wave(self, source: Source, sample_rate: int | None) -> np.ndarray:
        return audio.load(source, sample_rate, self.sample_rate)

    def _code(
        self, source: Source | Code, sample_rate: int | None = None, residual: bool = True, progress: Progress = unseen
    ) -> Code:
        """`source` itself where it is a `Code` of this bundle, else as `encode` gives it."""
        if not isinstance(source, Code):
            return self.encode(source, sample_rate, residual, progress)
        self.coder.check(source)
        return source


def _is_voice_file(voice: Any) -> TypeGuard[str | Path]:
    return isinstance(voice, str | os.PathLike) and Path(voice).suffix.lower() == voicefile.EXTENSION


def _is_folder(source: Any) -> TypeGuard[str | Path]:
    return isinstance(source, str | os.PathLike) and os.path.isdir(source)


def recordings(voice: Source | Sequence[Source]) -> list[Source]:
    """The recordings that a voice is given by, those of folders in alphabetical order."""
    found: list[Source] = []
    for one in voice if isinstance(voice, list | tuple) else [voice]:
        if isinstance(one, Speaker) or _is_voice_file(one):
            raise EditError("A list of references holds a voice that is no recording; mix voices with blend.")
        found += containers.in_folder(Path(one)).readable if _is_folder(one) else [cast(Source, one)]
    if not found:
        raise AudioError("There is no recording in the list of references; give at least one.")
    return found
