"""In what trials differ: their parameters and figures side by side, without what is the same for all."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from eitui.analysis.figures import FIGURES, Context, FigureKind, FigureValue, Lens
from eitui.analysis.ranking import is_tie
from eitui.domain.trial import TEST, VALIDATION, Trial


class Named(Protocol):
    """What is compared: trials, or impulses."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...


@dataclass(frozen=True)
class ComparisonRow:
    """Something in which trials differ."""

    name: str
    values: tuple[FigureValue | None, ...]
    """One a trial, in the order of the trials; None where a trial has none."""
    kind: FigureKind = FigureKind.PARAMETER
    best: frozenset[int] = frozenset()
    """Which of the values are best: the highest accuracy, the lowest loss or cost. Empty where all are alike."""
    tied: frozenset[int] = frozenset()
    """Which accuracies are so near the best that they are a tie with it."""


@dataclass(frozen=True)
class Comparison:
    """Trials side by side."""

    trials: tuple[Named, ...] = ()
    parameters: tuple[ComparisonRow, ...] = ()
    """Parameters that differ, in the order in which the trials bring them."""
    figures: tuple[ComparisonRow, ...] = ()
    """Figures that differ, accuracies first."""
    same_parameters: int = 0
    """Parameters that all of them have with the same value."""
    same_figures: int = 0


def compare(trials: Sequence[Trial], parameters: Sequence[Mapping[str, FigureValue]], precision: str) -> Comparison:
    """Return in what `trials` differ. `parameters` has the parameters of each, in the same order.

    Numbers are equal only if they are identical: 0.001 and 0.0010001 are two learning rates. A trial that lacks a
    parameter which another has differs from it. `precision` says which of the evaluations is compared.
    """
    names = list(dict.fromkeys(name for mapping in parameters for name in mapping))
    given = [ComparisonRow(name, tuple(mapping.get(name) for mapping in parameters)) for name in names]
    told = [row for row in _figures(trials, precision) if any(value is not None for value in row.values)]
    different, also = list(filter(_differs, given)), list(filter(_differs, told))
    return Comparison(tuple(trials), tuple(different), tuple(also), len(given) - len(different), len(told) - len(also))


def _differs(row: ComparisonRow) -> bool:
    return len({(type(value), value) for value in row.values}) > 1


def _figures(trials: Sequence[Trial], precision: str) -> Iterator[ComparisonRow]:
    """Yield the figures, those of a part of the data on all parts: the latest epoch stands in for none on `test`."""
    order = list(FigureKind)
    for figure in sorted(
        FIGURES, key=lambda figure: (order.index(figure.kind), figure.column.rank if figure.column else math.inf)
    ):
        for part in (VALIDATION, TEST) if figure.of_part else (VALIDATION,):
            if figure.is_compared:
                context = Context(lens=Lens(part, precision))
                values = tuple(_whole(figure.read(trial, context)) for trial in trials)
                best = _best(values, figure.better)
                tied = _tied(values, best) if figure.of_part and figure.kind is FigureKind.SHARE else frozenset()
                yield ComparisonRow(figure.of(part).label or figure.id, values, figure.kind, best, tied)


def _whole(value: FigureValue | None) -> FigureValue | None:
    """Return a number as a float, so that 1 and 1.0 are the same."""
    return value if value is None or isinstance(value, str) else float(value)


def _best(values: Sequence[FigureValue | None], better: str) -> frozenset[int]:
    known = [value for value in values if isinstance(value, float)]
    if not better or len(set(known)) < 2:
        return frozenset()
    best = max(known) if better == "higher" else min(known)
    return frozenset(index for index, value in enumerate(values) if value == best)


def _tied(values: Sequence[FigureValue | None], best: frozenset[int]) -> frozenset[int]:
    known = {index: value for index, value in enumerate(values) if isinstance(value, float)}
    return frozenset(
        index
        for index, value in known.items()
        if index not in best and any(is_tie(value, known[other]) for other in best)
    )
