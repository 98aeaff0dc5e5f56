"""A stage of a recipe ends in one sentence, whatever stops it."""

import errno

import pytest

from voicevae.errors import CorpusError
from voicevae.recipes import command


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (CorpusError("There is\nno \udce9.wav."), 2, "There is\\nno \\xe9.wav.\n"),
        (
            OSError(errno.ENOSPC, "No space left", "a\nb"),
            2,
            "a\\nb cannot be read or written (No space left); check it",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_stops_a_stage_is_one_sentence(
    fault: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def stage() -> None:
        raise fault

    with pytest.raises(SystemExit) as ended:
        command.run(stage)
    assert ended.value.code == status
    message = capsys.readouterr().err
    assert message.startswith(said) and message.count("\n") == (status == 2)


@pytest.mark.parametrize("words", ["0", "-3", "nan", "inf", "soon"])
def test_a_budget_that_is_none_is_refused_in_one_sentence(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.train("A stage.", lambda *_: pytest.fail("ran"), ["--exp", "exp", f"--minutes={words}"])
    assert ended.value.code == 2 and "minutes; give one above 0" in capsys.readouterr().err
