"""Whisper's encoder (Radford et al., 2022) as a teacher, run by faster-whisper."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from lhotse import MonoCut
from tqdm import tqdm

from voicevae.aside import make_folder, written
from voicevae.training.teacher import Recording

RATE = 16000
WINDOW_S, GAP_S, LONGEST_S = 30.0, 0.2, 28.5  # of what the encoder reads at once; between recordings in it
RATE_HZ = 50.0  # of its output
SHOWING = 64  # windows that show its mean at each place


class WhisperTeacher:
    """The output of Whisper's encoder, without what it says of the place in the window.

    Recordings lie side by side in windows of 30 s; of longer ones the beginning is heard. The mean of the output at
    each place of a window, over windows of speech, is taken away: without that, nearest neighbours are those at the
    same place.

    Args:
        model: a `faster_whisper.WhisperModel`; name: of it.
        positions: file of the means `[1500, D]`, which `measure` writes.
    """

    def __init__(self, model: Any, name: str, positions: Path) -> None:
        self.model, self.name, self.positions = model, f"Whisper {name}", positions

    def measure(self, recordings: Iterable[Recording], sample_rate: int) -> None:
        """Measure the means at each place, unless that was done."""
        if self.positions.exists():
            return
        total: np.ndarray | float = 0.0
        n = 0
        windows = islice(_windows(recordings, sample_rate), SHOWING)
        for window, _ in tqdm(windows, "mean of what is heard", total=SHOWING, unit="window"):
            total, n = total + self._encode(window), n + 1
        make_folder(self.positions.parent)
        with written(self.positions) as aside, open(aside, "wb") as file:
            np.save(file, total / max(n, 1))

    def hear(self, recordings: Iterable[Recording], sample_rate: int) -> Iterator[tuple[MonoCut, np.ndarray, float]]:
        """As `Teacher.hear`; after `measure`."""
        mean = np.load(self.positions)
        for window, places in _windows(recordings, sample_rate):
            output = self._encode(window) - mean
            for cut, first, n in places:
                start = round(first / RATE * RATE_HZ)
                yield cut, output[start : start + int(n / RATE * RATE_HZ) + 1], RATE_HZ

    def _encode(self, window: np.ndarray) -> np.ndarray:
        """The encoder's output `[1500, D]` for 30 s."""
        import ctranslate2

        mel = self.model.feature_extractor(window, padding=0)[:, : round(WINDOW_S * 100)]
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None], np.float32))
        return np.array(self.model.model.encode(view))[0].astype(np.float32)


def _windows(
    recordings: Iterable[Recording], sample_rate: int
) -> Iterator[tuple[np.ndarray, list[tuple[MonoCut, int, int]]]]:
    """Windows `[480000]` of 16 kHz that recordings fill, and for each of these where it begins and how long it is."""
    window, end = np.zeros(round(WINDOW_S * RATE), np.float32), 0
    places: list[tuple[MonoCut, int, int]] = []
    for cut, wave in recordings:
        heard = wave if sample_rate == RATE else soxr.resample(wave, sample_rate, RATE)
        heard = heard[: round(LONGEST_S * RATE)]
        if end + len(heard) > len(window) - RATE:
            yield window, places
            window, places, end = np.zeros_like(window), [], 0
        window[end : end + len(heard)] = heard * (0.5 / max(float(np.abs(heard).max()), 1e-6))
        places.append((cut, end, len(heard)))
        end += len(heard) + round(GAP_S * RATE)
    if places:
        yield window, places
