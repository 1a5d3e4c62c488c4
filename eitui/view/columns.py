"""The trial table: its columns, what each shows of a trial, how it sorts, and which fit."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Generic, NamedTuple, TypeAlias

from eitui.analysis.figures import (
    FIGURES,
    STALLED,
    TEXTS,
    UNREADABLE,
    Context,
    Figure,
    FigureKind,
    FigureValue,
    Layout,
    Lens,
    figure,
)
from eitui.analysis.query.fields import Facts, Item
from eitui.domain.run import Target
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, TEST, TRAIN, Trial
from eitui.view.cells import Align
from eitui.view.compare import shown_value
from eitui.view.format import MISSING
from eitui.view.kit.status import status
from eitui.view.lines import Span
from eitui.view.marks import mark

GAP = 1
"""Cells between two columns."""

SortKey = float | tuple[tuple[int, float, str], ...]


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


Column: TypeAlias = ColumnOf[Trial, Context]
"""A column of the trial table."""

_MISSING = Cell(MISSING, "dim")
_ORDER = {STALLED: 0, RUNNING: 1, PENDING: 2, COMPLETED: 3, FAILED: 4, UNREADABLE: 6}
_OTHER = 5


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
    present.sort(key=_first, reverse=reverse)
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
    return _grow([column for column in columns if column.key in chosen], width - used)


def _grow(columns: list[ColumnOf[Item, Facts]], spare: int) -> tuple[ColumnOf[Item, Facts], ...]:
    grown = []
    for column in columns:
        extra = min(spare, max(0, column.widest - column.width))
        if spare < 0:
            # Even the most important column alone is too wide.
            extra = max(spare, 1 - column.width)
        spare -= extra
        grown.append(replace(column, width=column.width + extra) if extra else column)
    return tuple(grown)


def _first(pair: tuple[SortKey, object]) -> SortKey:
    return pair[0]


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


def _sort_key(of: Figure) -> Callable[[Trial, Context], SortKey | None]:
    def key(trial: Trial, context: Context) -> SortKey | None:
        found = of.read(trial, context)
        if not isinstance(found, str):
            # Beside words, numbers come first.
            return found if found is None or of.kind is not FigureKind.PARAMETER else ((-1, found, ""),)
        return ((_ORDER.get(found, _OTHER), 0, found),) if of.kind is FigureKind.STATUS else natural(found)

    return key


def _mark(trial: Trial, context: Context) -> Cell:
    own = mark(context.marks[trial.id]) if trial.id in context.marks else None
    ahead = (own.sign, own.tone) if own is not None else (" ", "")
    if trial.id == context.best_id:
        return Cell("★", "best", ahead)
    return Cell("☆", "best", ahead) if trial.id == context.best_fit_id else Cell("", "", ahead)


def _cell(of: Figure) -> Callable[[Trial, Context], Cell]:
    """Return what shows a figure; that by which the best trial is chosen stands out in it."""
    chooses = of.kind is FigureKind.NAME or (of.kind is FigureKind.SHARE and of.of_part)

    def cell(trial: Trial, context: Context) -> Cell:
        found = of.read(trial, context)
        text = shown_value(found, of.kind)
        if of.limit is not None:
            return _costed(of, found, text, context.config.target)
        if found is None or text == MISSING:
            return _MISSING
        if of.kind is FigureKind.STATUS:
            shown = status(str(found))
            return Cell(shown.text, shown.tone)
        if of.kind is FigureKind.FAULTS:
            return Cell(text, "warn" if found else "dim")
        if of.beside is not None:
            return Cell(f"{text:>6} {of.beside(trial, context)}")
        most = of.out_of(context.config) if of.out_of is not None else None
        best = chooses and trial.id in (context.best_id, context.best_fit_id)
        dim = of.kind is FigureKind.NAME and trial.status == PENDING
        return Cell(text if most is None else f"{text}/{most}", "best" if best else "dim" if dim else "")

    return cell


def _costed(of: Figure, found: FigureValue | None, text: str, target: Target) -> Cell:
    """Return what a network costs; the last cell is kept for the mark of a value over the limit."""
    if found is None:
        return Cell(f"{MISSING} ", "dim")
    if of.limit is None or not of.is_over(found, target):
        return Cell(f"{text} ")
    # What is over by less than a digit shows must not read as the limit itself.
    return Cell(f"{'>' if text == shown_value(of.limit(target), of.kind) else ''}{text}!", "bad")


@lru_cache(maxsize=1024)
def column(of: Figure, layout: Layout) -> Column:
    """Return the column of a figure."""
    return Column(
        of.id,
        layout.title,
        layout.width,
        "left" if of.kind in (*TEXTS, FigureKind.MARK) or of.beside is not None else "right",
        _mark if of.kind is FigureKind.MARK else _cell(of),
        _sort_key(of),
        layout.rank,
        layout.widest,
        {part: other.title for part in (TEST, TRAIN) if (other := of.of(part).column) is not None},
        of.high_first,
    )


COLUMNS: tuple[Column, ...] = tuple(column(of, of.column) for of in FIGURES if of.column is not None)
"""The columns of every run, in the table's usual order."""

FIXED = ("mark", "name")
"""Columns that are always there, and stay at the left while the others are moved along."""


def column_of(key: str) -> Column:
    """Return the column with this key, which may be a hyper-parameter's name. Raises KeyError where there is none."""
    of = figure(key)
    if of.column is None:
        raise KeyError(key)
    return column(of, of.column)
