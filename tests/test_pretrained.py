"""The shipped bundle does what its card says, on recordings of speakers that it has not heard."""

from pathlib import Path

import numpy as np
import pytest

import voicevae
from voicevae.bundle import DEFAULT
from voicevae.evaluation.clips import by_corpus, draw_clips, read_clips, usable_clips
from voicevae.evaluation.metrics import conversion, editing
from voicevae.evaluation.originals import Originals
from voicevae.evaluation.pairs import draw_pairs
from voicevae.features import extract
from voicevae.recipes.espeak import speak
from voicevae.speaker_encoder import Resemblyzer
from voicevae.voice import VoiceVAE

CENTS = 1200 / np.log(2)


@pytest.fixture(scope="module")
def vv() -> VoiceVAE:
    return voicevae.load()


def test_it_is_small_and_says_what_it_is(vv: VoiceVAE) -> None:
    assert sum(f.stat().st_size for f in DEFAULT.rglob("*") if f.is_file()) <= 16 * 2**20
    assert vv.bundle.parameters["vae"] <= 5_000_000 and vv.bundle.parameters["vocoder"] <= 3_000_000
    assert vv.networks.engine == "onnx"
    for word in ("LibriSpeech", "speechocean762", "EmoDB", "CC BY 4.0", "closure"):
        assert word in vv.card


@pytest.mark.parametrize("name", ["female", "male"])
def test_generated_speech_takes_the_register_of_an_example_voice(vv: VoiceVAE, name: str) -> None:
    source, rate = speak("Rice is often served in round bowls.")
    target = vv.speaker(DEFAULT / "voices" / f"{name}.flac")
    frames = extract(vv.convert(source, rate, voice=target), vv.config)
    assert np.mean(frames.log_f0[frames.voiced]) * CENTS == pytest.approx(target.log_f0_mean * CENTS, abs=100)


def test_pitch_rate_and_energy_come_out_as_asked(vv: VoiceVAE, recordings: Path) -> None:
    clips = draw_clips(usable_clips(read_clips(recordings, "dev")), 4, seed=1)
    measured, failed = editing.edit_all(vv, clips, lambda: None)
    found = editing.evaluate(measured)
    assert not failed
    assert all(figures["median_cents"] <= 15 for figures in found["pitch"].values())
    assert found["pitch"][0.0]["voicing_agreement"] >= 0.9
    assert all(figures["mean_percent"] <= 2 for figures in found["file"].values())
    assert all(figures["mean_abs_db"] <= 1 for figures in found["energy"].values())


@pytest.mark.slow
def test_unseen_speakers_are_converted_to_one_another(vv: VoiceVAE, recordings: Path) -> None:
    pytest.importorskip("resemblyzer", reason="resemblyzer judges conversions and is not installed")
    clips = by_corpus(usable_clips(read_clips(recordings, "dev")))["speechocean762"]
    done, failed = conversion.convert_all(vv, draw_pairs(clips, 24, seed=1), Originals(vv, Resemblyzer()), lambda: None)
    found = conversion.evaluate(done)
    assert not failed
    assert found["similarity"]["closure"] >= 0.4
    assert found["within_2_semitones"] >= 0.9
    assert found["correlation"] >= 0.9
