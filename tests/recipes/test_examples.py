"""The examples to play: whole sounds that say what made them; what a bundle cannot do is left out and named."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import soundfile as sf

import voicevae
from voicevae import provenance
from voicevae.recipes.examples import write

SOURCES = {"espeak", "female", "male", "damaged"}


@pytest.fixture(scope="module")
def written(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], str]:
    """Files by name, and what was printed, of a bundle that was not calibrated."""
    folder, said = tmp_path_factory.mktemp("examples"), StringIO()
    with redirect_stdout(said):
        paths = write(voicevae.load(small_bundle), folder)
    assert set(folder.iterdir()) == set(paths)
    return {path.stem: path for path in paths}, said.getvalue()


def test_every_verb_has_a_sound_that_says_what_made_it(written: tuple[dict[str, Path], str]) -> None:
    paths, _ = written
    assert set(paths) >= SOURCES | {"round_trip", "convert_male", "pitch_up", "blend", "transfer", "melody", "repair"}
    for name, path in paths.items():
        assert sf.info(path).duration > 1
        assert (provenance.read(path) is None) == (name in SOURCES)


def test_a_verb_that_needs_a_calibration_is_left_out(written: tuple[dict[str, Path], str]) -> None:
    paths, said = written
    assert "style" not in paths and "style: left out; " in said


def test_durations_are_those_asked_for(written: tuple[dict[str, Path], str]) -> None:
    seconds = {name: sf.info(path).duration for name, path in written[0].items()}
    assert seconds["round_trip"] == seconds["pitch_up"] == pytest.approx(seconds["female"], abs=0.02)
    assert seconds["repair"] == pytest.approx(seconds["female"], abs=0.02)
    assert seconds["slow"] == pytest.approx(seconds["female"] / 0.75, abs=0.02)
