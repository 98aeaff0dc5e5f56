"""Voices to hide behind are far from the speaker's own, and the same for the same secret and name."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae import anonymization, audio
from voicevae.code import Code
from voicevae.errors import AudioError, EditError
from voicevae.verbs import anonymous
from voicevae.verbs.voices import VoiceSpace
from voicevae.voice import VoiceVAE

VOICES = Path(voicevae.bundle.DEFAULT) / "voices"


@pytest.fixture(scope="module")
def vv() -> VoiceVAE:
    return voicevae.load()


@pytest.fixture(scope="module")
def space(vv: VoiceVAE) -> VoiceSpace:
    return VoiceSpace.of(vv.bundle.calibration)


@pytest.fixture(scope="module")
def code(vv: VoiceVAE) -> Code:
    return vv.encode(audio.read(VOICES / "female.flac", vv.sample_rate)[: 2 * vv.sample_rate])


def test_a_name_and_a_secret_give_one_voice(vv: VoiceVAE, code: Code) -> None:
    def z(seed: int, speaker: str) -> np.ndarray:
        return vv.anonymous_voice(code.speaker, seed=seed, speaker=speaker).z

    np.testing.assert_array_equal(z(5, "anna"), z(5, "anna"))
    assert not np.array_equal(z(5, "anna"), z(5, "bert")) and not np.array_equal(z(5, "anna"), z(6, "anna"))


def test_the_voice_is_far_from_the_speakers_own(vv: VoiceVAE, space: VoiceSpace) -> None:
    for number in range(20):
        own = vv.sample(number)
        behind = anonymous.voice(space, own, "", number)
        assert anonymous.distance(space, own, behind) >= anonymous.FAR
    assert anonymous.distance(space, own, own) == 0


def test_two_drawn_voices_are_as_far_apart_as_documented(space: VoiceSpace) -> None:
    drawn = [space.draw(seed) for seed in range(40)]
    apart = [anonymous.distance(space, one, other) for one, other in zip(drawn[::2], drawn[1::2], strict=True)]
    assert np.sqrt(np.mean(np.square(apart))) == pytest.approx(np.sqrt(2), abs=0.15)


def test_the_residual_and_the_intonation_are_kept_as_asked(vv: VoiceVAE, code: Code) -> None:
    hidden = vv.anonymize(code, seed=1, flatten=1.0, residual=0.0)
    assert hidden.residual == 0 and hidden.speaker is not code.speaker
    assert vv.anonymize(code, seed=1).residual == anonymous.RESIDUAL > 0
    _, f0_hz = vv.f0(hidden)
    assert np.ptp(np.log(f0_hz[f0_hz > 0])) < 1e-3
    _, kept_hz = vv.f0(vv.anonymize(code, seed=1))
    assert np.ptp(np.log(kept_hz[kept_hz > 0])) > 0.1


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"seed": 1, "flatten": 1.5}, {"seed": 1, "residual": -1}, {"seed": 1, "gender": "tenor"}]
)
def test_what_cannot_be_is_refused(vv: VoiceVAE, code: Code, wrong: dict) -> None:
    with pytest.raises(EditError):
        vv.anonymize(code, **wrong)


def test_a_folder_is_one_speaker_and_is_not_done_again(vv: VoiceVAE, tmp_path: Path) -> None:
    wave = audio.read(VOICES / "male.flac", vv.sample_rate)
    for name in ("one", "two"):
        path = tmp_path / "corpus" / "bert" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = vv.sample_rate * (name == "two")
        audio.write(path, wave[start : start + vv.sample_rate], vv.sample_rate)
    done = anonymization.anonymize(vv, [tmp_path / "corpus"], tmp_path / "out", seed=9, watermark=False)
    assert (done.made, done.failures) == (2, [])
    voice = vv.anonymous_voice(tmp_path / "corpus" / "bert" / "one.wav", seed=9, speaker="bert")
    for name in ("one", "two"):
        wanted = vv.decode(vv.anonymize(tmp_path / "corpus" / "bert" / f"{name}.wav", seed=9, voice=voice))
        np.testing.assert_allclose(audio.read(tmp_path / "out" / "bert" / f"{name}.wav", 16000), wanted, atol=1e-4)
    again = anonymization.anonymize(vv, [tmp_path / "corpus"], tmp_path / "out", seed=9, watermark=False)
    assert (again.made, again.kept) == (0, 2)
    other = anonymization.anonymize(vv, [tmp_path / "corpus"], tmp_path / "out", seed=10, watermark=False)
    assert other.made == 2


def test_a_corpus_is_refused_before_the_work(vv: VoiceVAE, tmp_path: Path) -> None:
    with pytest.raises(EditError, match="per is"):
        anonymization.anonymize(vv, [VOICES], tmp_path, seed=1, per="corpus")
    with pytest.raises(AudioError, match="does not exist"):
        anonymization.anonymize(vv, [tmp_path / "none.wav"], tmp_path / "out", seed=1)
