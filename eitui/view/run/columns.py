"""The trial table: its columns, what each shows of a trial, how it sorts, and which fit."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from eitui.analysis.figures import (
    FIGURES,
    STALLED,
    TEXTS,
    UNREADABLE,
    Context,
    Figure,
    FigureKind,
    Layout,
    figure,
    finite,
    has_accuracy,
)
from eitui.domain.curve import steps_of
from eitui.domain.run import Target
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, TEST, TRAIN, Trial
from eitui.view.kit.braille import spark
from eitui.view.kit.format import EPOCH_SIGN, MISSING, NETWORK_SIGN
from eitui.view.kit.marks import mark
from eitui.view.kit.status import status
from eitui.view.kit.table import Cell, ColumnOf, SortKey, natural
from eitui.view.run.compare import shown_value

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
        return Cell("★", "best", ahead)
    return Cell("☆", "best", ahead) if trial.id == context.best_fit_id else Cell("", "", ahead)


def _cell(of: Figure) -> Callable[[Trial, Context], Cell]:
    """Return what shows a figure; that by which the best trial is chosen stands out in it."""
    chooses = of.kind is FigureKind.NAME or (of.kind is FigureKind.SHARE and of.of_part)

    def cell(trial: Trial, context: Context) -> Cell:
        found = of.read(trial, context)
        text = shown_value(found, of.kind)
        if of.limit is not None and of.is_over(found, context.config.target):
            return _over(of, text, context.config.target)
        if found is None or text == MISSING:
            return Cell(f"{MISSING} ", "dim") if of.stands_in or of.limit else _MISSING
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
        whole = text if most is None else f"{text}/{most}"
        return Cell(whole + _sign(of, trial, context), "best" if best else "dim" if dim else "")

    return cell


def _sign(of: Figure, trial: Trial, context: Context) -> str:
    """Return the sign after a value; its cell is kept in the columns of figures that may have one."""
    if of.stands_in is None:
        return "" if of.limit is None else " "
    return " " if not of.stands_in(trial, context) else EPOCH_SIGN if of.limit is None else NETWORK_SIGN


def _over(of: Figure, text: str, target: Target) -> Cell:
    """Return a cost over its limit. What is over by less than a digit shows must not read as the limit itself."""
    limit = shown_value(of.limit(target), of.kind) if of.limit is not None else ""
    return Cell(f"{'>' if text == limit else ''}{text}!", "bad")


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


CURVE: Column = Column("curve", "Curve", _CURVE_CELLS, "left", _curve_cell, lambda trial, context: None, 8.5)
"""The accuracy by epoch, else the loss, of the validation data: no figure, as nothing is sorted or filtered by it."""


def _all_columns() -> tuple[Column, ...]:
    found = [column(of, of.column) for of in FIGURES if of.column is not None]
    place = [one.key for one in found].index("epoch") + 1
    return (*found[:place], CURVE, *found[place:])


COLUMNS = _all_columns()
"""The columns of every run, in the table's usual order."""

FIXED = ("mark", "name")
"""Columns that are always there, and stay at the left while the others are moved along."""


def column_of(key: str) -> Column:
    """Return the column with this key, which may be a hyper-parameter's name. Raises KeyError where there is none."""
    if key == CURVE.key:
        return CURVE
    of = figure(key)
    if of.column is None:
        raise KeyError(key)
    return column(of, of.column)
