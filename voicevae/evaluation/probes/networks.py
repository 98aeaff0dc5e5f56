"""Networks of the probes: each is trained on some sequences, and tested on others.

mlp        a multilayer perceptron on short windows of a sequence, which vote by the sum of their log-probabilities
sequences  a convolutional network over a whole sequence, whose mean and standard deviation over time decide (an
           x-vector, Snyder et al., 2018, in small): it finds what windows and their means do not show
regress    a multilayer perceptron from vectors to numbers

Both classifiers see all classes equally often, however unequal they are.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from voicevae.threads import limited

HIDDEN = 128
MLP_EPOCHS = 20
MLP_SAMPLES = 8000
CHANNELS = 64
STEPS, BATCH = 600, 32
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 1e-3


def windows(sequence: np.ndarray, length: int, hop: int) -> np.ndarray:
    """`[n, length * D]`: parts of `sequence` `[T, D]`, every `hop`; one that is too short is filled up with zeros."""
    padded = np.pad(sequence, ((0, max(length - len(sequence), 0)), (0, 0)))
    starts = range(0, len(padded) - length + 1, hop)
    return np.stack([padded[start : start + length].ravel() for start in starts])


def mlp(
    train: Sequence[np.ndarray], labels: Sequence[str], test: Sequence[np.ndarray], length: int, hop: int, seed: int = 0
) -> np.ndarray:
    """Labels `[len(test)]` of sequences `[T, D]`, read in windows of `length` steps."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parts = [windows(one, length, hop) for one in train]
    known = np.repeat(np.asarray(labels), [len(part) for part in parts])
    chosen = _balanced(known, min(len(known), MLP_SAMPLES), seed)
    short = len(chosen) < MLP_SAMPLES // 8  # few samples make short epochs
    epochs = MLP_EPOCHS * (8 if short else 1)
    network = MLPClassifier(
        hidden_layer_sizes=(HIDDEN,), max_iter=epochs, batch_size=min(128, len(chosen)), random_state=seed
    )
    model = make_pipeline(StandardScaler(), network)
    with warnings.catch_warnings(), limited(1):
        warnings.simplefilter("ignore")  # so many epochs are enough
        model.fit(np.concatenate(parts)[chosen], known[chosen])
    votes = [np.log(model.predict_proba(windows(one, length, hop)) + 1e-6) for one in test]
    return model.classes_[[vote.sum(0).argmax() for vote in votes]]


class Pooling(nn.Module):
    """Sequences `[B, T, D]` to `n_classes` logits."""

    def __init__(self, dim: int, n_classes: int) -> None:
        super().__init__()
        self.frames = nn.Sequential(
            nn.Conv1d(dim, CHANNELS, 5, padding=2),
            nn.ReLU(),
            nn.Conv1d(CHANNELS, CHANNELS, 5, padding=4, dilation=2),
            nn.ReLU(),
            nn.Dropout(0.2),
        )
        self.decide = nn.Sequential(
            nn.Linear(2 * CHANNELS, CHANNELS), nn.ReLU(), nn.Dropout(0.2), nn.Linear(CHANNELS, n_classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        """`[B, T, D]` -> logits `[B, n_classes]`."""
        x = self.frames(x.transpose(1, 2))
        return self.decide(torch.cat([x.mean(2), x.var(2, correction=0).add(1e-5).sqrt()], 1))


def sequences(
    train: Sequence[np.ndarray], labels: Sequence[str], test: Sequence[np.ndarray], length: int, seed: int = 0
) -> np.ndarray:
    """Labels `[len(test)]` of sequences `[T, D]`; it trains on parts of `length` steps, drawn at random."""
    together = np.concatenate(list(train))
    mean, std = together.mean(0), together.std(0) + 1e-6
    names, known = np.unique(np.asarray(labels), return_inverse=True)
    rng, inputs = np.random.default_rng(seed), [_padded((one - mean) / std, length) for one in train]
    weight = torch.from_numpy(len(known) / len(names) / np.bincount(known)).float()
    with torch.random.fork_rng(devices=[]), limited(1):
        torch.manual_seed(seed)
        model = Pooling(together.shape[1], len(names))
        optimiser = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        for _ in range(STEPS):
            chosen = rng.integers(len(inputs), size=BATCH)
            batch = torch.stack([_crop(inputs[i], length, rng) for i in chosen])
            loss = nn.functional.cross_entropy(model(batch), torch.from_numpy(known[chosen]), weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        model.eval()
        with torch.inference_mode():
            said = [model(torch.from_numpy(_padded((one - mean) / std, length))[None]) for one in test]
    return names[[int(one.argmax()) for one in said]]


def regress(inputs: np.ndarray, targets: np.ndarray, test: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """For `test` `[m, D]` what `targets` `[k]` are to `inputs` `[k, D]`, learned from `n` of these: `[m]`."""
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    chosen = _chosen(len(inputs), n, seed)
    model = make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=(HIDDEN,), max_iter=MLP_EPOCHS, random_state=seed)
    )
    with warnings.catch_warnings(), limited(1):
        warnings.simplefilter("ignore")
        model.fit(inputs[chosen], targets[chosen])
    return model.predict(test)


def _balanced(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """About `n` indices of `labels` `[k]`, every class as often: what is rare is repeated."""
    rng, classes = np.random.default_rng(seed), np.unique(labels)
    own = [rng.permutation(np.flatnonzero(labels == name)) for name in classes]
    return np.concatenate([np.resize(indices, -(-n // len(classes))) for indices in own])


def _chosen(n: int, at_most: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(n)[:at_most]


def _padded(sequence: np.ndarray, length: int) -> np.ndarray:
    return np.pad(sequence, ((0, max(length - len(sequence), 0)), (0, 0))).astype(np.float32)


def _crop(sequence: np.ndarray, length: int, rng: np.random.Generator) -> Tensor:
    start = rng.integers(len(sequence) - length + 1)
    return torch.from_numpy(sequence[start : start + length])
