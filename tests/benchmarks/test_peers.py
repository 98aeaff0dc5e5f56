from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peers
from voicevae.evaluation.metrics import pitch
from voicevae.features import FeatureConfig

CONFIG = FeatureConfig()
SHIFTING = [name for name in peers.NAMES if name != peers.RECORDINGS and name not in peers.GRIFFIN_LIM]


def loaded(name: str, bundle: Path) -> peers.Peer:
    if name in peers.missing():
        pytest.skip(peers.missing()[name])
    return peers.load(name, CONFIG, bundle)


@pytest.mark.parametrize("name", peers.NAMES)
def test_a_copy_has_the_length_and_the_pitch_of_the_source(
    name: str, small_bundle: Path, vowel: Callable[..., np.ndarray]
) -> None:
    peer, wave = loaded(name, small_bundle), vowel()
    for semitones in peer.amounts((0.0,)):
        made = peer.synthesize(peer.analyse(wave), semitones).astype(np.float32)
        assert abs(len(made) - len(wave)) <= CONFIG.hop_length
        n = min(len(made), len(wave))
        errors = pitch.errors_cents(pitch.measure(wave[:n], CONFIG), pitch.measure(made[:n], CONFIG))
        assert len(errors) > 40 and np.median(errors) < 15


@pytest.mark.slow  # a peer's functions are compiled first
@pytest.mark.parametrize("name", SHIFTING)
@pytest.mark.parametrize("semitones", [-6.0, 7.0])
def test_a_shift_is_heard(name: str, semitones: float, small_bundle: Path, vowel: Callable[..., np.ndarray]) -> None:
    peer, wave = loaded(name, small_bundle), vowel()
    made = peer.synthesize(peer.analyse(wave), semitones).astype(np.float32)
    n = min(len(made), len(wave))
    asked = pitch.measure(wave[:n], CONFIG).shifted(semitones)
    assert np.median(pitch.errors_cents(asked, pitch.measure(made[:n], CONFIG))) < 30


def test_who_cannot_shift_is_not_asked_to() -> None:
    assert peers.load("Griffin-Lim 32", CONFIG).amounts((0.0, 4.0)) == [0.0]
    if peers.LIBROSA not in peers.missing():
        assert peers.load(peers.LIBROSA, CONFIG).amounts((0.0, 4.0)) == [4.0]


def test_what_is_missing_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peers.LIBRARIES, peers.WORLD, ("no_such_world", "pip install worlds"))
    assert peers.missing()[peers.WORLD] == "no_such_world is not installed; `pip install worlds` brings it"
