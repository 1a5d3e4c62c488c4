"""What if: up to which absolute error is a window right."""

from bisect import bisect_right
from math import isfinite

from eitui.analysis.whatif.outcome import Flip, Flips, ThresholdPoint, WhatIfOutcome, ratio, spread_thresholds, towards
from eitui.domain.scores import ErrorScores

RIGHT, WRONG = "within the error", "beyond the error"


class RegressionWhatIf:
    """What the maximum absolute error of a regression would come to: an accuracy, and no precision or recall."""

    def __init__(self, scores: ErrorScores) -> None:
        self._scores = scores
        known = [(error, index) for index, error in enumerate(scores.errors) if error is not None and isfinite(error)]
        known.sort()
        self._errors = [error for error, _ in known]
        self._order = [index for _, index in known]
        self.bounds = (0.0, (self._errors[-1] if self._errors else 0.0) or 1.0)
        self._curves: dict[int, tuple[ThresholdPoint, ...]] = {}

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to."""
        return WhatIfOutcome(self._point(threshold), (), len(self._errors), len(self._scores.errors))

    def curve(self, points: int = 100) -> tuple[ThresholdPoint, ...]:
        """Return what thresholds from 0 to the largest error come to."""
        if points not in self._curves:
            self._curves[points] = tuple(map(self._point, spread_thresholds(self.bounds, points)))
        return self._curves[points]

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
