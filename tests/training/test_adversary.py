"""The gradient comes back reversed in proportion to what the classifier knows, and not at all at chance."""

import pytest
import torch
from torch import Tensor

from voicevae.training.adversary import SpeakerAdversary

N_SPEAKERS = 5
SPEAKER = torch.tensor([0, 1, 2, 3, 4, 0])


@pytest.fixture
def adversary() -> SpeakerAdversary:
    torch.manual_seed(0)
    return SpeakerAdversary(4, N_SPEAKERS, channels=8)


def content() -> Tensor:
    """Content `[6, 30, 4]` in which the speaker is plain to see."""
    torch.manual_seed(1)
    voices = 2 * torch.randn(N_SPEAKERS, 1, 4)
    return (voices[SPEAKER] + 0.3 * torch.randn(6, 30, 4)).requires_grad_()


def teach(adversary: SpeakerAdversary, steps: int = 40) -> None:
    optimizer = torch.optim.Adam(adversary.parameters(), 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        adversary(content().detach(), SPEAKER, 0.0)[0].backward()
        optimizer.step()


def plain_gradient(adversary: SpeakerAdversary, z: Tensor) -> tuple[Tensor, float]:
    """d loss / d content without any reversal, and the loss."""
    x = adversary.stack(adversary.enter(z))
    logits = adversary.leave(torch.cat([x.mean(1), x.std(1)], -1))
    loss = torch.nn.functional.cross_entropy(logits, SPEAKER)
    return torch.autograd.grad(loss, z)[0], loss.item()


def sent_back(adversary: SpeakerAdversary, z: Tensor, scale: float) -> Tensor:
    adversary.zero_grad()
    z.grad = None
    adversary(z, SPEAKER, scale)[0].backward()
    assert z.grad is not None
    return z.grad


def test_at_chance_no_gradient_comes_back_but_the_classifier_learns(adversary: SpeakerAdversary) -> None:
    for parameter in adversary.leave[-1].parameters():
        torch.nn.init.zeros_(parameter)  # all speakers alike: the loss is ln(n)
    gradient = sent_back(adversary, content(), 10.0)
    assert gradient.abs().max() < 1e-6
    assert any(p.grad is not None and p.grad.any() for p in adversary.leave.parameters())


def test_worse_than_chance_no_gradient_comes_back(adversary: SpeakerAdversary) -> None:
    bias = adversary.leave[-1].bias
    assert isinstance(bias, Tensor)
    with torch.no_grad():
        bias[3] += 20.0  # always says speaker 3, and is mostly wrong
    z = content()
    assert adversary(z, SPEAKER, 1.0)[0].item() > adversary.chance
    assert not sent_back(adversary, z, 10.0).any()


def test_better_than_chance_it_is_reversed_by_how_much_better(adversary: SpeakerAdversary) -> None:
    teach(adversary)
    z = content()
    plain, loss = plain_gradient(adversary, z)
    assert loss < 0.7 * adversary.chance
    wanted = -3.0 * (1 - loss / adversary.chance) * plain
    torch.testing.assert_close(sent_back(adversary, z, 3.0), wanted, rtol=1e-4, atol=1e-8)


def test_following_it_hides_the_speaker_and_cannot_run_away(adversary: SpeakerAdversary) -> None:
    teach(adversary)
    z = content().detach().requires_grad_()
    optimizer = torch.optim.SGD([z], 5.0)
    losses = []
    for _ in range(300):
        optimizer.zero_grad()
        loss, _ = adversary(z, SPEAKER, 10.0)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] < 0.7 * adversary.chance
    assert max(losses) < 2 * adversary.chance  # at chance it stops: no climb beyond
    assert losses[-1] > 0.9 * adversary.chance


def test_loss_and_accuracy_of_one_who_knows(adversary: SpeakerAdversary) -> None:
    teach(adversary, 150)
    loss, accuracy = adversary(content(), SPEAKER, 1.0)
    assert accuracy.item() == 1.0 and loss.item() < 0.2


def test_only_the_known_count(adversary: SpeakerAdversary) -> None:
    teach(adversary)
    z, some = content(), torch.tensor([0, -1, 2, -1, -1, 0])
    loss, accuracy = adversary(z, some, 1.0)
    known = some >= 0
    expected, expected_accuracy = adversary(z[known], some[known], 1.0)
    torch.testing.assert_close(loss, expected)
    assert accuracy == expected_accuracy
    assert adversary(z, torch.full((6,), -1), 1.0)[0].item() == 0
