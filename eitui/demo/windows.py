"""The test set, and what each learn block says of its windows: drawn from the seed, before any threshold."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from eitui.demo.catalogue import ImpulsePlan, Learn
from eitui.demo.rng import rng_for

ANOMALY_LABEL, NO_ANOMALY = "anomaly", "no anomaly"

PER_SAMPLE = 4
"""Windows in a sample of sound or motion: each of a second, a quarter of a second after the one before."""

IMAGE = 96
"""Width and height of an image, in pixels."""

_GRID = IMAGE // 8 // 2 - 1
"""Rows and columns of a visual anomaly grid, by the API document's formula."""

_ODD = 0.1
"""Share of the samples that are anomalies, where a block looks for them."""


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


Found = Mapping[str, float] | list[list[float]] | tuple[SimulatedBox, ...]
"""What a block says of a window: scores by name, a grid of anomaly scores, or boxes."""


@lru_cache(maxsize=16)
def samples_of(plan: ImpulsePlan, windows: int, seed: int) -> tuple[Sample, ...]:
    """Draw a test set of so many windows."""
    rng = rng_for(seed, "test set", plan.id)
    each = 1 if plan.image else PER_SAMPLE
    first = 600_000 + 100_000 * plan.id
    samples = []
    for number in range(math.ceil(windows / each)):
        label, truth = _content(plan, number, rng)
        samples.append(Sample(first + number, label, min(each, windows - number * each), truth))
    return tuple(samples)


def _content(plan: ImpulsePlan, number: int, rng: Random) -> tuple[str, tuple[SimulatedBox, ...]]:
    modes = {learn.mode for learn in plan.learns}
    if "object-detection" in modes:
        truth = tuple(_object(plan, rng) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4))))
        return ("-" if not truth else truth[0].label), truth
    if "regression" in modes:
        return f"{rng.uniform(0, 60):.2f}", ()
    odd = any("anomaly" in mode for mode in modes) and rng.random() < _ODD
    if odd or "classification" not in modes:
        return (ANOMALY_LABEL if odd else NO_ANOMALY), ()
    return plan.task.classes[number % len(plan.task.classes)], ()


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


def _classes(plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    # What is none of the classes is given to one of them, with less confidence.
    known = sample.label in plan.task.classes
    right = sample.label if known else rng.choice(plan.task.classes)
    raised = {name: rng.gauss(0, 1.2) for name in plan.task.classes}
    raised[right] += rng.gauss(3.6 if known else 1.8, 1.4)
    powers = {name: math.exp(value) for name, value in raised.items()}
    total = math.fsum(powers.values())
    return {name: round(power / total, 5) for name, power in powers.items()}


def _distance(_plan: ImpulsePlan, learn: Learn, sample: Sample, rng: Random) -> Found:
    """Draw an anomaly score: K-means has negative ones inside a cluster, those of a GMM are wider apart."""
    wide = 1.0 if learn.mode == "anomaly" else 4.0
    middle = (0.75, 0.3) if sample.label == ANOMALY_LABEL else (-0.15, 0.22)
    return {"anomaly": round(wide * (rng.gauss(*middle) + (0.0 if wide == 1.0 else 0.2)), 5)}


def _grid(_plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    cells = [[round(rng.gauss(2.4, 0.8), 4) for _ in range(_GRID)] for _ in range(_GRID)]
    if sample.label == ANOMALY_LABEL:
        row, column = rng.randrange(_GRID), rng.randrange(_GRID)
        for near in {(row, column), (min(row + 1, _GRID - 1), column), (row, min(column + 1, _GRID - 1))}:
            cells[near[0]][near[1]] = round(cells[near[0]][near[1]] + rng.gauss(4.0, 1.0), 4)
    return cells


def _value(_plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    spread = 2.0 if rng.random() < 0.9 else 9.0
    return {"value": round(float(sample.label) + rng.gauss(0, spread), 4)}


def _boxes(plan: ImpulsePlan, _learn: Learn, sample: Sample, rng: Random) -> Found:
    """Draw what is found of the true objects, most of it with a high score, and some that is not there."""
    found = [
        SimulatedBox(
            truth.label if rng.random() < 0.95 else rng.choice(plan.task.classes[1:]),
            round(min(max(truth.x + rng.gauss(0, 0.01), 0), 1 - truth.width), 5),
            round(min(max(truth.y + rng.gauss(0, 0.01), 0), 1 - truth.height), 5),
            round(truth.width, 5),
            round(truth.height, 5),
            round(rng.betavariate(6, 1.6), 5),
            round(rng.betavariate(8, 1.5), 5),
            number,
        )
        for number, truth in enumerate(sample.truth)
        if rng.random() < 0.97
    ]
    wrong = [_object(plan, rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    ghosts = [
        SimulatedBox(
            box.label,
            round(box.x, 5),
            round(box.y, 5),
            round(box.width, 5),
            round(box.height, 5),
            round(rng.betavariate(2, 4), 5),
            round(rng.betavariate(2, 3), 5),
        )
        for box in wrong
    ]
    return tuple(found + ghosts)


_DRAWS: Mapping[str, Callable[[ImpulsePlan, Learn, Sample, Random], Found]] = {
    "classification": _classes,
    "anomaly": _distance,
    "anomaly-gmm": _distance,
    "visual-anomaly": _grid,
    "regression": _value,
    "object-detection": _boxes,
}
