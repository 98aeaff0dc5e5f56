"""Adapt a voice to its speaker's recordings: half a minute to an hour of them, in less time than they last.

What an `AdaptedSpeaker` holds is measured, not trained by gradient: by ridge regression the weights that tell how loud
the speaker's sounds are. How much of that goes into a conversion is chosen on speech that was held back: other voices
say sentences in the adapted voice, and a speaker encoder that took no part in the training of the bundle compares them
with the held-back speech. No adaptation is one of the candidates.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from voicevae import adapted, aside, audio, journal
from voicevae.bundle import DEFAULT
from voicevae.code import MOST_DYNAMICS, AdaptedSpeaker, Code, Speaker
from voicevae.codec import Codec, Source, recordings
from voicevae.errors import AudioError, EditError, needs
from voicevae.features import FeatureConfig, Frames, extract
from voicevae.features.statistics import MIN_VOICED
from voicevae.files import Progress, unseen
from voicevae.names import shown
from voicevae.speaker_encoder import Resemblyzer
from voicevae.verbs.similarity import cosine

LEAST_S = 20.0  # of speech
PIECE_S = 8.0
SHORTEST_S = 1.0
HELD_BACK = 6  # one piece in so many
MOST_HELD = 12
RIDGE = 3e-3  # of the number of frames
READING = 0.6  # share of the time that reading may take
SENTENCE_S = 4.0
CANDIDATES = (0.0, 0.5, 1.0, MOST_DYNAMICS)  # how far loudness is moved to what the model tells
MINUTES = 6.0
WORTH = 0.005  # of cosine: a smaller gain is noise, and is not kept


@dataclass(frozen=True)
class Trial:
    """How far loudness is moved, and the mean cosine of conversions with held-back speech."""

    dynamics: float
    secs: float


@dataclass(frozen=True, eq=False)
class Adaptation:
    """The voice that was kept: an `AdaptedSpeaker`, or the plain one where none was better.

    speech_s: speech that was used, and held_back_s held back; unread: recordings for which there was no time;
    loudness_error_db: of held-back speech, root mean square; trials: what was compared, no adaptation first.
    """

    speaker: Speaker
    speech_s: float
    held_back_s: float
    unread: int
    loudness_error_db: float
    trials: list[Trial]

    @property
    def kept(self) -> Trial:
        """The trial of `speaker`."""
        return _best(self.trials)

    def __str__(self) -> str:
        kept, plain = self.kept, self.trials[0]
        share = f"loudness goes {kept.dynamics:.0%} of the way to that of the recordings"
        lines = [
            f"{self.speech_s:.0f} s of speech used, {self.held_back_s:.0f} s held back, "
            f"loudness told within {self.loudness_error_db:.1f} dB.",
            f"Conversions are {kept.secs:.3f} like the held-back speech, {plain.secs:.3f} without adaptation "
            f"(cosine by Resemblyzer): {'nothing was better' if kept is plain else share}.",
        ]
        if self.unread:
            lines.append(f"{self.unread} recordings were not read in the time that was given.")
        return "\n".join(lines)


def adapt(
    vv: Codec,
    voice: Source | Sequence[Source],
    sample_rate: int | None = None,
    *,
    minutes: float = MINUTES,
    seed: int = 0,
    keep: Path | None = None,
    progress: Progress = unseen,
) -> Adaptation:
    """Adapt a voice to the `recordings` of its speaker.

    Args:
        voice: a recording, a folder of recordings, or a list of both, of one speaker; at `sample_rate`, if samples.
        minutes: on the clock; recordings for which there is no time are left out.
        seed: draws what is held back.
        keep: folder for the features of files, from which a run goes on where one was interrupted.
        progress: is called with each share of the work as it is done; they sum to 1.

    Raises:
        AudioError: a recording cannot be used, or there is too little speech. EditError: a number that cannot be.
        OutputError: nothing can be written to `keep`. MissingPackageError: there is no speaker encoder to judge by.
    """
    with needs("eval", "adapt"):
        encoder = Resemblyzer()
    if not 0 < minutes < float("inf"):
        raise EditError(f"minutes is {minutes!r}; give a number above 0.")
    started = time.monotonic()
    until = started + 60 * READING * minutes
    pieces, unread = _read(vv, recordings(voice), sample_rate, until, progress, keep)
    return _adapt(vv, pieces, unread, seed, lambda wave: encoder.embed(wave, vv.sample_rate), progress)


@dataclass(frozen=True, eq=False)
class _Piece:
    """A few seconds of a recording: samples `[n]` and frames."""

    wave: np.ndarray
    frames: Frames


def _read(
    vv: Codec,
    sources: Sequence[Source],
    sample_rate: int | None,
    until: float,
    progress: Progress,
    keep: Path | None = None,
) -> tuple[list[_Piece], int]:
    """Pieces of the recordings that are read `until` then, and how many recordings are left."""
    pieces: list[_Piece] = []
    for number, source in enumerate(sources):
        if time.monotonic() > until and pieces:
            return pieces, len(sources) - number
        parts = _cut(audio.load(source, sample_rate, vv.sample_rate), vv.sample_rate)
        frames = _kept(keep, source, parts, vv.config) if keep and isinstance(source, str | Path) else None
        found = list(map(_Piece, parts, frames or [extract(part, vv.config) for part in parts]))
        spoken = [piece for piece in found if piece.frames.voiced.sum() >= MIN_VOICED]
        if not spoken:
            name = shown(source) if isinstance(source, str | Path) else "A recording"
            raise AudioError(f"{name} has no voiced speech to adapt a voice to; leave it out.")
        pieces += spoken
        progress(0.5 / len(sources))
    return pieces, 0


def _kept(folder: Path, source: str | Path, parts: Sequence[np.ndarray], config: FeatureConfig) -> list[Frames]:
    """Features of the `parts` of a file: from `folder`, or written there."""
    stamp = journal.stamp(source, features=asdict(config), piece_s=PIECE_S)
    path = folder / f"{hashlib.sha256(stamp.encode()).hexdigest()}.npz"
    if path.exists():
        with np.load(path) as arrays:
            return [Frames.from_array(arrays[name]) for name in arrays.files]
    frames = [extract(part, config) for part in parts]
    aside.make_folder(folder)
    with aside.written(path) as part:
        with open(part, "wb") as file:
            np.savez(file, *(one.array() for one in frames))
    return frames


def _cut(wave: np.ndarray, sample_rate: int) -> list[np.ndarray]:
    """Equal pieces of at most `PIECE_S`."""
    n = max(-(-len(wave) // round(PIECE_S * sample_rate)), 1)
    return np.array_split(wave, n)


def _adapt(
    vv: Codec,
    pieces: Sequence[_Piece],
    unread: int,
    seed: int,
    embed: Callable[[np.ndarray], np.ndarray],
    progress: Progress,
) -> Adaptation:
    """`adapt` by pieces of recordings and a speaker encoder, from a wave `[n]` to a vector."""
    seconds = [piece.frames.contours.speech.sum() / vv.config.frame_rate for piece in pieces]
    if sum(seconds) < LEAST_S:
        raise AudioError(
            f"There are {sum(seconds):.0f} s of speech; give {LEAST_S:.0f} s or more, in two files or more, or use the "
            "recordings as a voice as they are."
        )
    drawn = np.random.default_rng(seed).permutation(len(pieces))[: max(len(pieces) // HELD_BACK, 1)]
    held = [number in drawn for number in range(len(pieces))]
    used, back = ([piece for piece, one in zip(pieces, held, strict=True) if one == kind] for kind in (False, True))
    plain = vv.coder.speaker([piece.frames for piece in used])
    loudness = _loudness(vv, plain, used)
    error_db = _error_db(vv, plain, loudness, back)
    progress(0.2)
    wanted = np.mean([embed(piece.wave) for piece in back[:MOST_HELD]], 0)
    sentences, trials, voices = _sentences(vv), list[Trial](), list[Speaker]()
    for dynamics in CANDIDATES:
        voices.append(AdaptedSpeaker(**vars(plain), loudness=loudness, dynamics=dynamics) if dynamics else plain)
        heard = [embed(vv.decode(code.edit(speaker=voices[-1]))) for code in sentences]
        trials.append(Trial(dynamics, float(np.mean([cosine(one, wanted) for one in heard]))))
        progress(0.3 / len(CANDIDATES))
    spoken, back_s = (sum(s for s, one in zip(seconds, held, strict=True) if one == kind) for kind in (False, True))
    best = voices[trials.index(_best(trials))]
    return Adaptation(best, float(spoken), float(back_s), unread, error_db, trials)


def _best(trials: Sequence[Trial]) -> Trial:
    """That with the highest cosine, where it is worth it; no adaptation is the first."""
    best = max(trials, key=lambda trial: trial.secs)
    return best if best.secs > trials[0].secs + WORTH else trials[0]


def _features(vv: Codec, speaker: Speaker, piece: _Piece) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`adapted.features`, relative loudness and speech of the frames of a piece."""
    q = vv.coder.infer(piece.frames, speaker.register)
    mel, _ = vv.coder.reconstruct(q)
    return adapted.features(mel, q.content.mean, speaker), q.contours.loudness, q.speech


def _loudness(vv: Codec, speaker: Speaker, pieces: Sequence[_Piece]) -> np.ndarray:
    """The weights `[K]` that tell the loudness of a voice."""
    gram, products, n = 0.0, 0.0, 0
    for piece in pieces:
        x, loudness, speech = _features(vv, speaker, piece)
        gram, products, n = gram + x[speech].T @ x[speech], products + x[speech].T @ loudness[speech], n + speech.sum()
    weights = np.linalg.solve(gram + RIDGE * n * np.eye(len(np.atleast_1d(products))), products)
    return weights.astype(np.float32)


def _error_db(vv: Codec, speaker: Speaker, weights: np.ndarray, pieces: Sequence[_Piece]) -> float:
    """Root mean square error of the loudness of speech, dB."""
    errors = []
    for piece in pieces:
        x, loudness, speech = _features(vv, speaker, piece)
        errors.append((x @ weights - loudness)[speech])
    return float(20 * np.sqrt(np.mean(np.square(np.concatenate(errors)))))


def _sentences(vv: Codec) -> list[Code]:
    """Sentences of the example voices of the shipped bundle, which the adapted voice is to say."""
    length, codes = round(SENTENCE_S * vv.sample_rate), []
    for path in sorted((DEFAULT / "voices").glob("*.flac")):
        wave = audio.read(path, vv.sample_rate)
        codes += [vv.encode(wave[start : start + length]) for start in range(0, len(wave) - length + 1, length)]
    return codes
