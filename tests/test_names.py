"""Any name can be shown on any terminal, and made to fit."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicevae.names import fitted, shown


@pytest.mark.parametrize(
    ("name", "text"),
    [(b"a.wav", "a.wav"), ("é/ß.wav".encode(), "é/ß.wav"), (b"\xe9.wav", "\\xe9.wav"), (b"a\nb", "a\\nb")],
)
def test_names_are_shown(name: bytes, text: str) -> None:
    assert shown(os.fsdecode(name)) == text


@given(st.binary(min_size=1, max_size=400).filter(lambda name: b"\0" not in name and b"/" not in name))
def test_names_fit_and_stay_apart(name: bytes) -> None:
    stem = os.fsdecode(name)
    short = fitted(stem, ".code.npz")
    assert len(os.fsencode(short)) <= 255 and short.endswith(".code.npz")
    assert short == stem + ".code.npz" or short != fitted(stem + "x", ".code.npz")
