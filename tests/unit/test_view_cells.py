"""Text in terminal cells."""

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from eitui.domain.text import clean
from eitui.view.kit.cells import MOST_MARKS, fit, len_cells, wrap

aligns = st.sampled_from(["left", "right", "centre"])
MARK = "\u0301"


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("", 0), ("日本", 4), ("e" + MARK, 1), ("한", 2), ("\u1112\u1161\u11ab", 2), ("★●–…", 4), ("⠤", 1)],
)
def test_cells_of_known_texts(text: str, cells: int) -> None:
    assert len_cells(text) == cells


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0x20, 0x7E),
        (0xA0, 0xAC),
        (0x300, 0x36F),  # combining marks
        (0x370, 0x3FF),
        (0x600, 0x6FF),  # Arabic
        (0x900, 0x97F),  # Devanagari
        (0xE00, 0xE7F),  # Thai
        (0x1100, 0x11FF),  # Hangul, in parts
        (0x2500, 0x25FF),  # box drawing, geometric shapes
        (0x2800, 0x28FF),  # braille
        (0x3041, 0x30FF),
        (0x4E00, 0x4EFF),
        (0xAC00, 0xACFF),
        (0xFF01, 0xFFA0),
        (0x1F3FB, 0x1F64F),
    ],
)
def test_widths_agree_with_the_library_that_lays_out_the_screen(first: int, last: int) -> None:
    chars = [chr(code) for code in range(first, last + 1) if clean(chr(code)) == chr(code)]
    assert chars
    assert [char for char in chars if len_cells(char) != cell_len(char)] == []


@pytest.mark.parametrize(
    ("text", "width", "align", "shown"),
    [
        ("abc", 5, "left", "abc  "),
        ("abc", 5, "right", "  abc"),
        ("abc", 6, "centre", " abc  "),
        ("abcdef", 4, "left", "abc…"),
        ("abcdef", 4, "right", "abc…"),
        ("abcdef", 1, "left", "…"),
        ("日本語", 4, "left", "日… "),
        ("日本語", 5, "left", "日本…"),
        ("日本語", 4, "right", " 日…"),
        ("ab", 0, "left", ""),
        (f"e{MARK}fgh", 3, "left", f"e{MARK}f…"),
        (f"{MARK}ab", 3, "left", "ab "),
        ("⚠\ufe0f!", 3, "left", "⚠! "),
    ],
)
def test_fit(text: str, width: int, align: Literal["left", "right", "centre"], shown: str) -> None:
    assert fit(text, width, align) == shown


@given(st.text(), st.integers(0, 40), aligns)
def test_fit_takes_exactly_its_width(text: str, width: int, align: Literal["left", "right", "centre"]) -> None:
    assert len_cells(fit(text, width, align)) == width


@given(st.text().map(clean), st.integers(1, 40), aligns)
def test_what_fits_is_not_cut(text: Any, width: int, align: Literal["left", "right", "centre"]) -> None:
    if len_cells(text) > width:
        assert "…" in fit(text, width, align)
    elif text.isascii():
        assert fit(text, width, align).strip() == text.strip()


def test_a_tower_of_marks_is_cut_to_what_a_script_needs() -> None:
    assert fit("a" + MARK * 300 + "b", 2) == "a" + MARK * MOST_MARKS + "b"


def test_wrap_breaks_at_spaces_and_cuts_long_words() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("a incomprehensible b", 6) == ["a", "incom…", "b"]
    assert wrap("", 10) == []


@given(st.text(), st.integers(2, 30))
def test_wrapped_lines_are_never_too_wide(text: str, width: int) -> None:
    assert all(0 < len_cells(line) <= width or not len_cells(line) for line in wrap(text, width))


@given(st.lists(st.text(alphabet="abc日本", min_size=1, max_size=5)), st.integers(10, 40))
def test_wrap_loses_no_word_that_fits(words: list[str], width: int) -> None:
    assert " ".join(wrap(" ".join(words), width)).split() == words
