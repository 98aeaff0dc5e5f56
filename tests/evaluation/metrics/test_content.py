from pathlib import Path

import numpy as np
import pytest
from scipy.fft import dct

from voicevae.evaluation.clips import Clip
from voicevae.evaluation.metrics import content, mcd
from voicevae.features import FeatureConfig, Frames
from voicevae.features.vtlp import warp_matrix

BANDS = FeatureConfig().n_mels


def frames(mel: np.ndarray) -> Frames:
    """Speech from end to end."""
    n = len(mel)
    return Frames(mel, np.full(n, 5.0), np.ones(n), np.zeros(n))


def sentence(seed: int, n: int = 120) -> np.ndarray:
    """Smooth movement of five broad peaks over mel bands, `[n, 80]`."""
    rng, time = np.random.default_rng(seed), np.arange(n)[:, None]
    centres = 40 + 25 * np.sin(2 * np.pi * (time * rng.uniform(0.01, 0.04, 5) + rng.random(5)))
    shapes = np.exp(-(((np.arange(BANDS) - centres[..., None]) / 8) ** 2)) * rng.uniform(1, 3, 5)[:, None]
    return shapes.sum(1).astype(np.float32)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return content.distance(content.movement(frames(a)), content.movement(frames(b)))


def test_cepstra_are_the_dct() -> None:
    mel = np.random.default_rng(0).standard_normal((7, BANDS))
    assert mcd.cepstra(frames(mel), 13) == pytest.approx(dct(mel, axis=1, norm="ortho")[:, 1:14])


def test_a_sequence_is_aligned_with_itself_however_slowly_it_is_said() -> None:
    x = content.movement(frames(sentence(0)))
    assert content.distance(x, x) == 0
    assert content.distance(x, np.repeat(x, 3, axis=0)) == pytest.approx(0, abs=1e-9)


def test_the_path_is_the_cheapest_of_all() -> None:
    """Against a recursion over all paths."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((6, 3)), rng.standard_normal((5, 3))
    cost = np.linalg.norm(a[:, None] - b[None], axis=2)

    def cheapest(i: int, j: int) -> float:
        if i == j == 0:
            return float(cost[0, 0])
        steps = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
        return float(cost[i, j]) + min(cheapest(*step) for step in steps if min(step) >= 0)

    assert mcd.aligned(a, b).sum() == pytest.approx(cheapest(5, 4))


def test_level_and_colour_of_a_voice_do_not_count() -> None:
    mel = sentence(1)
    coloured = 1.3 * mel + np.linspace(-2, 1, BANDS, dtype=np.float32)
    assert distance(mel, coloured) == pytest.approx(0, abs=1e-6)


def test_a_longer_vocal_tract_counts_less_than_other_words() -> None:
    mel = sentence(2)
    longer = mel @ warp_matrix(np.array([1.1]), FeatureConfig())[0, :BANDS, :BANDS]
    assert distance(mel, longer) < 0.5 * np.mean([distance(mel, sentence(seed)) for seed in range(3, 8)])


def test_silence_does_not_count() -> None:
    mel = sentence(3)
    quiet = Frames(np.pad(mel, ((40, 40), (0, 0))), np.full(200, 5.0), np.ones(200), np.full(200, -90.0))
    quiet.loudness_db[40:160] = 0.0
    assert content.movement(quiet) == pytest.approx(content.movement(frames(mel)))


def test_too_little_and_unlike_sequences_raise() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        content.distance(np.ones((4, 2)), np.ones((9, 2)))
    with pytest.raises(ValueError, match="sequences"):
        content.distance(np.ones((9, 2)), np.ones((9, 3)))
    with pytest.raises(ValueError, match="finite"):
        content.distance(np.full((9, 2), np.nan), np.ones((9, 2)))


def clip(speaker: str, text: str) -> Clip:
    return Clip(f"{speaker}{text}", speaker, Path("x.wav"), 2.0, text=text)


def test_the_scale_takes_pairs_of_two_speakers() -> None:
    clips = [clip(speaker, text) for speaker in "ab" for text in ("One.", "two", "three")]
    clips.append(clip("b", "ONE"))
    same, different = content.scale_pairs(clips, 0)
    assert all(a.speaker != b.speaker for a, b in same + different)
    assert len(same) == 4  # one is read twice by b
    assert len(different) == 3 * 4 - 4
    assert {a.text.casefold().strip(".") == b.text.casefold().strip(".") for a, b in same} == {True}


def test_without_texts_all_sentences_are_different() -> None:
    same, different = content.scale_pairs([clip("a", ""), clip("b", ""), clip("b", "")], 0)
    assert (len(same), len(different)) == (0, 2)


def test_positions_on_the_scale() -> None:
    clips = [clip(speaker, text) for speaker in "ab" for text in ("one", "two")]
    scale = content.scale(clips, lambda a, b: 1.0 if a.text == b.text else 3.0, 0)
    assert (scale["same"], scale["different"], scale["auc"]) == (1.0, 3.0, 1.0)
    for place, value in ((0, 1.0), (0.5, 2.0), (1, 3.0), (-0.25, 0.5)):
        found = content.evaluate([np.full(4, value)] * 3, scale["same"], scale["different"])
        assert found["position"] == pytest.approx(place)
        assert found["position_interval"] == pytest.approx((place, place))


def test_readings_of_real_sentences_are_told_apart(recordings: Path) -> None:
    """Speakers of EmoDB read the same ten sentences, in all emotions."""
    from voicevae.evaluation.clips import read_clips
    from voicevae.evaluation.originals import fixed_frames

    texts = ("Der Lappen liegt auf dem Eisschrank.", "Das will sie am Mittwoch abgeben.")
    clips = [c for c in read_clips(recordings, "dev") if c.text in texts]
    moved = {c: content.movement(fixed_frames(c.load(16000), 16000)) for c in clips}
    scale = content.scale(clips, lambda a, b: content.distance(moved[a], moved[b]), 0)
    assert scale["auc"] > 0.9
    assert scale["same"] < scale["different"]
