"""What an adapted voice changes in a conversion, without a change of any network's weights.

What a conversion lacks of its target is less in the decoder, which speaks a target's own code like the target, than in
what comes from the source: its content, and how loud each of its sounds is. So an adapted voice holds

    a bank of content of its own recordings, from which the nearest steps replace a share of the source's
    (as kNN-VC, Baas et al., 2023, does with features of a self-supervised network);
    a linear model of how loud its sounds are, from the decoded mel and content about a frame, by which a share of the
    source's loudness is replaced. The 95th percentile of loudness, and the background, stay the source's.
"""

import numpy as np

from voicevae.code import AdaptedSpeaker, Speaker
from voicevae.features.contours import LOUD_PERCENTILE

NEIGHBOURS = 4
STEPS_AT_ONCE = 256  # bounds the memory of a long recording
CONTEXT = (-4, -2, 0, 2, 4)  # frames about the one whose loudness is told
QUIET, SPEECH = -2.5, -2.0  # units of 20 dB below the loud frames: below it nothing is changed, above it all is
MOST = 0.6  # units of 20 dB: the most that a frame's loudness is changed


def retrieved(content: np.ndarray, bank: np.ndarray, share: float) -> np.ndarray:
    """Content `[T_c, D_c]` with a `share` of the mean of the nearest steps in `bank` `[n, D_c]`; the background, which
    is 0, stays."""
    if share == 0:
        return content
    made, spoken, norms = content.copy(), np.flatnonzero(content.any(1)), np.square(bank).sum(1)
    n_neighbours = min(NEIGHBOURS, len(bank))
    for start in range(0, len(spoken), STEPS_AT_ONCE):
        steps = spoken[start : start + STEPS_AT_ONCE]
        distances = norms - 2 * content[steps] @ bank.T  # but for the steps' own norms, which order nothing
        nearest = np.argpartition(distances, n_neighbours - 1, 1)[:, :n_neighbours]
        made[steps] += np.float32(share) * (bank[nearest].mean(1) - content[steps])
    return made


def features(mel: np.ndarray, content: np.ndarray, speaker: Speaker) -> np.ndarray:
    """What the loudness of a frame is told from, `[T, K]`: decoded mel `[T, n_channels]`, in the voice's standard
    deviations, and content `[T_c, D_c]` of the frames about it, and 1."""
    stride = -(-len(mel) // len(content))
    each = np.repeat(content, stride, 0)[: len(mel)]
    x = np.concatenate([(mel - speaker.mel_mean) / np.sqrt(speaker.mel_cov.diagonal()), each], 1)
    places = np.clip(np.arange(len(x))[:, None] + CONTEXT, 0, len(x) - 1)
    return np.concatenate([x[places].reshape(len(x), -1), np.ones((len(x), 1))], 1).astype(np.float32)


def weights(n_channels: int, content_dim: int) -> tuple[int]:
    """Shape of a voice's `loudness`."""
    return (len(CONTEXT) * (n_channels + content_dim) + 1,)


def loudness_change(speaker: AdaptedSpeaker, loudness: np.ndarray, mel: np.ndarray, content: np.ndarray) -> np.ndarray:
    """What to add to the source's relative `loudness` `[T]`, units of 20 dB, of which `mel` and `content` are decoded
    in the voice of `speaker`."""
    found = told(speaker, mel, content)
    found += np.percentile(loudness, LOUD_PERCENTILE) - np.percentile(found, LOUD_PERCENTILE)
    return change(speaker, loudness, found)


def told(speaker: AdaptedSpeaker, mel: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Relative loudness `[T]` that the voice gives its sounds, units of 20 dB, but for a constant."""
    return features(mel, content, speaker) @ speaker.loudness


def change(speaker: AdaptedSpeaker, loudness: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The voice's share of what is missing from `loudness` `[T]` to what is `wanted` `[T]`, where there is speech."""
    spoken = np.clip((loudness - QUIET) / (SPEECH - QUIET), 0, 1)
    return (speaker.dynamics * spoken * np.clip(wanted - loudness, -MOST, MOST)).astype(np.float32)
