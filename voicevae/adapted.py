"""What an adapted voice changes in a conversion, without a change of any network's weights.

What a conversion lacks of its target is less in the decoder, which speaks a target's own code like the target, than in
how loud each sound is, which comes from the source. So an adapted voice holds a linear model of how loud its sounds
are, from the decoded mel and content about a frame, and the source's loudness is moved towards what it tells. The 95th
percentile of loudness, and the background, stay the source's. The change is smooth in time, since the model errs from
frame to frame, which is heard as roughness.
"""

import numpy as np

from voicevae.code import AdaptedSpeaker, Speaker
from voicevae.edits import smoothed
from voicevae.features.contours import LOUD_PERCENTILE

CONTEXT = (-4, -2, 0, 2, 4)  # frames about the one whose loudness is told
QUIET, SPEECH = -2.5, -2.0  # units of 20 dB below the loud frames: below it nothing is changed, above it all is
MOST = 0.6  # units of 20 dB: the most that a frame's loudness is changed
SMOOTHED = 4  # frames before and after that a change is averaged over


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
    """As much as the voice says of what is missing from `loudness` `[T]` to what is `wanted` `[T]`, where there is
    speech, averaged over `SMOOTHED` frames on both sides; at an end its last frame stands for those beyond."""
    spoken = np.clip((loudness - QUIET) / (SPEECH - QUIET), 0, 1)
    missing = spoken * np.clip(speaker.dynamics * (wanted - loudness), -MOST, MOST)
    return smoothed(missing, SMOOTHED).astype(np.float32)
