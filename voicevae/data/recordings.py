"""Recordings in batches and shards: without their offset, 16-bit samples, and a gain for peaks beyond full scale."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import soundfile as sf
from lhotse import MonoCut

from voicevae import audio
from voicevae.errors import CorpusError
from voicevae.features.conditioning import offset

INT16 = 32767


@dataclass(frozen=True, eq=False)
class Packed:
    """A recording is `samples` `[n]`, int16, times `gain` / 32767; the gain is 1 unless the peak is above 1."""

    samples: np.ndarray
    gain: float

    def flac(self, sample_rate: int) -> BytesIO:
        """The samples as a lossless FLAC file."""
        file = BytesIO()
        sf.write(file, self.samples, sample_rate, "PCM_16", format="FLAC")
        return file


def pack(cut: MonoCut, sample_rate: int) -> Packed:
    """The recording of a cut, mono at `sample_rate` (Hz): from its file, or from its shard.

    Raises:
        AudioError: it cannot be read. CorpusError: the cut's frames are of another recording.
    """
    source = cut.recording.sources[0]
    if source.type == "memory":
        packed = Packed(sf.read(BytesIO(source.source), dtype="int16")[0], cut.custom["gain"])
    else:
        wave = audio.read(source.source, sample_rate)
        wave = wave - offset(wave, sample_rate)  # which the frames do not show either
        gain = max(1.0, float(np.abs(wave).max()))
        packed = Packed(np.round(wave * (INT16 / gain)).astype(np.int16), gain)
    if len(packed.samples) // round(cut.frames.frame_shift * sample_rate) + 1 != cut.frames.shape[0]:
        raise CorpusError(f"The recording of {cut.id} has changed since; prepare the corpus again.")
    return packed
