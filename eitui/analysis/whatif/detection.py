"""What if: from which score on does a box count."""

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
from eitui.domain.scores import DetectionScores

NOTHING_THERE, DROPPED = "nothing there", "dropped"


class DetectionWhatIf:
    """What `min_score` of object detection would come to. What flips is a box."""

    bounds = (0.0, 1.0)

    def __init__(self, scores: DetectionScores) -> None:
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
        self._curves: dict[int, tuple[ThresholdPoint, ...]] = {}

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

    def curve(self, points: int = 100) -> tuple[ThresholdPoint, ...]:
        """Return what thresholds from 0 to 1 come to."""
        if points not in self._curves:
            self._curves[points] = tuple(map(self._point, spread_thresholds(self.bounds, points)))
        return self._curves[points]

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
