"""Undo: what is a step, and that it always leads back."""

from voicevae.demo.history import TOGETHER_S, History, Setting


def walk(*steps: tuple[tuple[float, ...], float]) -> History:
    history = History()
    for edits, now in steps:
        history = history.then(Setting(edits), now)
    return history


def test_undo_leads_back_to_the_beginning_and_no_further() -> None:
    history = walk(((0, 1), 0), ((3, 1), 10), ((3, 2), 20))
    assert history.undone().present.edits == (3, 1)
    assert history.undone().undone().undone().undone().present.edits == (0, 1)


def test_the_same_again_is_no_step() -> None:
    history = walk(((0, 1), 0), ((3, 1), 10), ((3, 1), 20))
    assert history.undone().present.edits == (0, 1)


def test_one_slider_on_the_move_is_one_step() -> None:
    history = walk(((0, 1), 0), ((1, 1), 10), ((2, 1), 10.5), ((3, 1), 11))
    assert history.present.edits == (3, 1)
    assert history.undone().present.edits == (0, 1)


def test_a_pause_or_another_slider_is_a_new_step() -> None:
    paused = walk(((0, 1), 0), ((1, 1), 10), ((2, 1), 10.1 + TOGETHER_S))
    assert paused.undone().present.edits == (1, 1)
    other = walk(((0, 1), 0), ((1, 1), 10), ((1, 2), 10.1))
    assert other.undone().present.edits == (1, 1)


def test_moved_points_are_a_step() -> None:
    history = walk(((0, 1), 0), ((1, 1), 10)).then(Setting((1, 1), ((0.5, 200.0),)), 10.1)
    assert history.undone().present == Setting((1, 1))
