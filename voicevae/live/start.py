"""A live stream of a bundle, as a method of `VoiceVAE`, which it takes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicevae.code import Speaker
from voicevae.live.change import Setting
from voicevae.live.corpus import Corpus
from voicevae.live.enrolment import Enrolment
from voicevae.live.stream import Live
from voicevae.live.trackers import tracker

if TYPE_CHECKING:
    from voicevae.codec import Source, Voice
    from voicevae.voice import VoiceVAE


def live(
    vv: VoiceVAE,
    sample_rate: int | None = None,
    *,
    out_rate: int | None = None,
    voice: Voice | None = None,
    enrol: Source | Speaker | None = None,
    gate_db: float | None = None,
    latency: str = "low",
    seed: int = 0,
    **edits: Any,
) -> Live:
    """A stream of speech that is changed while it is spoken. See `voicevae.live.stream`.

    Args:
        sample_rate, out_rate: of what is fed and what comes out, Hz; the bundle's own by default, and the same.
        voice: to speak in, as in `convert`; the speaker's own by default.
        enrol: a recording of the speaker at `sample_rate`, or the voice: statistics need not wait for speech.
        gate_db: what is softer, dB of full scale, is silence, and no work; by default nothing is.
        latency: "low", 77 ms; or "best", 249 ms, with the F0 that recordings have.
        edits: as in `Code.edit`, but for `rate` and `marks`.

    Raises:
        EditError: a value that cannot be. AudioError: an enrolment or voice that cannot be used.
    """
    target = None if voice is None else vv.speaker(voice)
    if isinstance(enrol, Speaker | None):
        own = None if enrol is None else Enrolment(enrol)
    else:
        own = Enrolment.of(vv.coder, vv.reference(enrol, sample_rate))
    return Live(
        vv.coder,
        vv.vocoder,
        Corpus.of(vv.coder, vv.bundle),
        tracker(latency, vv.config),
        rate=vv.sample_rate if sample_rate is None else sample_rate,
        out_rate=out_rate,
        setting=Setting().changed(voice=target, **edits),
        resolve=vv.speaker,
        enrolment=own,
        gate_db=gate_db,
        seed=seed,
    )
