"""What if: below which score is the best class of a window not believed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from eitui.analysis.whatif.outcome import (
    Flip,
    Flips,
    Sorted,
    ThresholdPoint,
    WhatIfOutcome,
    passed,
    ratio,
    score_of,
    spread_thresholds,
)
from eitui.domain.detail import UNCERTAIN
from eitui.domain.scores import NO_SCORE, ClassificationScores


@dataclass(frozen=True)
class _Class:
    """Best scores in ascending order, of windows whose label is one of the block's classes."""

    predicted: list[float]
    """Of those in which this class is the best one."""
    right: list[float]
    """Of those it is also the label of."""
    support: int


def foreign(scores: ClassificationScores) -> dict[str, int]:
    """Return how many windows there are with each label that the block cannot say: it is none of its classes."""
    counts = Counter(label for label in scores.expected if label is not None and label >= scores.classes)
    return {scores.labels[label]: count for label, count in counts.items()}


class ClassificationWhatIf:
    """What `min_score` would come to.

    Windows with a label that is none of the block's classes, such as `anomaly` where another block looks for anomalies,
    are left out of precision, recall and F1: no threshold of this block could make them right. They are wrong in the
    accuracy, which is of all windows with a label.
    """

    bounds = (0.0, 1.0)

    def __init__(self, scores: ClassificationScores) -> None:
        self._scores = scores
        self._best, tops = _best(scores)
        self._sorted = Sorted(tops)
        self._tops = tops
        self._labelled = sum(expected is not None for expected in scores.expected)
        self._classes = self._group()
        self._curves: dict[int, tuple[ThresholdPoint, ...]] = {}

    def _group(self) -> list[_Class]:
        groups = [_Class([], [], 0) for _ in self._scores.labels]
        support = [0] * len(groups)
        expected = self._scores.expected
        for index, top in zip(self._sorted.order, self._sorted.scores, strict=True):
            label, best = expected[index], self._best[index]
            if label is None:
                continue
            support[label] += 1
            if best is not None and label < self._scores.classes:
                groups[best].predicted.append(top)
                if best == label:
                    groups[best].right.append(top)
        return [_Class(group.predicted, group.right, count) for group, count in zip(groups, support, strict=True)]

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to."""
        counts = self._counts(threshold)
        classes = tuple(
            score_of(label, right, predicted, of.support)
            for label, of, (right, predicted) in zip(self._scores.labels, self._classes, counts, strict=True)
        )
        return WhatIfOutcome(self._point(threshold, counts), classes, self._labelled, len(self._best))

    def curve(self, points: int = 100) -> tuple[ThresholdPoint, ...]:
        """Return what thresholds from 0 to 1 come to."""
        if points not in self._curves:
            self._curves[points] = tuple(
                self._point(at, self._counts(at)) for at in spread_thresholds(self.bounds, points)
            )
        return self._curves[points]

    def flips(self, old: float, new: float) -> Flips:
        """Return the windows that get a class, or lose it."""
        loses = new > old
        return self._sorted.between(old, new, lambda index: self._flip(index, loses))

    def _counts(self, threshold: float) -> list[tuple[int, int]]:
        """Return for each class how many windows are rightly it, and how many are predicted to be it."""
        return [(passed(of.right, threshold), passed(of.predicted, threshold)) for of in self._classes]

    def _point(self, threshold: float, counts: Sequence[tuple[int, int]]) -> ThresholdPoint:
        counted = zip(counts[: self._scores.classes], self._classes, strict=False)
        rows = [(right, predicted, of.support) for (right, predicted), of in counted]
        present = [row for row in rows if row[2]]
        anything = any(predicted for _, predicted in counts)
        several = len(present)
        windows = len(self._best)
        return ThresholdPoint(
            threshold,
            ratio(sum(right / predicted for right, predicted, _ in present if predicted), several)
            if anything
            else None,
            ratio(sum(right / support for right, _, support in present), several),
            ratio(sum(2 * right / (predicted + support) for right, predicted, support in present), several),
            ratio(sum(right for right, _ in counts), self._labelled),
            ratio(windows - passed(self._sorted.scores, threshold), windows),
        )

    def _flip(self, index: int, loses: bool) -> Flip:
        labels = self._scores.labels
        best, label = self._best[index], self._scores.expected[index]
        name = UNCERTAIN if best is None else labels[best]
        before, after = (name, UNCERTAIN) if loses else (UNCERTAIN, name)
        right = best == label if label is not None else None
        never = None if label is None else False
        return Flip(
            index,
            self._tops[index],
            "" if label is None else labels[label],
            before,
            after,
            right if loses else never,
            never if loses else right,
            self._scores.windows.place(index),
        )


def _best(scores: ClassificationScores) -> tuple[list[int | None], list[float]]:
    """Return each window's best class (the first of several, None if it has no score) and its score."""
    width, flat = scores.classes, scores.scores
    if not isfinite(sum(flat)):
        flat = [score if score == score else NO_SCORE for score in flat]
    best: list[int | None] = []
    tops: list[float] = []
    for window in range(len(scores.expected)):
        row = flat[window * width : (window + 1) * width]
        top = max(row, default=NO_SCORE)
        tops.append(top)
        best.append(None if top == NO_SCORE else row.index(top))
    return best, tops
