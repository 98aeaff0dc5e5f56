"""VoiceVAE, the one API: speech to code, code to speech, and everything between.

vv = voicevae.load()
code = vv.encode("speech.wav")
wave = vv.decode(code.edit(pitch_semitones=3, rate=0.9, speaker=vv.encode("reference.wav").speaker))
vv.convert_file("speech.wav", "out.wav", voice="reference.wav")
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from voicevae import adaptation, bundle, files
from voicevae.code import Code, Speaker
from voicevae.codec import Codec, One, Source, Sources, Voice
from voicevae.engine import choice as engines
from voicevae.files import Progress, unseen
from voicevae.live import start
from voicevae.verbs import anonymous, sampling
from voicevae.verbs import blend as blending
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


def load(path: str | Path | None = None, device: str = "cpu", engine: str | None = None) -> VoiceVAE:
    """The bundle in the folder `path`, or the shipped one.

    Args:
        device: "cpu", or "cuda", which torch runs.
        engine: "onnx" or "torch"; by default ONNX Runtime, but torch on another device, or where the bundle was not
            exported.

    Raises:
        BundleError: it cannot be loaded. VoiceVAEError: there is no such device or engine. MissingPackageError: torch
            is not installed, and is needed.
    """
    parts = bundle.load(path)
    return VoiceVAE(parts, engines.start(parts, device, engine))


class VoiceVAE(Codec):
    """The verbs of a loaded bundle, for the waves, codes and files of `Codec`.

    A list of sources gives a list of results. A verb's `..._file` goes from file to file: it reads, edits, and writes
    with provenance and the watermark; see `voicevae.files`. Only sampled voices and the unvoiced noise are random, both
    by a seed.
    """

    @overload
    def convert(
        self, source: Source, sample_rate: int | None = None, *, voice: Voice, seed: int = 0, **edits: Any
    ) -> np.ndarray: ...
    @overload
    def convert(
        self, source: Sources[One], sample_rate: int | None = None, *, voice: Voice, seed: int = 0, **edits: Any
    ) -> list[np.ndarray]: ...
    def convert(
        self,
        source: Source | Sources[One],
        sample_rate: int | None = None,
        *,
        voice: Voice,
        seed: int = 0,
        **edits: Any,
    ) -> np.ndarray | list[np.ndarray]:
        """The words and intonation of `source` in another voice.

        Args:
            voice: path, array or tensor (at `sample_rate`) of a recording of it, a voice file, or a `Speaker`.
            edits: as in `Code.edit`, on top.
        """
        speaker = self.speaker(voice, sample_rate)
        code = self.encode(source, sample_rate)
        if isinstance(code, list):
            return self.decode([one.edit(speaker, **edits) for one in code], seed)
        return self.decode(code.edit(speaker, **edits), seed)

    convert_file = files.convert_file

    @overload
    def modulate(
        self, source: Source, sample_rate: int | None = None, *, seed: int = 0, **edits: Any
    ) -> np.ndarray: ...
    @overload
    def modulate(
        self, source: Sources[One], sample_rate: int | None = None, *, seed: int = 0, **edits: Any
    ) -> list[np.ndarray]: ...
    def modulate(
        self, source: Source | Sources[One], sample_rate: int | None = None, *, seed: int = 0, **edits: Any
    ) -> np.ndarray | list[np.ndarray]:
        """`source` in its own voice with `edits` as in `Code.edit`: pitch_semitones, rate, energy_db, marks..."""
        if isinstance(source, list | tuple):
            return [self.modulate(one, sample_rate, seed=seed, **edits) for one in source]
        return self.decode(self.encode_to_edit(source, sample_rate, edits).edit(**edits), seed)

    modulate_file = files.modulate_file

    live = start.live
    adapt = adaptation.adapt

    def sample(
        self,
        seed: int = 0,
        *,
        gender: str | None = None,
        like: Voice | None = None,
        distance: float = sampling.DISTANCE,
        label: str | None = None,
        source: str | None = None,
    ) -> Speaker:
        """A random new voice; the same seed gives the same one. See `voicevae.verbs.sampling`.

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

    def anonymous_voice(self, voice: Voice, *, seed: int, speaker: str = "", gender: str | None = None) -> Speaker:
        """A pseudo-speaker, far from `voice` (as in `convert`), to hide the `speaker` of that name. See
        `voicevae.verbs.anonymous`.

        Args:
            seed: draws it, together with the name; keep it secret.
            gender: as the training corpus calls it; any by default, so that it is hidden, too.

        Raises:
            EditError: an unknown gender, or a seed that is none. BundleError: the bundle was not calibrated.
        """
        space = VoiceSpace.of(self.bundle.calibration)
        anonymous.check(space, seed, gender)
        return anonymous.voice(space, self.speaker(voice), speaker, seed, gender)

    def anonymize(
        self,
        source: Source | Code,
        sample_rate: int | None = None,
        *,
        seed: int,
        speaker: str = "",
        voice: Speaker | None = None,
        gender: str | None = None,
        flatten: float = 0.0,
        residual: float = anonymous.RESIDUAL,
    ) -> Code:
        """`source` (a `Code`, or as in `encode`) as a pseudo-speaker; docs/anonymize.md says what that protects from.

        Args:
            seed, speaker, gender: as in `anonymous_voice`, whose voice hides the source.
            voice: to hide behind instead, as the other recordings of the speaker do.
            flatten: share of the intonation that is taken away, 0 to 1.
            residual: share of the recording's residual that is kept, 0 to 1: more is clearer and hides less.

        Raises:
            EditError: a value that cannot be. BundleError: the bundle was not calibrated.
        """
        space = VoiceSpace.of(self.bundle.calibration)
        anonymous.check(space, seed, gender, flatten=flatten, residual=residual)
        code = self._code(source, sample_rate)
        behind = voice or anonymous.voice(space, code.speaker, speaker, seed, gender)
        return anonymous.hide(code, behind, flatten, residual)

    anonymize_file = files.anonymize_file

    def search(
        self, seed: int = 0, *, gender: str | None = None, like: Voice | None = None, resume: str | Path | None = None
    ) -> searching.Search:
        """Voice design by ear: pairs of voices to choose between, about the voice `like` if one is given. See
        `voicevae.verbs.search`.

        Raises:
            EditError: an unknown gender, or a seed that is none. InputError: no file of a search of this bundle.
            BundleError: the bundle was not calibrated.
        """
        space, vae = VoiceSpace.of(self.bundle.calibration), self.bundle.vae_checksum
        if resume is not None:
            return searching.Search.load(resume, space, vae)
        near = None if like is None else space.coordinates(self.speaker(like))
        return searching.Search(space, vae, seed, gender, near)

    def blend(self, voices: Sequence[Voice], weights: Sequence[float] | None = None) -> Speaker:
        """The blend of `voices` (each as in `convert`), with equal weights by default.

        Raises:
            EditError: weights that are not one number of 0 or more per voice, or all 0.
        """
        return blending.voices([self.speaker(voice) for voice in voices], weights)

    def blend_prosody(self, sources: Sequence[Source | Code], weights: Sequence[float] | None = None) -> Code:
        """The first of `sources` (each a `Code`, or as in `encode`) with the mean pitch range and dynamics of all."""
        return blending.prosody(self.coder, [self._code(one) for one in sources], weights)

    def transfer(
        self, source: Source | Code, sample_rate: int | None = None, *, reference: Source | Code, mix: float = 1.0
    ) -> Code:
        """`source` with `mix` (0..1) of the intonation of `reference` (each a `Code`, or as in `encode`).

        See `voicevae.verbs.transfer`. Raises EditError: a mix out of range, or no voiced speech.
        """
        own, other = self._code(source, sample_rate), self._code(reference, sample_rate)
        return transferring.transfer(self.coder, own, other, mix)

    transfer_file = files.transfer_file

    @property
    def styles(self) -> list[str]:
        """Names of the styles that the bundle knows; none without style labels in its corpus."""
        return styling.names(self.bundle.calibration)

    def style(
        self, source: Source | Code, sample_rate: int | None = None, *, style: str, strength: float = 1.0
    ) -> Code:
        """`source` (a `Code`, or as in `encode`) with `strength` (0..2) of a style. See `voicevae.verbs.style`.

        Raises:
            EditError: an unknown style, or a strength out of range. BundleError: the bundle knows no styles.
        """
        code = self._code(source, sample_rate)
        return styling.style(self.coder, self.bundle.calibration, code, style, strength)

    style_file = files.style_file

    def melody(
        self, source: Source | Code, sample_rate: int | None = None, *, notes: Any = None, **options: Any
    ) -> Code:
        """`source` (a `Code`, or as in `encode`) sung to `notes`, or with `tune="C:major"` drawn to a scale.

        Options: tune, strength, vibrato, transpose. See `voicevae.verbs.melody`. Raises EditError: one cannot be used.
        """
        code = self._code(source, sample_rate)
        return singing.melody(self.coder, code, notes, **options)

    melody_file = files.melody_file

    def traverse(
        self,
        source: Source | Code,
        sample_rate: int | None = None,
        *,
        latent: str = "z_s",
        dimensions: Sequence[int] | int = traversing.DIMENSIONS,
        steps: int = traversing.STEPS,
        span: float = traversing.SPAN,
    ) -> list[traversing.Sweep]:
        """Each dimension of a latent moved in steps, and its effects. See `voicevae.verbs.traverse`.

        Args:
            source: a `Code`, or as in `encode`.
            latent: "z_s" or "z_p".
            dimensions: how many, the most active first; or which.
            steps, span: from -`span` to `span` standard deviations of the dimension.

        Raises:
            EditError: a value out of range. BundleError: the bundle was not calibrated.
        """
        code = self._code(source, sample_rate, residual=False)
        return traversing.traverse(self.coder, self.bundle.calibration, code, latent, dimensions, steps, span)

    @overload
    def score(self, source: Source, sample_rate: int | None = None, progress: Progress = unseen) -> scoring.Score: ...
    @overload
    def score(
        self, source: Sources[One], sample_rate: int | None = None, progress: Progress = unseen
    ) -> list[scoring.Score]: ...
    def score(
        self, source: Source | Sources[One], sample_rate: int | None = None, progress: Progress = unseen
    ) -> scoring.Score | list[scoring.Score]:
        """How unlike the training speech a source (as in `encode`) is. See `voicevae.verbs.score`.

        Raises:
            AudioError: the sound cannot be used. BundleError: the bundle was not calibrated.
        """
        if isinstance(source, list | tuple):
            return [self.score(one, sample_rate, progress) for one in source]
        frames, _ = self._frames(source, sample_rate, progress)
        return scoring.score(self.coder, self.bundle.calibration, frames)

    def embed(
        self,
        sources: Sequence[Source],
        sample_rate: int | None = None,
        names: Sequence[str] | None = None,
        progress: Progress = unseen,
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
            frames, n_samples = self._frames(source, sample_rate, progress)
            vectors.append(embedding.vector(self.coder, frames))
            seconds.append(n_samples / self.sample_rate)
        return embedding.stacked(names, vectors, seconds)

    def repair(
        self,
        source: Source,
        sample_rate: int | None = None,
        *,
        spans: Sequence[tuple[float, float]] | None = None,
        seed: int = 0,
    ) -> np.ndarray:
        """`source` (as in `encode`) with `spans`, a list of (start, end) in seconds, filled in from both sides; by
        default those of `damage`. See `voicevae.verbs.repair`.

        Raises:
            EditError: a span that is empty, out of range or overlaps.
        """
        wave = self._wave(source, sample_rate)
        if spans is None:
            ends = len(wave) / self.sample_rate
            spans = [(one.start_s, min(one.end_s, ends)) for one in self.damage(source, sample_rate)]
        samples = repairing.samples_of(spans, len(wave), self.sample_rate)
        return repairing.repair(self.coder, self.vocoder, wave, samples, seed)

    repair_file = files.repair_file

    def damage(self, source: Source, sample_rate: int | None = None) -> list[damaging.Span]:
        """Dropouts, clicks and clipping found in `source` (as in `encode`). See `voicevae.verbs.damage`."""
        return damaging.damage(source, self.sample_rate if sample_rate is None else sample_rate)
