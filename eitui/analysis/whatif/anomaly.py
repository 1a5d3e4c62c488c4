"""What if: above which score is a window an anomaly."""

from bisect import bisect_right
from collections import Counter

from eitui.analysis.whatif.outcome import (
    Flip,
    Flips,
    Sorted,
    ThresholdPoint,
    WhatIfOutcome,
    above,
    ratio,
    score_of,
    spread_thresholds,
)
from eitui.domain.scores import ANOMALY, NORMAL, AnomalyScores, VisualAnomalyScores, truth_text


def unknown_truth(scores: AnomalyScores | VisualAnomalyScores) -> dict[str, int]:
    """Return how many windows of each label may be anomalies or not; those without a label under an empty one."""
    labels = [*scores.labels, *[""] * len(scores.expected)]
    return Counter(label for label, expected in zip(labels, scores.expected, strict=False) if expected is None)


class AnomalyWhatIf:
    """What `min_anomaly_score` would come to: for K-means, a GMM, and the images of visual anomaly detection.

    Windows of unknown kind, anomaly or not, count in the share of anomalies and in nothing else.
    """

    def __init__(self, scores: AnomalyScores) -> None:
        self._scores = scores
        self._sorted = Sorted(scores.scores)
        expected = scores.expected
        pairs = list(zip(self._sorted.order, self._sorted.scores, strict=True))
        self._anomalies = [score for index, score in pairs if expected[index] is True]
        self._normal = [score for index, score in pairs if expected[index] is False]
        self.bounds = self._sorted.span()
        self._curves: dict[int, tuple[ThresholdPoint, ...]] = {}

    def at(self, threshold: float) -> WhatIfOutcome:
        """Return what a threshold comes to."""
        anomalies, normal = len(self._anomalies), len(self._normal)
        found, wrong = above(self._anomalies, threshold), above(self._normal, threshold)
        classes = (
            score_of(NORMAL, normal - wrong, normal - wrong + anomalies - found, normal),
            score_of(ANOMALY, found, found + wrong, anomalies),
        )
        return WhatIfOutcome(self._point(threshold), classes, anomalies + normal, len(self._sorted.scores))

    def curve(self, points: int = 100) -> tuple[ThresholdPoint, ...]:
        """Return what thresholds from the lowest to the highest score come to."""
        if points not in self._curves:
            self._curves[points] = tuple(map(self._point, spread_thresholds(self.bounds, points)))
        return self._curves[points]

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
