"""The live F0 network: frame by frame it is what it is at once, and nothing comes from later frames."""

import torch

from voicevae.features.salience import CHANNELS, N_BANDS
from voicevae.models.config import LiveF0Config
from voicevae.models.live_f0 import LiveF0Network

N_PITCHES, N_FRAMES = 130, 12


def made() -> LiveF0Network:
    torch.manual_seed(0)
    return LiveF0Network(LiveF0Config(channels=4, width=6, dilations=(1, 2)), N_PITCHES).eval()


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(2, CHANNELS, N_FRAMES, N_PITCHES), torch.randn(2, N_BANDS + 1, N_FRAMES)


@torch.no_grad()
def test_steps_are_the_whole() -> None:
    network, (pitch, context) = made(), inputs()
    logits, voicing, *last = network(pitch, context, *network.states(2))
    assert logits.shape == (2, N_FRAMES, N_PITCHES) and voicing.shape == (2, N_FRAMES)
    states = network.states(2)
    for t in range(N_FRAMES):
        one, one_voicing, *states = network(pitch[:, :, t : t + 1], context[:, :, t : t + 1], *states)
        torch.testing.assert_close(one[:, 0], logits[:, t], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(one_voicing[:, 0], voicing[:, t], atol=1e-5, rtol=1e-4)
    for state, at_once in zip(states, last, strict=True):
        torch.testing.assert_close(state, at_once, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_later_frames_do_not_count_and_earlier_ones_do() -> None:
    network, (pitch, context) = made(), inputs()
    plain, frame = network(pitch, context, *network.states(2)), 6
    later, earlier = pitch.clone(), pitch.clone()
    later[:, :, frame + 1 :] += 1
    earlier[:, :, frame - 2] += 1
    for which, same in ((later, True), (earlier, False)):
        other = network(which, context, *network.states(2))
        assert [
            torch.equal(a[:, : frame + 1], b[:, : frame + 1]) for a, b in zip(plain[:2], other[:2], strict=True)
        ] == [
            same,
            same,
        ]
