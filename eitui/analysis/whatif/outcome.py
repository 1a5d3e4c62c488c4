"""What a threshold comes to, and which windows it decides otherwise than another."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Protocol, overload

from eitui.domain.detail import ClassScore
from eitui.domain.scores import WindowPlace


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


class WhatIf(Protocol):
    """What thresholds would come to. Built once from all scores; then any threshold costs some bisections."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The thresholds between which something changes; (0, 1) where scores are probabilities."""
        ...

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold (a finite number) comes to."""
        ...

    def curve(self, points: int = 100) -> tuple[ThresholdPoint, ...]:
        """Return what thresholds come to that are evenly spread over `bounds`; computed once for each count ≥ 2."""
        ...

    def flips(self, old: float, new: float) -> Flips:
        """Return what the threshold `new` decides otherwise than `old`."""
        ...


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


def score_of(label: str, right: int, predicted: int, support: int) -> ClassScore:
    """Return the score of a class from counts: rightly predicted, predicted, and there are.

    A class without samples has neither recall nor F1, one that was never predicted no precision.
    """
    precision = ratio(right, predicted)
    if not support:
        return ClassScore(label, precision, support=0)
    # F1 = 2PR/(P+R) = 2·right/(predicted+support): 0, not undefined, for a class that was never predicted.
    return ClassScore(label, precision, right / support, 2 * right / (predicted + support), support)


def spread_thresholds(bounds: tuple[float, float], points: int) -> list[float]:
    """Return `points` (at least 2) thresholds from the one bound to the other."""
    low, high = bounds
    last = max(points, 2) - 1
    # Not low + (high - low) * place / last: the difference of two large numbers overflows.
    return [low * (1 - place / last) + high * (place / last) for place in range(last)] + [high]
