"""A plane of voices, to place known and new ones on a map.

It is spanned by the first two principal components of the voices' z_s, each dimension scaled to standard deviation 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicevae.code import Speaker
from voicevae.errors import EditError


@dataclass(frozen=True, eq=False)
class VoiceMap:
    """centre, std: `[D_s]`; plane: `[2, D_s]`, of rows of length 1."""

    centre: np.ndarray
    std: np.ndarray
    plane: np.ndarray

    @staticmethod
    def of(voices: Sequence[Speaker]) -> "VoiceMap":
        """The plane of `voices`. Raises EditError for fewer than three."""
        if len(voices) < 3:
            raise EditError(f"A map needs three voices or more, there are {len(voices)}; give more.")
        z = np.stack([voice.z for voice in voices]).astype(np.float64)
        std = np.where(z.std(0) > 1e-9, z.std(0), 1)
        _, _, directions = np.linalg.svd((z - z.mean(0)) / std, full_matrices=False)
        plane = directions[:2]
        signs = np.sign(plane[np.arange(2), np.abs(plane).argmax(1)])  # a component's sign is arbitrary: fix it
        return VoiceMap(z.mean(0), std, plane * signs[:, None])

    def place(self, voice: Speaker) -> tuple[float, float]:
        """Coordinates of a voice on the plane, in standard deviations."""
        x, y = self.plane @ ((voice.z - self.centre) / self.std)
        return float(x), float(y)
