"""No frame of what is spoken is much louder than the code asks for, nor than the source: at any pitch, for any verb."""

from collections.abc import Callable

import numpy as np
import pytest

import voicevae
from voicevae import Edit, audio
from voicevae.code import Code
from voicevae.evaluation.metrics.burst import OVER_ASKED_DB, over_asked_db, over_source
from voicevae.tts.stream import Stream

EXAMPLES = voicevae.load().path / "voices"  # type: ignore[operator]
RATE, SECONDS = 16000, 4
PITCHES = (-24, -12, 6, 12, 18, 24)
Make = Callable[[voicevae.VoiceVAE, Code, Code], Code]


@pytest.fixture(scope="module")
def vv() -> voicevae.VoiceVAE:
    return voicevae.load()


@pytest.fixture(scope="module")
def waves() -> dict[str, np.ndarray]:
    return {name: audio.read(EXAMPLES / f"{name}.flac", RATE)[: SECONDS * RATE] for name in ("female", "male")}


@pytest.fixture(scope="module")
def codes(vv: voicevae.VoiceVAE, waves: dict[str, np.ndarray]) -> dict[str, Code]:
    return {name: vv.encode(wave, RATE) for name, wave in waves.items()}


def check(vv: voicevae.VoiceVAE, code: Code, source: np.ndarray) -> None:
    made = vv.decode(code)
    assert over_asked_db(vv, code, made) < OVER_ASKED_DB
    assert not over_source(made, source, RATE)


def pitch(semitones: float) -> Make:
    return lambda vv, one, two: one.edit(pitch_semitones=semitones)


def converted(semitones: float) -> Make:
    return lambda vv, one, two: one.edit(speaker=two.speaker, pitch_semitones=semitones)


EDITS: dict[str, Make] = {
    **{f"pitch {semitones:+g}": pitch(semitones) for semitones in PITCHES},
    "conversion": converted(0),
    "conversion +12": converted(12),
    "conversion +24": converted(24),
    "conversion without residual": lambda vv, one, two: one.edit(speaker=two.speaker, residual=0.0),
    "formants +4": lambda vv, one, two: one.edit(formant_semitones=4),
    "formants -4, pitch +24": lambda vv, one, two: one.edit(formant_semitones=-4, pitch_semitones=24),
    "sample": lambda vv, one, two: one.edit(speaker=vv.sample(0), pitch_semitones=12),
    "blend": lambda vv, one, two: one.edit(speaker=vv.blend([one.speaker, two.speaker]), pitch_semitones=24),
    "melody": lambda vv, one, two: vv.melody(one, notes="A5:2 E5:2", transpose="none"),
    "tune": lambda vv, one, two: vv.melody(one.edit(pitch_semitones=24), tune="C:major"),
    "transfer": lambda vv, one, two: vv.transfer(one, reference=two),
    "span": lambda vv, one, two: one.edit(marks=[(1.0, 2.0, Edit(pitch_semitones=24))]),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("name", ["female", pytest.param("male", marks=pytest.mark.slow)])
def test_an_edit_is_no_louder_than_asked_for(
    vv: voicevae.VoiceVAE, codes: dict[str, Code], waves: dict[str, np.ndarray], name: str, edit: Make
) -> None:
    one, two = codes[name], codes["male" if name == "female" else "female"]
    check(vv, edit(vv, one, two), waves[name])


@pytest.mark.parametrize("seed", range(4))
def test_a_random_voice_and_edit_is_no_louder_than_asked_for(
    vv: voicevae.VoiceVAE, codes: dict[str, Code], waves: dict[str, np.ndarray], seed: int
) -> None:
    random, name = np.random.default_rng(seed), "female" if seed % 2 else "male"
    change = {"pitch_semitones": random.uniform(-24, 24), "formant_semitones": random.uniform(-4, 4)}
    check(vv, codes[name].edit(speaker=vv.sample(seed), **change), waves[name])


@pytest.mark.parametrize("semitones", [-24.0, 24.0])
def test_a_stream_has_no_frame_far_above_its_source(
    vv: voicevae.VoiceVAE, waves: dict[str, np.ndarray], semitones: float
) -> None:
    stream = Stream(vv, lambda code: code.edit(pitch_semitones=semitones), RATE)
    made = [part for chunk in np.array_split(waves["female"], 20) for part in stream.feed(chunk)]
    assert not over_source(np.concatenate([*made, *stream.flush()]), waves["female"], RATE)


@pytest.mark.parametrize("name", ["female", "male"])
def test_intonation_on_a_pure_tone_is_no_louder_than_asked_for(
    vv: voicevae.VoiceVAE, codes: dict[str, Code], name: str
) -> None:
    """A tone of a second, whose F0 then moves by octaves: the decoder has heard no such contours."""
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    code = vv.transfer(tone, RATE, reference=codes[name])
    assert over_asked_db(vv, code, vv.decode(code)) < OVER_ASKED_DB
