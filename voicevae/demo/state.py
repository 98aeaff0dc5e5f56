"""State shared by all visitors: the loaded bundle, the temporary folder, and the codes of a few recent recordings."""

import hashlib
import math
import os
import tempfile
import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path

import numpy as np

from voicevae import audio, bundle
from voicevae.code import Code, Speaker
from voicevae.demo import limits
from voicevae.demo.settings import Settings
from voicevae.names import fitted
from voicevae.units import SEMITONES_PER_NAT
from voicevae.voice import VoiceVAE

SENTENCE_S = 3.0
CODES = 8  # kept; a minute of speech is 2 MB


class Studio:
    """A bundle at work for the page. Nothing in it belongs to one visitor."""

    def __init__(self, vv: VoiceVAE, settings: Settings, folder: Path) -> None:
        self.vv, self.settings, self.folder = vv, settings, folder
        self.samples = bundle.examples()
        self._codes: OrderedDict[str, Code] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, path: str | Path) -> np.ndarray:
        """A visitor's recording, or a sample voice; see `limits.read`."""
        if path in self.samples.values():
            return audio.read(path, self.vv.sample_rate)
        return limits.read(path, self.vv.sample_rate, self.settings.max_seconds)

    def code(self, wave: np.ndarray) -> Code:
        """`vv.encode`, remembered for a while: a slider moves many times over one recording."""
        name = hashlib.sha256(wave.tobytes()).hexdigest()
        with self._lock:
            if name in self._codes:
                self._codes.move_to_end(name)
                return self._codes[name]
        code = self.vv.encode(wave)
        with self._lock:
            self._codes[name] = code
            while len(self._codes) > CODES:
                self._codes.popitem(last=False)
        return code

    def speaker(self, sample: str) -> Speaker:
        """The voice of a sample."""
        return self.vv.speaker(self.samples[sample])

    @cached_property
    def sentence(self) -> np.ndarray:
        """A sentence to try voices on, `[n]`."""
        return self.read(self.samples["female"])[: round(SENTENCE_S * self.vv.sample_rate)]

    @staticmethod
    def describe(speaker: Speaker) -> str:
        """Mean F0 (Hz) and its standard deviation (semitones), in words."""
        std = SEMITONES_PER_NAT * speaker.log_f0_std
        return f"speaks at {math.exp(speaker.log_f0_mean):.0f} Hz on average, and {std:.1f} semitones about it."

    def write(self, name: str, wave: np.ndarray, edits: str) -> str:
        """A wave as `<name>.wav` in a folder of its own, marked as made, with the `edits` in words."""
        path = self.place(f"{name}.wav")
        self.vv.write(path, wave, edits=edits, watermark=self.settings.watermark)
        return str(path)

    def speak(self, name: str, code: Code) -> str:
        """What a code says as `<name>.wav` in a folder of its own."""
        path = self.place(f"{name}.wav")
        self.vv.decode_file(code, path, watermark=self.settings.watermark)
        return str(path)

    @staticmethod
    def name_of(path: str) -> str:
        """A visitor's file without its folder."""
        return Path(path).name

    def place(self, name: str) -> Path:
        """Where a file `name` can be written, cut where it is too long, and nobody guesses it."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / fitted(*os.path.splitext(name))
