"""Which classes a network takes for which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eitui.domain.detail import BACKGROUND, ClassScore, Confusion

Shares = tuple[float, ...] | None
"""The columns' parts (0..1) of one row; None for a class without samples."""


@dataclass(frozen=True)
class Mistake:
    """Samples of one class that a network took for another, or for none (`uncertain`)."""

    true: str
    predicted: str
    count: float
    share: float
    """Of all samples of the true class, 0..1."""


def row_shares(counts: Sequence[Sequence[float]]) -> tuple[Shares, ...]:
    """Return each row divided by its sum."""
    totals = [sum(row) for row in counts]
    return tuple(
        tuple(count / total for count in row) if total > 0 else None for row, total in zip(counts, totals, strict=True)
    )


def mistakes(confusion: Confusion) -> list[Mistake]:
    """Return what was mistaken for what, most samples first, of equally many the larger share of its class first."""
    found = [
        Mistake(confusion.labels[row], confusion.columns[column], counts[column], share)
        for row, (counts, shares) in enumerate(zip(confusion.counts, row_shares(confusion.counts), strict=True))
        for column, share in enumerate(shares or ())
        if column != row and counts[column] > 0
    ]
    return sorted(found, key=lambda mistake: (-mistake.count, -mistake.share))


def class_scores(confusion: Confusion) -> tuple[ClassScore, ...]:
    """Compute the classes' scores from a matrix, for evaluations without a report."""
    predicted = [sum(column) for column in zip(*confusion.counts, strict=True)]
    return tuple(
        score_of(label, row[index], predicted[index], sum(row))
        for index, (label, row) in enumerate(zip(confusion.labels, confusion.counts, strict=True))
    )


def score_of(name: str, hits: float, predicted: float, support: float) -> ClassScore:
    """Return the score of a class from counts: rightly predicted, predicted, and there are.

    A class without samples has neither recall nor F1, one that was never predicted no precision.
    """
    precision = hits / predicted if predicted > 0 else None
    if support <= 0:
        return ClassScore(name, precision, None, None, 0)
    # F1 = 2PR/(P+R) = 2·hits/(predicted+support): 0, not undefined, for a class that was never predicted.
    return ClassScore(name, precision, hits / support, 2 * hits / (predicted + support), round(support))


def worst(scores: Iterable[ClassScore]) -> ClassScore | None:
    """Return the class with the lowest recall, the first of several; FOMO's background is no class to be found."""
    known = [score for score in scores if score.recall is not None and score.name != BACKGROUND]
    return min(known, key=lambda score: score.recall or 0.0, default=None)
