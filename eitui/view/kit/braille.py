"""Bars of braille dots, and the small curve of one row that is made of them."""

from collections.abc import Sequence
from itertools import pairwise

DOTS_UP, DOTS_ACROSS = 4, 2
"""Dots of a braille character."""

BRAILLE = 0x2800
"""The character without a dot; its dots are the bits that are added to it."""

Bar = tuple[int, int]
"""The lowest and the highest dot of a column of dots, from 0 at the bottom."""
Raster = tuple[tuple[int, ...], ...]
"""For each row from the top and each column the dots of its cell, as the bits of a braille character."""

_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The bits of the left and of the right dots, from the bottom."""
_ENOUGH = 32
"""Points to a column of dots; of more, some do."""
DOT_ROWS = tuple(left | right for left, right in zip(*map(reversed, _BITS), strict=True))
"""The bits of the two dots beside one another, from the top."""
_FILLED = tuple(
    {(low, high): sum(bits[low : high + 1]) for low in range(DOTS_UP) for high in range(low, DOTS_UP)} for bits in _BITS
)


def inked(bars: Sequence[Bar | None], rows: int) -> Raster:
    """Return the cells of a bar for each column of dots; None is a column without one."""
    cells = [[0] * ((len(bars) + 1) // DOTS_ACROSS) for _ in range(rows)]
    for place, bar in enumerate(bars):
        if bar is None:
            continue
        (low, high), filled, column = bar, _FILLED[place % DOTS_ACROSS], place // DOTS_ACROSS
        for up in range(low // DOTS_UP, high // DOTS_UP + 1):
            base = up * DOTS_UP
            cells[rows - 1 - up][column] |= filled[max(0, low - base), min(DOTS_UP - 1, high - base)]
    return tuple(map(tuple, cells))


def touching(bars: Sequence[Bar | None]) -> list[Bar | None]:
    """Return the bars, each long enough to touch the one before it: together they are a line."""
    found = list(bars[:1])
    for before, bar in pairwise(bars):
        if before is not None and bar is not None:
            low, high = bar
            bar = min(low, before[1] + 1), max(high, before[0] - 1)
        found.append(bar)
    return found


def spark(points: Sequence[tuple[int, float]], first: int, last: int, cells: int, least: float = 0.0) -> str:
    """Return a curve one row high: `points` (step, value) by step, on an axis across from step `first` to `last`.

    It is as high as its own values differ, or as `least`: what says how good they are stands beside it. Steps that
    are missing are interpolated within a dot, and blank beyond that.
    """
    if not points or cells <= 0:
        return ""
    values = [value for _, value in points]
    low, high = min(values), max(values)
    # Halved before they are subtracted: the range of the largest values is beyond the largest float.
    size = max(high / 2 - low / 2, least / 2) or 1.0
    bottom = (high / 2 + low / 2) - size
    columns = cells * DOTS_ACROSS
    every = len(points) // (_ENOUGH * columns)
    if every > 1:
        points = [*points[::every], points[-1]]
    steps = max(1, last - first)
    bars: list[Bar | None] = [None] * columns
    before: tuple[int, int, int] | None = None
    for step, value in points:
        column = min(columns - 1, max(0, round((step - first) / steps * (columns - 1))))
        dot = min(DOTS_UP - 1, max(0, round((value / 2 - bottom / 2) / size * (DOTS_UP - 1))))
        bar = bars[column]
        bars[column] = (dot, dot) if bar is None else (min(bar[0], dot), max(bar[1], dot))
        if before is not None and step - before[0] == 1:
            _, from_column, from_dot = before
            for between in range(from_column + 1, column):
                level = round(from_dot + (dot - from_dot) * (between - from_column) / (column - from_column))
                bars[between] = (level, level)
        before = step, column, dot
    return "".join(chr(BRAILLE + bits) if bits else " " for bits in inked(touching(bars), 1)[0])
