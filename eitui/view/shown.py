"""The rows of the table as they are shown, as rows for other programs: figures in full."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from eitui.analysis import figures
from eitui.domain.trial import TRAIN, VALIDATION, Trial
from eitui.view.columns import Column, Context, status_word
from eitui.view.export import Cell, Table

_Field = tuple[str, Callable[[Trial, Context], Cell]]

_LONGEST = 40
"""Characters of a run's name in the name of a file."""

_MOST_FILES = 100
"""Names that are tried before the first is proposed again."""


def shown_table(trials: Iterable[Trial], columns: Sequence[Column], context: Context) -> Table:
    """Return a row for each of `trials` with what `columns` show of it. Units and the part are in the columns' names.

    Every row says its trial's id and the precision of its figures.
    """
    fields: list[_Field] = [
        ("trial_id", lambda trial, _: trial.id),
        ("precision", lambda _, context: context.lens.precision),
        *(field for column in columns for field in _fields(column.key, context)),
    ]
    rows = tuple(tuple(value(trial, context) for _, value in fields) for trial in trials)
    return Table(tuple(name for name, _ in fields), rows)


def _fields(key: str, context: Context) -> Sequence[_Field]:
    """Return what a column becomes; a figure of a part of the data is named after it."""
    part = "val" if context.lens.part == VALIDATION else context.lens.part
    followed: Mapping[str, Sequence[_Field]] = {
        "val_loss": [(f"{part}_loss", lambda trial, context: context.lens.loss(trial))],
        "val_accuracy": [(f"{part}_accuracy", lambda trial, context: context.lens.accuracy(trial))],
    }
    return followed.get(key) or _FIELDS[key]


def _cost(figure: str) -> Callable[[Trial, Context], Cell]:
    def value(trial: Trial, context: Context) -> Cell:
        found: float | None = getattr(figures.cost(trial, context.lens.precision), figure)
        return found

    return value


def _worst_name(trial: Trial, context: Context) -> Cell:
    found = context.worst(trial)
    return found[0] if found is not None else None


def _worst_recall(trial: Trial, context: Context) -> Cell:
    found = context.worst(trial)
    return figures.finite(found[1]) if found is not None else None


_FIELDS: Mapping[str, Sequence[_Field]] = {
    "mark": [
        ("is_best", lambda trial, context: trial.id == context.best_id),
        ("is_marked", lambda trial, context: trial.id in context.marks),
    ],
    "name": [("trial_name", lambda trial, _: trial.name or None)],
    "status": [("status", lambda trial, context: status_word(trial, context) or None)],
    "round": [("round", lambda trial, _: trial.round)],
    "epoch": [("epoch", lambda trial, _: trial.epoch)],
    "loss": [("loss", lambda trial, context: figures.loss(trial, context.lens.precision, TRAIN))],
    "accuracy": [("accuracy", lambda trial, context: figures.accuracy(trial, context.lens.precision, TRAIN))],
    "worst_recall": [("worst_class", _worst_name), ("worst_recall", _worst_recall)],
    "latency": [("latency_ms", _cost("latency_ms"))],
    "ram": [("ram_bytes", _cost("ram_bytes"))],
    "rom": [("rom_bytes", _cost("rom_bytes"))],
    "worker": [("worker_id", lambda trial, _: trial.worker_id or None)],
    "retries": [("retries", lambda trial, _: trial.retries)],
}


def free_name(run_name: str, directory: Path) -> str:
    """Return a name, of plain letters, for a CSV file of a run's trials that is not there yet."""
    words = re.sub(r"[^a-z0-9]+", "-", run_name.lower())[:_LONGEST].strip("-") or "tuner"
    names = (f"{words}-trials{f'-{number}' if number > 1 else ''}.csv" for number in range(1, _MOST_FILES))
    return next((name for name in names if not (directory / name).exists()), f"{words}-trials.csv")
