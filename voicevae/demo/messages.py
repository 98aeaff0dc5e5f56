"""Errors as one sentence in the page, and the code to copy."""

import functools
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

from voicevae.errors import VoiceVAEError

UNEXPECTED = "This did not work, for a reason that the page did not foresee; its server's log has more."


def sentence() -> gr.Markdown:
    """Where a tab shows errors."""
    return gr.Markdown(visible=False, elem_classes="said", container=True)


def told(function: Callable[..., Any], n_outputs: int, n_kept: int = 0) -> Callable[..., tuple[Any, ...]]:
    """`function`, whose results are followed by the error as a sentence, if any.

    Then its `n_outputs` results are emptied, because results must be those of the last request; except the last
    `n_kept`, which are states and controls.
    """
    nothing = [None] * (n_outputs - n_kept) + [gr.skip() for _ in range(n_kept)]

    @functools.wraps(function)
    def run(*args: Any) -> tuple[Any, ...]:
        try:
            made = function(*args)
        except Exception as error:
            return *nothing, said(_what(error))
        return *(made if n_outputs > 1 else (made,)), said("")

    return run


def told_of_each(function: Callable[..., Iterator[Any]], n_outputs: int) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """As `told`, for a generator of results."""

    @functools.wraps(function)
    def run(*args: Any) -> Iterator[tuple[Any, ...]]:
        try:
            for made in function(*args):
                yield *made, said("")
        except Exception as error:
            yield *[None] * n_outputs, said(_what(error))

    return run


def _what(error: Exception) -> str:
    if isinstance(error, VoiceVAEError):
        return str(error)
    traceback.print_exception(error, file=sys.stderr)
    return UNEXPECTED


def said(words: str) -> dict[str, Any]:
    """Update of a text: hidden where it is empty."""
    return gr.update(value=words, visible=bool(words))


def code_to_copy() -> tuple[gr.Code, gr.Code]:
    """Python, and the command line, that do the same as the last click."""
    with gr.Accordion("The same from Python, and from the command line", open=False):
        python = gr.Code(language="python", label="Python", interactive=False, show_line_numbers=False, wrap_lines=True)
        shell = gr.Code(
            language="shell", label="Command line", interactive=False, show_line_numbers=False, wrap_lines=True
        )
    return python, shell


def python(*lines: str) -> str:
    """Python code that loads the bundle, then `lines`."""
    return "\n".join(["import voicevae", "", "vv = voicevae.load()", *lines])


def unmarked(watermark: bool) -> str:
    """The argument of a `..._file` that says whether there is to be a watermark, empty for the default."""
    return "" if watermark else ", watermark=False"


def voice_argument(names: Sequence[str]) -> str:
    """A voice as `vv.convert` takes it: a file, several recordings, or a sample voice."""
    if len(names) > 1:
        return repr(list(names))
    return repr(names[0]) if "." in names[0] else f'voicevae.bundle.DEFAULT / "voices" / "{names[0]}.flac"'


def voice_options(names: Sequence[str]) -> list[str]:
    """The same for the command line."""
    return [word for name in names for word in ("--voice", name)]


def shell(*words: str, watermark: bool = True) -> str:
    """A command; `watermark`: whether the sound that it makes carries one."""
    return shlex.join(["voicevae", *words, *([] if watermark else ["--no-watermark"])])


def keywords(edits: Mapping[str, float]) -> str:
    """Such as "pitch_semitones=3, rate=0.9"."""
    return ", ".join(f"{name}={value:g}" for name, value in edits.items())
