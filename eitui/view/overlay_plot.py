"""Draws a chart of several series, each with a sign of its own on its line.

Not with plotext: of 8 series of 10,000 points it takes some 200 ms, thinned to the columns or not, and it cannot put
signs on a line. Here the points of a column become one bar from its lowest to its highest, so that no extreme is lost,
and a column of dots is one number, whose bits are the dots.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Self

from eitui.view import format as fmt
from eitui.view.charts import ChartSpec, Series
from eitui.view.compare import tail
from eitui.view.lines import EMPTY_LINE, Line, Span, crop, width_of
from eitui.view.ticks import log_range, nice_range, nice_ticks, tick_labels, whole_ticks

LEAST_WIDTH, LEAST_HEIGHT = 24, 5
"""Cells below which there is no room for axes."""

SIGN_EVERY = 16
"""Cells from one sign of a series to its next."""

_HUGE, _TINY = 1e100, 1e-100
"""Figures are drawn as if no larger, and on a logarithmic axis no smaller: the axis arithmetic must not overflow."""
_LABEL_WIDTH = 5
_NAME_WIDTHS = (40, 14, 8, 0)
"""Most cells of a name in the legend: the widest with which it fits."""
# The dots of a braille character by row, in its left and its right column (Unicode 16, section 21.1).
_LEFT = (0x01, 0x02, 0x04, 0x40)
_RIGHT = (0x08, 0x10, 0x20, 0x80)
_LEFT_BITS = tuple(sum(_LEFT[row] for row in range(4) if nibble >> row & 1) for nibble in range(16))
_RIGHT_BITS = tuple(sum(_RIGHT[row] for row in range(4) if nibble >> row & 1) for nibble in range(16))


def draw_overlay(spec: ChartSpec, width: int, height: int) -> tuple[Line, ...]:
    """Return `height` lines of at most `width` cells: a legend over as many lines as it needs, and the plot below it.

    A series' sign, the first character of its label, stands on its line in many places, so that lines are told apart
    without colour; lines, signs and legend have the series' style as their tone.
    """
    if width <= 0 or height <= 0:
        return (EMPTY_LINE,) * max(0, height)
    lines = _legend(spec, width, max(1, height // 3))
    room = height - len(lines)
    if room > 0 and not spec.empty:
        lines += _plot(spec, width, room)
    lines += [EMPTY_LINE] * (height - len(lines))
    return tuple(crop(line, width) for line in lines[:height])


def draw_lines(spec: ChartSpec, width: int, height: int) -> list[Line]:
    """Return `height` lines of at most `width` cells: the plot alone, with its axes where there is room for them."""
    if width <= 0 or height <= 0 or spec.empty:
        return [EMPTY_LINE] * max(0, height)
    return [crop(line, width) for line in _plot(spec, width, height)]


def _legend(spec: ChartSpec, width: int, most: int) -> list[Line]:
    """Return title and series, names as long as they fit on `most` lines; series that do not fit at all are counted."""
    title: Line = ((spec.title, "title"), (f"  {spec.note}" if spec.note else "", "dim"))
    for names in _NAME_WIDTHS:
        entries = [_entry(series, spec, names) for series in spec.series]
        lines = _flowing([title, *entries], width)
        if len(lines) <= most:
            return lines
    for kept in range(len(entries) - 1, 0, -1):
        lines = _flowing([title, *entries[:kept], ((f"+{len(entries) - kept} more", "dim"),)], width)
        if len(lines) <= most:
            return lines
    return [title]


def _entry(series: Series, spec: ChartSpec, names: int) -> Line:
    sign, _, name = series.label.partition(" ")
    figure = fmt.percent(series.latest) if spec.percent else fmt.loss(series.latest)
    return ((" ".join(filter(None, (sign, tail(name, names), figure))), series.style),)


def _flowing(entries: Sequence[Line], width: int) -> list[Line]:
    lines: list[Line] = []
    line: Line = ()
    for entry in entries:
        if line and width_of(line) + 2 + width_of(entry) > width:
            lines.append(line)
            line = ()
        line = (*line, ("  ", ""), *entry) if line else entry
    return [*lines, line] if line else lines


@dataclass(frozen=True)
class _Frame:
    """Which figures are where, in dots: two to a cell across, four up."""

    first: int
    last: int
    low: float
    high: float
    ticks: tuple[float, ...]
    """Of the y axis."""
    step: float
    """Between them; 0 on a logarithmic axis."""
    columns: int
    rows: int
    """Both in dots."""
    scale: float
    """Rows to one unit of the figures, or of their logarithms."""
    log: bool = False

    @classmethod
    def of(cls, spec: ChartSpec, strands: Sequence["_Strand"], columns: int, rows: int) -> Self:
        """Return the frame for so many cells."""
        low, high = spec.y_range or _extremes(strands)
        most = max(3, min(6, (rows + 2) // 2))
        if spec.log:
            first, last, logs = log_range(max(low, _TINY), max(high, _TINY), most)
            spread = math.log(last / first)
            return cls(
                *spec.x_range, first, last, tuple(logs), 0.0, 2 * columns, 4 * rows, (4 * rows - 1) / spread, True
            )
        first, last, step = nice_range(low, high, most)
        ticks = tuple(nice_ticks(first, last, step))
        return cls(*spec.x_range, first, last, ticks, step, 2 * columns, 4 * rows, (4 * rows - 1) / (last - first))

    def labels(self, ticks: Sequence[float], *, percent: bool) -> list[str]:
        """Return the labels of ticks of the y axis."""
        if self.log:
            labels = [fmt.loss(tick) for tick in ticks]
            # Ticks so close that they read the same are told apart by more decimals.
            return labels if len(set(labels)) == len(labels) else tick_labels(list(ticks), ticks[1] - ticks[0])
        return [f"{tick * 100:.0f}%" for tick in ticks] if percent else tick_labels(list(ticks), self.step)

    def x(self, epoch: float) -> float:
        """Return how far to the right, as a fraction."""
        return min(1.0, max(0.0, (epoch - self.first) / (self.last - self.first)))

    def column(self, epoch: float) -> int:
        """Return the column of dots, from 0 on the left."""
        return round(self.x(epoch) * (self.columns - 1))

    def row(self, value: float) -> int:
        """Return the row of dots, from 0 at the top."""
        below = math.log(self.high / max(value, _TINY)) if self.log else self.high - value
        return round(min(max(below * self.scale, 0.0), self.rows - 1))

    def edge(self, column: int) -> float:
        """Return the epoch at which the column begins that is nearest to it."""
        return self.first + (column - 0.5) / (self.columns - 1) * (self.last - self.first)


def _extremes(strands: Sequence["_Strand"]) -> tuple[float, float]:
    runs = [ys for strand in strands for _, ys in strand.runs]
    return _bounded(min(map(min, runs))), _bounded(max(map(max, runs)))


def _bounded(value: float) -> float:
    return min(_HUGE, max(-_HUGE, value))


@dataclass(frozen=True)
class _Strand:
    """A series with its epochs apart from its figures: the minimum of a list costs a tenth of that of pairs."""

    sign: str
    style: str
    runs: list[tuple[list[int], list[float]]]

    @classmethod
    def of(cls, series: Series) -> Self:
        runs = [([x for x, _ in segment], [y for _, y in segment]) for segment in series.segments]
        return cls(series.label[:1], series.style, runs)


class _Trace:
    """The dots of one series: for each column of dots a number, whose bit n is the dot in row n."""

    def __init__(self, strand: _Strand, frame: _Frame) -> None:
        self.style, self.sign = strand.style, strand.sign
        self.dots = [0] * frame.columns
        self.last: int | None = None
        """The last column that has a dot."""
        for xs, ys in strand.runs:
            self._add(xs, ys, frame)

    def _add(self, xs: list[int], ys: list[float], frame: _Frame) -> None:
        previous: tuple[int, int] | None = None
        for column, first, top, bottom, last in _bars(xs, ys, frame):
            self._bar(column, top, bottom)
            if previous is not None:
                self._join(*previous, column, first)
            previous = column, last
            self.last = column if self.last is None else max(self.last, column)

    def _bar(self, column: int, top: int, bottom: int) -> None:
        self.dots[column] |= ((1 << bottom - top + 1) - 1) << top

    def _join(self, column: int, row: int, to_column: int, to_row: int) -> None:
        """Draw from one dot to another, further right: each column from where it is entered to where it is left."""
        step = (to_row - row) / (to_column - column)
        rows = [row + round(step * (index + 0.5)) for index in range(to_column - column)]
        steps = [row, *rows, to_row]
        for index, (enter, leave) in enumerate(pairwise(steps)):
            self._bar(column + index, min(enter, leave), max(enter, leave))


def _bars(xs: list[int], ys: list[float], frame: _Frame) -> list[tuple[int, int, int, int, int]]:
    """Return for each column with points: column, and the rows of its first, highest, lowest and last point."""
    bars = []
    if len(xs) <= frame.columns:
        dots = [(frame.column(x), frame.row(y)) for x, y in zip(xs, ys, strict=True)]
        for column, group in groupby(dots, key=lambda dot: dot[0]):
            rows = [row for _, row in group]
            bars.append((column, rows[0], min(rows), max(rows), rows[-1]))
        return bars
    begin = 0
    for column in range(frame.column(xs[0]), frame.column(xs[-1]) + 1):
        end = bisect_left(xs, frame.edge(column + 1), begin) if column + 1 < frame.columns else len(xs)
        if end > begin:
            part = ys[begin:end]
            top, bottom = frame.row(max(part)), frame.row(min(part))
            bars.append((column, frame.row(part[0]), top, bottom, frame.row(part[-1])))
            begin = end
    return bars


def _plot(spec: ChartSpec, width: int, height: int) -> list[Line]:
    strands = [_Strand.of(series) for series in spec.series if series.segments]
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return _canvas(strands, _Frame.of(spec, strands, width, height))
    rows = height - 2
    frame = _Frame.of(spec, strands, width, rows)
    ticks = frame.ticks
    if len(ticks) > rows:
        ticks = (ticks[0], ticks[-1])
    labels = frame.labels(ticks, percent=spec.percent)
    margin = max([_LABEL_WIDTH, *map(len, labels)])
    frame = replace(frame, columns=2 * (width - margin - 1))
    at = {frame.row(tick) // 4: label for tick, label in zip(ticks, labels, strict=True)}
    lines: list[Line] = [
        ((f"{at.get(row, ''):>{margin}}{'┤' if row in at else '│'}", "dim"), *line)
        for row, line in enumerate(_canvas(strands, frame))
    ]
    return [*lines, *_x_axis(spec, frame, margin)]


def _x_axis(spec: ChartSpec, frame: _Frame, margin: int) -> list[Line]:
    columns = frame.columns // 2
    ticks = whole_ticks(*spec.x_range, most=max(2, columns // 8))
    line, labels = ["─"] * columns, [" "] * columns
    end = -1
    for tick in ticks:
        column = frame.column(tick) // 2
        line[column] = "┬"
        text = str(tick)
        start = min(columns - len(text), max(0, column - len(text) // 2))
        if start > end:
            labels[start : start + len(text)] = text
            end = start + len(text)
    name = spec.x_label if len(spec.x_label) <= margin + 1 else ""
    return [
        ((" " * margin + "└" + "".join(line), "dim"),),
        ((f"{name:<{margin + 1}}" + "".join(labels), "dim"),),
    ]


def _canvas(strands: Sequence[_Strand], frame: _Frame) -> list[Line]:
    traces = [_Trace(strand, frame) for strand in strands]
    columns, rows = frame.columns // 2, frame.rows // 4
    chars = [[" "] * columns for _ in range(rows)]
    owners: list[list[str]] = [[""] * columns for _ in range(rows)]
    for column in range(columns):
        _fill(traces, column, chars, owners)
    _put_signs(traces, chars, owners)
    return [_spans(row, tones) for row, tones in zip(chars, owners, strict=True)]


def _fill(traces: Sequence[_Trace], column: int, chars: list[list[str]], owners: list[list[str]]) -> None:
    """Put the dots of all series into a column of cells. A cell takes the tone of the first series in it."""
    left = right = 0
    for trace in traces:
        left |= trace.dots[2 * column]
        right |= trace.dots[2 * column + 1]
    rest, row = left | right, 0
    while rest >> 4 * row:
        shift = 4 * row
        if rest >> shift & 15:
            chars[row][column] = chr(0x2800 + _LEFT_BITS[left >> shift & 15] + _RIGHT_BITS[right >> shift & 15])
            mask = 15 << shift
            for trace in traces:
                if (trace.dots[2 * column] | trace.dots[2 * column + 1]) & mask:
                    owners[row][column] = trace.style
                    break
        row += 1


def _put_signs(traces: Sequence[_Trace], chars: list[list[str]], owners: list[list[str]]) -> None:
    """Put each series' sign on its line, those of different series in different columns, and one at its end."""
    taken: set[tuple[int, int]] = set()
    columns = len(chars[0]) if chars else 0
    for number, trace in enumerate(traces):
        apart = number * SIGN_EVERY // max(1, len(traces))
        ends = [] if trace.last is None else [trace.last // 2]
        for column in [*ends, *range(apart, columns, SIGN_EVERY)]:
            row = _row_of(trace, column)
            if row is not None and (row, column) not in taken:
                taken.add((row, column))
                chars[row][column], owners[row][column] = trace.sign, trace.style


def _row_of(trace: _Trace, column: int) -> int | None:
    """Return the row of cells in the middle of a series' dots in a column of cells; None where it has none."""
    dots = trace.dots[2 * column] | trace.dots[2 * column + 1]
    if not dots:
        return None
    top, bottom = (dots & -dots).bit_length() - 1, dots.bit_length() - 1
    return (top + bottom) // 8


def _spans(chars: Sequence[str], tones: Sequence[str]) -> Line:
    spans: list[Span] = []
    for tone, group in groupby(zip(tones, chars, strict=True), key=lambda cell: cell[0]):
        spans.append(("".join(char for _, char in group), tone))
    return tuple(spans)
