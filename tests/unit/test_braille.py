"""Bars of braille dots, and the curve of one row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.view.kit.braille import inked, spark, touching

BARS = st.lists(st.none() | st.tuples(st.integers(0, 11), st.integers(0, 11)).map(lambda bar: (min(bar), max(bar))))


def dots(char: str) -> set[tuple[int, int]]:
    """Column and dot from the bottom (Unicode 16, section 21.1)."""
    bits = max(0, ord(char) - 0x2800)
    places = [(0, 3), (0, 2), (0, 1), (1, 3), (1, 2), (1, 1), (0, 0), (1, 0)]
    return {place for bit, place in enumerate(places) if bits >> bit & 1}


def heights(line: str) -> dict[int, set[int]]:
    """The dots of each column of dots."""
    found: dict[int, set[int]] = {}
    for place, char in enumerate(line):
        for across, up in dots(char):
            found.setdefault(2 * place + across, set()).add(up)
    return found


@given(BARS)
def test_a_bar_has_all_its_dots_and_no_other(bars: list[tuple[int, int] | None]) -> None:
    drawn = {
        (2 * column + across, 4 * (2 - row) + up)
        for row, cells in enumerate(inked(bars, 3))
        for column, bits in enumerate(cells)
        for across, up in dots(chr(0x2800 + bits))
    }
    assert drawn == {(place, up) for place, bar in enumerate(bars) if bar for up in range(bar[0], bar[1] + 1)}


@given(BARS)
def test_touching_bars_hold_the_bars_they_were_made_of(bars: list[tuple[int, int] | None]) -> None:
    found = touching(bars)
    assert [bar is None for bar in found] == [bar is None for bar in bars]
    for place, (bar, longer) in enumerate(zip(bars, found, strict=True)):
        if bar is not None and longer is not None:
            assert longer[0] <= bar[0] <= bar[1] <= longer[1]
            before = bars[place - 1] if place else None
            if before is not None:
                assert longer[0] - 1 <= before[1]
                assert longer[1] + 1 >= before[0]


def test_a_curve_of_one_row_is_as_long_as_its_training() -> None:
    whole = [(step, step / 50) for step in range(1, 51)]
    assert len(spark(whole, 1, 50, 8).rstrip()) == 8
    assert len(spark(whole[:25], 1, 50, 8).rstrip()) == 4
    rising = heights(spark(whole, 1, 50, 8))
    assert rising[0] == {0}
    assert rising[15] == {3}
    assert len(rising) == 16


def test_a_curve_of_few_epochs_is_a_line_and_one_with_unseen_epochs_has_gaps() -> None:
    assert len(heights(spark([(1, 0.0), (2, 0.5), (3, 1.0)], 1, 3, 8))) == 16
    assert set(heights(spark([(1, 0.0), (10, 1.0)], 1, 10, 5))) == {0, 9}


@pytest.mark.parametrize(
    ("points", "least", "levels"),
    [
        ([(1, 0.5), (2, 0.5)], 0.0, {1, 2}),
        ([(1, 0.50), (2, 0.51)], 0.2, {1, 2}),
        ([(1, 0.0), (2, 0.2)], 0.2, {0, 1, 2, 3}),
        ([(1, -1.7e308), (2, 1.7e308)], 0.0, {0, 1, 2, 3}),
    ],
)
def test_a_flat_curve_is_drawn_flat(points: list[tuple[int, float]], least: float, levels: set[int]) -> None:
    assert set().union(*heights(spark(points, 1, 2, 8, least)).values()) <= levels


def test_a_curve_of_very_many_epochs_has_no_gaps() -> None:
    found = heights(spark([(step, step / 10_000) for step in range(1, 10_001)], 1, 10_000, 8))
    assert (len(found), min(found[0]), max(found[15])) == (16, 0, 3)


def test_no_points_are_no_curve() -> None:
    assert spark([], 1, 50, 8) == spark([(1, 0.5)], 1, 50, 0) == ""
