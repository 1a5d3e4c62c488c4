"""The curves of several trials in one chart: which lines, and how they are named.

The chart itself is drawn by `eitui.view.overlay_plot`.
"""

import math
from collections.abc import Mapping, Sequence

from eitui.analysis.figures import finite, has_accuracy
from eitui.domain.history import EMPTY_CURVE, Curve, Epoch
from eitui.domain.trial import Trial
from eitui.view.charts import ChartSpec, Quantity, Segment, Series
from eitui.view.marks import Mark

LAST_EPOCH = 10**9
"""No axis goes further, whatever number the service sends."""


def overlay(
    trials: Sequence[Trial],
    curves: Mapping[str, Curve],
    marks: Sequence[Mark],
    quantity: Quantity,
    training_cycles: int | None,
    *,
    train: bool = False,
    log: bool = False,
) -> ChartSpec:
    """Return a chart of the loss or accuracy of `trials` by epoch, each under its own mark.

    It is of the validation data, with `train` of the training data. `curves` is by trial id; `marks` has each trial's
    mark. A series' label is its mark's sign, a space and the trial's name, and its style the mark's tone. The axis of
    epochs ends at `training_cycles` where that is known. With `log` the axis of figures is logarithmic; figures that
    are not above zero are gaps.
    """
    seen = [curves.get(trial.id, EMPTY_CURVE).epochs for trial in trials]
    series = tuple(
        _series(f"{mark.sign} {trial.name}", mark.tone, epochs, quantity, train=train, log=log)
        for trial, mark, epochs in zip(trials, marks, seen, strict=True)
    )
    last = max((epochs[-1].epoch for epochs in seen if epochs), default=0)
    first = min((epochs[0].epoch for epochs in seen if epochs), default=1)
    begin = min(1, first)
    title = f"{'train' if train else 'val'} {quantity}"
    return ChartSpec(
        title,
        series,
        (begin, min(LAST_EPOCH, max(last, training_cycles or 0, begin + 1))),
        _tenths(series) if quantity == "accuracy" else None,
        y_label=title,
        percent=quantity == "accuracy",
        note="" if all(epochs for epochs in seen) else f"{sum(not epochs for epochs in seen)} not seen to train",
        log=log,
    )


def why_empty(trials: Sequence[Trial], curves: Mapping[str, Curve], quantity: Quantity, *, train: bool = False) -> str:
    """Return why the chart of `trials` has nothing to draw; empty when there is something."""
    if not trials:
        return "No trial is marked: mark some in the trial table with space."
    if not any(curves.get(trial.id, EMPTY_CURVE).epochs for trial in trials):
        return "None of the marked trials was seen to train; the service keeps only the last epoch of each."
    marks = [Mark(" ", "")] * len(trials)
    if not overlay(trials, curves, marks, quantity, None, train=train).empty:
        return ""
    if quantity == "accuracy":
        return "None of the marked trials has an accuracy: the service computes none for them, or they diverged."
    return "The service sent null in place of a loss for every epoch seen of the marked trials: they diverged."


def _series(label: str, style: str, epochs: Sequence[Epoch], quantity: Quantity, *, train: bool, log: bool) -> Series:
    numbers = [epoch.epoch for epoch in epochs]
    values = _values(epochs, quantity, train=train)
    if log:
        values = [value if value is not None and value > 0 else None for value in values]
    known = [value for value in values if value is not None]
    if not known:
        return Series(label, style)
    # Nearly always nothing is missing: then one look at all of them does instead of one at each.
    whole = len(known) == len(numbers) == numbers[-1] - numbers[0] + 1 and all(map(math.isfinite, known))
    segments = (tuple(zip(numbers, known, strict=True)),) if whole else _segments(numbers, values)
    return Series(label, style, segments, finite(values[-1]))


def _values(epochs: Sequence[Epoch], quantity: Quantity, *, train: bool) -> list[float | None]:
    if quantity == "loss":
        return [epoch.loss if train else epoch.val_loss for epoch in epochs]
    if not any(map(has_accuracy, epochs)):
        return []
    return [epoch.accuracy if train else epoch.val_accuracy for epoch in epochs]


def _segments(numbers: Sequence[int], values: Sequence[float | None]) -> tuple[Segment, ...]:
    """Return the runs of epochs that follow one another and have a figure."""
    segments: list[list[tuple[int, float]]] = []
    previous: int | None = None
    for number, value in zip(numbers, map(finite, values), strict=True):
        if value is None:
            previous = None
            continue
        if previous is None or number != previous + 1:
            segments.append([])
        segments[-1].append((number, value))
        previous = number
    return tuple(map(tuple, segments))


def _tenths(series: Sequence[Series]) -> tuple[float, float]:
    """Return the tenths of 0..1 that hold the figures, at least two of them: differences matter most near the top."""
    figures = [[y for _, y in segment] for line in series for segment in line.segments]
    if not figures:
        return 0.0, 1.0
    least, most = (10 * min(1.0, max(0.0, end)) for end in (min(map(min, figures)), max(map(max, figures))))
    low, high = math.floor(least), math.ceil(most)
    high = max(high, min(10, low + 2))
    return min(low, high - 2) / 10, high / 10
