"""What a threshold would come to, from the scores that the service has: before anything is sent."""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import overload

from eitui.analysis.confusion import score_of
from eitui.domain.detail import UNCERTAIN, ClassScore
from eitui.domain.scores import (
    ANOMALY,
    NO_SCORE,
    NORMAL,
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    ErrorScores,
    Scores,
    VisualAnomalyScores,
    WindowPlace,
    truth_text,
)
from eitui.domain.threshold import Threshold


@dataclass(frozen=True)
class ThresholdPoint:
    """How good the decisions at one threshold are. Fractions 0..1; None where there is none to compute.

    For classification precision, recall and F1 are means over the block's classes that have windows, a class that is
    never predicted counting as 0, and windows of other labels being left out; for anomalies they are about the
    anomalies; for detection about all boxes together.
    """

    threshold: float
    precision: float | None = None
    """None where nothing was predicted at all."""
    recall: float | None = None
    f1: float | None = None
    accuracy: float | None = None
    """Right windows of those with a label; an uncertain one is not right."""
    uncertain: float | None = None
    """Part of the windows that get no class; None where a window cannot be uncertain."""
    flagged: float | None = None
    """Part of the windows that are anomalies, or of the boxes that count; None for others."""


@dataclass(frozen=True)
class WhatIfOutcome:
    """What a threshold comes to, in full."""

    point: ThresholdPoint
    classes: tuple[ClassScore, ...] = ()
    """By class, in the order of the labels."""
    labelled: int = 0
    """Windows with a label, or objects."""
    windows: int = 0
    """Windows, or boxes, in all."""
    known: bool = True
    """False below the lowest score that the service sent: then it would find more than this."""


@dataclass(frozen=True)
class Flip:
    """A window (for detection a box) that another threshold decides otherwise."""

    index: int
    score: float
    """What the threshold is compared with."""
    expected: str
    """Empty where the window has no label."""
    before: str
    after: str
    right_before: bool | None = None
    """None where there is no label to compare with."""
    right_after: bool | None = None
    place: WindowPlace | None = None


class Flips(Sequence[Flip]):
    """The windows that a change of the threshold decides otherwise, those nearest the new value first.

    Each is described when it is looked at: a screen shows twenty of thousands.
    """

    def __init__(self, order: Sequence[int], places: range, describe: Callable[[int], Flip]) -> None:
        self._order = order
        self._places = places
        self._describe = describe

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Flip: ...
    @overload
    def __getitem__(self, at: slice) -> list[Flip]: ...
    def __getitem__(self, at: int | slice) -> Flip | list[Flip]:
        if isinstance(at, slice):
            return [self._describe(self._order[place]) for place in self._places[at]]
        return self._describe(self._order[self._places[at]])

    def __iter__(self) -> Iterator[Flip]:
        return (self._describe(self._order[place]) for place in self._places)


class Sorted:
    """Windows in the order of their scores."""

    def __init__(self, scores: Sequence[float]) -> None:
        # A NaN would make the order meaningless.
        clean = scores if isfinite(sum(scores)) else [score if score == score else float("-inf") for score in scores]
        self.order = sorted(range(len(clean)), key=clean.__getitem__)
        self.scores = [clean[index] for index in self.order]

    def between(
        self,
        old: float,
        new: float,
        describe: Callable[[int], Flip],
        *,
        cut: Callable[[Sequence[float], float], int] = bisect_left,
    ) -> Flips:
        """Return the windows with scores between the two thresholds, those nearest `new` first.

        `cut` finds a threshold's place: `bisect_left` where an equal score passes, `bisect_right` where it does not.
        """
        return Flips(self.order, towards(cut(self.scores, old), cut(self.scores, new)), describe)

    def span(self) -> tuple[float, float]:
        """Return the lowest and the highest finite score; (0, 1) where there is none, or only one."""
        first = bisect_left(self.scores, -1.7976931348623157e308)
        last = bisect_left(self.scores, float("inf"))
        if first >= last or self.scores[first] == self.scores[last - 1]:
            middle = self.scores[first] if first < last else 0.5
            return (min(0.0, middle), max(1.0, middle))
        return self.scores[first], self.scores[last - 1]


def towards(old: int, new: int) -> range:
    """Return the places between two cuts of an ordered list, those nearest the new one first."""
    return range(new - 1, old - 1, -1) if new > old else range(new, old)


def passed(ordered: Sequence[float], threshold: float) -> int:
    """Return how many of the scores, in ascending order, are at least `threshold`."""
    return len(ordered) - bisect_left(ordered, threshold)


def above(ordered: Sequence[float], threshold: float) -> int:
    """Return how many of the scores, in ascending order, are greater than `threshold`."""
    return len(ordered) - bisect_right(ordered, threshold)


def ratio(part: float, whole: float) -> float | None:
    """Return a fraction; None of nothing."""
    return part / whole if whole else None


class WhatIf(ABC):
    """What thresholds would come to. Built once from all scores; then any threshold costs some bisections."""

    bounds: tuple[float, float] = (0.0, 1.0)
    """The thresholds between which something changes; (0, 1) where scores are probabilities."""

    def __init__(self) -> None:
        self._curves: dict[int, tuple[ThresholdPoint, ...]] = {}

    @abstractmethod
    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold (a finite number) comes to."""

    @abstractmethod
    def _point(self, threshold: float) -> ThresholdPoint:
        """Return how good the decisions at a threshold are."""

    @abstractmethod
    def flips(self, old: float, new: float) -> Flips:
        """Return what the threshold `new` decides otherwise than `old`."""

    def curve(self, points: int = 100) -> tuple[ThresholdPoint, ...]:
        """Return what thresholds come to that are evenly spread over `bounds`; computed once for each count ≥ 2."""
        if points not in self._curves:
            low, high = self.bounds
            last = max(points, 2) - 1
            # Not low + (high - low) * place / last: the difference of two large numbers overflows.
            spread = [low * (1 - place / last) + high * (place / last) for place in range(last)]
            self._curves[points] = tuple(map(self._point, [*spread, high]))
        return self._curves[points]


def unknown_truth(scores: AnomalyScores | VisualAnomalyScores) -> dict[str, int]:
    """Return how many windows of each label may be anomalies or not; those without a label under an empty one."""
    labels = [*scores.labels, *[""] * len(scores.expected)]
    return Counter(label for label, expected in zip(labels, scores.expected, strict=False) if expected is None)


class AnomalyWhatIf(WhatIf):
    """What `min_anomaly_score` would come to: for K-means, a GMM, and the images of visual anomaly detection.

    Windows of unknown kind, anomaly or not, count in the share of anomalies and in nothing else.
    """

    def __init__(self, scores: AnomalyScores) -> None:
        super().__init__()
        self._scores = scores
        self._sorted = Sorted(scores.scores)
        expected = scores.expected
        pairs = list(zip(self._sorted.order, self._sorted.scores, strict=True))
        self._anomalies = [score for index, score in pairs if expected[index] is True]
        self._normal = [score for index, score in pairs if expected[index] is False]
        self.bounds = self._sorted.span()

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to."""
        anomalies, normal = len(self._anomalies), len(self._normal)
        found, wrong = above(self._anomalies, threshold), above(self._normal, threshold)
        classes = (
            score_of(NORMAL, normal - wrong, normal - wrong + anomalies - found, normal),
            score_of(ANOMALY, found, found + wrong, anomalies),
        )
        return WhatIfOutcome(self._point(threshold), classes, anomalies + normal, len(self._sorted.scores))

    def flips(self, old: float, new: float) -> Flips:
        """Return the windows that become anomalies, or cease to be."""
        ceases = new > old
        return self._sorted.between(old, new, lambda index: self._flip(index, ceases), cut=bisect_right)

    def _point(self, threshold: float) -> ThresholdPoint:
        anomalies, normal = len(self._anomalies), len(self._normal)
        found, wrong = above(self._anomalies, threshold), above(self._normal, threshold)
        return ThresholdPoint(
            threshold,
            ratio(found, found + wrong),
            ratio(found, anomalies),
            2 * found / (found + wrong + anomalies) if anomalies else None,
            ratio(found + normal - wrong, anomalies + normal),
            flagged=ratio(above(self._sorted.scores, threshold), len(self._sorted.scores)),
        )

    def _flip(self, index: int, ceases: bool) -> Flip:
        scores = self._scores
        expected = scores.expected[index]
        label = scores.labels[index] if index < len(scores.labels) else ""
        before, after = (ANOMALY, NORMAL) if ceases else (NORMAL, ANOMALY)
        return Flip(
            index,
            scores.scores[index],
            truth_text(label, expected),
            before,
            after,
            None if expected is None else expected is ceases,
            None if expected is None else expected is not ceases,
            scores.windows.place(index),
        )


@dataclass
class _Class:
    """Best scores in ascending order, of windows whose label is one of the block's classes."""

    predicted: list[float] = field(default_factory=list)
    """Of those in which this class is the best one."""
    right: list[float] = field(default_factory=list)
    """Of those it is also the label of."""
    support: int = 0


def foreign(scores: ClassificationScores) -> dict[str, int]:
    """Return how many windows there are with each label that the block cannot say: it is none of its classes."""
    counts = Counter(label for label in scores.expected if label is not None and label >= scores.classes)
    return {scores.labels[label]: count for label, count in counts.items()}


class ClassificationWhatIf(WhatIf):
    """What `min_score` would come to.

    Windows with a label that is none of the block's classes, such as `anomaly` where another block looks for anomalies,
    are left out of precision, recall and F1: no threshold of this block could make them right. They are wrong in the
    accuracy, which is of all windows with a label.
    """

    def __init__(self, scores: ClassificationScores) -> None:
        super().__init__()
        self._scores = scores
        self._best, self._tops = _best(scores)
        self._sorted = Sorted(self._tops)
        self._labelled = sum(expected is not None for expected in scores.expected)
        self._classes = [_Class() for _ in scores.labels]
        for index, top in zip(self._sorted.order, self._sorted.scores, strict=True):
            label, best = scores.expected[index], self._best[index]
            if label is None:
                continue
            self._classes[label].support += 1
            if best is not None and label < scores.classes:
                self._classes[best].predicted.append(top)
                if best == label:
                    self._classes[best].right.append(top)

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to."""
        counts = self._counts(threshold)
        classes = tuple(
            score_of(label, right, predicted, of.support)
            for label, of, (right, predicted) in zip(self._scores.labels, self._classes, counts, strict=True)
        )
        return WhatIfOutcome(self._point(threshold), classes, self._labelled, len(self._best))

    def flips(self, old: float, new: float) -> Flips:
        """Return the windows that get a class, or lose it."""
        loses = new > old
        return self._sorted.between(old, new, lambda index: self._flip(index, loses))

    def _counts(self, threshold: float) -> list[tuple[int, int]]:
        """Return for each class how many windows are rightly it, and how many are predicted to be it."""
        return [(passed(of.right, threshold), passed(of.predicted, threshold)) for of in self._classes]

    def _point(self, threshold: float) -> ThresholdPoint:
        counts = self._counts(threshold)
        counted = zip(counts[: self._scores.classes], self._classes, strict=False)
        rows = [(right, predicted, of.support) for (right, predicted), of in counted]
        present = [row for row in rows if row[2]]
        anything = any(predicted for _, predicted in counts)
        several, windows = len(present), len(self._best)
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


NOTHING_THERE, DROPPED = "nothing there", "dropped"


class DetectionWhatIf(WhatIf):
    """What `min_score` of object detection would come to. What flips is a box."""

    def __init__(self, scores: DetectionScores) -> None:
        super().__init__()
        self._scores = scores
        self._sorted = Sorted(scores.scores)
        self._boxes: list[list[float]] = [[] for _ in scores.labels]
        self._right: list[list[float]] = [[] for _ in scores.labels]
        for box, score in zip(self._sorted.order, self._sorted.scores, strict=True):
            self._boxes[scores.label_of[box]].append(score)
            if scores.matched[box]:
                self._right[scores.label_of[box]].append(score)
        self._all_right = sorted(score for several in self._right for score in several)
        self._objects = sum(scores.objects)

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to; `known` is False below the lowest score that the service sent."""
        scores = self._scores
        classes = tuple(
            score_of(label, passed(right, threshold), passed(boxes, threshold), objects)
            for label, right, boxes, objects in zip(
                scores.labels, self._right, self._boxes, scores.objects, strict=True
            )
        )
        known = scores.lowest is None or threshold >= scores.lowest
        return WhatIfOutcome(self._point(threshold), classes, self._objects, len(self._sorted.scores), known)

    def flips(self, old: float, new: float) -> Flips:
        """Return the boxes that begin to count, or cease to."""
        ceases = new > old
        return self._sorted.between(old, new, lambda box: self._flip(box, ceases))

    def _point(self, threshold: float) -> ThresholdPoint:
        right, boxes = passed(self._all_right, threshold), passed(self._sorted.scores, threshold)
        return ThresholdPoint(
            threshold,
            ratio(right, boxes),
            ratio(right, self._objects),
            2 * right / (boxes + self._objects) if self._objects else None,
            flagged=ratio(boxes, len(self._sorted.scores)),
        )

    def _flip(self, box: int, ceases: bool) -> Flip:
        scores = self._scores
        label, there = scores.labels[scores.label_of[box]], bool(scores.matched[box])
        before, after = (label, DROPPED) if ceases else (DROPPED, label)
        place = scores.windows.place(scores.images[box]) if box < len(scores.images) else None
        expected = label if there else NOTHING_THERE
        return Flip(box, scores.scores[box], expected, before, after, there is ceases, there is not ceases, place)


RIGHT, WRONG = "within the error", "beyond the error"


class RegressionWhatIf(WhatIf):
    """What the maximum absolute error of a regression would come to: an accuracy, and no precision or recall."""

    def __init__(self, scores: ErrorScores) -> None:
        super().__init__()
        self._scores = scores
        known = [(error, index) for index, error in enumerate(scores.errors) if error is not None and isfinite(error)]
        known.sort()
        self._errors = [error for error, _ in known]
        self._order = [index for _, index in known]
        self.bounds = (0.0, (self._errors[-1] if self._errors else 0.0) or 1.0)

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to."""
        return WhatIfOutcome(self._point(threshold), (), len(self._errors), len(self._scores.errors))

    def flips(self, old: float, new: float) -> Flips:
        """Return the windows that become right, or wrong."""
        gains = new > old
        places = towards(bisect_right(self._errors, old), bisect_right(self._errors, new))
        return Flips(self._order, places, lambda index: self._flip(index, gains))

    def _point(self, threshold: float) -> ThresholdPoint:
        return ThresholdPoint(threshold, accuracy=ratio(bisect_right(self._errors, threshold), len(self._errors)))

    def _flip(self, index: int, gains: bool) -> Flip:
        before, after = (WRONG, RIGHT) if gains else (RIGHT, WRONG)
        error = self._scores.errors[index] or 0.0
        return Flip(index, error, RIGHT, before, after, not gains, gains, self._scores.windows.place(index))


_KEYS: dict[type[Scores], tuple[str, ...]] = {
    ClassificationScores: ("min_score", "minimum_confidence_rating"),
    AnomalyScores: ("min_anomaly_score", "minimum_confidence_rating"),
    DetectionScores: ("min_score", "min_score_box"),
    ErrorScores: (),
}
"""The thresholds that scores are compared with; those of K-means and of regression are not documented."""


def what_if(scores: Scores) -> WhatIf:
    """Return what thresholds would come to; to be built once, and then asked with every key."""
    match scores:
        case ClassificationScores():
            return ClassificationWhatIf(scores)
        case AnomalyScores():
            return AnomalyWhatIf(scores)
        case DetectionScores():
            return DetectionWhatIf(scores)
        case ErrorScores():
            return RegressionWhatIf(scores)


def decided_by(scores: Scores, thresholds: Iterable[Threshold]) -> tuple[Threshold, ...]:
    """Return which thresholds of a learn block the scores are compared with; of several the largest counts.

    Where none has a key that is known for it, it is the only one that is a number. None: there is no saying.
    """
    numbers = tuple(each for each in thresholds if each.value is not None and each.kind.compared)
    known = tuple(each for each in numbers if each.ref.key in _KEYS[type(scores)])
    return known or (numbers if len(numbers) == 1 else ())
