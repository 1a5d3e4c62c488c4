"""The chart: lines in braille, points, rules and steps over one pair of axes. The only module that knows plotext.

Every tick stands on the row of its value and every dot within half a dot of its own. The lines of several series share
cells, which plotext 5 cannot do: it draws each series apart, and the dots are merged here. What else is on a chart is
laid over them: signs, labels at the ends of lines, the dots of what was not seen, a cursor.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import groupby, pairwise
from operator import or_
from typing import Any

from eitui.view.kit.axis import Axis, Scale
from eitui.view.kit.braille import BRAILLE, DOT_ROWS, DOTS_ACROSS, DOTS_UP, Bar, Raster, inked, touching
from eitui.view.kit.cells import len_cells
from eitui.view.kit.lines import EMPTY_LINE, Line, Span, crop, joined, spread, width_of

Picture = tuple[Line, ...]
Placed = tuple[int, int, Span]
"""A word with the first and the last column that it may begin at."""
Segment = tuple[tuple[float, float], ...]
"""Points (x, y) that follow one another, by x; one alone is a dot."""

_LEAST_WIDTH, _LEAST_HEIGHT = 20, 4
"""Cells below which there is no room for axes."""

SIGN_EVERY = 16
"""Cells from one sign of a series to its next."""

GRID, NOT_SEEN, _CURSOR = "┈", "·", "│"
_LEAST_MARGIN = 5
"""Cells for the labels of the axis up the screen, so that charts above one another share their left edge."""
_BLANK = (" ", "")
_SGR = re.compile(r"\x1b\[[0-9;]*m")
_NAME_WIDTHS = (40, 14, 8, 0)
"""Most cells of a name in the legend: the widest with which it fits."""
_APART, _TICK_EVERY = 2, 8
"""Cells between words above the plot, and from one tick of the axis across to the next."""
_KEPT = 64
"""Drawn lines kept in memory: those of some twenty charts."""


@dataclass(frozen=True)
class Series:
    """A line, broken where there is nothing between two segments."""

    label: str
    tone: str
    segments: tuple[Segment, ...] = ()
    latest: str = ""
    """The newest value as text, for the legend."""
    sign: str = ""
    """A character that stands on the line in many places, so that lines are told apart without colour."""


@dataclass(frozen=True)
class ChartPoint:
    """A character at a place; later ones cover earlier ones in the same cell."""

    x: float
    y: float
    char: str
    """One cell."""
    tone: str = ""
    under: bool = False
    """Whether it is below lines and steps, for points that are so many that they would hide them."""


@dataclass(frozen=True)
class Rule:
    """An upright line at a value of the axis across, with words above it."""

    x: float
    label: str = ""
    tone: str = "dim"
    char: str = "┊"
    foot: str = ""
    """A character on the axis below the line."""


@dataclass(frozen=True)
class Chart:
    """All that a chart shows: equal charts look the same."""

    title: str
    x: Scale
    y: Scale
    x_label: str = ""
    series: tuple[Series, ...] = ()
    """Later ones cover earlier ones."""
    points: tuple[ChartPoint, ...] = ()
    rules: tuple[Rule, ...] = ()
    steps: tuple[tuple[float, float], ...] = ()
    """Points joined by steps: level from each to the next one's x, then up or down to it. By x."""
    steps_end: float | None = None
    """How far the last step goes on; None for as far as the axis."""
    chosen: ChartPoint | None = None
    """The point that stands in brackets, above all others."""
    note: str = ""
    """What must be known to read the chart: what was not seen, an earlier attempt."""
    legend: bool = True
    """Whether title and series are named above the plot."""
    gaps: bool = False
    """Whether dim dots lead from one segment to the next."""
    ends: bool = False
    """Whether the labels of series also stand at the ends of their lines."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.points and not any(series.segments for series in self.series)


def draw(chart: Chart, width: int, height: int, cursor: float | None = None) -> Picture:
    """Return `height` lines of exactly `width` cells: title and legend, the plot, and the axis across.

    The title is always there, whatever else has no room. `cursor` is a value of the axis across that an upright line
    goes through. plotext keeps one figure for the whole process: not to be called from two threads at a time.
    """
    if width <= 0 or height <= 0:
        return (EMPTY_LINE,) * max(0, height)
    lines = _legend(chart, width, max(1, height // 3)) if chart.legend else []
    room = height - len(lines)
    if room > 0 and not chart.empty:
        words, plot = _plot(chart, width, room, cursor)
        # Words of rules stand in the line of a title that is alone there.
        lines = _over(lines, words) + plot
    lines += [EMPTY_LINE] * (height - len(lines))
    return tuple(padded(crop(line, width), width) for line in lines[:height])


def padded(line: Line, width: int) -> Line:
    """Return `line` with blanks to `width` cells."""
    room = width - width_of(line)
    return (*line, (" " * room, "")) if room > 0 else line


# Title and legend


def _legend(chart: Chart, width: int, most: int) -> list[Line]:
    """Return title, series and note. The title always stands there.

    Series with signs may take `most` lines, with names as long as they fit; what has no room is counted. Others take
    one line: what has no room of the note, from its end, and then of the series is left out.
    """
    title: Line = ((chart.title, "title"),) if chart.title else EMPTY_LINE
    named = [series for series in chart.series if series.label]
    note: Line = ((chart.note, "dim"),) if chart.note else EMPTY_LINE
    if not any(series.sign for series in named):
        return [_one_line(title, [_entry(series, len(series.label)) for series in named], chart.note, width)]
    for names in _NAME_WIDTHS:
        entries = [_entry(series, names) for series in named]
        lines = _flowing([title, *entries, note], width)
        if len(lines) <= most:
            return lines
    for kept in range(len(entries) - 1, 0, -1):
        lines = _flowing([title, *entries[:kept], ((f"+{len(entries) - kept} more", "dim"),)], width)
        if len(lines) <= most:
            return lines
    return [title]


def _one_line(title: Line, entries: Sequence[Line], note: str, width: int) -> Line:
    parts = note.split(", ") if note else []
    for shown in range(len(entries), -1, -1):
        left = joined([title, *entries[len(entries) - shown :]], "  ")
        for kept in range(len(parts), 0, -1):
            right: Line = ((", ".join(parts[:kept]), "dim"),)
            if width_of(left) + 2 + width_of(right) <= width:
                return spread(left, right, width)
        if width_of(left) <= width:
            return left
    return title


def _entry(series: Series, names: int) -> Line:
    name = series.label if len_cells(series.label) <= names else f"…{series.label[1 - names :]}" if names > 1 else ""
    return ((" ".join(filter(None, (series.sign, name, series.latest))), series.tone),)


def _flowing(entries: Sequence[Line], width: int) -> list[Line]:
    lines: list[Line] = []
    line: Line = ()
    for entry in filter(None, entries):
        if line and width_of(line) + 2 + width_of(entry) > width:
            lines.append(line)
            line = ()
        line = (*line, ("  ", ""), *entry) if line else entry
    return [*lines, line] if line else lines


# The plot


def _plot(chart: Chart, width: int, height: int, cursor: float | None) -> tuple[list[Placed], list[Line]]:
    """Return the words of the rules, each with its first and its last possible column, and the plot with its axes."""
    margin = 0
    if width >= _LEAST_WIDTH and height >= _LEAST_HEIGHT:
        margin = max([_LEAST_MARGIN, *(len_cells(label) for _, label in chart.y.up(height - 2).ticks)])
    columns = width - margin - 1
    if not margin or columns < 1:
        return [], _Cells(chart, chart.x.across(width), chart.y.up(height), width, height).drawn(cursor)
    named_across = len_cells(chart.x_label) > margin
    # A name that has no room in the corner stands between two ticks.
    x = chart.x.across(columns, max(_TICK_EVERY, len_cells(chart.x_label) + 6) if named_across else _TICK_EVERY)
    y = chart.y.up(height - 2)
    cells = _Cells(chart, x, y, columns, height - 2)
    labels = {cells.row(tick): label for tick, label in y.ticks}
    lines: list[Line] = []
    for row, line in enumerate(cells.drawn(cursor)):
        label = labels.get(row, "")
        lines.append(((f"{label:>{margin}}{'┤' if label else '│'}", "dim"), *line))
    return _words(chart.rules, cells, margin), [*lines, *_across(chart, cells, margin)]


class _Cells:
    """The plot: a grid of cells, from the top left."""

    def __init__(self, chart: Chart, x: Axis, y: Axis, columns: int, rows: int) -> None:
        self.chart, self.x, self.y, self.columns, self.rows = chart, x, y, columns, rows
        self._cells: list[list[Span]] = [[_BLANK] * columns for _ in range(rows)]

    def column(self, value: float) -> int:
        """Return the column of a value of the axis across."""
        return self.x.dot(value) // DOTS_ACROSS

    def row(self, value: float) -> int:
        """Return the row of a value of the axis up, from 0 at the top."""
        return self.rows - 1 - self.y.dot(value) // DOTS_UP

    def drawn(self, cursor: float | None) -> list[Line]:
        """Return the cells with everything in them, as lines."""
        chart = self.chart
        for value, _ in self.y.ticks:
            self._cells[self.row(value)] = [(GRID, "grid")] * self.columns
        for rule in chart.rules:
            if self.x.holds(rule.x):
                for row in range(self.rows):
                    self._put(self.column(rule.x), row, rule.char, rule.tone)
        for point in chart.points:
            if point.under:
                self._put_point(point)
        if chart.gaps:
            for series in chart.series:
                self._not_seen(series)
        self._steps()
        rasters = [_raster(series.segments, self.x, self.y) for series in chart.series]
        self._merge(rasters)
        for number, (series, raster) in enumerate(zip(chart.series, rasters, strict=True)):
            if series.sign:
                self._sign(series, raster, number * SIGN_EVERY // len(rasters))
        for point in chart.points:
            if not point.under:
                self._put_point(point)
        if chart.ends:
            self._name_ends(rasters)
        if chart.chosen is not None:
            self._bracket(chart.chosen)
        if cursor is not None and self.x.holds(cursor):
            for row in range(self.rows):
                if self._is_free(self.column(cursor), row):
                    self._put(self.column(cursor), row, _CURSOR, "accent")
        return [_spans(row) for row in self._cells]

    def _put(self, column: int, row: int, char: str, tone: str) -> None:
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self._cells[row][column] = (char, tone)

    def _put_point(self, point: ChartPoint) -> None:
        self._put(self.column(point.x), self.row(point.y), point.char, point.tone)

    def _is_free(self, column: int, row: int) -> bool:
        return 0 <= row < self.rows and 0 <= column < self.columns and self._cells[row][column][0] in (" ", GRID)

    def _bracket(self, point: ChartPoint) -> None:
        column, row = self.column(point.x), self.row(point.y)
        for at, char in ((column - 1, "["), (column, point.char), (column + 1, "]")):
            self._put(at, row, char, "title")

    def _merge(self, rasters: Sequence[Raster]) -> None:
        """Put the dots of all series into the cells. A cell has the tone of the last series in it."""
        for row in range(self.rows):
            bits, cells = [0] * self.columns, self._cells[row]
            for series, raster in zip(self.chart.series, rasters, strict=True):
                if any(raster[row]):
                    for column, mine in enumerate(raster[row]):
                        if mine:
                            bits[column] |= mine
                            cells[column] = (chr(BRAILLE + bits[column]), series.tone)

    def _sign(self, series: Series, raster: Raster, start: int) -> None:
        """Put the sign of a series on its line: at its end, and from `start` on in many places."""
        end = _last_column(raster)
        for column in [*([] if end is None else [end]), *range(start, self.columns, SIGN_EVERY)]:
            rows = [row for row in range(self.rows) if raster[row][column]]
            if rows:
                self._put(column, rows[len(rows) // 2], series.sign, series.tone)

    def _not_seen(self, series: Series) -> None:
        """Put dim dots along the way from one segment to the next, and from the axis to the first."""
        for before, after in pairwise(series.segments):
            (x, y), (to_x, to_y) = before[-1], after[0]
            begin, end = self.column(x), self.column(to_x)
            for column in range(begin + 1, end):
                share = (column - begin) / (end - begin)
                self._put(column, self.row(y + share * (to_y - y)), NOT_SEEN, "dim")

    def _steps(self) -> None:
        places = [(self.column(x), self.row(y)) for x, y in self.chart.steps]
        if not places:
            return
        for (column, row), (to_column, to_row) in pairwise(places):
            self._level(column, to_column, row)
            if to_row != row and to_column > column:
                self._put(to_column, row, "┘" if to_row < row else "┐", "accent")
            for between in range(min(row, to_row) + 1, max(row, to_row)):
                self._put(to_column, between, "│", "accent")
        end = self.chart.steps_end
        last = self.columns - 1 if end is None else self.column(end)
        self._level(places[-1][0], last + 1, places[-1][1])

    def _level(self, begin: int, end: int, row: int) -> None:
        for column in range(begin, end):
            self._put(column, row, "─", "accent")

    def _name_ends(self, rasters: Sequence[Raster]) -> None:
        """Write the labels of series beside the ends of their lines, else above or below them, where that is free."""
        ends = [
            (*_top(raster, end), end, series)
            for series, raster in zip(self.chart.series, rasters, strict=True)
            if series.label and (end := _last_column(raster)) is not None
        ]
        # From the top, so that labels have the order of their lines, also where these end in one cell.
        for place, (row, _, end, series) in enumerate(sorted(ends, key=lambda one: one[:2])):
            size = len_cells(series.label)
            beside = [(end + 2, row), (end + 2, row + 1), (end + 2, row - 1)]
            last, away = self.columns - size, 1 if place else -1
            over = [(last, row + by * away) for by in (1, -1, 2, -2)]
            for column, at in [*beside, *over]:
                if all(self._is_free(column + offset, at) for offset in range(-1, size)):
                    self._put(column - 1, at, " ", "")
                    for offset, char in enumerate(series.label):
                        self._put(column + offset, at, char, series.tone)
                    break


def _spans(row: Sequence[Span]) -> Line:
    return tuple(("".join(char for char, _ in group), tone) for tone, group in groupby(row, key=lambda cell: cell[1]))


def _words(rules: Sequence[Rule], cells: _Cells, margin: int) -> list[Placed]:
    """Return the words of the rules: each where it would be over its line, and how far right of that it may be."""
    found: list[Placed] = []
    width = margin + 1 + cells.columns
    for rule in sorted((rule for rule in rules if rule.label), key=lambda rule: rule.x):
        inside = cells.x.holds(rule.x)
        # Far off to one side: then it only has to be in the line.
        words = rule.label if inside else f"{rule.label} →" if cells.x.at(rule.x) > 0.5 else f"← {rule.label}"
        size = len_cells(words)
        wanted = max(0, min(width - size, margin + 1 + cells.column(rule.x) - size // 2))
        slack = size // 2 if inside else width
        found.append((wanted, min(width - size, wanted + slack), (words, rule.tone)))
    return found


def _over(lines: list[Line], words: Sequence[Placed]) -> list[Line]:
    """Return the lines above the plot with `words` in the last of them; words without room are left out."""
    if not words:
        return lines
    *before, line = lines or [EMPTY_LINE]
    end = width_of(line)
    for wanted, last, (text, tone) in words:
        start = max(wanted, end + _APART if end else 0)
        if start <= last:
            line = (*line, (" " * (start - end), ""), (text, tone))
            end = start + len_cells(text)
    return [*before, line]


def _across(chart: Chart, cells: _Cells, margin: int) -> list[Line]:
    """Return the axis across, and under it its labels; its name where that has room."""
    line: list[Span] = [("─", "dim")] * cells.columns
    labels = [" "] * cells.columns
    end = -1
    for tick, label in cells.x.ticks:
        column = cells.column(tick)
        start = min(cells.columns - len(label), max(0, column - len(label) // 2))
        if start <= end or start < 0:
            continue
        line[column] = ("┬", "dim")
        labels[start : start + len(label)] = label
        end = start + len(label)
    corner = " " * (margin + 1)
    if chart.x_label and len_cells(chart.x_label) <= margin:
        corner = chart.x_label.ljust(margin + 1)
    elif chart.x_label:
        _name_across(f" {chart.x_label} ", line)
    for rule in chart.rules:
        if rule.foot and cells.x.holds(rule.x):
            line[cells.column(rule.x)] = (rule.foot, rule.tone)
    return [((" " * margin + "└", "dim"), *_spans(line)), ((corner + "".join(labels), "dim"),)]


def _name_across(name: str, line: list[Span]) -> None:
    """Write the name of the axis into its line, in the middle of the widest space between ticks that holds it."""
    ticks = [-1, *(column for column, (char, _) in enumerate(line) if char == "┬"), len(line)]
    left, right = max(pairwise(ticks), key=lambda pair: pair[1] - pair[0])
    start = (left + right + 1 - len_cells(name)) // 2
    if start > left + 1 and start + len_cells(name) < right:
        line[start : start + len_cells(name)] = [(char, "dim") for char in name]


# Lines as dots

_drawn: list[tuple[tuple[tuple[Segment, ...], Axis, Axis], Raster]] = []
"""The rasters used last. Compared by value: equal segments are nearly always the same objects, which is quick."""


def _raster(segments: tuple[Segment, ...], x: Axis, y: Axis) -> Raster:
    key = (segments, replace(x, ticks=()), replace(y, ticks=()))
    for place, (kept, raster) in enumerate(_drawn):
        if kept == key:
            _drawn.append(_drawn.pop(place))
            return raster
    raster = _rasterised(segments, x, y)
    _drawn.append((key, raster))
    del _drawn[:-_KEPT]
    return raster


def _rasterised(segments: Sequence[Segment], x: Axis, y: Axis) -> Raster:
    columns, rows = x.dots // DOTS_ACROSS, y.dots // DOTS_UP
    xs: list[float] = []
    ys: list[float] = []
    alone: list[tuple[int, int]] = []
    rasters: list[Raster] = []
    for segment in segments:
        if len(segment) > x.dots:
            rasters.append(inked(touching(_bars(segment, x, y)), rows))
            continue
        dots = [dot for dot, _ in groupby((x.dot(at), y.dot(value)) for at, value in segment)]
        if len(dots) == 1:
            alone.append(dots[0])
            continue
        if xs:
            # At NaN plotext lifts its pen.
            xs.append(dots[0][0])
            ys.append(math.nan)
        xs += [column for column, _ in dots]
        ys += [row for _, row in dots]
    if xs or alone:
        rasters.append(_with_plotext(xs, ys, alone, columns, rows))
    if len(rasters) == 1:
        return rasters[0]
    every = (zip(*cells, strict=True) for cells in zip(*rasters, strict=True))
    return tuple(tuple(reduce(or_, bits) for bits in row) for row in every) or ((0,) * columns,) * rows


def _with_plotext(xs: list[float], ys: list[float], alone: list[tuple[int, int]], columns: int, rows: int) -> Raster:
    # Imported here because it takes 20 ms, which the first paint need not wait for.
    import plotext

    canvas: Any = plotext
    canvas.clear_figure()
    canvas.limit_size(False, False)
    canvas.plotsize(columns, rows)
    canvas.theme("clear")
    canvas.xaxes(False, False)
    canvas.yaxes(False, False)
    canvas.xlim(0, DOTS_ACROSS * columns - 1)
    canvas.ylim(0, DOTS_UP * rows - 1)
    canvas.xticks([], [])
    canvas.yticks([], [])
    if xs:
        canvas.plot(xs, ys, marker="braille")
    if alone:
        canvas.scatter([column for column, _ in alone], [row for _, row in alone], marker="braille")
    text = _SGR.sub("", canvas.build()).split("\n")[:rows]
    return tuple(
        tuple(max(0, ord(char) - BRAILLE) if char > " " else 0 for char in line.ljust(columns)[:columns])
        for line in [*text, *[""] * (rows - len(text))]
    )


def _bars(segment: Segment, x: Axis, y: Axis) -> list[Bar | None]:
    """Return the lowest and highest dot of each column of dots, for more points than columns: no extreme is lost.

    Between points more than a column apart the bars are on the straight line.
    """
    xs, ys = zip(*segment, strict=True)
    bars: list[Bar | None] = [None] * x.dots
    begin, column = 0, x.dot(xs[0])
    while True:
        end = bisect_left(xs, x.edge(column), begin) if column < x.dots - 1 else len(xs)
        part = ys[begin:end]
        bars[column] = y.dot(min(part)), y.dot(max(part))
        if end == len(xs):
            return bars
        before, begin = column, end
        column = max(column + 1, x.dot(xs[begin]))
        for between in range(before + 1, column):
            share = (between - before) / (column - before)
            dot = y.dot(part[-1] + share * (ys[begin] - part[-1]))
            bars[between] = dot, dot


def _top(raster: Raster, column: int) -> tuple[int, int]:
    """Return the row and the dot in it, from the top, of the highest dot of a column that has one."""
    row = next(row for row, cells in enumerate(raster) if cells[column])
    return row, next(dot for dot, both in enumerate(DOT_ROWS) if raster[row][column] & both)


def _last_column(raster: Raster) -> int | None:
    """Return the last column that has a dot."""
    columns = len(raster[0]) if raster else 0
    return next((column for column in reversed(range(columns)) if any(row[column] for row in raster)), None)
