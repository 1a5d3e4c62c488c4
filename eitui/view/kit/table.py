"""Tables of any items: columns that say how a cell reads and sorts, which of them fit, and the lines of rows."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple

from eitui.analysis.figures import Lens
from eitui.analysis.query.fields import Facts, Item
from eitui.view.kit.cells import Align, fit, len_cells, tail
from eitui.view.kit.lines import Line, Span

SortKey = float | tuple[tuple[int, float, str], ...]

GAP = 1
"""Cells between two columns."""

_GAP: Span = (" " * GAP, "")

_VALIDATION = Lens()


class Cell(NamedTuple):
    """What a column shows of one item."""

    text: str
    tone: str = ""
    """What it means, not how it looks: `dim`, `accent`, `good`, `warn`, `bad`, `best` or nothing."""
    ahead: Span = ("", "")
    """What stands before it within the column, in a tone of its own."""


@dataclass(frozen=True)
class ColumnOf(Generic[Item, Facts]):
    """One column of a table: `cell` says what it shows of an item, `sort_key` how it sorts (None: no value, last)."""

    key: str
    title: str
    width: int
    """Cells it takes at least."""
    align: Align
    cell: Callable[[Item, Facts], Cell]
    sort_key: Callable[[Item, Facts], SortKey | None]
    rank: float
    """Its importance: where not all columns fit, the highest rank goes first."""
    widest: int = 0
    """Cells it may grow to where there is room; 0 for a fixed width."""

    titles: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Other titles, by the part of the data whose figures are shown."""
    high_first: bool = False
    """Whether high values are looked for first."""

    def heading(self, lens: Lens) -> str:
        """Return the title where the figures of `lens` are shown."""
        return self.titles.get(lens.part, self.title)


def row(item: Item, columns: Iterable[ColumnOf[Item, Facts]], facts: Facts) -> tuple[Cell, ...]:
    """Return the cells of one item, unpadded: `cells.fit(cell.text, column.width, column.align)` makes them align."""
    return tuple(column.cell(item, facts) for column in columns)


def sort_items(items: Iterable[Item], column: ColumnOf[Item, Facts], reverse: bool, facts: Facts) -> list[Item]:
    """Return the items in the order of a column; equal ones keep their order, missing values come last either way."""
    present: list[tuple[SortKey, Item]] = []
    missing: list[Item] = []
    for item in items:
        key = column.sort_key(item, facts)
        if key is None:
            missing.append(item)
        else:
            present.append((key, item))
    present.sort(key=itemgetter(0), reverse=reverse)
    return [item for _, item in present] + missing


def choose_columns(width: int, columns: Sequence[ColumnOf[Item, Facts]]) -> tuple[ColumnOf[Item, Facts], ...]:
    """Return those of `columns` that fit in `width` cells, in the order given, with the widths they get.

    Columns are taken by importance, so a wider table shows all that a narrower one does. What is left over goes to
    the columns that can grow. The first by importance is always there, however narrow the table.
    """
    ranked = sorted(columns, key=lambda column: column.rank)
    used, chosen = -GAP, set[str]()
    for column in ranked:
        if chosen and used + GAP + column.width > width:
            break
        used += GAP + column.width
        chosen.add(column.key)
    grown, spare = [], width - used
    for column in columns:
        if column.key not in chosen:
            continue
        extra = min(spare, max(0, column.widest - column.width))
        if spare < 0:
            # Even the most important column alone is too wide.
            extra = max(spare, 1 - column.width)
        spare -= extra
        grown.append(replace(column, width=column.width + extra) if extra else column)
    return tuple(grown)


_DIGITS = re.compile(r"([0-9]+)")


@lru_cache(maxsize=16384)
def natural(text: str) -> tuple[tuple[int, float, str], ...] | None:
    """Return a key that sorts numbers within text by value (`mfe-9` before `mfe-10`); None for empty text."""
    if not text:
        return None
    parts = _DIGITS.split(text.casefold())
    # The length of a number's digits, then the digits, is the order of its value, without converting 500 of them.
    return tuple(
        (0, len(part.lstrip("0")), part.lstrip("0")) if odd else (1, 0, part)
        for index, part in enumerate(parts)
        if (odd := index % 2) or part
    )


def aligned(cells: Sequence[Cell], columns: Sequence[ColumnOf[Item, Facts]]) -> Line:
    """Return cells at their columns' widths as one line."""
    line: list[Span] = []
    for cell, column in zip(cells, columns, strict=True):
        line.append(_GAP)
        room = column.width
        if cell.ahead[0]:
            line.append(cell.ahead)
            room -= len_cells(cell.ahead[0])
        line.append((fit(cell.text, room, column.align), cell.tone))
    return tuple(line[1:])


def roomy(
    columns: Sequence[ColumnOf[Item, Facts]], sort: ColumnOf[Item, Facts] | None, lens: Lens = _VALIDATION
) -> tuple[ColumnOf[Item, Facts], ...]:
    """Return `columns`, the one sorted by wide enough for its arrow: beside another title it could be that one's."""
    return tuple(
        replace(column, width=width + 1)
        if sort is not None and sort.key == column.key and len(column.heading(lens)) >= (width := column.width)
        else column
        for column in columns
    )


def titles(
    columns: Sequence[ColumnOf[Item, Facts]],
    sort: ColumnOf[Item, Facts] | None,
    *,
    reverse: bool,
    lens: Lens = _VALIDATION,
) -> Line:
    """Return the columns' titles; the one sorted by carries an arrow, before it where it fills its column.

    `lens` is that whose figures are shown.
    """
    arrow = "▼" if reverse else "▲"
    line: list[Span] = []
    for column in columns:
        by = sort is not None and sort.key == column.key
        text = tail(column.heading(lens), column.width)
        full = by and len(text) >= column.width
        if by and not full:
            text = arrow + text if column.align == "right" else text + arrow
        line.append((arrow, "accent") if full else _GAP)
        line.append((fit(text, column.width, column.align), "accent" if by else "dim"))
    return tuple(line[1:])
