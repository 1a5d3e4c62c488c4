"""The screen in ASCII: as wide as it was, and only where the terminal shows nothing else."""

import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.text import char_cells
from eitui.tui.ascii import needs_ascii, to_ascii
from eitui.view.kit.marks import MARK_SIGNS
from eitui.view.kit.status import STATUSES


@given(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]))
def test_every_character_keeps_its_width(char: str) -> None:
    assert to_ascii(char).isascii()
    assert len(to_ascii(char)) == char_cells(char)


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_and_control_sequences_stay_as_they_are(text: str) -> None:
    assert to_ascii(text) == text


def test_a_letter_keeps_its_letter() -> None:
    assert to_ascii("mémoire – naïve") == "memoire - naive"


@pytest.mark.parametrize("signs", [{state.sign for state in STATUSES.values()}, set(MARK_SIGNS), set("★☆✓✗○●")])
def test_the_signs_of_one_legend_differ(signs: set[str]) -> None:
    assert len({to_ascii(sign) for sign in signs}) == len(signs)


@pytest.mark.parametrize(
    ("dots", "ink"), [("⠀", " "), ("⠁", "'"), ("⠉", "'"), ("⠒", "-"), ("⠤", "-"), ("⣀", "."), ("⡇", ":"), ("⣿", "#")]
)
def test_dots_become_ink_in_the_same_place(dots: str, ink: str) -> None:
    assert to_ascii(dots) == ink


@pytest.mark.parametrize(
    ("environ", "needed"),
    [
        ({}, False),
        ({"TMUX": "1"}, True),
        ({"STY": "1"}, True),
        ({"STY": "1", "LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C.utf8"}, False),
        ({"LANG": "de_DE"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LC_CTYPE": "en_US.UTF-8"}, False),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, True),
    ],
)
def test_it_is_needed_where_neither_locale_nor_terminal_has_more(environ: Mapping[str, str], needed: bool) -> None:
    assert needs_ascii(environ) is needed


def test_no_accent_is_left_over() -> None:
    assert to_ascii(unicodedata.normalize("NFD", "é")) == "e"
