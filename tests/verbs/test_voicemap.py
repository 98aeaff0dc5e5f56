"""The plane of voices: what lies in a plane is drawn as it is."""

import numpy as np
import pytest

from voicevae.code import Speaker
from voicevae.errors import EditError
from voicevae.verbs.voicemap import VoiceMap


def voice(z: np.ndarray) -> Speaker:
    return Speaker(z.astype(np.float32), 5.0, 0.2, np.zeros(2, np.float32), np.eye(2, dtype=np.float32))


def test_distances_within_a_plane_stay() -> None:
    random = np.random.default_rng(0)
    flat = random.standard_normal((30, 2))
    flat = (flat - flat.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(flat.T, bias=True))).T  # round
    voices = [voice(np.array([a, b, 7.0])) for a, b in flat]
    places = np.array([VoiceMap.of(voices).place(one) for one in voices])
    wanted = np.linalg.norm(flat[:, None] - flat, axis=-1)
    assert np.allclose(np.linalg.norm(places[:, None] - places, axis=-1), wanted, atol=1e-4)


def test_the_first_axis_shows_the_most() -> None:
    z = np.random.default_rng(1).standard_normal((50, 6))
    z[:, 3:] = z[:, [0]] + 0.05 * z[:, 3:]  # four of six dimensions move together
    places = np.array([VoiceMap.of([voice(one) for one in z]).place(voice(one)) for one in z])
    assert places[:, 0].var() > places[:, 1].var()
    assert abs(np.corrcoef(places[:, 0], z[:, 0])[0, 1]) > 0.9


def test_the_middle_of_two_voices_lies_between_them() -> None:
    z = np.random.default_rng(2).standard_normal((10, 4))
    chart = VoiceMap.of([voice(one) for one in z])
    between = (np.array(chart.place(voice(z[0]))) + chart.place(voice(z[1]))) / 2
    assert np.allclose(chart.place(voice((z[0] + z[1]) / 2)), between, atol=1e-5)


def test_two_voices_make_no_map() -> None:
    with pytest.raises(EditError, match="three voices"):
        VoiceMap.of([voice(np.zeros(3)), voice(np.ones(3))])
