"""What is fitted to known voices is known: registers, genders, standard deviations; and one command writes it into a
bundle."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voicevae
from voicevae import bundle
from voicevae.calibration import Calibration
from voicevae.code import Speaker
from voicevae.data.prepare import prepare
from voicevae.errors import CorpusError, EditError
from voicevae.training.calibration import calibrate
from voicevae.training.calibration_voices import fit_voices
from voicevae.verbs.voices import VoiceSpace, covariance_of, logarithm_of

SIZE, DIM = 6, 5
HIGH, LOW = np.log(200), np.log(110)


def speaker(seed: int, log_f0: float) -> Speaker:
    random = np.random.default_rng(seed)
    root = random.normal(size=(SIZE, 2 * SIZE))
    z = random.normal(size=DIM) + (2 if log_f0 > 5 else -2) * np.eye(DIM)[0]
    return Speaker(
        z.astype(np.float32),
        float(log_f0 + 0.08 * random.normal()),
        float(np.exp(random.normal(-1.7, 0.2))),
        random.normal(size=SIZE).astype(np.float32),
        (root @ root.T / SIZE).astype(np.float32),
    )


VOICES = [[speaker(i, HIGH if i % 2 else LOW)] for i in range(60)]
GENDERS = ["f" if i % 2 else "m" for i in range(60)]


def space(genders: list[str | None]) -> VoiceSpace:
    arrays, names = fit_voices(VOICES, genders)
    return VoiceSpace.of(Calibration({f"voices.{k}": v for k, v in arrays.items()}, {"voices": names}))


def test_the_logarithm_of_a_covariance_has_an_inverse() -> None:
    covariance = VOICES[0][0].mel_cov
    np.testing.assert_allclose(covariance_of(logarithm_of(covariance)), covariance, atol=1e-4)
    flat = np.diag([0.0, 1e-8, 2.0]).astype(np.float32)
    np.testing.assert_allclose(covariance_of(logarithm_of(flat)), flat, atol=1e-5)


def test_distances_of_logarithms_are_those_of_matrices() -> None:
    from scipy.linalg import logm

    from voicevae.verbs.voices import RIDGE

    one, two = (VOICES[i][0].mel_cov.astype(np.float64) for i in (0, 1))
    wanted = np.linalg.norm(logm(one + RIDGE * np.eye(SIZE)) - logm(two + RIDGE * np.eye(SIZE)))
    assert np.linalg.norm(logarithm_of(one) - logarithm_of(two)) == pytest.approx(wanted, rel=1e-5)


def test_a_gender_has_its_register_and_its_timbre() -> None:
    known = space([*GENDERS])
    assert known.names == ["female", "male"]
    for gender, log_f0, sign in (("female", HIGH, 1), ("male", LOW, -1)):
        drawn = [known.draw(seed, gender) for seed in range(60)]
        registers = np.array([one.log_f0_mean for one in drawn])
        assert registers.mean() == pytest.approx(log_f0, abs=0.05) and registers.std() == pytest.approx(0.08, rel=0.5)
        assert np.mean([one.z[0] for one in drawn]) == pytest.approx(2 * sign, abs=0.7)
        assert all(known.gender(one) == gender for one in drawn)
        assert all(np.linalg.eigvalsh(one.mel_cov).min() > -1e-4 for one in drawn)


def test_a_wrong_label_does_not_widen_a_register() -> None:
    wrong: list[str | None] = ["m" if i in (1, 3) else gender for i, gender in enumerate(GENDERS)]
    registers = [space(wrong).draw(seed, "male").log_f0_mean for seed in range(60)]
    assert max(registers) < (HIGH + LOW) / 2


def test_without_genders_registers_are_found() -> None:
    known = space([None] * 60)
    assert known.names == ["", ""]
    assert sorted(known.mixture.means[:, 0]) == pytest.approx([LOW, HIGH], abs=0.06)
    with pytest.raises(EditError, match="it knows none"):
        known.draw(0, "female")


def test_a_seed_names_a_voice_and_an_unknown_gender_is_named() -> None:
    known = space([*GENDERS])
    one, same, other = known.draw(3), known.draw(3), known.draw(4)
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(same, name))
    assert not np.array_equal(one.z, other.z)
    with pytest.raises(EditError, match="known are female, male"):
        known.draw(0, "child")


def test_a_training_voice_lies_where_it_is_drawn_from() -> None:
    """With as many components as there are dimensions, coordinates are the voice."""
    known = space([*GENDERS])
    one = VOICES[7][0]
    back = known.speaker(known.coordinates(one))
    np.testing.assert_allclose(back.z, one.z, atol=0.01)
    np.testing.assert_allclose(back.mel_mean, one.mel_mean, atol=0.01)
    assert back.log_f0_mean == pytest.approx(one.log_f0_mean, abs=1e-5)


def test_too_few_speakers_have_no_space() -> None:
    assert fit_voices(VOICES[:3], GENDERS[:3]) == ({}, [])


# --- the stage ------------------------------------------------------------------------------------------------------


def tone(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    time = np.arange(6400) / 16000
    phase = 2 * np.pi * (90 + 30 * (seed // 4)) * (time + 0.002 * np.sin(7 * time + seed))
    swell = 0.2 + np.abs(np.sin(6 * time + random.random()))
    return (0.1 * swell * sum(np.sin(k * phase) / k for k in range(1, 9))).astype(np.float32)


def test_one_command_calibrates_a_bundle(small_bundle: Path, tmp_path: Path) -> None:
    corpus, exp, mine = tmp_path / "corpus", tmp_path / "exp", tmp_path / "bundle"
    corpus.mkdir()
    with open(corpus / "metadata.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["utt_id", "speaker", "path", "split", "gender"])
        for i in range(32):
            sf.write(corpus / f"{i}.wav", tone(i), 16000)
            rows.writerow([i, f"s{i // 4}", f"{i}.wav", "train", "mf"[i // 16]])
    parts = bundle.load(small_bundle)
    bundle.save(parts, mine)
    prepare(corpus, exp, parts.features, workers=1)
    calibrate(exp, mine)
    vv = voicevae.load(mine)
    assert vv.checksum == voicevae.load(small_bundle).checksum
    assert vv.bundle.calibration.labels == {"voices": ["female", "male"]}
    low, high = (np.mean([vv.sample(s, gender=g).log_f0_mean for s in range(20)]) for g in ("male", "female"))
    assert high - low == pytest.approx(np.log(255 / 135), abs=0.15)
    near = vv.sample(1, like=tone(2), distance=0.0)
    np.testing.assert_array_equal(near.z, vv.speaker(tone(2)).z)
    noise = np.random.default_rng(0).normal(0, 0.1, 6400).astype(np.float32)
    assert vv.score(noise).z > vv.score(tone(5)).z
    assert len(vv.traverse(tone(3), dimensions=2, steps=3)) == 2


def test_another_corpus_than_the_bundles_is_refused(small_bundle: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    for i in range(3):
        (corpus / f"s{i}").mkdir(parents=True)
        sf.write(corpus / f"s{i}" / "a.wav", tone(i), 16000)
    features = bundle.load(small_bundle).features
    prepare(corpus, tmp_path / "few", features, workers=1)
    with pytest.raises(CorpusError, match="3 training recordings"):
        calibrate(tmp_path / "few", small_bundle)
    report = tmp_path / "few" / "data" / "report.json"
    report.write_text(report.read_text().replace('"hop_length": 200', '"hop_length": 160'))
    with pytest.raises(CorpusError, match="different features"):
        calibrate(tmp_path / "few", small_bundle)
