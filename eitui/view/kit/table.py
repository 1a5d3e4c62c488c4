"""Tables of any items: columns that say how a cell reads and sorts, which of them fit, and the lines of rows."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Generic, NamedTuple

from eitui.analysis.figures import Lens
from eitui.analysis.query.fields import Facts, Item
from eitui.view.kit.cells import Align, fit, len_cells, middle, tail
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
    brief: str = ""
    """What to show where the column is too narrow for the text."""


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
    unit: str = ""
    """Of all values, which are without it."""
    brief: str = ""
    """A short title with the unit."""
    group: str = ""
    """What neighbours have in common, for a heading over them."""
    sign: int = 0
    """Cells at the right of a value for a sign, which the title leaves free."""
    short: int = 0
    """Cells in which it still says the most important; 0: it is not there with fewer than `width`."""
    full_rank: float = 0.0
    """Importance of the rest of its width."""
    names: bool = False
    """Whether the texts are names, which are cut in the middle."""

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
    steps = [(column.rank, False, column.key, GAP + (column.short or column.width)) for column in columns]
    steps += [
        (max(column.rank, column.full_rank), True, column.key, column.width - column.short)
        for column in columns
        if column.short
    ]
    used, chosen, whole = -GAP, set[str](), set[str]()
    for _, rest, key, cells in sorted(steps):
        if chosen and used + cells > width:
            break
        used += cells
        (whole if rest else chosen).add(key)
    grown, spare = [], width - used
    for column in columns:
        if column.key not in chosen:
            continue
        if column.short and column.key not in whole:
            # What is left over does not make it whole: it would have been.
            column = replace(column, width=column.short, widest=0)
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
        text = cell.brief if cell.brief and len_cells(cell.text) > room else cell.text
        line.append((middle(text, room) if column.names else fit(text, room, column.align), cell.tone))
    return tuple(line[1:])


_ARROW = 2
"""Cells of the arrow in a title, and of what keeps it apart."""


def roomy(
    columns: Sequence[ColumnOf[Item, Facts]], sort: ColumnOf[Item, Facts] | None, lens: Lens = _VALIDATION
) -> tuple[ColumnOf[Item, Facts], ...]:
    """Return `columns`, the one sorted by wide enough for its arrow beside its title."""
    return tuple(
        replace(column, width=max(column.width, column.sign + _ARROW + len_cells(_whole(column, lens))))
        if sort is not None and sort.key == column.key
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
    """Return the columns' titles over their values, with their units; the one sorted by has an arrow beside it.

    `lens` is that whose figures are shown.
    """
    arrow = "▼" if reverse else "▲"
    line: list[Span] = []
    for column in columns:
        by = sort is not None and sort.key == column.key
        room = column.width - column.sign - (_ARROW if by else 0)
        text = _heading(column, room, lens)
        if by and column.align == "right":
            text = f"{arrow} {text}"
        elif by:
            text = f"{text} {arrow}" if text else arrow
        room = max(1, column.width - column.sign)
        padded = fit(text, room, column.align) + " " * (column.width - room)
        line += [_GAP, (padded, "accent" if by else "dim")]
    return tuple(line[1:])


def title_width(column: ColumnOf[Item, Facts]) -> int:
    """Return the cells that a column needs for its whole title with the unit."""
    return len_cells(_whole(column, _VALIDATION)) + column.sign


def _whole(column: ColumnOf[Item, Facts], lens: Lens) -> str:
    """Return a title with its unit."""
    title = column.heading(lens)
    return f"{title} {column.unit}" if column.unit else title


def _heading(column: ColumnOf[Item, Facts], room: int, lens: Lens) -> str:
    title = column.heading(lens)
    for text in (_whole(column, lens), column.brief or title, title):
        if len_cells(text) <= room:
            return text
    # The first letters of one cell would say nothing.
    return tail(title, room) if room > _ARROW else ""


def group_titles(columns: Sequence[ColumnOf[Item, Facts]], lens: Lens = _VALIDATION) -> Line:
    """Return a line with what neighbours have in common, over them; nothing where it would name one group alone."""
    line: list[Span] = []
    named = 0
    for group, found in groupby(columns, key=lambda column: column.group):
        several = list(found)
        cells = sum(column.width for column in several) + GAP * (len(several) - 1)
        name = lens.part if group == _VALIDATION.part else group
        if not group or len_cells(name) > cells:
            text = " " * cells
        else:
            text = name if cells - len_cells(name) < _ARROW else f"{name} {'─' * (cells - len_cells(name) - 1)}"
            text, named = fit(text, cells), named + 1
        line += [_GAP, (text, "dim")]
    return tuple(line[1:]) if named > 1 else ()
