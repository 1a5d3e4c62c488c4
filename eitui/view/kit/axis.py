"""Axes: which range, on which scale, with ticks at round values.

An axis up the screen has ticks a whole number of rows apart, so that every tick stands exactly where its value is and
equal steps have equal heights. An axis across the screen has ticks at the cells nearest their values.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from eitui.view.kit.braille import DOTS_ACROSS, DOTS_UP

_Kind = Literal["number", "percent", "whole"]

LOG_FROM = 50.0
"""How many times the least value the greatest is from which an axis of points is logarithmic: below it all but a few
points would share one corner."""

_MIDDLE = (DOTS_UP - 1) / 2
"""Where a tick is in its row, in dots from the row's lowest: halfway up, where the terminal draws its line."""

_HUGE, _TINY = 1e100, 1e-100
"""Values are drawn as if no larger, and on a logarithmic axis as if no smaller: the arithmetic must not overflow."""

_STEPS = (1.0, 2.0, 2.5, 5.0)
_LOG_STEPS = (
    *(math.log10(2) / parts for parts in (16, 8, 4, 2)),
    math.log10(2),
    *(float(powers) for powers in (1, 2, 3, 5, 10, 20, 50, 100, 200)),
)
"""Steps of a logarithmic axis as powers of ten: fractions of a doubling, doublings, whole powers of ten."""

_MOST_TICKS, _FEW_TICKS = 7, 3
_WIDER, _ROOM = 1.6, 0.08
"""How many times wider the worst quarter may make a range, and the part of it that is kept free where it may not."""

_WHOLE_STEPS = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True)
class Axis:
    """A range of values over a number of dots, with its ticks."""

    low: float
    high: float
    """The values at the centres of the first and the last dot; on a logarithmic axis their powers of ten."""
    dots: int
    ticks: tuple[tuple[float, str], ...]
    """Values and their labels, in ascending order."""
    log: bool = False

    def at(self, value: float) -> float:
        """Return where `value` is: 0 at the first dot, 1 at the last, never beyond them."""
        place = math.log10(max(_TINY, bounded(value))) if self.log else bounded(value)
        # Halved before they are subtracted: the range of the largest values is beyond the largest float.
        return min(1.0, max(0.0, (place / 2 - self.low / 2) / (self.high / 2 - self.low / 2)))

    def dot(self, value: float) -> int:
        """Return the dot nearest to `value`, from 0 at the low end."""
        return math.floor(self.at(value) * (self.dots - 1) + 0.5)

    def edge(self, dot: int) -> float:
        """Return the value halfway from this dot to the next; of a linear axis."""
        return self.low + (dot + 0.5) / (self.dots - 1) * (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Return whether `value` is within the range."""
        if self.log:
            return value > 0 and self.low <= math.log10(value) <= self.high
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Scale:
    """What an axis has to hold, before it is known how many cells it has."""

    low: float
    high: float
    kind: _Kind = "number"
    """`percent`: fractions shown as percentages; `whole`: whole numbers, both ends of which have a tick."""
    unit: float = 1.0
    """What values are divided by in the labels: 1024 for bytes shown as KB."""
    log: bool = False
    exact: bool = False
    """Whether an axis across the screen ends at `low` and `high` instead of at round values."""

    @classmethod
    def holding(
        cls, values: Iterable[float], kind: _Kind = "number", unit: float = 1.0, *, may_be_log: bool = False
    ) -> Self:
        """Return a scale for `values`, of which there is one at least; logarithmic where they differ by far."""
        found = [bounded(value) for value in values]
        low, high = min(found), max(found)
        return cls(low, high, kind, unit, may_be_log and low > 0 and high / low >= LOG_FROM)

    def up(self, rows: int) -> Axis:
        """Return the axis over `rows` (≥ 1) rows of cells. Ticks are equally far apart, in the middle of a row."""
        factor = 100.0 if self.kind == "percent" else 1 / self.unit
        low, high = bounded(self.low) * factor, bounded(self.high) * factor
        if self.log:
            return _up_log(max(_TINY, low), max(_TINY, high), rows, factor)
        low, high = _apart(low, high)
        power = math.floor(math.log10(high - low))
        steps = [one * 10.0**exponent for exponent in range(power - 2, power + 3) for one in _STEPS]
        first, step, apart = _fitted(low, high, rows, steps)
        ends = _ends(first, step, apart, rows)
        most = 100.0 if self.kind == "percent" and high <= 100 else math.inf
        values = [tick for tick in _ticks(first, step, apart, rows) if tick <= most + step / 1e6]
        labels = tick_labels(values, step)
        sign = "%" if self.kind == "percent" else ""
        ticks = tuple((value / factor, label + sign) for value, label in zip(values, labels, strict=True))
        return Axis(ends[0] / factor, ends[1] / factor, DOTS_UP * rows, ticks)

    def across(self, columns: int, apart: int = 8) -> Axis:
        """Return the axis over `columns` (≥ 1) cells, with ticks some `apart` cells from one another."""
        most, dots = max(2, columns // apart), DOTS_ACROSS * columns
        if self.kind == "whole":
            first, last = int(self.low), max(int(self.high), int(self.low) + 1)
            return Axis(first, last, dots, tuple((float(tick), str(tick)) for tick in whole_ticks(first, last, most)))
        low, high = bounded(self.low) / self.unit, bounded(self.high) / self.unit
        if self.log:
            return _across_log(max(_TINY, low), max(_TINY, high), dots, max(3, most), self.unit)
        factor = 100.0 if self.kind == "percent" else 1.0
        start, end, step = nice_range(low * factor, high * factor, max(3, most))
        values = nice_ticks(start, end, step)
        if self.exact:
            values = [tick for tick in values if low * factor <= tick <= high * factor]
            start, end = _apart(low * factor, high * factor)
        labels = tick_labels(values, step)
        size, sign = self.unit / factor, "%" if self.kind == "percent" else ""
        ticks = tuple((value * size, label + sign) for value, label in zip(values, labels, strict=True))
        return Axis(start * size, end * size, dots, ticks)


def bounded(value: float) -> float:
    """Return `value`, or the nearest that can be drawn; NaN as 0."""
    return 0.0 if math.isnan(value) else min(_HUGE, max(-_HUGE, value))


def worth_showing(values: Sequence[float], always: Sequence[float], *, higher_is_better: bool) -> list[float]:
    """Return values that an axis has to hold for `always` and most of `values` to be told apart.

    A few networks that learnt nothing would else take nearly all the room: where the worst quarter makes the range
    much wider it is left out, and there is some room beyond the rest for what says so.
    """
    ranked = sorted(map(bounded, values), reverse=higher_is_better)
    kept = [*ranked[: -(-3 * len(ranked) // 4)], *map(bounded, always)]
    low, high = min(kept), max(kept)
    if max(high, ranked[0], ranked[-1]) - min(low, ranked[0], ranked[-1]) <= _WIDER * (high - low):
        return [*kept, *ranked]
    # Where none of the rest differ, the range of one value is a part of its size.
    room = _ROOM * (high - low) or _ROOM * abs(high)
    return [*kept, low - room if higher_is_better else high + room]


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return a range that holds `low`..`high` and is wide enough to have ticks that differ."""
    size = max(abs(low), abs(high))
    if high - low > max(1e-9 * size, 1e-12):
        return low, high
    margin = size / 2 if size > 1e-300 else 0.5
    return low - margin, high + margin


def _fitted(low: float, high: float, rows: int, steps: Iterable[float]) -> tuple[int, float, int]:
    """Return the first tick (in steps), the step, and the rows from one tick to the next, that show most detail.

    `low`..`high` lies within the dots of `rows` rows. Few ticks and many are avoided before detail is lost.
    """
    choices = [choice for step in steps if (choice := _rows_apart(low, high, rows, step)) is not None]

    def worth(choice: tuple[int, float, int]) -> float:
        _, step, apart = choice
        count = (rows - 1) // apart + 1
        detail = (high - low) / step * apart / rows
        crowded = max(0, count - _MOST_TICKS) + 2 * (apart == 1 and rows > 4)
        sparse = max(0, min(_FEW_TICKS, rows // 2) - count)
        # On a high chart some detail is given for ticks that are near enough to read by.
        wide = max(0, min(_MOST_TICKS - 2, rows // 3) - count)
        return detail - 0.3 * crowded - 0.25 * sparse - 0.08 * wide

    return max(choices, key=worth)


def _rows_apart(low: float, high: float, rows: int, step: float) -> tuple[int, float, int] | None:
    """Return how ticks `step` apart fit: as many rows from one to the next as there is room for; None for none."""
    most = (rows - 1) if rows > 1 else 1
    for apart in range(most, 0, -1):
        # Half a row below the first tick is on the screen, and half a row above the last.
        first = math.floor(low / step + 0.5 / apart + 1e-9)
        if (high / step - first) * apart <= rows - 0.5 + 1e-9:
            return first, step, apart
    return None


def _ends(first: int, step: float, apart: int, rows: int) -> tuple[float, float]:
    """Return the values at the centres of the lowest and the highest dot."""
    dot = step / (DOTS_UP * apart)
    low = first * step - _MIDDLE * dot
    return low, low + (DOTS_UP * rows - 1) * dot


def _ticks(first: int, step: float, apart: int, rows: int) -> list[float]:
    return [(first + index) * step for index in range((rows - 1) // apart + 1)]


def _up_log(low: float, high: float, rows: int, factor: float) -> Axis:
    start, end = _apart(math.log10(low), math.log10(high))
    if math.log10(high) - math.log10(low) < 1e-9:
        start, end = math.log10(low) - 0.15, math.log10(low) + 0.15
    first, step, apart = _fitted(start, end, rows, _LOG_STEPS)
    powers = _ticks(first, step, apart, rows)
    if step == 1 and apart % 10 == 0:
        # Ten rows to a power of ten: 2 and 5 are then within a twentieth of a dot of a row's middle.
        top = first + (rows - 1) / apart
        powers = [power for whole in range(first, math.floor(top) + 1) for power in _twos_and_fives(whole, top)]
    values = [10.0**power for power in powers]
    shift = math.log10(factor)
    ends = _ends(first, step, apart, rows)
    ticks = tuple((value / factor, label) for value, label in zip(values, log_labels(values), strict=True))
    return Axis(ends[0] - shift, ends[1] - shift, DOTS_UP * rows, ticks, log=True)


def _twos_and_fives(whole: int, top: float) -> Iterator[float]:
    return (power for factor in (1, 2, 5) if (power := whole + math.log10(factor)) <= top + 1e-2)


def _across_log(low: float, high: float, dots: int, most: int, unit: float) -> Axis:
    first, last, values = log_range(low, high, most)
    ticks = tuple((value * unit, label) for value, label in zip(values, log_labels(values), strict=True))
    return Axis(math.log10(first * unit), math.log10(last * unit), dots, ticks, log=True)


def nice_range(low: float, high: float, most: int) -> tuple[float, float, float]:
    """Return a range with round ends that holds `low`..`high`, and a step that makes at most `most` (≥ 3) ticks."""
    low, high = _apart(low, high)
    power = 10.0 ** (math.floor(math.log10((high - low) / most)) - 1)
    while True:
        for factor in _STEPS:
            step = factor * power
            first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
            if last - first + 1 <= most:
                return first * step, last * step, step
        power *= 10


def nice_ticks(low: float, high: float, step: float) -> list[float]:
    """Return the values from `low` to `high`, both included, `step` apart."""
    return [low + index * step for index in range(round((high - low) / step) + 1)]


def log_range(low: float, high: float, most: int) -> tuple[float, float, list[float]]:
    """Return a range that holds `low`..`high`, both above zero, and at most `most` (≥ 3) ticks of a logarithmic axis.

    The ticks are 1, 2 and 5 times powers of ten, fewer of them where those are too many, and plain round values
    where the range is too narrow for them.
    """
    if high / low < 3:
        first, last, step = nice_range(low, high, most)
        ticks = [tick for tick in nice_ticks(first, last, step) if tick > low * 1e-6]
        return min(low, ticks[0]), max(high, ticks[-1]), ticks
    factors = (1, 2, 5)
    bottom, top = math.floor(math.log10(low)), math.ceil(math.log10(high))
    round_ones = [factor * 10.0**power for power in range(bottom - 1, top + 1) for factor in factors]
    first = max(one for one in round_ones if one <= low)
    last = min((one for one in round_ones if one >= high), default=10.0**top)
    for chosen, every in ((factors, 1), ((1, 3), 1), *(((1,), every) for every in (1, 2, 5, 10, 50))):
        powers = range(bottom // every * every, top + 1, every)
        ticks = [tick for power in powers for factor in chosen if first <= (tick := factor * 10.0**power) <= last]
        if len(ticks) <= most:
            break
    return first, last, ticks


def tick_labels(ticks: Sequence[float], step: float) -> list[str]:
    """Return ticks `step` apart as text with equally many decimals, or in powers of ten where that would be long."""
    size = max(map(abs, ticks), default=0.0)
    if size >= 100_000 or step < 0.0001:
        return ["0" if tick == 0 else _power(tick, step) for tick in ticks]
    decimals = next(digits for digits in range(6) if abs(round(step, digits) - step) <= step * 1e-6)
    return [f"{0.0 if abs(tick) < step / 1e6 else tick:.{decimals}f}" for tick in ticks]


def log_labels(ticks: Sequence[float]) -> list[str]:
    """Return the ticks of a logarithmic axis as text, each with the digits it needs to be told from its neighbours."""
    for digits in (3, 4, 6):
        labels = [f"{tick:.{digits}g}" if 0.001 <= tick < 100_000 else f"{tick:.{digits - 2}e}" for tick in ticks]
        if len(set(labels)) == len(labels):
            break
    return [_short(label) for label in labels]


def whole_ticks(first: int, last: int, most: int) -> list[int]:
    """Return round whole numbers from `first` to `last`, both included, at most `most` (≥ 2) of them."""
    span = max(1, last - first)
    scale = 1
    while True:
        for factor in _WHOLE_STEPS:
            step = factor * scale
            if span // step > most:
                continue
            # A tick close to an end would run into the end's label.
            inner = range(first - first % step + step, last, step)
            apart = [tick for tick in inner if min(tick - first, last - tick) >= step * 0.6]
            if len(apart) + 2 <= most:
                return [first, *apart, last]
        scale *= 100


def _power(tick: float, step: float) -> str:
    digits = max(1, math.floor(math.log10(abs(tick))) - math.floor(math.log10(step))) if step > 0 else 1
    return _short(f"{tick:.{min(6, digits)}e}")


def _short(label: str) -> str:
    """Return a number in powers of ten without what says nothing: `1.0e-05` as `1e-5`."""
    if "e" not in label:
        return label
    mantissa, exponent = label.split("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"
