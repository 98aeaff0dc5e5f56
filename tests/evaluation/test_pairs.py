from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from voicevae.errors import CorpusError
from voicevae.evaluation.clips import Clip, by_corpus, draw_clips, read_clips, usable_clips
from voicevae.evaluation.pairs import by_language, draw_across, draw_pairs


def clips(speakers: str, n: int, seconds: float = 4.0) -> list[Clip]:
    return [Clip(f"{s}{i}", f"set/{s}", Path(f"{s}{i}.wav"), seconds + 0.1 * i) for s in speakers for i in range(n)]


def test_what_is_compared_with_is_never_the_reference() -> None:
    for pair in draw_pairs(clips("abc", 4), 60, 0):
        assert pair.source.speaker != pair.target
        parts = [pair.reference, pair.held_out, *pair.others]
        assert {clip.speaker for clip in parts} == {pair.target}
        assert len({clip.id for clip in parts}) == len(parts) == 4


def test_all_routes_take_part_equally() -> None:
    routes = Counter((pair.source.speaker, pair.target) for pair in draw_pairs(clips("abc", 4), 60, 0))
    assert set(routes.values()) == {10}


def test_a_source_comes_again_only_after_all_others() -> None:
    pairs = [pair for pair in draw_pairs(clips("ab", 5), 20, 0) if pair.target == "set/b"]
    assert set(Counter(pair.source.id for pair in pairs).values()) == {2}


def test_the_seed_decides() -> None:
    assert draw_pairs(clips("abc", 4), 20, 1) == draw_pairs(clips("abc", 4), 20, 1)
    assert draw_pairs(clips("abc", 4), 20, 1) != draw_pairs(clips("abc", 4), 20, 2)


def test_references_last_about_5_s() -> None:
    mixed = clips("ab", 3, 1.0) + [Clip(f"{s}long", f"set/{s}", Path("x.wav"), 5.5) for s in "ab"]
    assert {pair.reference.duration_s for pair in draw_pairs(mixed, 20, 0)} == {5.5}
    assert {pair.reference.duration_s for pair in draw_pairs(clips("ab", 3, 1.0), 20, 0)} == {1.2}


def test_one_speaker_gives_no_pairs() -> None:
    assert draw_pairs(clips("a", 5), 10, 0) == []


def test_a_single_long_recording_is_cut_into_pieces_that_cover_it() -> None:
    pieces = usable_clips([Clip("x", "a", Path("x.wav"), 14.0)])
    assert [piece.start_s for piece in pieces] == pytest.approx([0, 14 / 3, 28 / 3])
    assert sum(piece.duration_s for piece in pieces) == pytest.approx(14)
    assert len({piece.id for piece in pieces}) == 3


def test_too_little_speech_is_left_out_and_enough_is_kept_whole() -> None:
    assert usable_clips([Clip("x", "a", Path("x.wav"), 8.0)]) == []
    assert usable_clips(clips("a", 2)) == []
    assert usable_clips(clips("a", 3)) == clips("a", 3)


def test_clips_are_drawn_from_the_speakers_in_turn() -> None:
    drawn = draw_clips(clips("abc", 4), 7, 0)
    assert sorted(Counter(clip.speaker for clip in drawn).values()) == [2, 2, 3]
    assert len(draw_clips(clips("abc", 4), 99, 0)) == 12


def test_the_largest_corpus_comes_first() -> None:
    other = [Clip(f"z{i}", "other/z", Path("z.wav"), 4.0) for i in range(9)]
    assert list(by_corpus(clips("a", 4) + other)) == ["other", "set"]


def test_clips_of_a_folder(corpus: Path) -> None:
    dev = read_clips(corpus, "dev")
    assert Counter(clip.speaker for clip in dev) == {"set/a": 4, "set/b": 4}
    assert dev[0].duration_s == pytest.approx(2.0)
    assert len(dev[0].load(8000)) == 16000
    with pytest.raises(CorpusError, match="no split 'nowhere'"):
        read_clips(corpus, "nowhere")


def test_a_piece_is_that_part_of_its_recording(corpus: Path) -> None:
    whole = read_clips(corpus, "dev")[0]
    piece = Clip("p", whole.speaker, whole.path, 0.5, start_s=1.0)
    assert (piece.load(16000) == whole.load(16000)[16000:24000]).all()


def test_across_corpora_sources_and_targets_take_turns() -> None:
    mixed = [replace(clip, speaker=clip.speaker.replace("set", corpus)) for corpus in "xy" for clip in clips("ab", 3)]
    pairs = draw_across(mixed, 8, 0)
    assert pairs == draw_across(mixed, 8, 0) != draw_across(mixed, 8, 1)
    assert pairs[:4] == draw_across(mixed, 4, 0)
    assert [pair.source.corpus for pair in pairs] == ["x", "y"] * 4
    assert [pair.reference.corpus for pair in pairs] == ["x", "x", "y", "y"] * 2
    for pair in pairs:
        assert pair.source.speaker != pair.target == pair.others[0].speaker
        assert pair.reference == pair.held_out != pair.others[0]


def test_who_has_one_recording_is_a_target_by_its_halves() -> None:
    for pair in draw_across(clips("ab", 1), 4, 0):
        first, second = pair.reference, pair.others[0]
        assert (first.start_s, first.duration_s, second.start_s) == (0.0, 2.0, 2.0)


def test_across_corpora_single_speakers_take_no_part() -> None:
    assert draw_across(clips("a", 3), 4, 0) == []


def test_recordings_without_a_language_count_as_the_most_frequent_one() -> None:
    own = [replace(clip, language=code) for clip, code in zip(clips("a", 5), ["de", "en", "en", "", "fr"], strict=True)]
    assert {code: len(group) for code, group in by_language(own).items()} == {"en": 3, "de": 1, "fr": 1}
