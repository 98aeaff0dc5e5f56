"""`voicevae.vocoders.consistency` for training: in torch, of a batch, with gradients."""

import torch
from torch import Tensor, nn

from voicevae.features import FeatureConfig
from voicevae.features.mel import POWER_FLOOR, mel_filters, mel_to_bins, mel_widths
from voicevae.models.smoothing import smooth_over_f0
from voicevae.units import NATS_PER_DB
from voicevae.vocoders.consistency import LIMIT, SPARSE_HZ


class Consistency(nn.Module):
    """Brings a wave nearer to a mel and loudness, one correction a call."""

    filters: Tensor
    widths: Tensor
    envelope: Tensor
    window: Tensor

    def __init__(self, features: FeatureConfig) -> None:
        super().__init__()
        self.features = features
        self.register_buffer("filters", torch.from_numpy(mel_filters(features)), persistent=False)
        self.register_buffer("widths", torch.from_numpy(mel_widths(features))[:, None], persistent=False)
        self.register_buffer("envelope", torch.from_numpy(mel_to_bins(features)), persistent=False)
        self.register_buffer("window", torch.hann_window(features.win_length), persistent=False)

    @property
    def reach(self) -> int:
        """Frames on each side that a corrected sample depends on."""
        return -(-self.features.win_length // self.features.hop_length)

    def forward(self, wave: Tensor, mel: Tensor, f0_hz: Tensor, voiced: Tensor, loudness_db: Tensor) -> Tensor:
        """The corrected wave.

        Args:
            wave: `[B, T * hop_length]`; frame `t` is centred on sample `t * hop_length`.
            mel: `[B, T, n_mels]`; f0_hz, voiced (bool), loudness_db: `[B, T]`, as `features.extract` gives them.
        """
        f = self.features
        spectrum = self.stft(wave)
        power = (spectrum.real.square() + spectrum.imag.square()) / self.window.square().sum()
        width = torch.where(voiced, f0_hz.clamp(20.0, f.sample_rate / 4), f.unvoiced_width_hz)  # as the pulses have it
        smooth = smooth_over_f0(power, width, f)
        shown = (smooth.clamp_min(POWER_FLOOR) @ self.filters).log()
        wanted = mel + NATS_PER_DB * loudness_db[..., None]
        gain = 0.5 * (wanted - shown).clamp(-LIMIT, LIMIT) @ self.envelope[: f.n_mels]
        gain = _held(gain, width * f.n_fft / f.sample_rate).exp()
        sparse = torch.where(voiced, ((f0_hz - SPARSE_HZ[0]) / (SPARSE_HZ[1] - SPARSE_HZ[0])).clamp(0, 1), 0.0)
        missing = self._missing(wanted, shown, power, gain)
        return self.istft(spectrum * gain * (0.5 * sparse[..., None] * missing).exp())

    def _missing(self, wanted: Tensor, shown: Tensor, power: Tensor, gain: Tensor) -> Tensor:
        """By how much a spectrum `power` `[B, T, bins]` that is `shown` `[B, T, n_mels]` is softer than `wanted`, after
        a `gain` `[B, T, bins]`: nats, `[B, T, 1]`."""
        asked, held = (mel.exp() @ self.widths for mel in (wanted, shown))
        before, after = power.mean(-1, keepdim=True), (power * gain.square()).mean(-1, keepdim=True)
        levels = [asked, torch.maximum(held, before), before, after]
        asked, held, before, after = (level.clamp_min(POWER_FLOOR).log() for level in levels)
        return (asked - held - (after - before)).clamp(-LIMIT, LIMIT)

    # Frames come before bins, so that nothing is transposed: half the time of torch.stft and istft.

    def stft(self, wave: Tensor) -> Tensor:
        """`[B, T * hop_length]` -> `[B, T, bins]`."""
        f = self.features
        before, after = f.win_length // 2, f.win_length - f.win_length // 2
        frames = nn.functional.pad(wave, (before, after)).unfold(1, f.win_length, f.hop_length)[:, :-1]
        return torch.fft.rfft(frames * self.window, f.n_fft)

    def istft(self, spectrum: Tensor) -> Tensor:
        """`[B, T, bins]` -> `[B, T * hop_length]`, by least squares (Griffin & Lim, 1984, eq. 6)."""
        f = self.features
        frames = torch.fft.irfft(spectrum, f.n_fft)[..., : f.win_length] * self.window
        weight = self.window.square().expand(1, spectrum.shape[1] + 1, -1)  # one more, that is silent: it fades the end
        first, n_samples = f.win_length // 2, spectrum.shape[1] * f.hop_length
        made, norm = (self._overlap_add(x)[:, first : first + n_samples] for x in (frames, weight))
        return made / norm

    def _overlap_add(self, frames: Tensor) -> Tensor:
        """`[B, T, win_length]` -> `[B, n]`."""
        hop, n_frames = self.features.hop_length, frames.shape[1]
        parts = -(-frames.shape[2] // hop)
        pieces = nn.functional.pad(frames, (0, parts * hop - frames.shape[2])).unflatten(2, (parts, hop))
        total = frames.new_zeros(len(frames), n_frames + parts, hop)
        for part in range(parts):
            total[:, part : part + n_frames] += pieces[:, :, part]
        return total.flatten(1)


def _held(gain: Tensor, first: Tensor) -> Tensor:
    """A log gain `[B, T, bins]`, below the bin `first` `[B, T]`, where nothing is measured, no more than there."""
    place = first.long()[..., None].clamp(0, gain.shape[-1] - 1)
    below = torch.arange(gain.shape[-1], device=gain.device) < place
    return torch.where(below, torch.minimum(gain, gain.gather(-1, place)), gain)
