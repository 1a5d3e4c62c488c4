"""The test set, what each learn block finds in its windows, and what thresholds make of that.

The windows and findings are drawn from the seed, before any threshold; thresholds go by what their help texts state.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from eitui.demo.catalogue import ANOMALY_LABEL, NO_ANOMALY, ImpulsePlan, Learn, SimulatedValue
from eitui.demo.kit import rng_for

PER_SAMPLE = 4
"""Windows in a sample of sound or motion: each of a second, a quarter of a second after the one before."""

IMAGE = 96
"""Width and height of an image, in pixels."""

_GRID = IMAGE // 8 // 2 - 1
"""Rows and columns of a visual anomaly grid, by the API document's formula."""

_ODD = 0.1
"""Share of the samples that are anomalies, where a block looks for them."""

_UNCERTAIN = "uncertain"

_GOOD_F1 = 0.8
"""From this F1 score on an image with boxes counts as right."""


@dataclass(frozen=True)
class SimulatedBox:
    """An object in an image; coordinates are fractions of the image."""

    label: str
    x: float
    y: float
    width: float
    height: float
    score: float = 1.0
    peak: float = 1.0
    """The highest score of its pixels, for the text detector."""
    of: int | None = None
    """Which of the image's true objects was found; None where there is nothing."""


@dataclass(frozen=True)
class Sample:
    """One file of the test set."""

    id: int
    label: str
    """The class; what there is instead of one: `anomaly`, or a number (regression)."""
    windows: int
    truth: tuple[SimulatedBox, ...] = ()
    meaning: str = ""
    """The word for an anomaly, or for none, that the label stands for where the project has its own; else the label."""
    classes: tuple[str, ...] = ()
    """The class for each head, where there are several."""

    @property
    def odd(self) -> bool:
        """Whether it is an anomaly."""
        return self.meaning == ANOMALY_LABEL


Found = Mapping[str, float] | list[list[float]] | tuple[SimulatedBox, ...]
"""What a block says of a window: scores by name, a grid of anomaly scores, or boxes."""


@lru_cache(maxsize=16)
def samples_of(plan: ImpulsePlan, windows: int, seed: int) -> tuple[Sample, ...]:
    """Draw a test set of so many windows."""
    rng = rng_for(seed, "test set", plan.id)
    each = 1 if plan.image else PER_SAMPLE
    first = 600_000 + 100_000 * plan.id
    modes = {learn.mode for learn in plan.learns}
    samples = []
    for number in range(math.ceil(windows / each)):
        truth: tuple[SimulatedBox, ...] = ()
        classes: tuple[str, ...] = ()
        meaning = ""
        if "object-detection" in modes:
            truth = tuple(_object(plan, rng) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4))))
            label = truth[0].label if truth else "-"
        elif "regression" in modes:
            label = f"{rng.uniform(0, 60):.2f}"
        elif any("anomaly" in mode for mode in modes) and rng.random() < _ODD:
            label, meaning = plan.odd_labels[number % len(plan.odd_labels)], ANOMALY_LABEL
        elif "classification" not in modes:
            label, meaning = plan.normal_label, NO_ANOMALY
        elif plan.learns[0].heads:
            classes = tuple(rng.choice(names) for _, names in plan.learns[0].heads)
            label = ", ".join(classes)
        else:
            label = plan.task.classes[number % len(plan.task.classes)]
        count = min(each, windows - number * each)
        samples.append(Sample(first + number, label, count, truth, meaning or label, classes))
    return tuple(samples)


def _object(plan: ImpulsePlan, rng: Random) -> SimulatedBox:
    # On whole pixels: the service has the same boxes in pixels too.
    width, height = rng.randint(10, 24), rng.randint(10, 24)
    x, y = rng.randint(0, IMAGE - width), rng.randint(0, IMAGE - height)
    return SimulatedBox(rng.choice(plan.task.classes[1:]), x / IMAGE, y / IMAGE, width / IMAGE, height / IMAGE)


@lru_cache(maxsize=16)
def findings(plan: ImpulsePlan, learn: Learn, windows: int, seed: int, variant: str) -> tuple[Found, ...]:
    """Draw what a learn block says of every window of the test set, in the order of its samples.

    `variant` (`int8` or `float32`) draws anew: the scores of a network differ with its precision.
    """
    rng = rng_for(seed, "findings", learn.id, variant)
    draw = _DRAWS[learn.mode]
    return tuple(
        draw(plan, learn, sample, rng) for sample in samples_of(plan, windows, seed) for _ in range(sample.windows)
    )


def _classes(plan: ImpulsePlan, learn: Learn, sample: Sample, rng: Random) -> Found:
    if learn.heads:
        scores: dict[str, float] = {}
        for (key, names), right in zip(learn.heads, sample.classes, strict=True):
            drawn = {name: rng.gauss(0, 1.2) + (name == right) * rng.gauss(3.6, 1.4) for name in names}
            scores |= {f"{key}={name}": score for name, score in _softmax(drawn).items()}
        return scores
    # What is none of the classes is given to one of them, with less confidence.
    known = sample.label in plan.task.classes
    right = sample.label if known else rng.choice(plan.task.classes)
    raised = {name: rng.gauss(0, 1.2) for name in plan.task.classes}
    raised[right] += rng.gauss(3.6 if known else 1.8, 1.4)
    return _softmax(raised)


def _softmax(raised: Mapping[str, float]) -> dict[str, float]:
    powers = {name: math.exp(value) for name, value in raised.items()}
    total = math.fsum(powers.values())
    return {name: round(power / total, 5) for name, power in powers.items()}


def _distance(_plan: ImpulsePlan, learn: Learn, sample: Sample, rng: Random) -> Found:
    """Draw an anomaly score: K-means has negative ones inside a cluster, those of a GMM are wider apart."""
    wide = 1.0 if learn.mode == "anomaly" else 4.0
    middle = (0.75, 0.3) if sample.odd else (-0.15, 0.22)
    return {"anomaly": round(wide * (rng.gauss(*middle) + (0.0 if wide == 1.0 else 0.2)), 5)}


def _grid(_plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    cells = [[round(rng.gauss(2.4, 0.8), 4) for _ in range(_GRID)] for _ in range(_GRID)]
    if sample.odd:
        row, column = rng.randrange(_GRID), rng.randrange(_GRID)
        for near in {(row, column), (min(row + 1, _GRID - 1), column), (row, min(column + 1, _GRID - 1))}:
            cells[near[0]][near[1]] = round(cells[near[0]][near[1]] + rng.gauss(4.0, 1.0), 4)
    return cells


def _value(_plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    spread = 2.0 if rng.random() < 0.9 else 9.0
    return {"value": round(float(sample.label) + rng.gauss(0, spread), 4)}


def _boxes(plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    """Draw what is found of the true objects, most of it with a high score, and some that is not there."""
    found = []
    for number, truth in enumerate(sample.truth):
        if rng.random() < 0.97:
            label = truth.label if rng.random() < 0.95 else rng.choice(plan.task.classes[1:])
            x = min(max(truth.x + rng.gauss(0, 0.01), 0), 1 - truth.width)
            y = min(max(truth.y + rng.gauss(0, 0.01), 0), 1 - truth.height)
            scores = round(rng.betavariate(6, 1.6), 5), round(rng.betavariate(8, 1.5), 5)
            found.append(_rounded(SimulatedBox(label, x, y, truth.width, truth.height, *scores, of=number)))
    for ghost in [_object(plan, rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))]:
        score, peak = round(rng.betavariate(2, 4), 5), round(rng.betavariate(2, 3), 5)
        found.append(_rounded(replace(ghost, score=score, peak=peak)))
    return tuple(found)


def _rounded(box: SimulatedBox) -> SimulatedBox:
    return replace(box, x=round(box.x, 5), y=round(box.y, 5), width=round(box.width, 5), height=round(box.height, 5))


_DRAWS: Mapping[str, Callable[[ImpulsePlan, Learn, Sample, Random], Found]] = {
    "classification": _classes,
    "anomaly": _distance,
    "anomaly-gmm": _distance,
    "visual-anomaly": _grid,
    "regression": _value,
    "object-detection": _boxes,
}


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
    """What a block or an impulse says of a window at given thresholds."""

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
    if learn.heads:
        return _of_class(", ".join(heads_best(learn, found).values()), sample)
    if learn.mode == "classification":
        best = max(found, key=lambda name: found[name])
        return _of_class(best if found[best] >= _number(thresholds, "min_score") else _UNCERTAIN, sample)
    odd = found["anomaly"] > _number(thresholds, "min_anomaly_score")
    return _of_class(ANOMALY_LABEL if odd else NO_ANOMALY, sample)


def scores_by_head(learn: Learn, found: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return the scores of a network with several heads by key."""
    return {key: {name: found[f"{key}={name}"] for name in names} for key, names in learn.heads}


def heads_best(learn: Learn, found: Mapping[str, float]) -> dict[str, str]:
    """Return the class with the highest score for each head."""
    return {key: max(scores, key=lambda name: scores[name]) for key, scores in scores_by_head(learn, found).items()}


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
    return round(math.fsum(chosen) / len(chosen), 5)


def keep(found: tuple[SimulatedBox, ...], sample: Sample, thresholds: Mapping[str, SimulatedValue]) -> Boxes:
    """Return the boxes that are not discarded, grown as far as the text detector is told to grow them."""
    least = max(_number(thresholds, "min_score"), _number(thresholds, "min_score_box"))
    least_peak, ratio = _number(thresholds, "min_score_pixel"), _number(thresholds, "unclip_ratio", 1.5)
    kept = tuple(_grown(box, ratio) for box in found if box.score >= least and box.peak >= least_peak)
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
    return _rounded(replace(box, x=x, y=y, width=width, height=height))


def _of_class(prediction: str, sample: Sample) -> Verdict:
    return Verdict(prediction, prediction == sample.meaning)


def _number(thresholds: Mapping[str, SimulatedValue], key: str, absent: float = 0.0) -> float:
    value = thresholds.get(key, absent)
    return absent if isinstance(value, str) else value
