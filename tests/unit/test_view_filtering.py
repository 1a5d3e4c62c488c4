"""The filter in words: its title, its errors, its hints, and the line that is typed."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import FIGURES, figure
from eitui.analysis.query import fields
from eitui.analysis.query.fields import USEFUL
from eitui.analysis.query.grammar import TrialQuery, parse_trial_filter
from eitui.analysis.query.tokens import QueryError
from eitui.view.kit.lines import Line, width_of
from eitui.view.run.filtering import FIELDS, FILTER_EXAMPLES, Edited, hint, in_force, nothing_left, too_long, wrong


def text_of(line: Line) -> str:
    return "".join(part for part, _ in line)


def test_the_title_has_the_filter_and_how_many_it_finds() -> None:
    assert in_force(parse_trial_filter("latency<50"), 12, 60) == "filter: latency<50 · 12 of 60"
    assert in_force(TrialQuery(), 60, 60) == ""


def test_in_a_narrow_title_the_filter_is_cut_and_not_the_count() -> None:
    result = in_force(parse_trial_filter("status:completed and latency<50"), 12, 60, room=30)
    assert result == "filter: status:com… · 12 of 60"
    assert in_force(parse_trial_filter("status:completed"), 1, 2, room=3).endswith(" · 1 of 2")


def test_an_empty_table_says_why_and_what_to_press() -> None:
    query = parse_trial_filter("status:failed")
    result = nothing_left(query, 60, still_typing=False)
    assert "`status:failed` (0 of 60)" in result
    assert result.endswith("/ changes the filter, esc shows all trials.")
    typing = nothing_left(query, 1, still_typing=True)
    assert "(0 of 1)" in typing
    assert "/" not in typing


def error_in(text: str) -> QueryError:
    with pytest.raises(QueryError) as raised:
        parse_trial_filter(text)
    return raised.value


def test_the_caret_is_below_the_place_that_is_wrong() -> None:
    text = "latency<50 and speed>3"
    result = text_of(wrong(error_in(text), text, 3, 0, 100))
    assert result.index("^") == 3 + text.index("speed")
    assert "no field is called speed" in result


def test_a_caret_far_to_the_right_has_the_message_before_it() -> None:
    text = "name:" + "x" * 70 + " latency<"
    result = text_of(wrong(error_in(text), text, 3, 0, 90))
    assert result.rstrip().endswith("^")
    assert result.index("^") == 3 + len(text)
    assert "a value is expected" in result


def test_wide_characters_take_two_cells() -> None:
    text = "日本 speed>3"
    assert text_of(wrong(error_in(text), text, 3, 0, 100)).index("^") == 3 + 5


@given(st.text(st.sampled_from("ab<:( \"'日"), max_size=40), st.integers(10, 120), st.integers(0, 10))
def test_an_error_fits_and_has_its_caret(text: str, width: int, first: int) -> None:
    try:
        parse_trial_filter(text)
    except QueryError as error:
        line = wrong(error, text, 3, min(first, len(text)), width)
        assert width_of(line) <= width
        assert "^" in text_of(line)


def test_hints_are_examples_then_completions_then_fields() -> None:
    assert text_of(hint((), 60, 60, "", 250)).startswith(f"   {FILTER_EXAMPLES}  · tab completes")
    assert text_of(hint(("ram<", "rom<"), 3, 60, "r", 60)) == "   ram<  rom<" + " " * 39 + "3 of 60 "
    assert text_of(hint((), 3, 60, "mfe", 200)).startswith("   latency<50  ram  rom")
    assert hint((), 0, 60, "mfe", 80)[-1] == ("0 of 60 ", "warn")
    assert width_of(hint((), 3, 60, "mfe", 40)) <= 40


def test_the_most_useful_fields_fit_on_a_small_screen() -> None:
    result = text_of(hint((), 60, 60, "mfe", 80))
    assert result.split("60 of")[0].split() == list(USEFUL[:8])


def test_fields_that_are_asked_for_make_way_for_others() -> None:
    result = text_of(hint((), 3, 60, "latency < 50 and val_accuracy>=0.9 loss", 80)).split()
    assert "ram" in result
    assert "rom" in result
    assert not any(word.startswith(("latency", "val_acc")) for word in result)


@given(st.text(max_size=30), st.integers(20, 200), st.integers(0, 10**6))
def test_a_hint_fits_with_its_count(text: str, width: int, total: int) -> None:
    line = hint((), 1, total, text, width)
    assert width_of(line) <= width
    assert text_of(line).endswith(f"1 of {total} ")


def test_the_help_has_every_field_and_every_flag() -> None:
    named = {word.strip(":") for name, _ in FIELDS for word in name.split()}
    assert {figure.name for figure in FIGURES} <= named
    (flags,) = (result for name, result in FIELDS if name == "is:")
    assert all(flag in flags for flag in fields.FLAGS)
    result = " ".join(result for _, result in FIELDS)
    assert "milliseconds" in result
    assert "a bare number is bytes" in result
    assert "a fraction 0..1 or a percentage" in result


def test_every_example_is_a_filter() -> None:
    examples = [
        word.strip(",;()") for _, result in FIELDS for word in result.split() if re.search(r"[a-z]+(:|[<>]=?)\w", word)
    ]
    assert len(examples) > 10
    for example in examples:
        parse_trial_filter(example, (*FIGURES, figure("training.learning_rate"), figure("dsp.type")))


def test_what_is_too_long_is_said() -> None:
    assert "500 characters" in text_of(too_long(500, 100))
    assert width_of(too_long(500, 20)) <= 20


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
