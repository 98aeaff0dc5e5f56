"""The F0 contour as points: what goes through them, what stays, and what cannot be."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.code import Code
from voicevae.units import NATS_PER_SEMITONE
from voicevae.verbs import contour


@pytest.fixture(scope="module")
def vv(small_bundle: Path) -> voicevae.VoiceVAE:
    return voicevae.load(small_bundle)


@pytest.fixture(scope="module")
def code(vv: voicevae.VoiceVAE) -> Code:
    """Two seconds of a tone that glides from 120 to 240 Hz, with harmonics and a pause in the middle."""
    t = np.arange(2 * vv.sample_rate) / vv.sample_rate
    phase = 2 * np.pi * (120 * t + 30 * t**2)
    wave = sum(np.sin(k * phase) / k for k in range(1, 15)) * 0.1
    wave[(t > 0.9) & (t < 1.1)] = 0
    return vv.encode(wave.astype(np.float32))


def log_f0(vv: voicevae.VoiceVAE, code: Code) -> np.ndarray:
    return vv.coder.decode(code)[1].log_f0


def test_points_lie_on_the_contour_and_change_nothing(vv: voicevae.VoiceVAE, code: Code) -> None:
    times, f0_hz = vv.f0(code)
    points = contour.points(vv.coder, code)
    assert len(points) >= 6
    assert np.allclose(points[:, 1], np.interp(points[:, 0], times, f0_hz), rtol=1e-5)
    assert np.allclose(log_f0(vv, vv.bend(code, points)), log_f0(vv, code), atol=1e-4)


@pytest.mark.parametrize("edits", [{}, {"pitch_semitones": 4.0, "pitch_range": 0.5, "rate": 1.25}])
def test_f0_goes_through_the_points(vv: voicevae.VoiceVAE, code: Code, edits: dict[str, float]) -> None:
    edited = code.edit(**edits)
    wanted = [(0.2, 150.0), (0.6, 260.0), (1.2, 100.0)]
    times = np.arange(len(log_f0(vv, edited))) / vv.config.frame_rate
    made = np.exp(np.interp([t for t, _ in wanted], times, log_f0(vv, vv.bend(edited, wanted))))
    assert np.allclose(made, [hz for _, hz in wanted], rtol=0.005)  # a point may lie between two frames


def test_one_point_moves_all_by_as_much(vv: voicevae.VoiceVAE, code: Code) -> None:
    step = 1 / vv.config.frame_rate
    time = 40 * step
    hz = float(np.exp(log_f0(vv, code)[40]))
    up = log_f0(vv, vv.bend(code, [(time, hz * 2 ** (3 / 12))]))
    assert np.allclose(up - log_f0(vv, code), 3 * NATS_PER_SEMITONE, atol=1e-4)


def test_voicing_and_loudness_stay(vv: voicevae.VoiceVAE, code: Code) -> None:
    bent = vv.bend(code, [(0.3, 90.0), (1.0, 300.0)])
    assert np.array_equal(vv.coder.decode(bent)[1].array()[:, 1:], vv.coder.decode(code)[1].array()[:, 1:])


def test_points_follow_edits_there_and_back(vv: voicevae.VoiceVAE, code: Code) -> None:
    edited = code.edit(pitch_semitones=-5, pitch_range=2.0, rate=0.8)
    points = contour.points(vv.coder, code)
    there = contour.moved(points, code, edited)
    times, f0_hz = vv.f0(edited)
    near = np.abs(times[:, None] - there[:, 0]).argmin(0)
    assert np.allclose(there[:, 1], f0_hz[near], rtol=0.03)
    assert np.allclose(contour.moved(there, edited, code), points)


@pytest.mark.parametrize(
    "wanted",
    [[(0.1,)], [("a", "b")], [(0.1, float("nan"))], [(-1, 100)], [(0.1, 5)], [(0.1, 9000)], [(1, 90), (1, 95)]],
)
def test_what_is_no_point_is_refused(vv: voicevae.VoiceVAE, code: Code, wanted: list) -> None:
    with pytest.raises(voicevae.EditError, match=r"(?i)points? of F0"):
        vv.bend(code, wanted)


def test_a_monotone_has_no_contour_to_move(vv: voicevae.VoiceVAE, code: Code) -> None:
    with pytest.raises(voicevae.EditError, match="pitch range is 0"):
        vv.bend(code.edit(pitch_range=0), [(0.5, 100)])
