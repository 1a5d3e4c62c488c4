"""The curves of one trial: on which axis, how smooth, of which attempt, and what they say at one epoch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from eitui.analysis.figures import finite, has_accuracy
from eitui.domain.history import Curve, Epoch
from eitui.view import format as fmt
from eitui.view.charts import ChartSpec, Segment, Series, curves
from eitui.view.lines import EMPTY_LINE, Line, Span, crop, joined

RAW = "dim"
"""Style of the figures as they came, below smoothed ones."""

BEST = "★"


class Smoothing(NamedTuple):
    """How far a curve is evened out."""

    name: str
    weight: float
    """Of the epoch before, 0..1: an exponential moving average."""


SMOOTHINGS = (Smoothing("", 0.0), Smoothing("light", 0.6), Smoothing("strong", 0.9))


@dataclass(frozen=True)
class Look:
    """How the curves are looked at."""

    log: bool = False
    """Whether the axis of the loss is logarithmic."""
    smoothing: Smoothing = SMOOTHINGS[0]
    attempt: int = -1
    """Which of `attempts`; -1: the latest."""


@dataclass(frozen=True)
class BestEpoch:
    """The epoch at which a figure was best."""

    epoch: int
    value: float


def attempts(curve: Curve) -> tuple[tuple[Epoch, ...], ...]:
    """Return the epochs of every attempt at a trial that was seen, oldest first; the last is under way, or was last."""
    return (*curve.earlier, curve.epochs)


def charts(curve: Curve, look: Look, training_cycles: int | None) -> tuple[ChartSpec, ChartSpec]:
    """Return the charts of loss and of accuracy, looked at as `look` says.

    Smoothed lines have the figures as they came below them, in the style `RAW` and without a label. On a logarithmic
    axis figures of zero or less are left out, and counted in the note.
    """
    every = attempts(curve)
    chosen = every[look.attempt]
    number = look.attempt % len(every) + 1
    losses, accuracies = curves(Curve(chosen), training_cycles)
    if look.log:
        losses = _logarithmic(losses)
    attempt = f"attempt {number} of {len(every)}" if len(every) > 1 else ""
    shown = (_smoothed(spec, look.smoothing) for spec in (losses, accuracies))
    first, second = (replace(spec, note=", ".join(filter(None, (attempt, spec.note)))) for spec in shown)
    return first, second


def best_epochs(epochs: Sequence[Epoch]) -> tuple[BestEpoch | None, BestEpoch | None]:
    """Return where val_loss was lowest and where val_accuracy was highest; the first of equal ones."""
    losses = [BestEpoch(epoch.epoch, value) for epoch in epochs if (value := finite(epoch.val_loss)) is not None]
    accuracies = (
        [BestEpoch(epoch.epoch, value) for epoch in epochs if (value := finite(epoch.val_accuracy)) is not None]
        if any(map(has_accuracy, epochs))
        else []
    )
    return (
        min(losses, key=lambda one: one.value, default=None),
        max(accuracies, key=lambda one: one.value, default=None),
    )


def reading(epochs: Sequence[Epoch], index: int, width: int, *, moved: bool) -> Line:
    """Return the figures of the epoch at `index`; `moved` says that a cursor stands there, else it is the latest."""
    if not epochs:
        return EMPTY_LINE
    epoch = epochs[index]
    figures: list[Line] = [
        _figure("loss", fmt.loss(epoch.loss), "train"),
        _figure("val loss", fmt.loss(epoch.val_loss), "val"),
    ]
    if any(map(has_accuracy, epochs)):
        figures += [
            _figure("accuracy", fmt.percent(epoch.accuracy), "train"),
            _figure("val accuracy", fmt.percent(epoch.val_accuracy), "val"),
        ]
    head: Line = ((f"{'│' if moved else ' '}epoch {epoch.epoch}", "accent" if moved else ""),)
    return crop((*head, ("  ", ""), *joined(figures, "  ")), width)


def best_line(epochs: Sequence[Epoch], width: int) -> Line:
    """Return at which epochs the figures were best."""
    loss, accuracy = best_epochs(epochs)
    found: list[Line] = []
    if loss is not None:
        found.append((("lowest val loss ", "dim"), (fmt.loss(loss.value), "val"), (f" at epoch {loss.epoch}", "")))
    if accuracy is not None:
        said = f" at epoch {accuracy.epoch}"
        found.append((("highest val accuracy ", "dim"), (fmt.percent(accuracy.value), "val"), (said, "")))
    if not found:
        return EMPTY_LINE
    unseen = epochs[0].epoch > 1 or epochs[-1].epoch - epochs[0].epoch >= len(epochs)
    seen: Line = ((" of those seen", "dim"),) if unseen else EMPTY_LINE
    return crop(((f"{BEST} ", "best"), *joined(found, ", "), *seen), width)


def with_sign(picture: Sequence[Line], line: int, column: int, sign: Span) -> list[Line]:
    """Return a picture with one cell replaced."""
    return [
        _replaced(one, column, sign, blank_only=False) if index == line else one for index, one in enumerate(picture)
    ]


def with_cursor(picture: Sequence[Line], lines: range, column: int) -> list[Line]:
    """Return a picture with an upright line through `lines`, behind what is drawn there."""
    return [
        _replaced(one, column, ("│", "accent"), blank_only=True) if index in lines else one
        for index, one in enumerate(picture)
    ]


def _figure(name: str, text: str, tone: str) -> Line:
    return ((f"{name} ", "dim"), (text, tone))


def _replaced(line: Line, column: int, sign: Span, *, blank_only: bool) -> Line:
    """Return `line` with the cell at `column` replaced. Its characters take one cell each, as in every plot."""
    found: list[Span] = []
    at = 0
    for text, tone in line:
        place = column - at
        at += len(text)
        if not 0 <= place < len(text) or (blank_only and text[place] not in " ⠀"):
            found.append((text, tone))
            continue
        found += [(text[:place], tone), sign, (text[place + 1 :], tone)]
    return tuple(span for span in found if span[0])


def _logarithmic(spec: ChartSpec) -> ChartSpec:
    series = tuple(replace(one, segments=_above_zero(one.segments)) for one in spec.series)
    left_out = _points(spec.series) - _points(series)
    note = ", ".join(filter(None, (spec.note, f"{left_out} not above 0" if left_out else "")))
    return replace(spec, title=f"{spec.title} (log)", series=series, note=note, log=True)


def _points(series: Iterable[Series]) -> int:
    return sum(len(segment) for one in series for segment in one.segments)


def _above_zero(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    found: list[list[tuple[int, float]]] = []
    for segment in segments:
        going = False
        for point in segment:
            if point[1] > 0:
                if not going:
                    found.append([])
                found[-1].append(point)
            going = point[1] > 0
    return tuple(map(tuple, found))


def _smoothed(spec: ChartSpec, smoothing: Smoothing) -> ChartSpec:
    if not smoothing.weight or spec.empty:
        return spec
    raw = tuple(replace(one, label="", style=RAW) for one in spec.series)
    even = tuple(replace(one, segments=_evened(one.segments, smoothing.weight)) for one in spec.series)
    return replace(spec, title=f"{spec.title}, {smoothing.name} smoothing", series=(*raw, *even))


def _evened(segments: Sequence[Segment], weight: float) -> tuple[Segment, ...]:
    """Return the moving average; what was not seen fades as if it had been, and the beginning is not drawn to 0."""
    found: list[Segment] = []
    total = share = 0.0
    last = 0
    for segment in segments:
        points: list[tuple[int, float]] = []
        for epoch, value in segment:
            fade = weight ** max(1, epoch - last)
            total, share, last = total * fade + (1 - weight) * value, share * fade + (1 - weight), epoch
            points.append((epoch, total / share))
        found.append(tuple(points))
    return tuple(found)
