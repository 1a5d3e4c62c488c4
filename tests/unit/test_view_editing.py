"""A line of text that is being typed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eitui.view.kit.lines import width_of
from eitui.view.run.filtering import Edited

TEXT = st.text(st.sampled_from("ab ·日é("), max_size=30)
EDITED = st.builds(lambda text, at: Edited(text).moved(at), TEXT, st.integers(-1, 31))


def test_typing_goes_in_at_the_place() -> None:
    assert Edited("ac", 1).typed("b", 100) == Edited("abc", 2)
    assert Edited("abc", 3).typed("defg", 5) == Edited("abcde", 5)


def test_what_could_drive_a_terminal_is_made_visible() -> None:
    assert Edited().typed("a\x1b[2J", 100).text == "a␛[2J"


def test_words_are_erased_and_passed_over() -> None:
    edited = Edited("latency<50 and  ram", 16)
    assert edited.word_before == 11
    assert edited.erased(edited.word_before) == Edited("latency<50 ram", 11)
    assert Edited("a  bc d", 1).word_after == 5
    assert Edited("abc", 0).word_before == 0
    assert Edited("abc", 3).word_after == 3


def test_a_place_outside_is_the_nearest() -> None:
    assert Edited("abc", 1).moved(9).at == 3
    assert Edited("abc", 0).erased(-1) == Edited("abc", 0)
    assert Edited("abc", 3).erased(4) == Edited("abc", 3)


def test_the_end_of_a_long_text_is_in_sight_with_the_place() -> None:
    text = "x" * 20 + "end"
    line = Edited(text, len(text)).line(10)
    assert "".join(part for part, _ in line) == "…xxxxxend "
    assert Edited(text, 0).line(10) == (("", ""), ("x", "caret"), ("x" * 9, ""))


def test_a_wide_character_makes_way_for_one_sign_of_its_width() -> None:
    text = "日" * 9
    assert "".join(part for part, _ in Edited(text, 9).line(10)) == "… 日日日 "


@given(EDITED, st.integers(2, 40))
def test_the_line_fits_and_marks_the_place(edited: Any, width: int) -> None:
    line = edited.line(width)
    assert width_of(line) <= max(width, 2)
    ((under, _),) = [span for span in line if span[1] == "caret"]
    assert under == (edited.text[edited.at : edited.at + 1] or " ")


@given(EDITED, st.integers(-2, 33))
def test_erasing_takes_what_is_between(edited: Any, to: int) -> None:
    after = edited.erased(to)
    first, last = sorted((edited.at, edited.moved(to).at))
    assert after.text == edited.text[:first] + edited.text[last:]
    assert after.at == first
