"""Errors of pitch, rate and energy edits by known amounts.

pitch   see `metrics.pitch`
rate    measured against requested duration, in percent of it: that of the file, and that of the speech in it, from the
        first to the last voiced frame, which padding or cutting off cannot make right
energy  measured less requested change of level, in dB; the level is the RMS over speech, the frames of the source
        within 30 dB of its loudest
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.document import PERCENT, Row
from voicevae.evaluation.metrics import pitch
from voicevae.evaluation.study import Study
from voicevae.evaluation.targets import Target, target
from voicevae.voice import VoiceVAE

SEMITONES = (-6.0, -3.0, 3.0, 6.0)
RATES = (0.75, 1.25)
DECIBELS = (-6.0, 6.0)
STEPS = 1 + len(SEMITONES) + len(RATES) + len(DECIBELS)  # of each clip
CLIPS, QUICK_CLIPS = 48, 24
FRAME_S = 0.025
SPEECH_RANGE_DB = 30.0


def validate_durations(requested_s: float, measured_s: float) -> None:
    """Raise ValueError unless durations, in seconds, are finite, the requested one positive, the other not negative."""
    if not (np.isfinite([requested_s, measured_s]).all() and requested_s > 0 and measured_s >= 0):
        raise ValueError(f"Durations must be positive, not {requested_s} and {measured_s} seconds.")


def duration_error_percent(requested_s: float, measured_s: float) -> float:
    """abs(measured / requested - 1) in percent."""
    validate_durations(requested_s, measured_s)
    return 100 * abs(measured_s / requested_s - 1)


def speech_s(voiced: np.ndarray, frame_rate: float) -> float:
    """Seconds from the first to the last voiced frame of `voiced` `[T]`, both included; 0 where there is none."""
    frames = np.flatnonzero(voiced)
    return float(frames[-1] - frames[0] + 1) / frame_rate if len(frames) else 0.0


def rate_errors(durations: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Mean and largest error in percent of all (requested, measured) durations in seconds."""
    errors = [duration_error_percent(*pair) for pair in durations]
    return {"mean_percent": float(np.mean(errors)), "max_percent": float(np.max(errors))}


def validate_waves(source: np.ndarray, output: np.ndarray) -> None:
    """Raise ValueError unless both waves are `[n]`, of the same length, finite, and hold sound."""
    if np.shape(source) != np.shape(output) or np.ndim(source) != 1:
        raise ValueError("Source and output must have the same shape [n].")
    for wave in (source, output):
        if not np.isfinite(wave).all() or not np.any(wave):
            raise ValueError("Waves must be finite and hold sound.")


def speech_frames(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """`[F]` bool: which frames of 25 ms of `wave` `[n]` are within 30 dB of the loudest."""
    power = frame_power(wave, sample_rate)
    return power > power.max() * 10 ** (-SPEECH_RANGE_DB / 10)


def level_change_db(source: np.ndarray, output: np.ndarray, sample_rate: int) -> float:
    """Level of `output` over that of `source`, both `[n]`, in dB, over the source's speech."""
    validate_waves(source, output)
    speech = speech_frames(source, sample_rate)
    power = [np.mean(frame_power(wave, sample_rate)[speech]) for wave in (output, source)]
    return float(10 * np.log10(max(power[0], 1e-20) / power[1]))


def energy_errors(changes_db: Sequence[float], requested_db: float) -> dict[str, float]:
    """Mean and largest abs(measured - requested), and the mean of measured - requested, all in dB."""
    errors = np.asarray(changes_db, float) - requested_db
    return {
        "mean_abs_db": float(np.abs(errors).mean()),
        "max_abs_db": float(np.abs(errors).max()),
        "bias_db": float(errors.mean()),
    }


def frame_power(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mean square of each frame of 25 ms of `wave` `[n]`: `[F]`."""
    length = max(round(FRAME_S * sample_rate), 1)
    n = len(wave) // length or 1
    return np.array([np.mean(np.square(frame, dtype=np.float64)) for frame in np.array_split(wave[: n * length], n)])


class Measured:
    """What came out, edit by edit."""

    def __init__(self) -> None:
        self.tracks: dict[float, list[tuple[pitch.Track, pitch.Track]]] = {s: [] for s in (0.0, *SEMITONES)}
        self.files: dict[float, list[tuple[float, float]]] = {rate: [] for rate in RATES}
        self.speech: dict[float, list[tuple[float, float]]] = {rate: [] for rate in RATES}
        self.changes: dict[float, list[float]] = {db: [] for db in DECIBELS}

    def add(self, vv: VoiceVAE, clip: Clip, step: Callable[[], object]) -> None:
        """Edit one clip in all ways; `step` is called after each."""
        wave = clip.load(vv.sample_rate)
        source = pitch.measure(wave, vv.config)
        self._pitch(vv, wave, source, step)
        self._timing(vv, wave, source, step)
        self._energy(vv, wave, step)

    def _pitch(self, vv: VoiceVAE, wave: np.ndarray, source: pitch.Track, step: Callable[[], object]) -> None:
        for semitones, tracks in self.tracks.items():
            output = vv.modulate(wave, vv.sample_rate, pitch_semitones=semitones)
            tracks.append((source.shifted(semitones), pitch.measure(output, vv.config)))
            step()

    def _timing(self, vv: VoiceVAE, wave: np.ndarray, source: pitch.Track, step: Callable[[], object]) -> None:
        frame_rate = vv.config.frame_rate
        for rate in RATES:
            output = vv.modulate(wave, vv.sample_rate, rate=rate)
            self.files[rate].append((len(wave) / rate / vv.sample_rate, len(output) / vv.sample_rate))
            requested = speech_s(source.voiced, frame_rate) / rate
            if requested:
                measured = speech_s(pitch.measure(output, vv.config).voiced, frame_rate)
                self.speech[rate].append((requested, measured))
            step()

    def _energy(self, vv: VoiceVAE, wave: np.ndarray, step: Callable[[], object]) -> None:
        for decibels in DECIBELS:
            output = vv.modulate(wave, vv.sample_rate, energy_db=decibels)
            self.changes[decibels].append(level_change_db(wave, output, vv.sample_rate))
            step()


def edit_all(vv: VoiceVAE, clips: Sequence[Clip], step: Callable[[], object]) -> tuple[Measured, list[str]]:
    """Everything measured, and one sentence for every clip that could not be edited."""
    measured, failed = Measured(), []
    for clip in clips:
        try:
            measured.add(vv, clip, step)
        except AudioError as error:
            failed.append(f"{clip.id}: {error}")
    return measured, failed


def evaluate(measured: Measured) -> dict[str, dict[float, dict[str, float]]]:
    """pitch by semitones (0 is the unedited round trip), file and speech durations by rate, energy by dB."""
    return {
        "pitch": {amount: pitch.evaluate(tracks) for amount, tracks in measured.tracks.items() if tracks},
        "file": {rate: rate_errors(pairs) for rate, pairs in measured.files.items() if pairs},
        "speech": {rate: rate_errors(pairs) for rate, pairs in measured.speech.items() if pairs},
        "energy": {amount: energy_errors(changes, amount) for amount, changes in measured.changes.items() if changes},
    }


def steps(study: Study) -> int:
    """Edits of all recordings."""
    return STEPS * len(_clips(study))


def run(study: Study) -> None:
    """Add rows of the errors of pitch, rate and energy edits."""
    clips = _clips(study)
    measured, failed = edit_all(study.vv, clips, study.step)
    found = evaluate(measured)
    study.report.skipped += failed
    study.report.add(
        "edits",
        {"clips": len(clips) - len(failed), **found},
        rows(found),
        f"{study.plan.split}, {len(clips) - len(failed)} recordings; swift-f0",
    )


def _clips(study: Study) -> list[Clip]:
    return draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)


def rows(found: Mapping[str, Mapping[float, Mapping[str, float]]]) -> list[Row]:
    """Rows of `evaluate`."""
    rows = []
    for semitones, result in found["pitch"].items():
        name = f"pitch edit of {semitones:+g} semitones" if semitones else "unedited round trip"
        beside = (
            f"95 % of frames within {result['p95_cents']:.0f} cents, "
            f"{PERCENT * result['share_over_50_cents']:.1f} % over 50 cents"
        )
        rows.append(
            Row(f"{name}: median F0 error", result["median_cents"], "cents", **target("F0 error"), beside=beside)
        )
        agreement, wanted = (
            PERCENT * result["voicing_agreement"],
            Target() if semitones else target("voicing agreement"),
        )
        rows.append(Row(f"{name}: voicing agreement", agreement, "%", **wanted, better="higher"))
    for rate, result in found["file"].items():
        beside = f"worst clip {result['max_percent']:.2f} %"
        if rate in found["speech"]:
            beside += f"; first to last voiced frame {found['speech'][rate]['mean_percent']:.1f} %"
        rows.append(
            Row(f"rate {rate:g}: duration error", result["mean_percent"], "%", **target("rate error"), beside=beside)
        )
    for decibels, result in found["energy"].items():
        beside = f"worst clip {result['max_abs_db']:.2f} dB, bias {result['bias_db']:+.2f} dB"
        rows.append(
            Row(f"energy {decibels:+g} dB: error", result["mean_abs_db"], "dB", **target("energy error"), beside=beside)
        )
    return rows
