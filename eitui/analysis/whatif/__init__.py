"""What a threshold would come to, from the scores that the service has: before anything is sent."""

from collections.abc import Iterable

from eitui.analysis.whatif.anomaly import AnomalyWhatIf
from eitui.analysis.whatif.classification import ClassificationWhatIf
from eitui.analysis.whatif.detection import DetectionWhatIf
from eitui.analysis.whatif.outcome import Flip, Flips, ThresholdPoint, WhatIf, WhatIfOutcome
from eitui.analysis.whatif.regression import RegressionWhatIf
from eitui.domain.scores import AnomalyScores, ClassificationScores, DetectionScores, ErrorScores, Scores
from eitui.domain.threshold import Threshold

__all__ = ["Flip", "Flips", "ThresholdPoint", "WhatIf", "WhatIfOutcome", "decided_by", "what_if"]

_KEYS: dict[type[Scores], tuple[str, ...]] = {
    ClassificationScores: ("min_score", "minimum_confidence_rating"),
    AnomalyScores: ("min_anomaly_score", "minimum_confidence_rating"),
    DetectionScores: ("min_score", "min_score_box"),
    ErrorScores: (),
}
"""The thresholds that scores are compared with; those of K-means and of regression are not documented."""


def what_if(scores: Scores) -> WhatIf:
    """Return what thresholds would come to; to be built once, and then asked with every key."""
    if isinstance(scores, ClassificationScores):
        return ClassificationWhatIf(scores)
    if isinstance(scores, AnomalyScores):
        return AnomalyWhatIf(scores)
    if isinstance(scores, DetectionScores):
        return DetectionWhatIf(scores)
    return RegressionWhatIf(scores)


def decided_by(scores: Scores, thresholds: Iterable[Threshold]) -> tuple[Threshold, ...]:
    """Return which thresholds of a learn block the scores are compared with; of several the largest counts.

    Where none has a key that is known for it, it is the only one that is a number. None: there is no saying.
    """
    numbers = tuple(each for each in thresholds if each.value is not None and each.kind.compared)
    known = tuple(each for each in numbers if each.ref.key in _KEYS[type(scores)])
    return known or (numbers if len(numbers) == 1 else ())
