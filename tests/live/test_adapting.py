"""Adapted voices in a stream: content comes from the bank, loudness from the model, and no share is no change."""

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
    """f(**changes) -> a voice with a bank, and a model to which every sound is as loud."""
    sizes = vv.bundle.model
    usual = {
        "bank": np.random.default_rng(0).standard_normal((30, sizes.content_dim)).astype(np.float32),
        "loudness": np.zeros(adapted.weights(vv.config.n_channels, sizes.content_dim), np.float32),
        "retrieval": 0.0,
        "dynamics": 0.0,
    }
    return lambda **changes: AdaptedSpeaker(**vars(vv.sample(1, source="prior")), **usual | changes)


def test_no_share_is_no_change(
    live: Make, vv: VoiceVAE, voice: Callable[..., AdaptedSpeaker], speech: np.ndarray
) -> None:
    plain = run(live(voice=vv.sample(1, source="prior")), speech[:12000])
    assert np.array_equal(run(live(voice=voice()), speech[:12000]), plain)


def test_content_comes_from_the_bank(live: Make, voice: Callable[..., AdaptedSpeaker], speech: np.ndarray) -> None:
    """Where the bank holds one step alone, all that is spoken is that, as in a whole recording."""
    stream = live(voice=voice(retrieval=1.0, bank=np.ones((1, 16), np.float32)))
    read = []
    decode = stream.coder.networks.decode_ends
    stream.coder.networks.decode_ends = lambda content, *rest: read.append(content) or decode(content, *rest)
    try:
        run(stream, speech[:12000])
    finally:
        del stream.coder.networks.decode_ends
    spoken = np.concatenate(read)
    spoken = spoken[spoken.any(1)]
    assert len(spoken) and np.allclose(spoken, 1, atol=1e-5)


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
