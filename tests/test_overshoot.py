"""No frame of what is spoken is much louder than the code asks for: nothing is amplified where nothing is measured."""

from collections.abc import Callable

import numpy as np
import pytest

import voicevae
from voicevae.code import Code
from voicevae.features import extract

EXAMPLES = voicevae.load().path / "voices"  # type: ignore[operator]
OVERSHOOT_DB = 7.0
RANGE_DB = 30.0  # below the loudest frame, in which frames count


@pytest.fixture(scope="module")
def vv() -> voicevae.VoiceVAE:
    return voicevae.load()


@pytest.fixture(scope="module")
def codes(vv: voicevae.VoiceVAE) -> dict[str, Code]:
    return {name: vv.encode(EXAMPLES / f"{name}.flac") for name in ("female", "male")}


def overshoot_db(vv: voicevae.VoiceVAE, code: Code) -> float:
    """How much louder than asked for the worst of the loud frames is; a window of analysis spans three frames."""
    loudness_db = extract(vv.decode(code), vv.config).loudness_db
    asked = vv.coder.decode(code)[1].loudness_db
    n = min(len(asked), len(loudness_db))
    wide = np.max([np.roll(asked, by)[:n] for by in (-1, 0, 1)], 0)
    loud = loudness_db[:n] > loudness_db.max() - RANGE_DB
    return float((loudness_db[:n] - wide)[loud].max())


EDITS: dict[str, Callable[[Code, Code], Code]] = {
    "conversion": lambda one, two: one.edit(speaker=two.speaker),
    "conversion an octave up": lambda one, two: one.edit(speaker=two.speaker, pitch_semitones=12),
    "two octaves down": lambda one, two: one.edit(pitch_semitones=-24),
    "an octave up": lambda one, two: one.edit(pitch_semitones=12),
    "two octaves up": lambda one, two: one.edit(pitch_semitones=24),
    "formants up": lambda one, two: one.edit(formant_semitones=4),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("name", ["female", "male"])
def test_an_edit_is_no_louder_than_asked_for(
    vv: voicevae.VoiceVAE, codes: dict[str, Code], name: str, edit: Callable[[Code, Code], Code]
) -> None:
    one, two = codes[name], codes["male" if name == "female" else "female"]
    assert overshoot_db(vv, edit(one, two)) < OVERSHOOT_DB


@pytest.mark.parametrize("seed", range(4))
def test_a_random_voice_and_edit_is_no_louder_than_asked_for(
    vv: voicevae.VoiceVAE, codes: dict[str, Code], seed: int
) -> None:
    random = np.random.default_rng(seed)
    change = {"pitch_semitones": random.uniform(-24, 24), "formant_semitones": random.uniform(-4, 4)}
    code = codes["female" if seed % 2 else "male"].edit(speaker=vv.sample(seed), **change)
    assert overshoot_db(vv, code) < OVERSHOOT_DB
