"""Songs: accuracy of notes, timing of their starts, and likeness to the singer.

Each clip sings one tune, brought into the speaker's register by octaves. F0 is measured in the output, by swift-f0:

    cents      distance from the note, over voiced frames at least `MARGIN_S` from where a note begins or ends
    boundary   from where a note should begin to where it is first reached: the first voiced frame nearer to its pitch
               than to that of the note before, and after the last that is nearer to that one
    drop       of the mean cosine of Resemblyzer's embedding with the speaker's other recordings, from the unedited
               round trip; beside it that of a plain edit to the same mean pitch and length, since such an encoder
               depends on pitch and rate, too
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voicevae.errors import EditError
from voicevae.evaluation.clips import Clip, by_speaker, draw_clips
from voicevae.evaluation.document import PERCENT, Row, absent
from voicevae.evaluation.metrics import pitch
from voicevae.evaluation.metrics.pitch import CENTS, Track
from voicevae.evaluation.metrics.similarity import mean_cosine
from voicevae.evaluation.study import EXTRA, Study
from voicevae.evaluation.targets import target
from voicevae.speaker_encoder import Resemblyzer
from voicevae.verbs import notes, setting
from voicevae.verbs.setting import Tone
from voicevae.voice import VoiceVAE

TUNE = "C4:0.5 E4:0.4 G4:0.6 R:0.3 F4:0.5 D4:0.3 E4:0.4 C4:1"
MARGIN_S = 0.06
IN_TIME_S = 0.03
MANY_CENTS = 50.0
RATES = (0.25, 4.0)
CLIPS, QUICK_CLIPS = 40, 10
OTHERS = 3
FIGURE = "songs: median distance of voiced frames to the note"
SPEAKER = "songs: SECS with the speaker's recordings, below the round trip's"
EDITED = "songs: the same, below a plain edit of the speech to the song's mean pitch and length"


@dataclass(frozen=True, eq=False)
class Song:
    """cents: `[n]`, one a voiced frame; boundaries: `[m]` in s, of all notes but the first, infinite where one is not
    heard.

    cosines: with the speaker's other recordings, of the song, the round trip, the plain edit, and the song in
    the key that suits the speaker; None without others.
    """

    cents: np.ndarray
    boundaries: np.ndarray
    cosines: tuple[float, float, float, float] | None


def sing_all(
    vv: VoiceVAE,
    clips: Sequence[tuple[Clip, Sequence[Clip]]],
    encoder: Resemblyzer | None,
    step: Callable[[], object] = lambda: None,
) -> tuple[list[Song], list[str]]:
    """Songs of clips, each with others of its speaker, and a sentence for each that cannot be sung."""
    songs, failed = [], []
    for clip, others in clips:
        try:
            songs.append(_sing(vv, clip, others, encoder))
        except EditError as error:
            failed.append(f"{clip.id}: {error}")
        step()
    return songs, failed


def validate(track: Track, tones: Sequence[Tone]) -> None:
    """Raise ValueError unless there are tones in order, and a finite track."""
    edges = [edge for tone in tones for edge in (tone.start_s, tone.end_s)]
    if not edges or edges != sorted(edges) or not np.isfinite(track.log_f0).all():
        raise ValueError("Give a finite track, and at least one tone, in the order of time.")


def pitch_errors(track: Track, tones: Sequence[Tone], frame_rate: float) -> np.ndarray:
    """Distances in cents from the tones of a track of `frame_rate` Hz, away from their ends, `[n]`."""
    validate(track, tones)
    times, found = np.arange(len(track.log_f0)) / frame_rate, []
    for tone in tones:
        inside = track.voiced & (times >= tone.start_s + MARGIN_S) & (times <= tone.end_s - MARGIN_S)
        found.append(CENTS * np.abs(track.log_f0[inside] - notes.log_f0_of(tone.midi)))
    return np.concatenate(found)


def boundary_errors(track: Track, tones: Sequence[Tone], frame_rate: float) -> np.ndarray:
    """From where each tone after the first, of another pitch than the one before, should begin to where it does: s."""
    validate(track, tones)
    times, midi, found = np.arange(len(track.log_f0)) / frame_rate, notes.midi_of(track.log_f0), []
    for before, after in zip(tones, tones[1:], strict=False):
        if before.midi == after.midi:
            continue
        middle = [(tone.start_s + tone.end_s) / 2 for tone in (before, after)]
        near = track.voiced & (times >= middle[0]) & (times <= middle[1])
        new = np.abs(midi - after.midi) < np.abs(midi - before.midi)
        old = times[near & ~new].max(initial=-np.inf)
        hits = times[near & new & (times > old)]
        found.append(abs(hits[0] - after.start_s) if len(hits) else np.inf)
    return np.array(found)


def evaluate(songs: Sequence[Song]) -> dict[str, Any]:
    """Everything about songs.

    Returns:
        songs; median_cents, p95_cents, share_over_50_cents; boundaries, in_time, the share of them within 30 ms, and
        boundary_p90_s; secs_drop, secs_drop_edit, secs_drop_key, None without embeddings; embedded, how many have one.
    """
    cents = np.concatenate([song.cents for song in songs])
    boundaries = np.concatenate([song.boundaries for song in songs])
    cosines = np.array([song.cosines for song in songs if song.cosines is not None])
    drops = cosines[:, 1] - cosines[:, [0, 2, 3]].T if len(cosines) else None
    means = [None] * 3 if drops is None else [float(np.mean(values)) for values in drops]
    return {
        "songs": len(songs),
        "median_cents": float(np.median(cents)),
        "p95_cents": float(np.percentile(cents, 95)),
        "share_over_50_cents": float(np.mean(cents > MANY_CENTS)),
        "boundaries": len(boundaries),
        "in_time": float(np.mean(boundaries <= IN_TIME_S)),
        "boundary_p90_s": float(np.quantile(boundaries, 0.9, method="lower")),
        "embedded": len(cosines),
        **dict(zip(("secs_drop", "secs_drop_edit", "secs_drop_key"), means, strict=True)),
    }


def _sing(vv: VoiceVAE, clip: Clip, others: Sequence[Clip], encoder: Resemblyzer | None) -> Song:
    rate = vv.sample_rate
    code = vv.encode(clip.load(rate), rate)
    tune = notes.transposed(notes.read(TUNE), code.speaker.log_f0_mean, "octaves")
    tones = setting.tones(tune)
    wave = vv.decode(vv.melody(code, notes=tune, transpose="none"))
    track, frame_rate = pitch.measure(wave, vv.config), vv.config.frame_rate
    cosines = None
    if encoder is not None and others:
        known = [encoder.embed(other.load(rate), rate) for other in others]
        mean = np.average([tone.midi for tone in tones], weights=[tone.end_s - tone.start_s for tone in tones])
        shift = float(mean - notes.midi_of(code.speaker.log_f0_mean))
        plainly = code.edit(pitch_semitones=shift, rate=float(np.clip(code.duration_s / tones[-1].end_s, *RATES)))
        made = [code, plainly, vv.melody(code, notes=TUNE, transpose="key")]
        sung, plain, moved, suited = (
            mean_cosine(encoder.embed(one, rate), known) for one in (wave, *(vv.decode(code) for code in made))
        )
        cosines = (sung, plain, moved, suited)
    return Song(pitch_errors(track, tones, frame_rate), boundary_errors(track, tones, frame_rate), cosines)


def steps(study: Study) -> int:
    """Songs."""
    return len(_clips(study))


def run(study: Study) -> None:
    """Add rows of the accuracy of notes and boundaries, and of the drop in SECS."""
    if not isinstance(study.vv, VoiceVAE):
        study.report.add("songs", None, [absent(FIGURE, "this voice cannot sing")])
        return
    songs, failed = sing_all(study.vv, _clips(study), study.originals.encoder, study.step)
    study.report.skipped += failed
    if not songs:
        study.report.add("songs", None, [absent(FIGURE, "no clip has a voiced syllable")])
        return
    found = evaluate(songs)
    study.report.add("songs", found, rows(found), f"{study.plan.split}, {found['songs']} songs; swift-f0, Resemblyzer")


def rows(found: dict[str, Any]) -> list[Row]:
    """Rows of `evaluate`."""
    wide = f"95 % within {found['p95_cents']:.0f} cents, {PERCENT * found['share_over_50_cents']:.1f} % over 50 cents"
    late = f"{found['boundaries']} notes, 90 % within {1000 * found['boundary_p90_s']:.0f} ms"
    made = [
        Row(
            FIGURE, found["median_cents"], "cents", **target("song: F0 error"), beside=f"{found['songs']} songs; {wide}"
        ),
        Row(
            "songs: notes that begin within 30 ms",
            PERCENT * found["in_time"],
            "%",
            **target("song: notes in time"),
            beside=late,
        ),
    ]
    if found["secs_drop"] is None:
        return [*made, absent(SPEAKER, f"resemblyzer is not installed; {EXTRA}")]
    beside = f"{found['embedded']} songs; in a key that suits the speaker {found['secs_drop_key']:.3f}"
    edited = found["secs_drop"] - found["secs_drop_edit"]
    plain = f"which itself is {found['secs_drop_edit']:.3f} below the round trip: pitch and rate change SECS, too"
    return [
        *made,
        Row(SPEAKER, found["secs_drop"], "", **target("song: SECS drop"), beside=beside),
        Row(EDITED, edited, "", **target("song: SECS drop"), beside=plain),
    ]


def _clips(study: Study) -> list[tuple[Clip, Sequence[Clip]]]:
    """Clips, the speakers in turn, each with some others of its speaker."""
    if not isinstance(study.vv, VoiceVAE):
        return []
    own = by_speaker(study.clips)
    drawn = draw_clips(study.clips, study.plan.of(CLIPS, QUICK_CLIPS), study.plan.seed)
    return [(clip, [other for other in own[clip.speaker] if other != clip][:OTHERS]) for clip in drawn]
