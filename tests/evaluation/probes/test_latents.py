from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.evaluation.clips import Clip, read_clips
from voicevae.evaluation.probes import capacity, classifiers, contours, disentanglement, latents, networks
from voicevae.evaluation.probes.latents import Latents

RATE = 80.0


def made(speaker: int, rng: np.random.Generator, leak: float = 0.0, hold: float = 1.0, n: int = 160) -> Latents:
    """z_s holds the speaker, z_p the contours (`hold` of them), z_c noise and `leak` of the F0 contour."""
    time = np.arange(n) / n
    log_f0 = 0.2 * sum(rng.standard_normal() * np.sin(2 * np.pi * (k * time + rng.random())) for k in range(1, 5))
    loudness = -20 * rng.random() * np.abs(np.sin(2 * np.pi * (2 * time + rng.random())))
    log_f0 = log_f0 - log_f0.mean()
    z_p = hold * np.stack([log_f0 / log_f0.std(), loudness / 20], 1)[::4] + 0.01 * rng.standard_normal((n // 4, 2))
    z_c = rng.standard_normal((n // 2, 3)) + leak * (log_f0 / log_f0.std())[::2, None]
    voiced = np.ones(n, bool)
    mean = {"z_s": np.eye(4)[speaker][None] + 0.05 * rng.standard_normal((1, 4)), "z_p": z_p, "z_c": z_c}
    clip = Clip("x", f"s{speaker}", Path("x.wav"), n / RATE)
    return Latents(clip, mean, log_f0, loudness, voiced, voiced, RATE)


def utterances(**options: float) -> list[Latents]:
    rng = np.random.default_rng(0)
    return [made(i % 4, rng, **options) for i in range(32)]


TEST = np.arange(32) % 8 > 3  # half of them, of every speaker


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "STEPS", 60)
    monkeypatch.setattr(disentanglement, "TREES", 10)


def test_rates_follow_from_lengths() -> None:
    one = utterances()[0]
    assert [one.stride(name) for name in ("z_s", "z_p", "z_c")] == [160, 4, 2]
    assert one.rate("z_c") == 40


def test_latents_of_a_bundle_have_their_posterior(small_bundle: Path, corpus: Path) -> None:
    clip = read_clips(corpus, "dev")[0]
    vv = voicevae.load(small_bundle)
    one = latents.read(vv, clip)
    code = vv.encode(clip.load(16000), 16000)
    assert (one.mean["z_c"] == code.content).all() and (one.mean["z_p"] == code.prosody).all()
    assert {name: array.shape for name, array in one.log_variance.items()} == {
        name: one.mean[name].shape for name in latents.NAMES
    }
    contours = one.mean[latents.CONTOURS]  # on the steps of z_p
    assert contours.shape == (len(one.mean["z_p"]), 3)
    assert (contours[:, 2] == one.loudness_db[:: one.stride("z_p")].astype(np.float32)).all()
    quiet = ~one.mean["z_c"].any(1)
    assert quiet.any() and (one.log_variance["z_c"][quiet] == 0).all()
    assert abs(one.log_f0[one.voiced].mean()) < 1e-5


@pytest.mark.slow
def test_speakers_are_found_where_they_are() -> None:
    own = utterances()
    found = classifiers.evaluate(own, [one.clip.speaker for one in own], [TEST, ~TEST])
    assert found["chance"] == 0.25 and found["test"] == 32
    assert found["z_s"]["accuracy"] == 1 and found["z_s"]["interval"] == (1, 1)
    assert found["z_c"]["accuracy"] < 0.6 and found["z_p"]["accuracy"] < 0.6
    assert found["z_c"]["accuracy"] == max(found["z_c"]["readings"].values())


def test_classes_weigh_the_same() -> None:
    """Guessing the larger class is right half of the time, not most of the time."""
    right = np.array([True] * 9 + [False])
    assert classifiers._balanced(right, np.array(["a"] * 9 + ["b"]), ["a", "b"]) == 0.5


@pytest.mark.parametrize("labels", [["a"] * 4, ["a", "a", "b", "c"]])
def test_classes_that_cannot_be_learned_are_refused(labels: list[str]) -> None:
    with pytest.raises(ValueError, match="class"):
        classifiers.validate(labels, [np.array([False, False, True, True])])


def test_contours_are_found_where_they_are() -> None:
    found = contours.evaluate(utterances(), TEST)
    assert found["f0"]["z_p"]["r2"] > 0.9 and found["loudness"]["z_p"]["r2"] > 0.9
    assert found["f0"]["z_c"]["r2"] < 0.1
    assert found["f0"]["z_s"]["r2"] < 0.1
    leaky = contours.evaluate(utterances(leak=2.0), TEST)
    assert leaky["f0"]["z_c"]["r2"] > 0.5


def test_r2_of_perfect_of_mean_and_of_opposite() -> None:
    x = np.linspace(-1, 1, 50)
    assert contours.r2([np.stack([x, x], 1)]) == 1
    assert contours.r2([np.stack([x, 0 * x], 1)]) == pytest.approx(0)
    assert contours.r2([np.stack([x, -x], 1)]) == pytest.approx(-3)
    assert np.isnan(contours.r2([np.ones((5, 2))]))


def test_frames_see_the_step_that_covers_them() -> None:
    one = utterances()[0]
    read = contours.inputs(one, "z_p")
    assert read.shape == (160, 5 * 2 + 4)
    assert (read[9, 4:6] == one.mean["z_p"][2]).all() and read[9, 10:].tolist() == [0, 1, 0, 0]
    assert (contours.inputs(one, "z_s") == one.mean["z_s"]).all()


def test_divergence_is_that_of_gaussians() -> None:
    from torch import tensor
    from torch.distributions import Normal, kl_divergence

    rng = np.random.default_rng(0)
    mean, log_variance = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    wanted = kl_divergence(Normal(tensor(mean), tensor(np.exp(log_variance / 2))), Normal(0.0, 1.0)).numpy()
    assert capacity.divergence(mean, log_variance) == pytest.approx(wanted)


def test_collapsed_dimensions_are_not_active_and_carry_no_bits() -> None:
    rng = np.random.default_rng(0)
    own = []
    for one in utterances():
        mean = one.mean | {"z_c": np.stack([rng.standard_normal(80), np.zeros(80)], 1)}
        std = {name: np.zeros_like(array) for name, array in mean.items()}
        own.append(Latents(one.clip, mean, one.log_f0, one.loudness_db, one.voiced, one.speech, RATE, std))
    found = capacity.evaluate(own)["z_c"]
    assert found["active_percent"] == 50
    assert found["kl_nats"] == pytest.approx([0.5, 0], abs=0.03)
    assert found["bits_per_s"] == pytest.approx(40 * 0.5 / np.log(2), rel=0.05)
    assert "kl_nats" not in capacity.evaluate(utterances())["z_c"]


def test_information_of_independent_and_of_equal_values() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(20000)
    found = disentanglement.information(np.stack([x, rng.standard_normal(20000), np.zeros(20000)], 1), x)
    assert found[0] == pytest.approx(np.log(disentanglement.BINS), rel=0.01)
    assert found[1:] == pytest.approx([0, 0], abs=0.02)


def test_gap_and_concentration_at_their_ends() -> None:
    assert disentanglement.gap(np.array([0.0, 2.0, 0.0]), 2.0) == 1
    assert disentanglement.gap(np.array([2.0, 2.0]), 2.0) == 0
    assert disentanglement.concentration(np.eye(3)) == pytest.approx(1)
    assert disentanglement.concentration(np.ones((3, 3))) == pytest.approx(0)


def test_factors_that_have_a_place_of_their_own_are_said_to() -> None:
    found = disentanglement.evaluate(utterances(), TEST)
    assert found["part_gap"]["speaker"] > 0.5 and found["part_gap"]["F0"] > 0.3
    assert found["shares"]["speaker"]["z_s"] > 0.9 and found["shares"]["F0"]["z_p"] > 0.6
    assert found["informativeness"]["speaker"] > 0.95
    mixed = disentanglement.evaluate(utterances(leak=2.0, hold=0.0), TEST)
    assert mixed["shares"]["F0"]["z_c"] > mixed["shares"]["F0"]["z_p"]
