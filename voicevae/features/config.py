"""Configuration of the features: rates, frames and bands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureConfig:
    """Rates in Hz, lengths in samples.

    `hop_length` fixes the frame rate (16000 / 200 = 80 frames a second); `n_fft` >= `win_length`. The mel has
    `n_channels`: `n_mels` bands of the envelope, smoothed over F0 or, where unvoiced, over `unvoiced_width_hz`, then
    `n_harmonicity` broad bands of how harmonic the sound is.
    """

    sample_rate: int = 16000
    hop_length: int = 200
    win_length: int = 640
    n_fft: int = 1024
    n_mels: int = 80
    n_harmonicity: int = 8
    f_min_hz: float = 0.0
    f_max_hz: float = 8000.0
    f0_min_hz: float = 47.0
    f0_max_hz: float = 1100.0
    unvoiced_width_hz: float = 50.0

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return self.sample_rate / self.hop_length

    @property
    def n_channels(self) -> int:
        """Columns of a mel."""
        return self.n_mels + self.n_harmonicity

    def n_frames(self, n_samples: int) -> int:
        """Frames of a recording of `n_samples`; frame `t` is centred on sample `t * hop_length`."""
        return n_samples // self.hop_length + 1
