import numpy as np
import pytest

from voicevae.evaluation.probes import networks

CLASSES, EACH, STEPS, DIM = 4, 8, 60, 3


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "STEPS", 150)


def noise(mark=lambda x, k: x, seed: int = 0) -> tuple[list[np.ndarray], list[str]]:
    """Sequences of white noise, marked by their class."""
    rng = np.random.default_rng(seed)
    made = [(mark(rng.standard_normal((STEPS, DIM)), k), f"class {k}") for _ in range(EACH) for k in range(CLASSES)]
    return [x for x, _ in made], [label for _, label in made]


def offset(x: np.ndarray, k: int) -> np.ndarray:
    return x + 1.5 * np.eye(CLASSES)[k, :DIM]


def tempo(x: np.ndarray, k: int) -> np.ndarray:
    """Mean 0 and standard deviation 1 in every dimension, whatever the class: only how fast it moves tells."""
    smooth = np.stack([np.convolve(column, np.ones(2 * k * k + 1), "same") for column in x.T], 1)
    return (smooth - smooth.mean(0)) / smooth.std(0)


def test_windows_cover_a_sequence_and_fill_up_a_short_one() -> None:
    x = np.arange(10.0).reshape(5, 2)
    assert networks.windows(x, 3, 2).tolist() == [[0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 8, 9]]
    assert networks.windows(x[:1], 3, 2).tolist() == [[0, 1, 0, 0, 0, 0]]


@pytest.mark.parametrize("mark", [offset, tempo])
def test_both_readers_find_what_is_there(mark) -> None:
    train, labels = noise(mark)
    test, wanted = noise(mark, seed=1)
    assert np.mean(networks.mlp(train, labels, test, 5, 2) == np.array(wanted)) > 0.6
    assert np.mean(networks.sequences(train, labels, test, 40) == np.array(wanted)) > 0.8


def test_no_reader_finds_what_is_not_there() -> None:
    train, labels = noise()
    test, wanted = noise(seed=1)
    assert np.mean(networks.mlp(train, labels, test, 5, 2) == np.array(wanted)) < 0.55
    assert np.mean(networks.sequences(train, labels, test, 40) == np.array(wanted)) < 0.55


def test_rare_classes_are_not_drowned() -> None:
    train, labels = noise(offset)
    test, wanted = noise(offset, seed=1)
    keep = [i for i, label in enumerate(labels) if label == "class 0" or i < CLASSES]
    few, named = [train[i] for i in keep], [labels[i] for i in keep]
    for said in (networks.mlp(few, named, test, 5, 2), networks.sequences(few, named, test, 40)):
        assert np.mean((said == np.array(wanted))[np.array(wanted) != "class 0"]) > 0.6


def test_a_seed_decides_and_leaves_torch_alone() -> None:
    import torch

    train, labels = noise(offset)
    state = torch.random.get_rng_state()
    said = [networks.sequences(train, labels, train, 40, seed=2).tolist() for _ in range(2)]
    assert said[0] == said[1]
    assert (torch.random.get_rng_state() == state).all()


def test_numbers_are_regressed() -> None:
    rng = np.random.default_rng(0)
    x, test = rng.standard_normal((3000, 2)), rng.standard_normal((200, 2))
    said = networks.regress(x, np.sin(x[:, 0]) + x[:, 1], test, 3000)
    assert np.corrcoef(said, np.sin(test[:, 0]) + test[:, 1])[0, 1] > 0.99
