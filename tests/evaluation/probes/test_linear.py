import numpy as np
import pytest

from voicevae.evaluation.probes import linear
from voicevae.evaluation.probes.linear import EncodedUtterance

RATE = 40.0
SPEAKERS, EACH, FRAMES, DIM = 6, 8, 140, 5


def utterances(mark, seed: int = 0) -> list[EncodedUtterance]:
    """Noise as content, marked by `mark(content, speaker)`; z_s knows the speaker."""
    rng, made = np.random.default_rng(seed), []
    for speaker in range(SPEAKERS):
        for _ in range(EACH):
            content = mark(rng.standard_normal((FRAMES, DIM)), speaker)
            made.append(
                EncodedUtterance(f"s{speaker}", content, RATE, np.eye(SPEAKERS)[speaker] + 0.01 * rng.random(SPEAKERS))
            )
    return made


def test_content_without_a_speaker_stays_at_chance() -> None:
    found = linear.evaluate(utterances(lambda content, speaker: content))
    assert found["chance"] == pytest.approx(1 / SPEAKERS)
    assert found["z_s"] == 1
    assert found["z_c"] < 0.5  # the best of three readings of 12 utterances
    assert found["ratio"] == pytest.approx(found["z_c"])


def test_a_mean_is_found_by_every_reading() -> None:
    found = linear.evaluate(utterances(lambda content, speaker: content + np.eye(SPEAKERS)[speaker, :DIM]))
    assert min(found["z_c_readings"].values()) > 0.8


def test_a_standard_deviation_is_found_though_means_say_nothing() -> None:
    found = linear.evaluate(utterances(lambda content, speaker: content * (1 + np.eye(SPEAKERS)[speaker, :DIM])))
    assert found["z_c_readings"]["mean + std"] > 0.8
    assert found["z_c_readings"]["mean"] < 0.5
    assert found["z_c"] == max(found["z_c_readings"].values())


def test_readings_have_the_shapes_that_they_state() -> None:
    content = np.random.default_rng(0).standard_normal((FRAMES, DIM))
    assert [len(part) for part in linear.segments(content, RATE)] == [70, 70]
    assert min(len(part) for part in linear.segments(content, RATE)) >= linear.SEGMENT_S * RATE
    assert len(linear.segments(content[:30], RATE)) == 1
    assert linear.mean_and_std(content, RATE).shape == (2, 2 * DIM)
    assert linear.mean_only(content, RATE).shape == (2, DIM)
    assert linear.frames_in_context(content, RATE).shape == (FRAMES // 2, 5 * DIM)


def test_frames_are_read_with_two_neighbours_on_each_side() -> None:
    content = np.arange(10.0)[:, None]
    frames = linear.frames_in_context(content, RATE)
    assert frames[0].tolist() == [0, 0, 0, 1, 2]
    assert frames[2].tolist() == [2, 3, 4, 5, 6]


def test_whole_utterances_of_every_speaker_are_held_out() -> None:
    speakers = ["a"] * 10 + ["b"] * 5
    test = linear.held_out(speakers, 0)
    assert (test[:10].sum(), test[10:].sum()) == (3, 2)
    assert (linear.held_out(speakers, 0) == test).all()
    assert any((linear.held_out(speakers, seed) != test).any() for seed in range(1, 4))


def test_bad_input_raises() -> None:
    parts, test = [np.ones((2, 3))] * 4, np.array([True, False, True, False])
    with pytest.raises(ValueError, match="two speakers"):
        linear.probe(parts, ["a"] * 4, test)
    with pytest.raises(ValueError, match="two speakers"):
        linear.probe(parts, ["a", "a", "b", "c"], test)
    with pytest.raises(ValueError, match="finite"):
        linear.probe([*parts[:3], np.full((2, 3), np.nan)], ["a", "a", "b", "b"], test)
    with pytest.raises(ValueError, match="as many"):
        linear.probe(parts, ["a", "b"], test)
