"""What the charts show: series with their gaps, ranges, and why there is nothing to draw. No drawing here."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from eitui.analysis.figures import finite, has_accuracy
from eitui.domain.history import Curve, Epoch
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Trial
from eitui.view import format as fmt

Quantity = Literal["loss", "accuracy"]

_LAST = 10**9
"""No axis goes further, whatever number the service sends."""

Segment = tuple[tuple[int, float], ...]
"""Epochs that follow one another, with their figures; one alone is a dot."""


@dataclass(frozen=True)
class Series:
    """One line of a chart, broken where an epoch was not seen or has no figure."""

    label: str
    style: str
    """`train` or `val`: which line this is, not how it looks."""
    segments: tuple[Segment, ...] = ()
    latest: float | None = None
    """The figure of the latest epoch seen; None where the service sent none."""


@dataclass(frozen=True)
class ChartSpec:
    """All that a chart shows: equal specs look the same, so a chart whose spec is equal need not be drawn again."""

    title: str
    series: tuple[Series, ...] = ()
    x_range: tuple[int, int] = (1, 2)
    """First and last epoch of the axis."""
    y_range: tuple[float, float] | None = None
    """None: as wide as the figures."""
    x_label: str = "epoch"
    y_label: str = ""
    percent: bool = False
    """Whether figures are fractions to be shown as percentages."""
    epoch: int | None = None
    """The latest epoch seen."""
    note: str = ""
    """What must be known to read the chart: epochs that were not seen, an earlier attempt."""
    log: bool = False
    """Whether the y axis is logarithmic: then every figure is above zero."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(series.segments for series in self.series)


def curves(curve: Curve, training_cycles: int | None) -> tuple[ChartSpec, ChartSpec]:
    """Return the charts of loss and of accuracy. The axis of epochs ends at `training_cycles` where that is known.

    A network without an accuracy has an empty second chart (see `empty_reason`).
    """
    epochs = curve.epochs
    last = epochs[-1].epoch if epochs else None
    x_range = _x_range(epochs, training_cycles)
    note = _note(curve)
    shown = epochs if any(map(has_accuracy, epochs)) else ()
    losses = ChartSpec(
        "loss",
        (_series("train", epochs, lambda epoch: epoch.loss), _series("val", epochs, lambda epoch: epoch.val_loss)),
        x_range,
        y_label="loss",
        epoch=last,
        note=note,
    )
    both = (
        _series("train", shown, lambda epoch: epoch.accuracy),
        _series("val", shown, lambda epoch: epoch.val_accuracy),
    )
    accuracies = ChartSpec(
        "accuracy",
        both,
        x_range,
        _accuracy_range(both),
        y_label="accuracy",
        percent=True,
        epoch=last,
        note=note,
    )
    return losses, accuracies


def _accuracy_range(series: Sequence[Series]) -> tuple[float, float]:
    """Return the tenths of 0..1 that hold the figures, at least two of them: differences matter most near the top."""
    tenths = [10 * min(1.0, max(0.0, y)) for line in series for segment in line.segments for _, y in segment]
    if not tenths:
        return 0.0, 1.0
    low, high = math.floor(min(tenths)), math.ceil(max(tenths))
    high = max(high, min(10, low + 2))
    return min(low, high - 2) / 10, high / 10


def thin(xs: Sequence[float], ys: Sequence[float], width: int) -> tuple[list[float], list[float]]:
    """Return at most `4 * width` points that draw the same line on `width` columns; `xs` must ascend.

    Of each column the first, lowest, highest and last point are kept, so no extreme and neither end is lost (M4
    aggregation: Jugel and others, VLDB 2014).
    """
    count = len(xs)
    if count <= 4 * width or width < 1:
        return list(xs), list(ys)
    start, span = xs[0], xs[-1] - xs[0]
    kept: list[int] = []
    begin = 0
    for index in range(1, count + 1):
        if index < count and _column(xs[index], start, span, width) == _column(xs[begin], start, span, width):
            continue
        bucket = range(begin, index)
        kept += sorted({begin, index - 1, min(bucket, key=ys.__getitem__), max(bucket, key=ys.__getitem__)})
        begin = index
    return [xs[index] for index in kept], [ys[index] for index in kept]


def empty_reason(trial: Trial, curve: Curve, quantity: Quantity = "loss") -> str:
    """Return a sentence that says why the chart of `quantity` is empty; empty when there is something to draw."""
    if _only_the_end(trial, curve):
        return _not_seen(trial)
    if not curves(curve, None)[quantity == "accuracy"].empty:
        return ""
    if trial.problem:
        return f"The service's description of this trial could not be read: {trial.problem}"
    if not curve.epochs:
        return _not_seen(trial)
    if quantity == "loss":
        return "Diverged: for every epoch seen the service sent null in place of a loss."
    if all(epoch.accuracy is None and epoch.val_accuracy is None for epoch in curve.epochs):
        return "The service sent null in place of an accuracy for every epoch seen: the network diverged or has none."
    return "This network has no accuracy: the service computes none for it (regression, some detection networks)."


def _only_the_end(trial: Trial, curve: Curve) -> bool:
    """Return whether all that was seen of a trial's training is its end: a dot, which says less than its figures."""
    return trial.over and not curve.earlier and len(curve.epochs) == 1 and curve.epochs[0].epoch > 1


def _not_seen(trial: Trial) -> str:
    if trial.status == PENDING:
        return "Waits for a worker; the curve begins with its first epoch."
    if trial.status == RUNNING:
        return _first_epoch(trial)
    if trial.status == COMPLETED:
        return f"Its training was not watched; the service keeps only the last epoch: {_last(trial)}."
    if trial.status == FAILED:
        trained = bool(trial.epoch)
        return "Its training was not watched; it has failed." if trained else "Failed before its first epoch was done."
    return f"Nothing to draw yet: the trial is {trial.status or 'in no known state'}."


def _first_epoch(trial: Trial) -> str:
    dsp = [block.status for block in trial.blocks if block.kind == "dsp"]
    if dsp and all(status == COMPLETED for status in dsp):
        return "Training has begun; its first epoch is not done yet."
    return "DSP block is generating features; the first epoch is not done yet."


def _last(trial: Trial) -> str:
    progress = trial.progress
    losses = f"loss {fmt.loss(progress.loss)}, val loss {fmt.loss(progress.val_loss)}"
    if not has_accuracy(progress):
        return losses
    return f"{losses}, accuracy {fmt.percent(progress.accuracy)}, val accuracy {fmt.percent(progress.val_accuracy)}"


def _series(style: str, epochs: Sequence[Epoch], figure: Callable[[Epoch], float | None]) -> Series:
    segments: list[list[tuple[int, float]]] = []
    previous: int | None = None
    value: float | None = None
    for epoch in epochs:
        value = finite(figure(epoch))
        if value is None:
            previous = None
            continue
        if previous is None or epoch.epoch != previous + 1:
            segments.append([])
        segments[-1].append((epoch.epoch, value))
        previous = epoch.epoch
    return Series(style, style, tuple(map(tuple, segments)), value)


def _x_range(epochs: Sequence[Epoch], training_cycles: int | None) -> tuple[int, int]:
    first = min(1, epochs[0].epoch) if epochs else 1
    last = max(training_cycles or 0, epochs[-1].epoch if epochs else 0)
    return first, min(_LAST, max(last, first + 1))


def _note(curve: Curve) -> str:
    notes = [f"attempt {len(curve.earlier) + 1}"] if curve.earlier else []
    numbers = [epoch.epoch for epoch in curve.epochs]
    unseen = sum(max(0, after - before - 1) for before, after in pairwise([0, *numbers])) if numbers else 0
    if unseen > 0:
        notes.append(f"{unseen} not seen")
    return ", ".join(notes)


def _column(x: float, start: float, span: float, width: int) -> int:
    return min(width - 1, int((x - start) / span * width)) if span else 0
