"""Adapted voices in a stream: loudness comes from the model, and no share of it is no change."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.live.conftest import run
from voicevae import VoiceVAE, adapted
from voicevae.code import AdaptedSpeaker
from voicevae.features import extract
from voicevae.live.stream import Live

Make = Callable[..., Live]


@pytest.fixture(scope="module")
def voice(vv: VoiceVAE) -> Callable[..., AdaptedSpeaker]:
    """f(**changes) -> a voice with a model to which every sound is as loud."""
    sizes = vv.bundle.model
    usual = {
        "loudness": np.zeros(adapted.weights(vv.config.n_channels, sizes.content_dim), np.float32),
        "dynamics": 0.0,
    }
    return lambda **changes: AdaptedSpeaker(**vars(vv.sample(1, source="prior")), **usual | changes)


def test_no_share_is_no_change(
    live: Make, vv: VoiceVAE, voice: Callable[..., AdaptedSpeaker], speech: np.ndarray
) -> None:
    plain = run(live(voice=vv.sample(1, source="prior")), speech[:12000])
    assert np.array_equal(run(live(voice=voice()), speech[:12000]), plain)


def test_loudness_comes_from_the_model(
    live: Make, vv: VoiceVAE, voice: Callable[..., AdaptedSpeaker], speech: np.ndarray
) -> None:
    """To a model that knows one loudness alone, speech that fades stays as loud."""
    fading = speech * np.linspace(1, 0.3, len(speech), dtype=np.float32)
    stds = []
    for dynamics in (0.0, 1.0):
        stream = live(voice=voice(dynamics=dynamics), residual=0.0, likeness=0.0)
        late = round(stream.latency_ms * vv.sample_rate / 1000)
        made = run(stream, fading)[late : late + len(fading)]
        stds.append(extract(made, vv.config).loudness_db[40:-20].std())
    assert stds[1] < 0.7 * stds[0]
