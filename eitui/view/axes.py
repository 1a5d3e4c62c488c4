"""Axes for plots of points: which range, on which scale, with which ticks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from eitui.view.ticks import log_range, nice_range, nice_ticks, tick_labels, whole_ticks

Kind = Literal["number", "percent", "whole"]

LOG_FROM = 50.0
"""How many times the least the greatest figure is from which the axis is logarithmic: below it all but a few points
would share one corner."""

_WIDER, _ROOM = 1.6, 0.08
"""How many times wider the worst quarter may make a range, and the part of it that is kept free where it may not."""

_HUGE, _TINY = 1e100, 1e-100
"""Figures are drawn as if no larger, and on a logarithmic axis as if no smaller: the arithmetic must not overflow."""


@dataclass(frozen=True)
class Scale:
    """What an axis has to hold, before it is known how many cells it has."""

    low: float
    high: float
    kind: Kind = "number"
    """`percent`: fractions shown as percentages; `whole`: whole numbers, both ends of which have a tick."""
    unit: float = 1.0
    """What figures are divided by in the labels: 1024 for bytes shown as K."""
    log: bool = False

    @classmethod
    def holding(cls, values: Iterable[float], kind: Kind = "number", unit: float = 1.0, *, may_be_log: bool) -> Self:
        """Return a scale for `values`, of which there is one at least; logarithmic where they differ by far."""
        bounded = [bounded_figure(value) for value in values]
        low, high = min(bounded), max(bounded)
        return cls(low, high, kind, unit, may_be_log and low > 0 and high / low >= LOG_FROM)

    def axis(self, most: int) -> "Axis":
        """Return the axis with at most `most` ticks (taken as 3 when less)."""
        most = max(3, most)
        if self.kind == "whole":
            return self._whole(most)
        low, high = self.low / self.unit, self.high / self.unit
        return _logarithmic(low, high, self.unit, most) if self.log else self._linear(low, high, most)

    def _whole(self, most: int) -> "Axis":
        first, last = int(self.low), max(int(self.high), int(self.low) + 1)
        ticks = whole_ticks(first, last, most)
        return Axis(first, last, tuple((float(tick), str(tick)) for tick in ticks))

    def _linear(self, low: float, high: float, most: int) -> "Axis":
        factor = 100.0 if self.kind == "percent" else 1.0
        least, greatest, step = nice_range(low * factor, high * factor, most)
        ticks = nice_ticks(least, greatest, step)
        labels = [label + "%" * (self.kind == "percent") for label in tick_labels(ticks, step)]
        size = self.unit / factor
        return Axis(
            least * size, greatest * size, tuple((tick * size, x) for tick, x in zip(ticks, labels, strict=True))
        )


@dataclass(frozen=True)
class Axis:
    """A range of figures with its ticks."""

    low: float
    high: float
    """Greater than `low`."""
    ticks: tuple[tuple[float, str], ...]
    """Figures and their labels, in ascending order."""
    log: bool = False

    def at(self, value: float) -> float:
        """Return where `value` is: 0 at the low end, 1 at the high end, never beyond them."""
        low, high, value = self.low, self.high, bounded_figure(value)
        if self.log:
            low, high, value = (math.log10(max(_TINY, figure)) for figure in (low, high, value))
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def holds(self, value: float) -> bool:
        """Return whether `value` is within the range."""
        return self.low <= value <= self.high


def bounded_figure(value: float) -> float:
    """Return `value`, or the nearest that can be drawn; NaN as 0."""
    return 0.0 if math.isnan(value) else min(_HUGE, max(-_HUGE, value))


def worth_showing(values: Sequence[float], always: Sequence[float], *, higher_is_better: bool) -> list[float]:
    """Return figures that an axis has to hold for `always` and most of `values` to be told apart.

    A few networks that learnt nothing would else take nearly all the room: where the worst quarter makes the range
    much wider it is left out, and there is some room beyond the rest for what says so.
    """
    ranked = sorted(map(bounded_figure, values), reverse=higher_is_better)
    kept = [*ranked[: -(-3 * len(ranked) // 4)], *map(bounded_figure, always)]
    low, high = min(kept), max(kept)
    if max(high, ranked[0], ranked[-1]) - min(low, ranked[0], ranked[-1]) <= _WIDER * (high - low):
        return [*kept, *ranked]
    # Where none of the rest differ, the range of one figure is a part of its size.
    room = _ROOM * (high - low) or _ROOM * abs(high)
    return [*kept, low - room if higher_is_better else high + room]


def _logarithmic(low: float, high: float, unit: float, most: int) -> Axis:
    first, last, ticks = log_range(max(_TINY, low), max(_TINY, high), most)
    return Axis(
        first * unit, last * unit, tuple((tick * unit, tick_labels([tick], tick)[0]) for tick in ticks), log=True
    )
