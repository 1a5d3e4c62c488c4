"""What thresholds make of the scores of one window: by the rules that the thresholds' help texts state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from eitui.demo.catalogue import Learn
from eitui.demo.thresholds import SimulatedValue
from eitui.demo.windows import ANOMALY_LABEL, NO_ANOMALY, Found, Sample, SimulatedBox

_UNCERTAIN = "uncertain"

_GOOD_F1 = 0.8
"""From this F1 score on an image with boxes counts as right."""


@dataclass(frozen=True)
class Boxes:
    """The boxes that thresholds leave of an image's, with how well they match the true ones."""

    kept: tuple[SimulatedBox, ...]
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return round(2 * self.precision * self.recall / total, 5) if total else 0.0


@dataclass(frozen=True)
class Verdict:
    """What a block says of a window at given thresholds."""

    prediction: str
    correct: bool
    boxes: Boxes | None = None
    """Object detection only."""


def judge(learn: Learn, found: Found, sample: Sample, thresholds: Mapping[str, SimulatedValue]) -> Verdict:
    """Return what `learn` says of a window of `sample` with these thresholds, and whether that is right."""
    if isinstance(found, list):
        odd = aggregate(found, thresholds) > _number(thresholds, "min_anomaly_score")
        return _of_class(ANOMALY_LABEL if odd else NO_ANOMALY, sample)
    if isinstance(found, tuple):
        boxes = keep(found, sample, thresholds)
        return Verdict(", ".join(box.label for box in boxes.kept) or "-", boxes.f1 >= _GOOD_F1, boxes)
    if learn.mode == "regression":
        error = abs(found["value"] - float(sample.label))
        return Verdict(f"{found['value']:.2f}", error <= _number(thresholds, "max_absolute_error"))
    if learn.mode == "classification":
        best = max(found, key=lambda name: found[name])
        return _of_class(best if found[best] >= _number(thresholds, "min_score") else _UNCERTAIN, sample)
    odd = found["anomaly"] > _number(thresholds, "min_anomaly_score")
    return _of_class(ANOMALY_LABEL if odd else NO_ANOMALY, sample)


def combine(verdicts: Sequence[Verdict], sample: Sample) -> Verdict:
    """Return what an impulse says of a window: an anomaly, if one of its blocks takes it for one, else the first's."""
    anomaly = next((verdict for verdict in verdicts if verdict.prediction == ANOMALY_LABEL), None)
    return _of_class(ANOMALY_LABEL, sample) if anomaly else verdicts[0]


def aggregate(grid: list[list[float]], thresholds: Mapping[str, SimulatedValue]) -> float:
    """Return an image's anomaly score, of the scores of its cells."""
    cells = sorted((score for row in grid for score in row), reverse=True)
    method = thresholds["anomaly_scoring_aggregation_method"]
    if method == "max":
        return cells[0]
    chosen = cells[:10] if method == "top_k" else cells
    return round(fsum(chosen) / len(chosen), 5)


def keep(found: tuple[SimulatedBox, ...], sample: Sample, thresholds: Mapping[str, SimulatedValue]) -> Boxes:
    """Return the boxes that are not discarded, grown as far as the text detector is told to grow them."""
    kept = tuple(
        _grown(box, _number(thresholds, "unclip_ratio", 1.5))
        for box in found
        if box.score >= max(_number(thresholds, "min_score", 0.0), _number(thresholds, "min_score_box", 0.0))
        and box.peak >= _number(thresholds, "min_score_pixel", 0.0)
    )
    hits = sum(box.of is not None and box.label == sample.truth[box.of].label for box in kept)
    # Nothing found where there is nothing is as it should be.
    precision = hits / len(kept) if kept else float(not sample.truth)
    recall = hits / len(sample.truth) if sample.truth else float(not kept)
    return Boxes(kept, round(precision, 5), round(recall, 5))


def _grown(box: SimulatedBox, ratio: float) -> SimulatedBox:
    factor = max(0.0, 1 + (ratio - 1.5) / 5)
    if factor == 1:
        return box
    width, height = min(1.0, box.width * factor), min(1.0, box.height * factor)
    x = min(max(0.0, box.x - (width - box.width) / 2), 1 - width)
    y = min(max(0.0, box.y - (height - box.height) / 2), 1 - height)
    return replace(box, x=round(x, 5), y=round(y, 5), width=round(width, 5), height=round(height, 5))


def _of_class(prediction: str, sample: Sample) -> Verdict:
    return Verdict(prediction, prediction == sample.label)


def _number(thresholds: Mapping[str, SimulatedValue], key: str, absent: float = 0.0) -> float:
    value = thresholds.get(key, absent)
    return absent if isinstance(value, str) else value
