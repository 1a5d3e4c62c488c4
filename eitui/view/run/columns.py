"""The trial table's columns: what each shows of a trial, how it sorts, which the user chose, and which fit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf
from typing import TypeAlias

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
    figure,
    finite,
    has_accuracy,
    is_parameter,
)
from eitui.analysis.query.fields import Facts, Item
from eitui.domain.curve import phases_of, steps_of
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, TEST, TRAIN, VALIDATION, Trial
from eitui.view.kit.braille import spark
from eitui.view.kit.format import EPOCH_SIGN, MISSING, NETWORK_SIGN, kilobytes, milliseconds, shown_value
from eitui.view.kit.marks import mark
from eitui.view.kit.status import BEST, FITS, OVER, status
from eitui.view.kit.table import GAP, Cell, ColumnOf, SortKey, choose_columns, natural

Column: TypeAlias = ColumnOf[Trial, Context]
"""A column of the trial table."""

_MISSING = Cell(MISSING, "dim")
_ORDER = {STALLED: 0, RUNNING: 1, PENDING: 2, COMPLETED: 3, FAILED: 4, UNREADABLE: 6}
_OTHER = 5


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
        return Cell(BEST.sign, BEST.tone, ahead)
    return Cell(FITS.sign, FITS.tone, ahead) if trial.id == context.best_fit_id else Cell("", "", ahead)


def _text(value: FigureValue | None, kind: FigureKind) -> str:
    """Return a value in the unit that the heading of its column names."""
    if kind in _IN_UNIT and not isinstance(value, str):
        return _IN_UNIT[kind](value)
    return shown_value(value, kind)


_IN_UNIT: dict[FigureKind, Callable[[float | None], str]] = {
    FigureKind.LATENCY: milliseconds,
    FigureKind.MEMORY: kilobytes,
}


def _cell(of: Figure) -> Callable[[Trial, Context], Cell]:
    """Return what shows a figure; that by which the best trial is chosen stands out in it."""
    chooses = of.kind is FigureKind.NAME or (of.kind is FigureKind.SHARE and of.of_part)

    def cell(trial: Trial, context: Context) -> Cell:
        found = of.read(trial, context)
        text = _text(found, of.kind)
        if of.limit is not None and of.is_over(found, context.config.target):
            # What is over by less than a digit shows must not read as the limit itself.
            above = ">" if text == _text(of.limit(context.config.target), of.kind) else ""
            return Cell(f"{above}{text}{OVER.sign}", OVER.tone)
        if found is None or text == MISSING:
            return Cell(f"{MISSING} ", "dim") if of.stands_in or of.limit else _MISSING
        if of.kind is FigureKind.STATUS:
            shown = status(str(found))
            return Cell(shown.text, shown.tone, brief=shown.sign or shown.word[:1])
        if of.kind is FigureKind.FAULTS:
            return Cell(text, "warn" if found else "dim")
        if of.beside is not None:
            return Cell(f"{text:>6} {of.beside(trial, context)}")
        best = chooses and trial.id in (context.best_id, context.best_fit_id)
        dim = of.kind is FigureKind.NAME and trial.status == PENDING
        whole = text if of.out_of is None else epochs_told(trial, context, of.out_of(context.config))
        # The cell of the sign is kept in the columns of figures that may have one.
        sign = "" if of.stands_in is None and of.limit is None else " "
        if of.stands_in is not None and of.stands_in(trial, context):
            sign = EPOCH_SIGN if of.limit is None else NETWORK_SIGN
        return Cell(whole + sign, "best" if best else "dim" if dim else "")

    return cell


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
        layout.unit,
        layout.brief,
        _GROUPS.get(of.id, ""),
        int(of.limit is not None or of.stands_in is not None),
        layout.short,
        layout.full_rank,
        of.kind is FigureKind.NAME,
    )


def epochs_told(trial: Trial, context: Context, most: int | None) -> str:
    """Return which epoch a trial is at or ended with, of `most`, each phase for itself: `7/50`, then `40+3`.

    Fine-tuning counts from 1 again, and how long it lasts is not told: of a trial that completed before its phases
    were seen only the number is.
    """
    if trial.epoch is None:
        return MISSING
    ends = [phase[-1].epoch for phase in phases_of(context.curve(trial).epochs)]
    if len(ends) > 1:
        return "+".join(map(str, ends))
    if most is None or trial.epoch > most:
        return str(trial.epoch)
    if trial.status == COMPLETED and trial.epoch < most and _tunes(trial, context):
        return str(trial.epoch)
    return f"{trial.epoch}/{most}"


def _tunes(trial: Trial, context: Context) -> bool:
    """Return whether a block's name says that its network was trained before, and is fine-tuned."""
    return any("transfer" in title.lower() for title in context.details.block_titles(trial))


_GROUPED = {
    VALIDATION: ("val_accuracy", "val_loss", "worst_recall"),
    "cost": ("latency", "ram", "rom"),
    "training": ("epoch", "curve", "loss", "accuracy"),
}
"""Columns under a common heading, in their usual order, after `status` and before all others."""

_GROUPS = {key: group for group, keys in _GROUPED.items() for key in keys}


_CURVE_CELLS = 8
_LEAST_CURVE = 0.2
"""The range of accuracies that a curve is drawn over at least: a flat line must not look like a wild one."""


def _curve_cell(trial: Trial, context: Context) -> Cell:
    epochs = context.curve(trial).epochs
    rated, of_train = any(map(has_accuracy, epochs)), context.lens.part == TRAIN
    if rated:
        read = [epoch.accuracy if of_train else epoch.val_accuracy for epoch in epochs]
    else:
        read = [epoch.loss if of_train else epoch.val_loss for epoch in epochs]
    steps = steps_of(epochs)
    points = [(step, value) for step, found in zip(steps, read, strict=True) if (value := finite(found)) is not None]
    # One epoch is a dot, which says less than the values beside it.
    if len(points) < 2:
        return _MISSING
    last = max(context.config.training_cycles or 0, steps[-1])
    return Cell(spark(points, 1, last, _CURVE_CELLS, _LEAST_CURVE if rated else 0.0))


CURVE: Column = Column(
    "curve", "Curve", _CURVE_CELLS, "left", _curve_cell, lambda trial, context: None, 8.5, group=_GROUPS["curve"]
)
"""The accuracy by epoch, else the loss, of the validation data: no figure, as nothing is sorted or filtered by it."""


def _all_columns() -> tuple[Column, ...]:
    found = {of.id: column(of, of.column) for of in FIGURES if of.column is not None} | {CURVE.key: CURVE}
    order = dict.fromkeys((*STAYING, *_GROUPS, *found))
    return tuple(found[key] for key in order)


FIXED = ("mark", "name")
"""Columns that are always there, and stay at the left while the others are moved along."""

STAYING = (*FIXED, "status")
"""Columns that stay in sight while others are moved along: the last of them shows its sign alone then."""


COLUMNS = _all_columns()
"""The columns of every run, in the table's usual order."""


def column_of(key: str) -> Column:
    """Return the column with this key, which may be a hyper-parameter's name. Raises KeyError where there is none."""
    if key == CURVE.key:
        return CURVE
    of = figure(key)
    if of.column is None:
        raise KeyError(key)
    return column(of, of.column)


MOVABLE = tuple(column.key for column in COLUMNS if column.key not in FIXED)
"""Keys of the columns that can be moved and hidden, in their usual order."""


@dataclass(frozen=True)
class Arrangement:
    """An order of the columns after the fixed ones, and which of them are hidden."""

    order: tuple[str, ...] = MOVABLE
    """Keys of all of them, the hidden ones too: one that is shown again is where it was."""
    hidden: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The trial table's columns that are shown where there is room, among them those of hyper-parameters."""
        return self.of((*COLUMNS, *map(column_of, filter(is_parameter, self.order))))

    def of(self, columns: Sequence[ColumnOf[Item, Facts]]) -> tuple[ColumnOf[Item, Facts], ...]:
        """Return those of `columns`, a table's in their usual order, that are shown where there is room.

        One that was moved before another is no less important than that: it must not be out of sight where that is in.
        """
        fixed = [column for column in columns if column.key in FIXED]
        movable = {column.key: column for column in columns if column.key not in FIXED}
        usual = list(movable)
        order = [key for key in self.order if key in movable]
        shown, least = [], inf
        for place, key in enumerate(order):
            if key not in self.hidden:
                usually_before = usual[: usual.index(key)]
                column = movable[key]
                first = min((movable[after].rank for after in order[place:] if after in usually_before), default=inf)
                if first < column.rank:
                    column, least = replace(column, rank=first + 0.5 + column.rank / 1000), min(least, first)
                shown.append(column)
        # The rest of a width keeps its place among what has become as important as what it was moved before.
        return tuple(
            replace(column, full_rank=least + 0.5 + column.full_rank / 1000) if column.full_rank > least else column
            for column in (*fixed, *shown)
        )

    def offering(self, keys: Iterable[str]) -> "Arrangement":
        """Return it with columns that it does not have yet, hidden, after all others."""
        added = [key for key in keys if key not in self.order]
        return Arrangement((*self.order, *added), self.hidden.union(added))

    @property
    def without_offers(self) -> "Arrangement":
        """It without the hyper-parameters that are hidden: another run may not have them."""
        idle = frozenset(filter(is_parameter, self.hidden))
        return Arrangement(tuple(key for key in self.order if key not in idle), self.hidden - idle)

    def toggled(self, key: str) -> "Arrangement":
        """Return it with a column hidden, or shown again."""
        return Arrangement(self.order, self.hidden ^ {key})

    def moved(self, key: str, by: int) -> "Arrangement":
        """Return it with a column `by` places further on, as far as there are places."""
        others = [other for other in self.order if other != key]
        place = max(0, min(self.order.index(key) + by, len(others)))
        return Arrangement((*others[:place], key, *others[place:]), self.hidden)


USUAL = Arrangement()


def arranged(
    order: Iterable[str], hidden: Iterable[str], usual: Arrangement = USUAL, *, parameters: bool = False
) -> Arrangement:
    """Return the arrangement that these keys say, of which some may be unknown, missing or there twice.

    A column that is not in `order` comes after the one that it follows in `usual`, and is hidden if it is there.
    `parameters`: whether hyper-parameters have columns, which are known by their names alone.
    """
    known = list(dict.fromkeys(key for key in order if key in usual.order or (parameters and is_parameter(key))))
    known_keys = frozenset(known)
    for place, key in enumerate(usual.order):
        if key not in known_keys:
            known.insert(known.index(usual.order[place - 1]) + 1 if place else 0, key)
    return Arrangement(tuple(known), (usual.hidden - known_keys) | frozenset(hidden).intersection(known))


def window(width: int, moved: int, columns: Sequence[ColumnOf[Item, Facts]]) -> tuple[ColumnOf[Item, Facts], ...]:
    """Return those of `columns` to show in `width` cells: the important ones, or when `moved`, all from some one on.

    At 1 they begin with the first after the fixed ones, at 2 with the second; 0 is the usual choice.
    """
    usual = choose_columns(width, columns)
    if moved <= 0 or len(usual) == len(columns):
        return usual
    fixed = [
        replace(column, width=column.short, short=0) if column.short and column.key not in FIXED else column
        for column in columns
        if column.key in STAYING
    ]
    others = [column for column in columns if column.key not in STAYING][moved - 1 :]
    used = sum(column.width + GAP for column in fixed)
    chosen = fixed if used - GAP <= width else list(choose_columns(width, fixed))
    for column in others:
        if used + column.width > width:
            break
        chosen.append(column)
        used += column.width + GAP
    return tuple(chosen)


def most_moved(width: int, columns: Sequence[ColumnOf[Item, Facts]]) -> int:
    """How far `window` can usefully be moved: until the last column is in sight, and all were on the way."""
    if len(choose_columns(width, columns)) == len(columns):
        return 0
    most = sum(column.key not in STAYING for column in columns)
    moved = 1
    while moved < most and window(width, moved, columns)[-1].key != columns[-1].key:
        moved += 1
    return moved
