"""VoiceVAE, the one API: speech to code, code to speech, and everything between.

vv = voicevae.load()
code = vv.encode("speech.wav")
wave = vv.decode(code.edit(pitch_semitones=3, rate=0.9, speaker=vv.encode("reference.wav").speaker))
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from voicevae import audio, bundle, voicefile
from voicevae.code import Code, Speaker
from voicevae.coder import Coder
from voicevae.errors import AudioError, VoiceVAEError
from voicevae.features import extract
from voicevae.features.mel_config import MelConfig
from voicevae.features.statistics import MIN_VOICED
from voicevae.verbs import blend as blending
from voicevae.verbs import contour, sampling
from voicevae.verbs import damage as damaging
from voicevae.verbs import embed as embedding
from voicevae.verbs import melody as singing
from voicevae.verbs import repair as repairing
from voicevae.verbs import score as scoring
from voicevae.verbs import search as searching
from voicevae.verbs import style as styling
from voicevae.verbs import transfer as transferring
from voicevae.verbs import traverse as traversing
from voicevae.verbs.voices import VoiceSpace
from voicevae.vocoders.base import MelVocoder
from voicevae.vocoders.from_mel import frames_from_mel


def load(path: str | Path | None = None, device: str = "cpu") -> "VoiceVAE":
    """The bundle in the folder `path`, or the shipped one, on a torch device ("cpu", "cuda").

    Raises:
        BundleError: it cannot be loaded. VoiceVAEError: there is no such device.
    """
    if device != "cpu" and not (device.startswith("cuda") and torch.cuda.is_available()):
        raise VoiceVAEError(f"There is no device {device!r} that this torch can use; choose cpu.")
    return VoiceVAE(bundle.load(path, device), device)


class VoiceVAE:
    """A loaded bundle. Waves are float32 mono `[n]` at `sample_rate`; a list of sources gives a list of results.

    Nothing here is random but a voice that is sampled and the vocoder's noise, both named by a seed.
    """

    def __init__(self, parts: bundle.Bundle, device: str = "cpu") -> None:
        self.bundle, self.device = parts, torch.device(device)
        self.config, self.vae, self.vocoder = parts.features, parts.vae, parts.vocoder
        self.coder = Coder(parts, self.device)
        self.card, self.checksum, self.path = parts.card, parts.checksum, parts.path
        self.sample_rate = parts.features.sample_rate

    def encode(
        self,
        source: Any,
        sample_rate: int | None = None,
        residual: bool = True,
        progress: Callable[[float], object] = lambda share: None,
    ) -> Any:
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
        wave = self._wave(source, sample_rate)
        n_samples = len(wave)
        frames = extract(wave, self.config, progress)
        del wave
        return self.coder.encode(frames, n_samples, residual)

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
            f0_hz: `[T]`, 0 where unvoiced, if the system tells it; otherwise F0 is that of a Griffin-Lim wave.
            vocoder: if given, its wave is encoded like any recording.
            residual: as in `encode`.

        Raises:
            VoiceVAEError: the mel cannot be used; the sentence names the field of `config`, or says what is wrong.
        """
        return self.coder.encode(*frames_from_mel(mel, config, self.config, f0_hz, vocoder), residual)

    def decode(self, code: Any, seed: int = 0) -> Any:
        """`Code`, or a list of them, to waves `[n]`; energy edits may take a wave beyond +-1 (`audio.write` scales)."""
        if isinstance(code, list | tuple):
            return [self.decode(one, seed) for one in code]
        return np.concatenate(list(self.decode_blocks(code, seed)))

    def decode_blocks(self, code: Code, seed: int = 0) -> Iterator[np.ndarray]:
        """The wave of `decode` in blocks, in bounded memory."""
        self.coder.check(code)
        mel, contours = self.coder.decode(code)
        left = code.n_spoken
        inputs = [torch.from_numpy(x).to(self.device) for x in (mel, contours)]
        for block in self.vocoder.synthesize(inputs[0], inputs[1], seed):
            if left > 0:
                yield block[:left].cpu().numpy()
            left -= len(block)

    def convert(self, source: Any, sample_rate: int | None = None, *, voice: Any, seed: int = 0, **edits: Any) -> Any:
        """The words and intonation of `source` in another voice.

        Args:
            voice: path, array or tensor (at `sample_rate`) of a recording of it, a voice file, or a `Speaker`.
            edits: as in `Code.edit`, on top.
        """
        speaker = self.speaker(voice, sample_rate)
        code = self.encode(source, sample_rate, residual=False)
        if isinstance(code, list):
            return self.decode([one.edit(speaker=speaker, **edits) for one in code], seed)
        return self.decode(code.edit(speaker=speaker, **edits), seed)

    def modulate(self, source: Any, sample_rate: int | None = None, *, seed: int = 0, **edits: Any) -> Any:
        """`source` in its own voice with `edits` as in `Code.edit`: pitch_semitones, rate, energy_db, marks..."""
        code = self.encode(source, sample_rate)
        if isinstance(code, list):
            return self.decode([one.edit(**edits) for one in code], seed)
        return self.decode(code.edit(**edits), seed)

    def f0(self, code: Code) -> tuple[np.ndarray, np.ndarray]:
        """Times (s) and F0 (Hz, 0 where unvoiced), `[T]` each, of what `code`, with its edits, decodes to."""
        self.coder.check(code)
        return contour.f0(self.coder, code)

    def bend(self, code: Code, points: Any) -> Code:
        """`code` whose F0 goes through points `[n, 2]` (s, Hz) on `f0`. See `voicevae.verbs.contour`.

        Raises:
            EditError: no such points, or a pitch range of 0, which leaves no contour.
        """
        self.coder.check(code)
        return contour.bend(self.coder, code, points)

    def speaker(self, voice: Any, sample_rate: int | None = None) -> Speaker:
        """The voice of a recording (a few seconds are enough) or of a voice file, or `voice` itself if it is one.

        Raises:
            AudioError: the recording has no voiced speech. EditError: the voice file is not one of this bundle.
        """
        if isinstance(voice, Speaker):
            return voice
        if isinstance(voice, str | Path) and Path(voice).suffix.lower() == voicefile.EXTENSION:
            return voicefile.load(voice, self.bundle.vae_checksum)
        frames = extract(self._wave(voice, sample_rate), self.config)
        if frames.voiced.sum() < MIN_VOICED:
            name = voice if isinstance(voice, str | Path) else "The reference"
            raise AudioError(
                f"{name} has no voiced speech to take a voice from; give a recording of somebody speaking."
            )
        return self.coder.speaker(frames)

    def sample(
        self,
        seed: int = 0,
        *,
        gender: str | None = None,
        like: Any = None,
        distance: float = sampling.DISTANCE,
        label: str | None = None,
        source: str | None = None,
    ) -> Speaker:
        """A voice that nobody has; the same seed gives the same voice. See `voicevae.verbs.sampling`.

        Args:
            gender: as the training corpus calls it: "female", "male".
            like: a voice to stay near, as in `convert`.
            distance: from `like`, 0 (that voice) to 1 (a new one).
            label: of a training speaker, whose conditional prior is drawn from.
            source: "mixture" of the training speakers, the default of a calibrated bundle; or "prior", N(0, I).

        Raises:
            EditError: an unknown gender, label or source, or a distance out of range.
            BundleError: the bundle was not calibrated, and the mixture or a gender is asked for.
        """
        near = None if like is None else self.speaker(like)
        return sampling.sample(self.bundle, self.coder, seed, gender, near, distance, label, source)

    def search(
        self, seed: int = 0, *, gender: str | None = None, like: Any = None, resume: str | Path | None = None
    ) -> searching.Search:
        """Voice design by ear: pairs of voices to choose between, about the voice `like` if one is given. See
        `voicevae.verbs.search`. Raises EditError: a gender, seed or file is unusable; BundleError: no calibration."""
        space, vae = VoiceSpace.of(self.bundle.calibration), self.bundle.vae_checksum
        if resume is not None:
            return searching.Search.load(resume, space, vae)
        near = None if like is None else space.coordinates(self.speaker(like))
        return searching.Search(space, vae, seed, gender, near)

    def blend(self, voices: Sequence[Any], weights: Sequence[float] | None = None) -> Speaker:
        """The voice between `voices` (each as in `convert`), with equal weights unless some are given.

        Raises:
            EditError: weights that are not one number of 0 or more a voice, or all 0.
        """
        return blending.voices([self.speaker(voice) for voice in voices], weights)

    def blend_prosody(self, sources: Sequence[Any], weights: Sequence[float] | None = None) -> Code:
        """The first of `sources` (each a `Code`, or as in `encode`) with a pitch range and dynamics between all."""
        return blending.prosody(self.coder, [self._code(one) for one in sources], weights)

    def transfer(self, source: Any, sample_rate: int | None = None, *, reference: Any, mix: float = 1.0) -> Code:
        """`source` with `mix` (0..1) of the intonation of `reference` (each a `Code`, or as in `encode`).

        See `voicevae.verbs.transfer`. Raises EditError: a mix out of range, or no voiced speech.
        """
        own, other = self._code(source, sample_rate), self._code(reference, sample_rate)
        return transferring.transfer(self.coder, own, other, mix)

    @property
    def styles(self) -> list[str]:
        """Names of the styles that the bundle knows, none where it was told of none."""
        return styling.names(self.bundle.calibration)

    def style(self, source: Any, sample_rate: int | None = None, *, style: str, strength: float = 1.0) -> Code:
        """`source` (a `Code`, or as in `encode`) with `strength` (0..2) of a style. See `voicevae.verbs.style`.

        Raises:
            EditError: an unknown style, or a strength out of range. BundleError: the bundle knows no styles.
        """
        code = self._code(source, sample_rate)
        return styling.style(self.coder, self.bundle.calibration, code, style, strength)

    def melody(self, source: Any, sample_rate: int | None = None, *, notes: Any = None, **options: Any) -> Code:
        """`source` (a `Code`, or as in `encode`) sung to `notes`, or with `tune="C:major"` drawn to a scale.

        Options: tune, strength, vibrato, transpose. See `voicevae.verbs.melody`. Raises EditError: one cannot be used.
        """
        code = self._code(source, sample_rate)
        return singing.melody(self.coder, code, notes, **options)

    def traverse(
        self,
        source: Any,
        sample_rate: int | None = None,
        *,
        latent: str = "z_s",
        dimensions: Sequence[int] | int = traversing.DIMENSIONS,
        steps: int = traversing.STEPS,
        span: float = traversing.SPAN,
    ) -> list[traversing.Sweep]:
        """Each dimension of a latent swept, and what that moves. See `voicevae.verbs.traverse`.

        Args:
            source: a `Code`, or as in `encode`.
            latent: "z_s" or "z_p".
            dimensions: how many, the most active first; or which.
            steps, span: from -`span` to `span` of the dimension's own spreads.

        Raises:
            EditError: a value out of range. BundleError: the bundle was not calibrated.
        """
        code = self._code(source, sample_rate, residual=False)
        return traversing.traverse(self.coder, self.bundle.calibration, code, latent, dimensions, steps, span)

    def score(
        self,
        source: Any,
        sample_rate: int | None = None,
        progress: Callable[[float], object] = lambda share: None,
    ) -> Any:
        """How unlike the training speech a source (as in `encode`) is. See `voicevae.verbs.score`.

        Raises:
            AudioError: the sound cannot be used. BundleError: the bundle was not calibrated.
        """
        if isinstance(source, list | tuple):
            return [self.score(one, sample_rate, progress) for one in source]
        frames = extract(self._wave(source, sample_rate), self.config, progress)
        return scoring.score(self.coder, self.bundle.calibration, frames)

    def embed(
        self,
        sources: Sequence[Any],
        sample_rate: int | None = None,
        names: Sequence[str] | None = None,
        progress: Callable[[float], object] = lambda share: None,
    ) -> embedding.Embeddings:
        """Feature vectors, one row a source (as in `encode`). See `voicevae.verbs.embed`.

        Args:
            names: of the rows; otherwise the paths, or numbers where there are none.
            progress: as in `encode`, for each source.

        Raises:
            AudioError: a sound cannot be used. EditError: there are none, or not as many names.
        """
        names = embedding.names_of(sources, names)
        vectors, seconds = [], []
        for source in sources:
            wave = self._wave(source, sample_rate)
            vectors.append(embedding.vector(self.coder, extract(wave, self.config, progress)))
            seconds.append(len(wave) / self.sample_rate)
        return embedding.stacked(names, vectors, seconds)

    def repair(self, source: Any, sample_rate: int | None = None, *, spans: Any = None, seed: int = 0) -> np.ndarray:
        """`source` (as in `encode`) with `spans`, a list of (start, end) in seconds, filled in from both sides; those
        of `damage` by default. See `voicevae.verbs.repair`. Raises EditError where a span cannot be."""
        wave = self._wave(source, sample_rate)
        if spans is None:
            ends = len(wave) / self.sample_rate
            spans = [(one.start_s, min(one.end_s, ends)) for one in self.damage(source, sample_rate)]
        samples = repairing.samples_of(spans, len(wave), self.sample_rate)
        return repairing.repair(self.coder, self.vocoder, wave, samples, seed)

    def damage(self, source: Any, sample_rate: int | None = None) -> list[damaging.Span]:
        """Dropouts, clicks and clipping found in `source` (as in `encode`). See `voicevae.verbs.damage`."""
        return damaging.damage(source, self.sample_rate if sample_rate is None else sample_rate)

    def augment(self, corpus: Any, out_dir: str | Path, copies: int = 4, **options: Any) -> Any:
        """A corpus copied with new voices, pitch and rate, labels kept right. See `voicevae.augmentation`.

        Raises:
            CorpusError: nothing to copy, or nowhere to write. EditError: a range that cannot be.
        """
        from voicevae import augmentation  # needs what inference does not

        return augmentation.augment(self, corpus, out_dir, copies, **options)

    def save_voice(self, voice: Any, path: str | Path) -> None:
        """Write a voice (as in `convert`) to a small file `*.voice`, which `convert` takes as one."""
        voicefile.save(self.speaker(voice), path, self.bundle.vae_checksum)

    def _wave(self, source: Any, sample_rate: int | None) -> np.ndarray:
        if isinstance(source, str | Path):
            return audio.read(source, self.sample_rate)
        return audio.from_array(source, self.sample_rate if sample_rate is None else sample_rate, self.sample_rate)

    def _code(self, source: Any, sample_rate: int | None = None, residual: bool = True) -> Code:
        """`source` itself where it is a `Code` of this bundle, else as `encode` gives it."""
        if not isinstance(source, Code):
            return self.encode(source, sample_rate, residual)
        self.coder.check(source)
        return source
