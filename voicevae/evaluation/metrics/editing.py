"""Errors of pitch, rate and energy edits by known amounts."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from voicevae.errors import AudioError
from voicevae.evaluation.clips import Clip, draw_clips
from voicevae.evaluation.metrics import energy, pitch, timing
from voicevae.evaluation.study import Study
from voicevae.evaluation.table import PERCENT, Row
from voicevae.evaluation.targets import Target, target
from voicevae.voice import VoiceVAE

SEMITONES = (-6.0, -3.0, 3.0, 6.0)
RATES = (0.75, 1.25)
DECIBELS = (-6.0, 6.0)
STEPS = 1 + len(SEMITONES) + len(RATES) + len(DECIBELS)  # of each clip
CLIPS, QUICK_CLIPS = 48, 24


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
            requested = timing.speech_s(source.voiced, frame_rate) / rate
            if requested:
                measured = timing.speech_s(pitch.measure(output, vv.config).voiced, frame_rate)
                self.speech[rate].append((requested, measured))
            step()

    def _energy(self, vv: VoiceVAE, wave: np.ndarray, step: Callable[[], object]) -> None:
        for decibels in DECIBELS:
            output = vv.modulate(wave, vv.sample_rate, energy_db=decibels)
            self.changes[decibels].append(energy.change_db(wave, output, vv.sample_rate))
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
        "file": {rate: timing.evaluate(pairs) for rate, pairs in measured.files.items() if pairs},
        "speech": {rate: timing.evaluate(pairs) for rate, pairs in measured.speech.items() if pairs},
        "energy": {amount: energy.evaluate(changes, amount) for amount, changes in measured.changes.items() if changes},
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
