"""A search is reproducible, can be taken back and gone on with, and comes nearer to what a listener looks for."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicevae
from voicevae.calibration import Calibration
from voicevae.code import Speaker
from voicevae.errors import BundleError, EditError, InputError, OutputError
from voicevae.training.calibration_voices import fit_voices
from voicevae.verbs.search import Search
from voicevae.verbs.voices import VoiceSpace
from voicevae.voice import VoiceVAE

pytest.importorskip("sklearn")  # which fits the mixture
SIZE = 6


def speaker(seed: int, log_f0: float) -> Speaker:
    random = np.random.default_rng(seed)
    root = random.normal(size=(SIZE, 2 * SIZE))
    z, mel = (random.normal(size=SIZE).astype(np.float32) for _ in range(2))
    return Speaker(z, log_f0 + 0.1 * random.normal(), 0.2, mel, (root @ root.T / 10).astype(np.float32))


@pytest.fixture(scope="module")
def space() -> VoiceSpace:
    """Of sixteen men and sixteen women."""
    voices = [[speaker(i, 4.7)] for i in range(16)] + [[speaker(20 + i, 5.3)] for i in range(16)]
    arrays, names = fit_voices(voices, ["male"] * 16 + ["female"] * 16)
    made = {f"voices.{name}": np.asarray(value) for name, value in arrays.items()}
    return VoiceSpace.of(Calibration(made, {"voices": names}))


def same(one: Speaker, two: Speaker) -> None:
    for name, value in vars(one).items():
        np.testing.assert_allclose(value, getattr(two, name), atol=1e-4)


def test_the_same_seed_and_answers_give_the_same_voices(space: VoiceSpace) -> None:
    searches = [Search(space, "x", 3) for _ in range(2)]
    for answer in ("a", "same", "b", "a"):
        for one, two in zip(*(search.pair() for search in searches), strict=True):
            same(one, two)
        for search in searches:
            search.choose(answer)
    same(*(search.best() for search in searches))
    assert [choice.answer for choice in searches[0].history] == ["a", "same", "b", "a"]


def test_seeds_differ_in_which_voice_is_a(space: VoiceSpace) -> None:
    first = {float(Search(space, "x", seed).pair()[0].log_f0_mean) for seed in range(12)}
    assert len(first) == 2


def test_what_is_undone_was_never_chosen(space: VoiceSpace) -> None:
    one, two = Search(space, "x"), Search(space, "x")
    one.choose("a")
    one.choose("b")
    one.undo()
    two.choose("a")
    for left, right in zip((*one.pair(), one.best()), (*two.pair(), two.best()), strict=True):
        same(left, right)
    two.undo()
    with pytest.raises(EditError, match="no choice to take back"):
        two.undo()


def test_a_saved_search_goes_on(space: VoiceSpace, tmp_path: Path) -> None:
    search = Search(space, "x", 5, "female")
    for answer in ("a", "b", "same", "b"):
        search.choose(answer)
    path = tmp_path / "search.json"
    search.save(path)
    assert path.stat().st_size < 10_000 and json.loads(path.read_text())["seed"] == 5
    again = Search.load(path, space, "x")
    for left, right in zip((*search.pair(), search.best()), (*again.pair(), again.best()), strict=True):
        same(left, right)
    assert len(again.history) == 4
    assert [one.name for one in tmp_path.iterdir()] == ["search.json"]


def test_a_listener_s_voice_is_found(space: VoiceSpace) -> None:
    """Who prefers the nearer register, and knows nothing else, gets it."""
    for wanted in (4.6, 5.0, 5.4):
        search = Search(space, "x")
        for _ in range(20):
            a, b = search.pair()
            search.choose("a" if abs(a.log_f0_mean - wanted) < abs(b.log_f0_mean - wanted) else "b")
        assert search.best().log_f0_mean == pytest.approx(wanted, abs=0.08)
        assert 0.1 < search.known < 1


def test_pairs_that_sound_alike_are_followed_by_wider_ones(space: VoiceSpace) -> None:
    search, apart = Search(space, "x"), []
    for _ in range(3):
        a, b = search.pair()
        apart.append(np.linalg.norm(space.coordinates(a) - space.coordinates(b)))
        search.choose("same")
    search.choose("a")
    assert max(apart) > apart[0]


def test_gender_and_likeness_say_where_to_begin(space: VoiceSpace) -> None:
    man, woman = (Search(space, "x", gender=gender).best().log_f0_mean for gender in ("male", "female"))
    assert man < 5 < woman
    like = speaker(2, 4.7)
    assert Search(space, "x", like=space.coordinates(like)).best().log_f0_mean == pytest.approx(
        like.log_f0_mean, abs=1e-4
    )


@pytest.mark.parametrize("answer", ["c", "A", "", None, 1])
def test_other_answers_are_refused(space: VoiceSpace, answer: Any) -> None:
    search = Search(space, "x")
    with pytest.raises(EditError, match="give a, b or same"):
        search.choose(answer)
    assert not search.history


def test_what_cannot_be_is_one_sentence(space: VoiceSpace, tmp_path: Path) -> None:
    with pytest.raises(EditError, match="known are female, male"):
        Search(space, "x", gender="child")
    for seed in (-1, 1.5, True):
        with pytest.raises(EditError, match="whole number"):
            Search(space, "x", seed)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="cannot be written"):
        Search(space, "x").save(tmp_path / "none" / "search.json")
    path = tmp_path / "search.json"
    with pytest.raises(InputError, match="does not exist"):
        Search.load(path, space, "x")
    Search(space, "x").save(path)
    with pytest.raises(InputError, match="another bundle"):
        Search.load(path, space, "y")
    for text in ("", "[]", "{}", path.read_text().replace('"choices": []', '"choices": [{"a": [1], "b": [2]}]')):
        path.write_text(text)
        with pytest.raises(InputError, match="is not a search"):
            Search.load(path, space, "x")


def test_a_bundle_without_calibration_says_so(small_bundle: Path) -> None:
    with pytest.raises(BundleError, match="calibration"):
        voicevae.load(small_bundle).search()


def test_the_shipped_bundle_searches_and_speaks(tmp_path: Path) -> None:
    vv: VoiceVAE = voicevae.load()
    search = vv.search(1, gender="female")
    search.choose("a")
    vv.save_voice(search.best(), tmp_path / "mine.voice")
    same(vv.speaker(tmp_path / "mine.voice"), search.best())
    search.save(tmp_path / "search.json")
    same(vv.search(resume=tmp_path / "search.json").best(), search.best())
