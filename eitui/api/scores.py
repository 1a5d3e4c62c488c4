"""From model-testing results to the scores that thresholds decide on."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isfinite

from eitui.api.classify import ClassifiedBlock, ClassifiedSample, ClassifiedWindow, ClassifyResult, PredictedBox
from eitui.api.lenient import Part, answer, to_number
from eitui.domain.scores import (
    ANOMALY,
    DEFAULT_LABELS,
    NO_SCORE,
    NORMAL,
    AnomalyLabels,
    AnomalyScores,
    ClassificationScores,
    DetectionScores,
    ErrorScores,
    Grid,
    NoScores,
    Scored,
    VisualAnomalyScores,
    Windows,
)

_OUTCOMES = {ANOMALY: True, NORMAL: False}
"""The service's words for what a window is expected to be."""

_METHOD = "anomaly_scoring_aggregation_method"

FOMO = "fomo"

_UNLABELLED = frozenset({"", "-", "unlabeled"})

_ANOMALIES = frozenset({"anomaly", "anomaly-gmm", "keras-anomaly"})

_SUMS_TO_1 = 0.02
"""How far class scores may be from 1 together: int8 networks round each."""

_BOX_KEYS = ("min_score", "min_score_box")


NOT_TESTED = NoScores("Not tested yet", untested=True)
"""No test of the impulse was ever run."""

_NOT_TESTED = "no model testing results found"
"""How the service says so, in a refusal: “No model testing results found, run 'startClassifyJob' first”."""


def is_not_tested(refusal: str) -> bool:
    """Return whether a refusal of the service's means that nothing was tested."""
    return _NOT_TESTED in refusal.lower()


def anomaly_labels_of(body: bytes) -> AnomalyLabels:
    """Return which labels are anomalies by the project's information; a list that it lacks is the service's default.

    Raises:
        Rejected, BadAnswer: there is no such information.
    """
    config = answer(body).part("anomalyLabelsConfig")
    return AnomalyLabels(
        _label_set(config, "anomalyLabels", DEFAULT_LABELS.anomaly),
        _label_set(config, "noAnomalyLabels", DEFAULT_LABELS.normal),
    )


def _label_set(config: Part, key: str, default: frozenset[str]) -> frozenset[str]:
    return frozenset(config.texts(key)) if isinstance(config.value(key), list) else default


def leaves_truth_open(result: ClassifyResult, block_id: int) -> bool:
    """Return whether only the project's labels tell which windows of a block are anomalies."""
    block = _block(result, block_id)
    return (
        block is not None
        and _reader(block) in (_anomaly, _visual)
        and any(
            window.outcome not in _OUTCOMES and window.label not in _UNLABELLED and window.label not in _OUTCOMES
            for window in block.windows
        )
    )


def scores_of(result: ClassifyResult, block_id: int, labels: AnomalyLabels = DEFAULT_LABELS, note: str = "") -> Scored:
    """Return what the service has of one learn block's scores, or why there is nothing. Never raises.

    `labels` tells what labels of the project mean where the service itself does not say which windows are anomalies;
    `note` is what must be known of that.
    """
    block = _block(result, block_id)
    if block is not None and len(block.heads) > 1:
        return NoScores.of_heads(block.heads)
    if block is None or not block.windows:
        if not result.blocks and not result.no_results:
            return NOT_TESTED
        why = "There are no model-testing results of this block"
        return NoScores(f"{why} since the thresholds changed" if result.no_results else why, untested=True)
    scored = _reader(block)(block)
    if not isinstance(scored, AnomalyScores | VisualAnomalyScores):
        return scored
    # Whether a window is an anomaly: as the service says it, else by its label.
    told = ((window, _OUTCOMES.get(window.outcome)) for window in block.windows)
    expected = [labels.outcome(window.label) if outcome is None else outcome for window, outcome in told]
    return replace(scored, expected=expected, note=note)


def _block(result: ClassifyResult, block_id: int) -> ClassifiedBlock | None:
    return next((block for block in result.blocks if block.id == block_id), None)


def _reader(block: ClassifiedBlock) -> Callable[[ClassifiedBlock], Scored]:
    """Choose by the block's type, and of a type that is not known by what its windows have."""
    kind, windows = block.type, block.windows
    if kind == "keras-visual-anomaly" or (not kind and any(window.grid for window in windows)):
        return _visual
    if "object-detection" in kind or any(window.boxes for window in windows):
        return _detection
    keys = {key for window in windows for key in window.scores}
    if kind in _ANOMALIES or keys == {ANOMALY}:
        return _anomaly
    if kind == "keras-regression" or keys == {"value"}:
        return _regression
    return _classification


def _classification(block: ClassifiedBlock) -> Scored:
    # The classes in the order they come in.
    known = dict.fromkeys(label for window in block.windows for label in window.scores)
    if ANOMALY in known and len(known) > 1:
        # Beside them may be an anomaly score of the impulse's, as in the document's example: it is no class where the
        # others already sum to 1.
        fullest = max(block.windows, key=lambda window: len(window.scores)).scores
        rest = sum(score for label, score in fullest.items() if label != ANOMALY)
        if abs(rest - 1) <= _SUMS_TO_1:
            del known[ANOMALY]
    classes = tuple(known)
    if not classes:
        return NoScores("The model-testing results of this block have no scores")
    others = dict.fromkeys(window.label for window in block.windows if window.label not in _UNLABELLED)
    labels = (*classes, *(label for label in others if label not in classes))
    places = {label: place for place, label in enumerate(labels)}
    flat = array("d")
    for window in block.windows:
        flat.extend(window.scores.get(label, NO_SCORE) for label in classes)
    expected = [places.get(window.label) for window in block.windows]
    return ClassificationScores(labels, flat, expected, len(classes), _windows(block.windows))


def _anomaly(block: ClassifiedBlock) -> Scored:
    scores = array("d", map(_anomaly_score, block.windows))
    if not any(map(isfinite, scores)):
        return NoScores("The model-testing results of this block have no anomaly scores")
    return AnomalyScores(scores, (), [window.label for window in block.windows], _windows(block.windows))


def _anomaly_score(window: ClassifiedWindow) -> float:
    alone = next(iter(window.scores.values())) if len(window.scores) == 1 else NO_SCORE
    return window.scores.get(ANOMALY, alone)


def _visual(block: ClassifiedBlock) -> Scored:
    cells = [[score for row in window.grid for score in row if score is not None] for window in block.windows]
    maxima = array("d", (max(scores, default=NO_SCORE) for scores in cells))
    means = array("d", (sum(scores) / len(scores) if scores else NO_SCORE for scores in cells))
    method = block.thresholds.get(_METHOD, "")
    given = array("d", map(_anomaly_score, block.windows))
    if not any(map(isfinite, given)):
        # The highest cell, whatever the method is: better than nothing, and the cells are all there is.
        given, method = maxima, "max"
    if not any(map(isfinite, given)):
        return NoScores("The model-testing results of this block have no anomaly scores")
    grids: list[Grid] = [window.grid for window in block.windows]
    labels = [window.label for window in block.windows]
    return VisualAnomalyScores((), given, str(method), maxima, means, grids, labels, _windows(block.windows))


def _regression(block: ClassifiedBlock) -> Scored:
    errors: list[float | None] = []
    for window in block.windows:
        label = to_number(window.label)
        predicted = window.scores.get("value", next(iter(window.scores.values()), None))
        errors.append(None if label is None or predicted is None else abs(predicted - label))
    if all(error is None for error in errors):
        return NoScores("The model-testing results of this block have no values to compare with labels")
    return ErrorScores(errors, _windows(block.windows))


def _detection(block: ClassifiedBlock) -> Scored:
    in_pixels = any(max(box.x, box.y, box.width, box.height) > 1.01 for window in block.windows for box in window.boxes)
    truths = [_truth(window.sample, in_pixels) for window in block.windows]
    if any(truth is None for truth in truths):
        return NoScores("The service does not say how large the images are that the boxes are in")
    fit = centred if block.last_layer == FOMO else overlap
    objects = [target.label for truth in truths for target in truth or ()]
    found = [
        (image, box, hit)
        for image, (window, truth) in enumerate(zip(block.windows, truths, strict=True))
        for box, hit in zip(window.boxes, match(window.boxes, truth or (), fit), strict=True)
    ]
    places = {
        label: place for place, label in enumerate(dict.fromkeys([*objects, *(box.label for _, box, _ in found)]))
    }
    if not places:
        return NoScores("The model-testing results of this block have no boxes")
    counts = Counter(objects)
    # Below the threshold at the time the service left boxes out.
    limits = (block.thresholds.get(key) for key in _BOX_KEYS)
    lowest = max((value for value in limits if isinstance(value, int | float)), default=None)
    return DetectionScores(
        labels=tuple(places),
        objects=[counts[label] for label in places],
        scores=array("d", (NO_SCORE if box.score is None else box.score for _, box, _ in found)),
        label_of=[places[box.label] for _, box, _ in found],
        matched=[hit for _, _, hit in found],
        images=[image for image, _, _ in found],
        windows=_windows(block.windows),
        lowest=lowest,
        matching="by centres that are inside" if fit is centred else "by boxes that overlap by half (IoU 0.5)",
    )


def _truth(sample: ClassifiedSample, in_pixels: bool) -> Sequence[PredictedBox] | None:
    """Return the objects of an image in the unit of the boxes that were found; None where that is not known.

    The document has true boxes in pixels and found ones in fractions of the image.
    """
    boxes = sample.boxes
    if in_pixels or all(box.x + box.width <= 1 and box.y + box.height <= 1 for box in boxes):
        return boxes
    wide, high = sample.width or 0, sample.height or 0
    if wide <= 0 or high <= 0:
        return None
    return [PredictedBox(box.label, box.x / wide, box.y / high, box.width / wide, box.height / high) for box in boxes]


def _windows(windows: Sequence[ClassifiedWindow]) -> Windows:
    places: dict[int, int] = {}
    names: list[str] = []
    sample_of, within = array("l"), array("l")
    for window in windows:
        place = places.setdefault(id(window.sample), len(names))
        if place == len(names):
            names.append(window.sample.name or f"sample {window.sample.id}")
        sample_of.append(place)
        within.append(window.number)
    return Windows(tuple(names), sample_of, within)


LEAST_OVERLAP = 0.5
"""Intersection over union from which on a box is over an object: the usual one of object detection (mAP@0.5)."""


def overlap(one: PredictedBox, other: PredictedBox) -> float:
    """Return intersection over union, 0..1; 0 where it is less than `LEAST_OVERLAP`."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    share = shared / (one.width * one.height + other.width * other.height - shared)
    return share if share >= LEAST_OVERLAP else 0.0


def centred(box: PredictedBox, target: PredictedBox) -> float:
    """Return 1 if the centre of `box` is within the object, else 0: FOMO finds centres, not sizes."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    inside = target.x <= x <= target.x + target.width and target.y <= y <= target.y + target.height
    return 1.0 if inside else 0.0


def match(
    boxes: Sequence[PredictedBox],
    objects: Sequence[PredictedBox],
    fit: Callable[[PredictedBox, PredictedBox], float] = overlap,
) -> list[bool]:
    """Return for each box of an image whether it is over an object of its label; `fit` says how well, 0 for not at all.

    The boxes choose in the order of their scores, each the object that fits best and is still free. So leaving out
    boxes with low scores does not change what the others choose.
    """
    free = list(objects)
    found = [False] * len(boxes)
    order = (
        range(len(boxes))
        if len(boxes) < 2
        else sorted(range(len(boxes)), key=lambda index: -(boxes[index].score or 0.0))
    )
    for index in order:
        box = boxes[index]
        best, place = 0.0, -1
        for at, target in enumerate(free):
            if target.label == box.label and (fits := fit(box, target)) > best:
                best, place = fits, at
        if place >= 0:
            found[index] = True
            del free[place]
    return found
