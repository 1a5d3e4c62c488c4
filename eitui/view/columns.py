"""The trial table: its columns, what each shows of a trial, how it sorts, and which fit."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from eitui.analysis import figures
from eitui.analysis.lens import Lens
from eitui.domain.run import Config, Target
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, TEST, TRAIN, Trial
from eitui.view.cells import Align
from eitui.view.format import MISSING, latency, loss, memory, percent
from eitui.view.lines import Span
from eitui.view.marks import Mark

GAP = 1
"""Cells between two columns."""

SortKey = float | tuple[tuple[int, int, str], ...]

Item = TypeVar("Item")
"""What a table has a row of."""
Facts = TypeVar("Facts")
"""What a row depends on beside its item."""


class Cell(NamedTuple):
    """What a column shows of one item."""

    text: str
    tone: str = ""
    """What it means, not how it looks: `dim`, `good`, `warn`, `bad`, `best` or nothing."""
    ahead: Span = ("", "")
    """What stands before it within the column, in a tone of its own."""


WorstClass = tuple[str, float]
"""The class that a network recognises least, and its recall (0..1)."""


def _unknown(_: Trial) -> WorstClass | None:
    return None


@dataclass(frozen=True)
class Context:
    """What a row depends on beside its trial."""

    config: Config = field(default_factory=Config)
    lens: Lens = field(default_factory=Lens)
    """The part of the data and the precision whose figures are shown."""
    best_id: str | None = None
    best_fit_id: str | None = None
    """The best trial within the target's limits."""
    stalled: frozenset[str] = field(default_factory=frozenset)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    """Of the trials that are marked, by id."""
    worst: Callable[[Trial], WorstClass | None] = _unknown
    """Gives the class recognised least, where that is known; for a cell, which is looked at."""
    worst_read: Callable[[Trial], WorstClass | None] = _unknown
    """The same for sorting, which asks of every trial: None also for a trial that was not read yet."""


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

    def heading(self, lens: Lens) -> str:
        """Return the title where the figures of `lens` are shown."""
        if self.key not in FOLLOWING or lens.part not in _PARTS:
            return self.title
        return f"{_PARTS[lens.part]} {self.title.split(maxsplit=1)[-1]}"


Column: TypeAlias = ColumnOf[Trial, Context]
"""A column of the trial table."""

FOLLOWING = frozenset({"val_loss", "val_accuracy"})
"""Keys of the columns whose figures are of the part of the data that is looked at."""

_PARTS = {TEST: "Tst", TRAIN: "Trn"}

_MISSING = Cell(MISSING, "dim")
_SYMBOLS = {PENDING: "○", RUNNING: "●", COMPLETED: "✓", FAILED: "✗"}
_TONES = {PENDING: "dim", RUNNING: "good", FAILED: "bad"}
_STALLED = Cell("! stalled", "warn")
_UNREADABLE = Cell("? malformed", "warn")
_ORDER = {"stalled": 0, RUNNING: 1, PENDING: 2, COMPLETED: 3, FAILED: 4, "unreadable": 6}
_OTHER = 5


def status_word(trial: Trial, context: Context) -> str:
    """Return the trial's status: the service's word, or `stalled`, or `unreadable` for a trial with a problem."""
    if trial.problem:
        return "unreadable"
    return "stalled" if trial.status == RUNNING and trial.id in context.stalled else trial.status


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
def natural(text: str) -> tuple[tuple[int, int, str], ...] | None:
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


def _mark(trial: Trial, context: Context) -> Cell:
    own = context.marks.get(trial.id)
    ahead = (own.sign, own.tone) if own is not None else (" ", "")
    if trial.id == context.best_id:
        return Cell("★", "best", ahead)
    return Cell("☆", "best", ahead) if trial.id == context.best_fit_id else Cell("", "", ahead)


def _mark_key(trial: Trial, context: Context) -> SortKey | None:
    stars = (context.best_id, context.best_fit_id)
    if trial.id in stars:
        return float(stars.index(trial.id))
    # Those that are marked come after the best, in the order of marking.
    return float(len(stars) + list(context.marks).index(trial.id)) if trial.id in context.marks else None


def _worst(trial: Trial, context: Context) -> Cell:
    found = context.worst(trial)
    return _MISSING if found is None else Cell(f"{percent(found[1]):>6} {found[0]}")


def _worst_key(trial: Trial, context: Context) -> SortKey | None:
    found = context.worst_read(trial)
    return None if found is None else found[1]


def _name(trial: Trial, context: Context) -> Cell:
    best = trial.id in (context.best_id, context.best_fit_id)
    return Cell(trial.name or trial.id, "best" if best else "dim" if trial.status == PENDING else "")


def _status(trial: Trial, context: Context) -> Cell:
    word = status_word(trial, context)
    if word == "unreadable":
        return _UNREADABLE
    if word == "stalled":
        return _STALLED
    if not word:
        return _MISSING
    symbol = _SYMBOLS.get(word)
    return Cell(f"{symbol} {word}" if symbol else word, _TONES.get(word, ""))


def _status_key(trial: Trial, context: Context) -> SortKey | None:
    word = status_word(trial, context)
    return ((_ORDER.get(word, _OTHER), 0, word),) if word else None


def _epoch(trial: Trial, context: Context) -> Cell:
    if trial.epoch is None:
        return _MISSING
    cycles = context.config.training_cycles
    return Cell(f"{trial.epoch}/{cycles}" if cycles is not None else str(trial.epoch))


def _worker(trial: Trial, context: Context) -> Cell:
    return Cell(trial.worker_id) if trial.worker_id else _MISSING


def _round(trial: Trial, context: Context) -> Cell:
    return _MISSING if trial.round is None else Cell(str(trial.round))


def _retries(trial: Trial, context: Context) -> Cell:
    return Cell(str(trial.retries), "warn" if trial.retries else "dim")


def _latency(trial: Trial, context: Context) -> float | None:
    return figures.cost(trial, context.lens.precision).latency_ms


def _ram(trial: Trial, context: Context) -> float | None:
    return figures.cost(trial, context.lens.precision).ram_bytes


def _rom(trial: Trial, context: Context) -> float | None:
    return figures.cost(trial, context.lens.precision).rom_bytes


Value = Callable[[Trial, Context], float | None]


def _measured(key: str, title: str, width: int, rank: int, value: Value, show: Callable[[float | None], str]) -> Column:
    """Return a column of a learning figure; that of a best trial stands out."""

    def cell(trial: Trial, context: Context) -> Cell:
        text = show(value(trial, context))
        if text == MISSING:
            return _MISSING
        best = key == "val_accuracy" and trial.id in (context.best_id, context.best_fit_id)
        return Cell(text, "best" if best else "")

    return Column(key, title, width, "right", cell, value, rank)


def _costed(
    key: str,
    title: str,
    width: int,
    rank: int,
    value: Value,
    show: Callable[[float | None], str],
    limit: Callable[[Target], float | None],
) -> Column:
    """Return a column of what a network costs; its last cell is kept for the mark of a value over the limit."""

    def cell(trial: Trial, context: Context) -> Cell:
        figure = value(trial, context)
        if figure is None:
            return Cell(f"{MISSING} ", "dim")
        most = limit(context.config.target)
        over = most is not None and figure > most
        if not over:
            return Cell(f"{show(figure)} ")
        # What is over by less than a digit shows must not read as the limit itself.
        return Cell(f"{'>' if show(figure) == show(most) else ''}{show(figure)}!", "bad")

    return Column(key, title, width, "right", cell, value, rank)


COLUMNS: tuple[Column, ...] = (
    Column("mark", "", 2, "left", _mark, _mark_key, rank=0.5),
    Column("name", "Name", 18, "left", _name, lambda trial, _: natural(trial.name or trial.id), rank=0, widest=28),
    Column("status", "Status", 11, "left", _status, _status_key, rank=1),
    Column("round", "Round", 5, "right", _round, lambda trial, _: trial.round, rank=11),
    Column("epoch", "Epoch", 7, "right", _epoch, lambda trial, _: trial.epoch, rank=7),
    _measured("loss", "Loss", 6, 10, lambda trial, context: figures.loss(trial, context.lens.precision, TRAIN), loss),
    _measured("val_loss", "Val loss", 8, 8, lambda trial, context: context.lens.loss(trial), loss),
    _measured(
        "accuracy", "Acc", 6, 9, lambda trial, context: figures.accuracy(trial, context.lens.precision, TRAIN), percent
    ),
    _measured("val_accuracy", "Val acc", 7, 3, lambda trial, context: context.lens.accuracy(trial), percent),
    Column("worst_recall", "Worst class", 12, "left", _worst, _worst_key, rank=14, widest=24),
    _costed("latency", "Latency", 8, 4, _latency, latency, lambda target: target.latency_ms),
    _costed("ram", "RAM", 6, 5, _ram, memory, lambda target: target.ram_bytes),
    _costed("rom", "ROM", 6, 6, _rom, memory, lambda target: target.rom_bytes),
    Column("worker", "Worker", 11, "left", _worker, lambda trial, _: natural(trial.worker_id or ""), rank=12),
    Column("retries", "Retry", 5, "right", _retries, lambda trial, _: trial.retries, rank=13),
)
"""Every column there is, in the table's usual order."""

FIXED = ("mark", "name")
"""Columns that are always there, and stay at the left while the others are moved along."""

BY_KEY = {column.key: column for column in COLUMNS}
