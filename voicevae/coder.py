"""Frames to code and back: what the networks make of a recording, and what completes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicevae import adapted, marks
from voicevae.bundle import Bundle
from voicevae.chunks import CHUNK_FRAMES, ChunkedNetworks, statistics_of
from voicevae.code import AdaptedSpeaker, Code, Register, Speaker
from voicevae.edits import edit_contours, read_at
from voicevae.engine import Gaussian, Networks, product
from voicevae.errors import EditError
from voicevae.features import Frames
from voicevae.features.contours import Contours, RelativeContours, is_speech, loud_frames_db
from voicevae.features.mel import mel_to_bins
from voicevae.features.statistics import LOG_F0_STD_FLOOR, UtteranceStatistics, frames_statistics
from voicevae.features.vtlp import warp_matrix
from voicevae.models.transport import shrunk, towards, transport
from voicevae.units import ratio

SPEAKER_FRAMES = 4800  # a minute shows a voice


@dataclass(frozen=True, eq=False)
class Posterior:
    """Posteriors of a recording of `T` frames.

    speaker: z_s and the statistics; loudness_db: its level; speech: `[T]` bool; relative: contours `[T, 3]`, as
    `RelativeContours.array`; q_speaker: q(z_s|x) `[D_s]`; prosody: q(z_p|c) `[T_p, D_p]`; content: q(z_c|x)
    `[T_c, D_c]`.
    """

    speaker: Speaker
    loudness_db: float
    speech: np.ndarray
    relative: np.ndarray
    q_speaker: Gaussian
    prosody: Gaussian
    content: Gaussian

    @property
    def contours(self) -> RelativeContours:
        """`relative` as the type of its columns."""
        return RelativeContours.from_array(self.relative)


class Coder:
    """The VAE of a bundle between frames and `Code`, both numpy; what it computes does not depend on the chunking."""

    def __init__(self, parts: Bundle, networks: Networks) -> None:
        self.networks, self.config, self.model = networks, parts.features, parts.model
        self.mel_cov = parts.weights["vae"]["mel_cov"]  # the corpus'
        self.content_stride, self.prosody_stride = parts.model.content_stride, parts.model.prosody_stride
        self.chunked = ChunkedNetworks(networks, parts.model)

    def check(self, code: Code) -> None:
        """Raise EditError unless `code` has the shapes that this bundle gives."""
        if not isinstance(code, Code):
            raise EditError("Only a Code can be decoded; vv.encode(speech) gives one.")
        config, n_channels, n_frames = self.model, self.config.n_channels, self.config.n_frames(code.n_samples)
        bare = not len(code.content) and code.recorded is None and code.mel_residual is not None and code.residual == 1
        wanted: list[tuple[np.ndarray | None, tuple[int, ...]]] = [
            (code.content, (0 if bare else -(-n_frames // config.content_stride), config.content_dim)),
            (code.prosody, (0 if bare else -(-n_frames // config.prosody_stride), config.prosody_dim)),
            (code.contour_residual, (n_frames, 3)),
            (code.mel_residual, (n_frames, n_channels)),
        ]
        for speaker in filter(None, (code.speaker, code.recorded)):
            wanted.append((speaker.z, (config.speaker_dim,)))
            wanted.append((speaker.mel_mean, (n_channels,)))
            wanted.append((speaker.mel_cov, (n_channels, n_channels)))
            if isinstance(speaker, AdaptedSpeaker):
                wanted.append((speaker.loudness, adapted.weights(n_channels, config.content_dim)))
        fits = all(array is None or array.shape == shape for array, shape in wanted)
        if not fits or code.sample_rate != self.config.sample_rate:
            raise EditError("The code was made with another bundle; encode the speech again with this one.")

    def infer(self, frames: Frames, register: Register | None = None) -> "Posterior":
        """Posteriors of a recording's `frames`; `register` as in `encode`."""
        shown = frames_statistics([frames])
        if register is not None:
            mean, std = np.asarray(register, np.float32)
            shown = replace(shown, log_f0_mean=mean, log_f0_std=std)
        loudness_db = float(shown.loudness_max_db)
        speech = _speech(frames, loudness_db)
        speaker, q_speaker = self._speaker(frames, shown, speech)
        relative = frames.contours.relative(*speaker.register, loudness_db).array()
        prosody = self.chunked.prosody(relative)
        matrix = transport(shrunk(speaker.mel_cov, int(shown.n_speech), self.mel_cov), self.mel_cov)
        content = self.chunked.content(frames.mel, speaker.mel_mean, matrix, speech)
        return Posterior(speaker, loudness_db, speech, relative, q_speaker, prosody, content)

    def encode(
        self,
        frames: Frames,
        n_samples: int,
        residual: bool,
        register: Register | None = None,
        overwrite: bool = False,
    ) -> Code:
        """Posterior means of a recording's `frames`, its speaker, and what the decoders leave unexplained.

        `register` is the speaker's, if known from more than these frames. With `overwrite`, the residual takes the
        place of the mel.
        """
        q = self.infer(frames, register)
        contour_residual = q.relative - self.chunked.contours(q.prosody.mean, len(frames))
        mel_residual = None
        if residual:
            mel_residual = frames.mel if overwrite else np.empty_like(frames.mel)
            for span, made in self.chunked.mels(q.content.mean, q.relative, q.speaker):
                np.subtract(frames.mel[span], made, out=mel_residual[span])
        return Code(
            q.speaker,
            q.prosody.mean,
            q.content.mean,
            contour_residual,
            mel_residual,
            q.loudness_db,
            n_samples,
            self.config.sample_rate,
        )

    def bare(self, frames: Frames, n_samples: int) -> Code:
        """A code without latents, whose residuals are all of the mel, which is not copied, and of the contours.

        In the recording's own voice with all of the residual, it decodes to what `encode` would, and no network runs.
        """
        shown = frames_statistics([frames])
        speaker = replace(_plain(shown), z=np.zeros(self.model.speaker_dim, np.float32))
        loudness_db = float(shown.loudness_max_db)
        relative = frames.contours.relative(*speaker.register, loudness_db).array()
        prosody, content = (np.zeros((0, d), np.float32) for d in (self.model.prosody_dim, self.model.content_dim))
        return Code(speaker, prosody, content, relative, frames.mel, loudness_db, n_samples, self.config.sample_rate)

    def reconstruct(self, q: "Posterior") -> tuple[np.ndarray, RelativeContours]:
        """Mel `[T, n_channels]` and contours that the decoders make of the posterior means."""
        made = self.chunked.contours(q.prosody.mean, len(q.relative))
        return self.chunked.mel(q.content.mean, q.relative, q.speaker), RelativeContours.from_array(made)

    def speaker(self, recordings: Frames | Sequence[Frames]) -> Speaker:
        """The voice of a recording, or of several of one speaker.

        Statistics are over all of them. z_s is from the minute of each that has the most speech in it: the product of
        the posteriors (`voicevae.engine.product`).
        """
        several = [recordings] if isinstance(recordings, Frames) else recordings
        plain = _plain(frames_statistics(several))
        q = product([self._q_speaker(one, plain, _speech(one, loud_frames_db(one.loudness_db))) for one in several])
        return replace(plain, z=q.mean)

    def decode(self, code: Code, overwrite: bool = False) -> tuple[np.ndarray, Contours]:
        """Mel `[T, n_channels]` and contours, edited in `Edit`'s order. With `overwrite`, the mel takes the place of
        the code's residual."""
        code = self._adapted(code)
        relative = self._relative(code)
        mel = self._completed(code, relative, overwrite)
        if code.recorded is not None or code.mel_residual is None or code.residual < 1:
            mel[:, : self.config.n_mels] -= self.level(mel)  # the loudness contour holds the level
        pieces, ramp = code.pieces(self.config.hop_length), marks.RAMP_S * self.config.frame_rate
        mel = marks.edited(mel, pieces, ramp, lambda part, edit: self.shift_formants(part, edit.formant_semitones))
        contours = RelativeContours.from_array(relative).absolute(*code.speaker.register, code.loudness_db)
        mean = code.speaker.log_f0_mean
        edited = marks.edited(contours.array(), pieces, ramp, lambda part, edit: edit_contours(part, mean, edit))
        if all(piece.edit.rate == 1.0 for piece in pieces):
            return mel, Contours.from_array(edited)
        positions = marks.positions(pieces, self.config.n_frames(code.n_spoken))
        return read_at(mel, positions), Contours.from_array(read_at(edited, positions))

    def contours(self, code: Code) -> RelativeContours:
        """Contours of a code before its edits."""
        return RelativeContours.from_array(self._relative(code))

    def implied_speaker(self, z: np.ndarray) -> Speaker:
        """The voice of z_s `[D_s]`, for voices without a recording."""
        log_f0, mel_mean, mel_std = np.split(self.networks.implied_statistics(z), [2, 2 + self.config.n_channels])
        scale = mel_std / np.sqrt(self.mel_cov.diagonal())
        covariance = self.mel_cov * scale * scale[:, None]
        return Speaker(z, float(log_f0[0]), max(float(log_f0[1]), LOG_F0_STD_FLOOR), mel_mean, covariance)

    def _relative(self, code: Code) -> np.ndarray:
        """`contours` as `[T, 3]`."""
        if not len(code.prosody):
            return code.contour_residual
        return self.chunked.contours(code.prosody, len(code.contour_residual)) + code.contour_residual

    def _speaker(self, frames: Frames, shown: UtteranceStatistics, speech: np.ndarray) -> tuple[Speaker, Gaussian]:
        plain = _plain(shown)
        q = self._q_speaker(frames, plain, speech)
        return replace(plain, z=q.mean), q

    def _q_speaker(self, frames: Frames, plain: Speaker, speech: np.ndarray) -> Gaussian:
        """q(z_s|x, s) `[D_s]` of a recording, whose voice has the statistics of `plain`."""
        minute = _most(speech & frames.voiced, SPEAKER_FRAMES)
        weight = 0.1 + 0.9 * speech[minute].astype(np.float32)
        return self.networks.encode_speaker(frames.mel[minute], weight, statistics_of(plain))

    def _adapted(self, code: Code) -> Code:
        """A conversion to an adapted voice: with the loudness that its sounds have."""
        speaker = code.speaker
        if code.recorded is None or not isinstance(speaker, AdaptedSpeaker):
            return code
        relative = self._relative(code)
        mel = self.chunked.mel(code.content, relative, speaker)
        residual = code.contour_residual.copy()
        residual[:, 2] += adapted.loudness_change(speaker, relative[:, 2], mel, code.content)
        return replace(code, contour_residual=residual)

    def _completed(self, code: Code, relative: np.ndarray, overwrite: bool) -> np.ndarray:
        """The decoded mel `[T, n_channels]` with what decoding lacks.

        A share of the recorded residual is added. In another voice that is for the words, and the result is moved part
        of the way to the mean and covariance of the voice's recordings; without a residual, all of the way to the
        covariance.
        """
        residual, speaker = code.mel_residual, code.speaker
        if residual is not None and not len(code.content):
            return residual if overwrite else residual.copy()
        if residual is None:
            mel = self.chunked.mel(code.content, relative, speaker)
        else:
            mel = residual if overwrite else np.empty_like(residual)
            for span, made in self.chunked.mels(code.content, relative, speaker):
                np.add(made, code.residual * residual[span], out=mel[span])
        if code.recorded is None and residual is not None:
            return mel
        shares = (1.0, 0.0) if code.recorded is None else (code.likeness, code.likeness)
        return towards(mel, self._speech(relative), speaker.mel_mean, speaker.mel_cov, *shares, overwrite=True)

    def _speech(self, relative: np.ndarray) -> np.ndarray:
        """Which frames of relative contours `[T, 3]` are speech, `[T]` bool."""
        return RelativeContours.from_array(relative).speech

    def shift_formants(self, mel: np.ndarray, semitones: float) -> np.ndarray:
        """A mel `[T, n_channels]` whose formants are moved; the level of each frame stays."""
        if semitones == 0:
            return mel
        warped = mel @ warp_matrix(np.array([ratio(semitones)]), self.config)[0]
        warped[:, : self.config.n_mels] += self.level(mel) - self.level(warped)
        return warped

    def level(self, mel: np.ndarray) -> np.ndarray:
        """Mean power over frequency that a mel `[T, n_channels]` stands for, `[T, 1]`, natural log."""
        envelope = mel_to_bins(self.config)
        pieces = (mel[i : i + CHUNK_FRAMES] @ envelope for i in range(0, len(mel), CHUNK_FRAMES))
        return np.concatenate([np.log(np.exp(piece).mean(1, keepdims=True)) for piece in pieces])


def _plain(shown: UtteranceStatistics) -> Speaker:
    """A voice of these statistics, without z_s."""
    mean, std = float(shown.log_f0_mean), float(shown.log_f0_std)
    return Speaker(np.zeros(0, np.float32), mean, std, shown.mel_mean, shown.mel_cov)


def _speech(frames: Frames, level_db: float | np.floating) -> np.ndarray:
    """Which frames of a recording of this level are speech, `[T]` bool."""
    return is_speech(frames.loudness_db, float(level_db))


def _most(speech: np.ndarray, n_frames: int) -> slice:
    """The `n_frames` in a row that have the most `speech` `[T]` among them; all, if there are no more."""
    if len(speech) <= n_frames:
        return slice(0, len(speech))
    total = np.concatenate([[0], np.cumsum(speech)])
    start = int(np.argmax(total[n_frames:] - total[:-n_frames]))
    return slice(start, start + n_frames)
