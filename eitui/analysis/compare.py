"""In what trials differ: their parameters and figures side by side, without what is the same for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from eitui.analysis.figures import accuracy, cost, finite, loss
from eitui.domain.trial import COMPLETED, TEST, TRAIN, Evaluation, Trial

Value = str | float
Quantity = Literal["", "accuracy", "loss", "latency", "memory", "count"]
"""What a number is, for showing it; empty for parameters and words."""

_NONE = Evaluation()


class Named(Protocol):
    """What is compared: trials, or impulses."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...


@dataclass(frozen=True)
class Row:
    """Something in which trials differ."""

    name: str
    values: tuple[Value | None, ...]
    """One a trial, in the order of the trials; None where a trial has none."""
    quantity: Quantity = ""
    best: frozenset[int] = frozenset()
    """Which of the values are best: the highest accuracy, the lowest loss or cost. Empty where all are alike."""


@dataclass(frozen=True)
class Comparison:
    """Trials side by side."""

    trials: tuple[Named, ...] = ()
    parameters: tuple[Row, ...] = ()
    """Parameters that differ, in the order in which the trials bring them."""
    figures: tuple[Row, ...] = ()
    """Figures that differ, accuracies first."""
    same_parameters: int = 0
    """Parameters that all of them have with the same value."""
    same_figures: int = 0


def compare(trials: Sequence[Trial], parameters: Sequence[Mapping[str, Value]], precision: str) -> Comparison:
    """Return in what `trials` differ. `parameters` has the parameters of each, in the same order.

    Numbers are equal only if they are identical: 0.001 and 0.0010001 are two learning rates. A trial that lacks a
    parameter which another has differs from it. `precision` says which of the evaluations is compared.
    """
    names = list(dict.fromkeys(name for mapping in parameters for name in mapping))
    given = [Row(name, tuple(mapping.get(name) for mapping in parameters)) for name in names]
    told = [row for row in _figures(trials, precision) if any(value is not None for value in row.values)]
    different, also = list(filter(_differs, given)), list(filter(_differs, told))
    return Comparison(tuple(trials), tuple(different), tuple(also), len(given) - len(different), len(told) - len(also))


def _differs(row: Row) -> bool:
    return len({(type(value), value) for value in row.values}) > 1


def _figures(trials: Sequence[Trial], precision: str) -> list[Row]:
    def row(name: str, quantity: Quantity, figure: Callable[[Trial], float | None], *, high: bool | None = None) -> Row:
        values = tuple(_number(figure(trial)) for trial in trials)
        return Row(name, values, quantity, _best(values, high=high))

    return [
        Row("status", tuple(trial.status or None for trial in trials)),
        row("val accuracy", "accuracy", lambda trial: accuracy(trial, precision), high=True),
        row("test accuracy", "accuracy", lambda trial: _tested(trial, precision).accuracy, high=True),
        row("train accuracy", "accuracy", lambda trial: accuracy(trial, precision, TRAIN)),
        row("val loss", "loss", lambda trial: loss(trial, precision), high=False),
        row("test loss", "loss", lambda trial: _tested(trial, precision).loss, high=False),
        row("train loss", "loss", lambda trial: loss(trial, precision, TRAIN)),
        row("latency", "latency", lambda trial: cost(trial, precision).latency_ms, high=False),
        row("RAM", "memory", lambda trial: cost(trial, precision).ram_bytes, high=False),
        row("ROM", "memory", lambda trial: cost(trial, precision).rom_bytes, high=False),
        row("epochs", "count", lambda trial: trial.epoch),
        row("retries", "count", lambda trial: trial.retries),
        row("round", "count", lambda trial: trial.round),
    ]


def _tested(trial: Trial, precision: str) -> Evaluation:
    """Return the evaluation on the test set: nothing stands in for it, the latest epoch knows only the other two."""
    return trial.evaluations.get((TEST, precision), _NONE) if trial.status == COMPLETED else _NONE


def _number(value: float | None) -> float | None:
    number = finite(value)
    return None if number is None else float(number)


def _best(values: Sequence[float | None], *, high: bool | None) -> frozenset[int]:
    known = [value for value in values if value is not None]
    if high is None or len(set(known)) < 2:
        return frozenset()
    best = max(known) if high else min(known)
    return frozenset(index for index, value in enumerate(values) if value == best)
