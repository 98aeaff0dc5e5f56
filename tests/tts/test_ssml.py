"""SSML becomes marks by the W3C's words; what cannot be read is named, and nothing is ignored in silence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicevae.code import Speaker
from voicevae.edits import Edit
from voicevae.errors import EditError
from voicevae.marks import Mark, checked
from voicevae.tts import read_ssml

VOICE = Speaker(np.zeros(2), math.log(120), 2 * math.log(2) / 12, np.zeros(2), np.eye(2))  # 120 Hz, std 2 semitones
WORDS = [("It", 0.0, 0.2), ("is", 0.25, 0.4), ("not", 0.45, 0.8), ("so.", 0.9, 1.2)]


def marks(text: str) -> list[Mark]:
    return read_ssml(text, WORDS, VOICE).marks


def edit_of(attribute: str) -> Edit:
    """What <prosody> with `attribute` asks for."""
    found = marks(f"<speak>It is <prosody {attribute}>not</prosody> so.</speak>")
    assert all((mark.start_s, mark.end_s) == (0.45, 0.8) for mark in found)
    return found[0].edit if found else Edit()


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "field", "value"),
    [
        ('pitch="+2st"', "pitch_semitones", 2),
        ('pitch="-2.5ST"', "pitch_semitones", -2.5),
        ('pitch="+100%"', "pitch_semitones", 12),
        ('pitch="-50%"', "pitch_semitones", -12),
        ('pitch="240Hz"', "pitch_semitones", 12),
        ('pitch="+120Hz"', "pitch_semitones", 12),
        ('pitch=" -60 Hz"', "pitch_semitones", None),
        ('pitch="-60Hz"', "pitch_semitones", -12),
        ('range="+50%"', "pitch_range", 1.5),
        ('range="-4st"', "pitch_range", 0.5),  # of two standard deviations up and down, 8 semitones
        ('range="-100st"', "pitch_range", 0),
        ('rate="80%"', "rate", 0.8),
        ('rate="+25%"', "rate", 1.25),
        ('rate="1.5"', "rate", 1.5),
        ('volume="+6dB"', "energy_db", 6),
        ('volume="-3.5dB"', "energy_db", -3.5),
    ],
)
def test_numbers_mean_what_the_standard_says(attribute: str, field: str, value: float | None) -> None:
    if value is None:
        with pytest.raises(EditError, match="no value of SSML"):
            edit_of(attribute)
    else:
        assert getattr(edit_of(attribute), field) == pytest.approx(value)
        assert Edit(**{**vars(edit_of(attribute)), field: getattr(Edit(), field)}) == Edit()


def test_a_range_in_hertz_goes_over_two_standard_deviations_each_way() -> None:
    own = 120 * (2 ** (4 / 12) - 2 ** (-4 / 12))
    assert edit_of(f'range="{own:.6f}Hz"').pitch_range == pytest.approx(1, abs=1e-6)
    wide = 120 * (2 ** (8 / 12) - 2 ** (-8 / 12))
    assert edit_of(f'range="{wide:.6f}Hz"').pitch_range == pytest.approx(2, abs=1e-6)
    assert edit_of(f'range="+{wide - own:.6f}Hz"').pitch_range == pytest.approx(2, abs=1e-6)
    assert edit_of('range="0Hz"').pitch_range == 0


@pytest.mark.parametrize(
    ("name", "field", "labels"),
    [
        ("pitch", "pitch_semitones", ["x-low", "low", "medium", "high", "x-high"]),
        ("range", "pitch_range", ["x-low", "low", "medium", "high", "x-high"]),
        ("rate", "rate", ["x-slow", "slow", "medium", "fast", "x-fast"]),
        ("volume", "energy_db", ["silent", "x-soft", "soft", "medium", "loud", "x-loud"]),
    ],
)
def test_labels_rise_and_the_middle_changes_nothing(name: str, field: str, labels: list[str]) -> None:
    values = [getattr(edit_of(f'{name}="{label}"'), field) for label in labels]
    assert values == sorted(set(values))
    assert edit_of(f'{name}="medium"') == edit_of(f'{name}="default"') == Edit()


def test_levels_of_emphasis_rise() -> None:
    def edit(level: str) -> Edit:
        found = marks(f"It is <emphasis{level}>not</emphasis> so.")
        return found[0].edit if found else Edit()

    rising = [edit(f' level="{level}"') for level in ("reduced", "none", "moderate", "strong")]
    for field in ("pitch_semitones", "pitch_range", "energy_db"):
        values = [getattr(one, field) for one in rising]
        assert values == sorted(set(values))
    assert edit("") == rising[2] and rising[1] == Edit()
    assert all(one.rate == 1 for one in rising)  # words and lips stay in step


# --- composition ----------------------------------------------------------------------------------------------------


@given(st.floats(-8, 8), st.floats(-8, 8))
def test_relative_values_come_upon_what_is_around_them(one: float, two: float) -> None:
    found = marks(
        f'<prosody pitch="{one:+.3f}st">It is <prosody pitch="{two:+.3f}st" volume="+1dB">not</prosody> so.</prosody>'
    )
    edits = {mark.start_s: mark.edit for mark in found}
    assert edits[0.45].pitch_semitones == pytest.approx(round(one, 3) + round(two, 3))
    assert edits[0.45].energy_db == 1


def test_absolute_values_replace_what_is_around_them() -> None:
    found = marks(
        '<prosody pitch="+5st" rate="50%">It is <prosody pitch="240Hz" rate="80%">not</prosody> so.</prosody>'
    )
    assert found[1].edit.pitch_semitones == pytest.approx(12) and found[1].edit.rate == 0.8


def test_what_is_not_said_stays() -> None:
    found = marks('<prosody rate="80%">It is <emphasis>not</emphasis> so.</prosody>')
    assert [mark.edit.rate for mark in found] == [0.8] * 3


def test_a_pause_belongs_to_the_element_around_it() -> None:
    found = marks('<prosody rate="80%">It is <emphasis>not</emphasis></prosody> so.')
    assert [(mark.start_s, mark.end_s) for mark in found] == [(0, 0.45), (0.45, 0.8)]
    apart = marks('<prosody rate="80%">It</prosody> <prosody rate="80%">is</prosody> not so.')
    assert [(mark.start_s, mark.end_s) for mark in apart] == [(0, 0.2), (0.25, 0.4)]


def test_all_of_it_is_one_mark() -> None:
    text = (
        '<?xml version="1.0"?><speak version="1.1"><p><s><prosody pitch="high">It is not so.</prosody></s></p></speak>'
    )
    assert marks(text) == [Mark(0, 1.2, Edit(pitch_semitones=3))]


@given(st.lists(st.sampled_from(["", "<emphasis>", '<prosody rate="120%">', '<prosody volume="-2dB">']), min_size=4))
def test_marks_never_overlap(opened: list[str]) -> None:
    text = ""
    for (word, _, _), tag in zip(WORDS, opened, strict=False):
        text += f" {tag}{word}" if tag else f" {word}"
    closing = [tag[1:].split(" ")[0].rstrip(">") for tag in opened[:4] if tag]
    checked(marks(text + "".join(f"</{name}>" for name in closing[::-1])), 1.2)


# --- what is not read -----------------------------------------------------------------------------------------------


def test_what_changes_nothing_is_named_once() -> None:
    text = (
        '<speak>It <break time="1s"/>is<break/> <prosody contour="(0%,+20Hz)" duration="2s">not</prosody> '
        '<amazon:effect name="whispered">so</amazon:effect>.</speak>'
    )
    read = read_ssml(text, WORDS, VOICE)
    assert read.marks == []
    assert read.ignored == ["<break>", "contour of <prosody>", "duration of <prosody>", "<amazon:effect>"]


def test_markup_within_a_word_is_named_and_around_its_comma_is_not() -> None:
    within = read_ssml("It is n<emphasis>o</emphasis>t so", WORDS, VOICE)
    assert within.marks == [] and within.ignored == ["markup within the word 'not'"]
    comma = read_ssml('It is "<emphasis>not</emphasis>", so', WORDS, VOICE)
    assert len(comma.marks) == 1 and comma.ignored == []


@pytest.mark.parametrize(
    "text",
    [
        "It is <emphasis>not so.",
        "It is <prosody pitch=high>not</prosody> so.",
        "It is not so. &unknown;",
        "<speak>It is not so.</speak><speak/>",
        "It is < not so.",
    ],
)
def test_what_is_not_well_formed_is_one_sentence(text: str) -> None:
    with pytest.raises(EditError, match="not well-formed XML") as raised:
        marks(text)
    assert len(str(raised.value).splitlines()) == 1


def test_entities_cannot_be_declared() -> None:
    bomb = '<!DOCTYPE speak [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><speak>&b;</speak>'
    for text in (bomb, '<?xml version="1.0"?>' + bomb, '<!DOCTYPE speak SYSTEM "file:///etc/passwd"><speak/>'):
        with pytest.raises(EditError, match="DOCTYPE"):
            marks(text)


@pytest.mark.parametrize(
    ("attribute", "says"),
    [
        ('pitch="2st"', "no value of SSML; give x-low"),
        ('pitch="loud"', "no value of SSML"),
        ('pitch="-100%"', "no value of SSML"),
        ('pitch="0Hz"', "no value of SSML"),
        ('pitch="nan"', "no value of SSML"),
        ('rate="slowly"', "no value of SSML; give x-slow"),
        ('volume="50"', "no value of SSML; give silent"),
        ('volume="3dB"', "no value of SSML"),
        ('rate="1000%"', "rate is 10.0; give a number from 0.25 to 4"),
        ('pitch="+30st"', "pitch_semitones is 30.0; give a number from -24 to 24"),
    ],
)
def test_values_that_are_none_are_refused_with_what_there_is(attribute: str, says: str) -> None:
    with pytest.raises(EditError, match=says):
        edit_of(attribute)
    with pytest.raises(EditError, match="level="):
        marks('It is <emphasis level="huge">not</emphasis> so.')


def test_hertz_without_a_voice_are_refused() -> None:
    with pytest.raises(EditError, match="Speaker"):
        read_ssml('It is <prosody pitch="150Hz">not</prosody> so.', WORDS)


# --- words ----------------------------------------------------------------------------------------------------------


def test_case_and_punctuation_do_not_matter() -> None:
    spoken = [("it", 0.0, 0.2), ("IS", 0.2, 0.4), ("—", 0.4, 0.45), ("not,", 0.45, 0.8), ("So", 0.8, 1.2)]
    assert read_ssml("It is <emphasis>not</emphasis> - so!", spoken).marks[0][:2] == (0.45, 0.8)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("It is now so.", "Word 3 of the SSML is 'now', of the timings 'not'"),
        ("It is not", "has 3 words, the timings 4"),
        ("It is not so at all", "has 6 words, the timings 4"),
        ("", "has 0 words"),
    ],
)
def test_other_words_are_refused(text: str, says: str) -> None:
    with pytest.raises(EditError, match=says):
        marks(text)


@pytest.mark.parametrize(
    "timing",
    [
        ("It", 0.2, 0.2),
        ("It", 0.3, 0.2),
        ("It", math.nan, 1),
        ("It", 0, math.inf),
        ("It", -1, 1),
        ("It", "0", 1),
        ("It",),
        3,
    ],
)
def test_timings_that_are_none_are_refused(timing: object) -> None:
    with pytest.raises(EditError, match="give"):
        read_ssml("It", [timing])  # type: ignore[list-item]


def test_timings_out_of_order_are_refused() -> None:
    with pytest.raises(EditError, match="'is' lies at 0.1-0.4 s; give words in order, from 0.2 s on"):
        read_ssml("It is", [("It", 0, 0.2), ("is", 0.1, 0.4)])


def test_a_small_overlap_of_words_is_cut() -> None:
    text = '<emphasis>It</emphasis> <emphasis level="strong">is</emphasis>'
    found = read_ssml(text, [("It", 0, 0.2), ("is", 0.19, 0.4)]).marks
    assert checked(found, 0.4)[1].start_s == 0.2
