"""Text from outside, made safe to show."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.text import LIMIT, clean, distinct

any_text = st.text(st.characters(), max_size=700)


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("mfe-conv1d-934", "mfe-conv1d-934"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\r\n\tb\x00\x7f", "a␍␊␉b␀␡"),
        ("\x9b2J", "\ufffd2J"),
        ("abc\u202edef", "abc\ufffddef"),
        ("\ud800", "\ufffd"),
        ("e\u0301", "\u00e9"),
        ("❤\ufe0f", "❤"),
        ("音声 テスト", "音声 テスト"),
        ("x" + "\u0335" * 50, "x" + "\u0335" * 4),
    ],
)
def test_what_is_shown_of_a_text(given_: str, shown: str) -> None:
    assert clean(given_) == shown


@given(any_text)
def test_nothing_that_drives_a_terminal_is_left(text: str) -> None:
    forbidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not {unicodedata.category(char) for char in clean(text)} & forbidden


@given(any_text, st.integers(1, 600))
def test_cleaning_twice_is_cleaning_once_and_the_limit_holds(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once
    assert len(once) <= limit


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert clean("x" * 10_000) == "x" * (LIMIT - 1) + "…"


@given(st.lists(st.sampled_from(["a", "b", "a_2", "a_3", "a_2_2", ""]) | any_text, max_size=30))
def test_names_become_distinct_in_their_order_and_single_ones_stay(names: Any) -> None:
    found = distinct(names, "_")
    assert len(set(found)) == len(found) == len(names)
    for name, own in zip(names, found, strict=True):
        assert own == name or (names.count(name) > 1 and own.startswith(f"{name}_"))


@pytest.mark.parametrize("names", [["a"] * 20_000, [f"a_{number}" for number in range(20_000)] + ["a"] * 20_000])
def test_thousands_of_equal_names_take_no_time(names: Any) -> None:
    assert len(set(distinct(names, "_"))) == len(names)
