"""Find a voice by comparing pairs."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from voicevae.demo import messages
from voicevae.demo.state import Studio
from voicevae.demo.voices import GENDERS, Voice
from voicevae.errors import EditError
from voicevae.verbs.search import Search

ANY = "any"
ANSWERS = {"A is nearer": "a", "B is nearer": "b", "No difference": "same"}


def build(studio: Studio) -> tuple[gr.Button, gr.State]:
    """The components; returns the button that takes the best voice, and the search."""
    search = gr.State(None)
    gr.Markdown("Two voices at a time: say which is nearer to the one that you have in mind. Twenty answers go far.")
    with gr.Row():
        gender = gr.Radio([ANY, *GENDERS], value=ANY, label="Search among", min_width=220)
        seed = gr.Number(0, label="Seed", precision=0, minimum=0, maximum=999_999_999, min_width=100)
        begin = gr.Button("Begin", variant="primary", min_width=120, elem_id="begin-search")
    with gr.Row():
        pair = [
            gr.Audio(
                type="filepath",
                label=name,
                interactive=False,
                buttons=["download"],
                min_width=240,
                elem_id=f"voice-{name}",
            )
            for name in ("A", "B")
        ]
    with gr.Row():
        answers = [gr.Button(words, size="sm", min_width=120) for words in ANSWERS]
        back = gr.Button("Undo", size="sm", min_width=120)
        take = gr.Button("Take the best so far", size="sm", min_width=160, variant="primary")
    message = messages.sentence()
    told = gr.Markdown()
    shown = [*pair, told, search]

    def on(button: gr.Button, function: Callable[..., Any], inputs: list[Any], name: str) -> None:
        made = messages.told(partial(function, studio), len(shown), 1)
        button.click(made, inputs, [*shown, message], api_name=name, show_progress="minimal", trigger_mode="once")

    on(begin, started, [gender, seed], "search")
    for button, answer in zip(answers, ANSWERS.values(), strict=True):
        on(button, partial(answered, answer=answer), [search], f"choose_{answer}")
    on(back, undone, [search], "search_undo")
    return take, search


def started(studio: Studio, gender: str, seed: float | None) -> tuple[Any, ...]:
    """A new search, and its first pair."""
    return _shown(studio, studio.vv.search(int(seed or 0), gender=None if gender == ANY else gender))


def answered(studio: Studio, search: Search | None, answer: str) -> tuple[Any, ...]:
    """The search after an answer (a key of `Search.choose`), and its next pair."""
    _begun(search).choose(answer)
    return _shown(studio, _begun(search))


def undone(studio: Studio, search: Search | None) -> tuple[Any, ...]:
    """The search without its last answer, and the pair before it."""
    _begun(search).undo()
    return _shown(studio, _begun(search))


def best(search: Search | None) -> Voice:
    """The best guess, and how Python finds it again."""
    found = _begun(search)
    answers = [choice.answer for choice in found.history]
    before = [f"search = vv.search({found.seed}, gender={found.gender!r})"]
    before += [f"search.choose({answer!r})" for answer in answers]
    options = f" --seed {found.seed}" + (f" --gender {found.gender}" if found.gender else "")
    shell = (f"voicevae search speech.wav -o new.voice{options}",)
    name = f"search {found.seed}, {len(answers)} answers"
    return Voice(name, "found by ear", found.best(), "search.best()", shell, tuple(before))


def _begun(search: Search | None) -> Search:
    if search is None:
        raise EditError("There is no search yet; press Begin.")
    return search


def _shown(studio: Studio, search: Search) -> tuple[Any, ...]:
    code = studio.code(studio.sentence)
    pair = zip("ab", search.pair(), strict=True)
    paths = [studio.speak(name, code.edit(speaker=speaker)) for name, speaker in pair]
    told = f"{len(search.history)} answers so far; {search.known:.0%} of where the voice might be is known."
    return *paths, told, search
