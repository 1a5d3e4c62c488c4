"""Fewer bytes for styles: the terminal shows the same, cell for cell."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from eitui.tui.frugal import frugal

COLOURS = st.sampled_from(["", "red", "bright_blue", "default", "color(120)", "#e0e0e0", "#5fa9e3"])
GROUNDS = st.sampled_from(["", "blue", "default", "color(17)", "#121212", "#0b3a5f"])
STYLES = st.builds(
    lambda ink, ground, *others: Style(
        color=ink or None, bgcolor=ground or None, bold=others[0], reverse=others[1], underline=others[2]
    ),
    COLOURS,
    GROUNDS,
    *[st.sampled_from([None, None, True])] * 3,
)
PIECES = st.one_of(
    st.tuples(st.text("ab – ★", max_size=5), STYLES).map(lambda piece: piece[1].render(piece[0])),
    st.tuples(st.integers(1, 6), st.integers(1, 20)).map(lambda at: f"\x1b[{at[0]};{at[1]}H"),
    st.sampled_from(["plain", "   ", "\x1b[?2026h", "\x1b[K", "\x1b[1mbold\x1b[22mnot\x1b[m"]),
)


def shown(*texts: str) -> list[list[tuple[object, ...]]]:
    """The cells of a terminal, each with its style; of blanks only what can be seen."""
    screen = pyte.Screen(24, 6)
    stream = pyte.Stream(screen)
    for text in texts:
        stream.feed(text)
    cells = [[screen.buffer[y][x] for x in range(24)] for y in range(6)]
    return [
        [
            (one.data, one.bg, one.underscore, one.reverse)
            + ((one.fg, one.bold) if one.data != " " or one.reverse or one.underscore else ())
            for one in row
        ]
        for row in cells
    ]


@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=6))
def test_the_terminal_shows_the_same(first: list[str], then: list[str]) -> None:
    one, other = "".join(first), "".join(then)
    assert shown(frugal(one), frugal(other)) == shown(one, other)


@pytest.mark.parametrize("text", ["", "plain", "\x1b[5;1H", "\x1b[?2026h", "\x1b]52;c;YQ==\x07", "\x1b[>4;1m"])
def test_what_has_no_style_stays_as_it_is(text: str) -> None:
    assert frugal(text) == text


def test_a_row_takes_two_thirds_of_the_bytes() -> None:
    plain, dim, accent = (Style(color=ink, bgcolor="#121212") for ink in ("#e0e0e0", "#8d8d8d", "#5fa9e3"))
    row = "".join(
        style.render(text)
        for text, style in [("   raw-conv2d-72b  ", plain), ("● running", accent), ("  26/50 0.1129 ", plain)]
        + [("      –", dim), (" ", plain)] * 3
    )
    assert len(frugal(row).encode()) < 0.5 * len(row.encode())
