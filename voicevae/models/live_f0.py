"""The network of the live F0 tracker: saliences of pitches to logits of pitches and of voicing, causal in time."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicevae.features.salience import BINS_PER_OCTAVE, CHANNELS, N_BANDS
from voicevae.models.config import LiveF0Config

OCTAVE, TWELFTH = BINS_PER_OCTAVE, round(BINS_PER_OCTAVE * 1.585)  # the second and the third harmonic
TIME = 3  # frames that a kernel spans


class LiveF0Network(nn.Module):
    """Two paths of causal convolutions: over time and pitch, and over time alone.

    Shape:
        pitch `[B, CHANNELS, T, n_pitches]`, context `[B, N_BANDS + 1, T]`, states: what `states` gives at the start.
        Output: logits of pitches `[B, T, n_pitches]`, of voicing `[B, T]`, and the states after the last frame.
    """

    def __init__(self, config: LiveF0Config, n_pitches: int) -> None:
        super().__init__()
        self.config, self.n_pitches = config, n_pitches
        channels, width = config.channels, config.width
        self.near = nn.Conv2d(CHANNELS, channels, (1, 5), padding=(0, 2))
        self.octaves = nn.Conv2d(CHANNELS, channels, (1, 3), padding=(0, OCTAVE), dilation=(1, OCTAVE), bias=False)
        self.twelfths = nn.Conv2d(CHANNELS, channels, (1, 3), padding=(0, TWELFTH), dilation=(1, TWELFTH), bias=False)
        self.place = nn.Parameter(torch.zeros(channels, 1, n_pitches))
        self.over_pitch = nn.ModuleList(
            nn.Conv2d(channels, channels, (TIME, 5), padding=(0, 2), dilation=(d, 1)) for d in config.dilations
        )
        self.to_pitch = nn.Conv2d(channels, 1, (1, 3), padding=(0, 1))
        self.to_context = nn.Conv1d(2 * channels + N_BANDS + 1, width, 1)
        self.over_time = nn.ModuleList(nn.Conv1d(width, width, TIME, dilation=d) for d in config.dilations)
        self.to_voicing = nn.Conv1d(width, 1, 1)

    def states(self, batch: int) -> list[Tensor]:
        """What each convolution remembers, before the first frame."""
        config = self.config
        pasts = [(TIME - 1) * d for d in config.dilations]
        pitch = [torch.zeros(batch, config.channels, past, self.n_pitches) for past in pasts]
        return pitch + [torch.zeros(batch, config.width, past) for past in pasts]

    def forward(self, pitch: Tensor, context: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        after = []
        hidden = functional.silu(self.near(pitch) + self.octaves(pitch) + self.twelfths(pitch) + self.place)
        for convolution, state in zip(self.over_pitch, states, strict=False):
            seen = torch.cat([state, hidden], 2)
            after.append(seen[:, :, -state.shape[2] :])
            hidden = hidden + functional.silu(convolution(seen))
        context = torch.cat([context, hidden.amax(3), hidden.mean(3)], 1)
        steps = functional.silu(self.to_context(context))
        for convolution, state in zip(self.over_time, states[len(self.over_pitch) :], strict=True):
            seen = torch.cat([state, steps], 2)
            after.append(seen[:, :, -state.shape[2] :])
            steps = steps + functional.silu(convolution(seen))
        return self.to_pitch(hidden)[:, 0], self.to_voicing(steps)[:, 0], *after
