"""Plots of signs: each point is a character in a grid of cells with axes, for points that are told apart by kind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from eitui.view.axes import Axis, Scale
from eitui.view.cells import len_cells
from eitui.view.lines import EMPTY_LINE, Line, Span, crop, width_of

WORSE_DOWN, WORSE_UP = "↓", "↑"
"""Signs of points too bad for the range that is shown."""

LEAST_WIDTH, LEAST_HEIGHT = 24, 6
"""Cells below which there is no room for axes."""

_LEAST_MARGIN = 5
"""Cells for the labels of the y axis."""

_APART, _ANYWHERE = 2, 10_000
"""Cells between words above the plot, and more than there are."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Sign:
    """A point; later ones cover earlier ones in the same cell."""

    x: float
    y: float
    char: str
    """One cell."""
    tone: str = ""
    under: bool = False
    """Whether it is below the stairs, for points that are so many that they would hide them."""


@dataclass(frozen=True)
class Rule:
    """An upright line at a figure of the x axis, with words above it."""

    x: float
    label: str
    tone: str = "dim"


@dataclass(frozen=True)
class Plot:
    """All that a plot of signs shows."""

    x: Scale
    y: Scale
    x_name: str
    y_name: str
    signs: tuple[Sign, ...] = ()
    rules: tuple[Rule, ...] = ()
    stairs: tuple[Point, ...] = ()
    """Points joined by steps: level from each to the next one's x, then up or down to it. By x."""
    stairs_end: float | None = None
    """How far the last step goes on; None for as far as the axis."""
    chosen: Sign | None = None
    """The point that stands in brackets, above all others."""


def draw_signs(plot: Plot, width: int, height: int) -> list[Line]:
    """Return `height` lines of exactly `width` cells: names and rules' words, the plot, and the x axis."""
    if width <= 0 or height <= 0:
        return [EMPTY_LINE] * max(0, height)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return _Grid(plot.x.axis(3), plot.y.axis(3), width, height).drawn(plot)
    rows = height - 3
    y = _with_room(plot.y.axis(max(3, min(6, (rows + 2) // 2))), rows)
    margin = max([_LEAST_MARGIN, *(len_cells(label) for _, label in y.ticks)])
    columns = width - margin - 1
    grid = _Grid(plot.x.axis(max(3, min(8, columns // 18))), y, columns, rows)
    at = {grid.row(tick): label for tick, label in y.ticks}
    lines: list[Line] = [_top(plot, grid, margin)]
    for row, line in enumerate(grid.drawn(plot)):
        label = at.get(row)
        lines.append(((f"{label or '':>{margin}}{'│' if label is None else '┤'}", "dim"), *line))
    return [padded(crop(line, width), width) for line in (*lines, *_bottom(plot, grid, margin))]


def padded(line: Line, width: int) -> Line:
    """Return `line` with blanks to `width` cells."""
    room = width - width_of(line)
    return (*line, (" " * room, "")) if room > 0 else line


def _with_room(axis: Axis, rows: int) -> Axis:
    return axis if len(axis.ticks) <= rows else replace(axis, ticks=(axis.ticks[0], axis.ticks[-1]))


class _Grid:
    """Cells, from the top left."""

    def __init__(self, x: Axis, y: Axis, columns: int, rows: int) -> None:
        self.x, self.y, self.columns, self.rows = x, y, columns, rows
        self._cells: list[list[Span]] = [[(" ", "")] * columns for _ in range(rows)]

    def column(self, value: float) -> int:
        """Return the column of a figure of the x axis."""
        return round(self.x.at(value) * (self.columns - 1))

    def row(self, value: float) -> int:
        """Return the row of a figure of the y axis."""
        return round((1 - self.y.at(value)) * (self.rows - 1))

    def drawn(self, plot: Plot) -> list[Line]:
        """Return the cells with everything in them, as lines."""
        for rule in plot.rules:
            if self.x.holds(rule.x):
                for row in range(self.rows):
                    self._put(self.column(rule.x), row, "┊", rule.tone)
        for sign in plot.signs:
            if sign.under:
                self._put(self.column(sign.x), self.row(sign.y), sign.char, sign.tone)
        self._stairs(plot.stairs, plot.stairs_end)
        for sign in plot.signs:
            if not sign.under:
                self._put(self.column(sign.x), self.row(sign.y), sign.char, sign.tone)
        if plot.chosen is not None:
            self._bracket(plot.chosen)
        return [_joined(row) for row in self._cells]

    def _put(self, column: int, row: int, char: str, tone: str) -> None:
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self._cells[row][column] = (char, tone)

    def _bracket(self, sign: Sign) -> None:
        column, row = self.column(sign.x), self.row(sign.y)
        for at, char in ((column - 1, "["), (column, sign.char), (column + 1, "]")):
            self._put(at, row, char, "title")

    def _stairs(self, points: Sequence[Point], end: float | None) -> None:
        if not points:
            return
        places = [(self.column(x), self.row(y)) for x, y in points]
        for (column, row), (to_column, to_row) in pairwise(places):
            self._level(column, to_column, row)
            if to_row != row and to_column > column:
                self._put(to_column, row, "┘" if to_row < row else "┐", "accent")
            for between in range(min(row, to_row) + 1, max(row, to_row)):
                self._put(to_column, between, "│", "accent")
        last = self.columns - 1 if end is None else self.column(end)
        self._level(places[-1][0], last + 1, places[-1][1])

    def _level(self, begin: int, end: int, row: int) -> None:
        for column in range(begin, end):
            self._put(column, row, "─", "accent")


def _joined(row: Sequence[Span]) -> Line:
    return tuple(("".join(char for char, _ in group), tone) for tone, group in groupby(row, key=lambda cell: cell[1]))


def _top(plot: Plot, grid: _Grid, margin: int) -> Line:
    """Return the name of the y axis and the words of the rules, each over its line; words without room are left out."""
    line: list[Span] = [(plot.y_name, "dim")]
    end, width = len_cells(plot.y_name), margin + 1 + grid.columns
    for rule in sorted(plot.rules, key=lambda rule: rule.x):
        label, slack = _words(rule, grid.x)
        cells = len_cells(label)
        wanted = max(0, min(width - cells, margin + 1 + grid.column(rule.x) - cells // 2))
        start = max(wanted, end + _APART)
        if start - wanted <= slack and start + cells <= width:
            line += [(" " * (start - end), ""), (label, rule.tone)]
            end = start + cells
    return tuple(line)


def _words(rule: Rule, axis: Axis) -> tuple[str, int]:
    """Return the words of a rule, and how many cells further right than over its line they may stand."""
    if axis.holds(rule.x):
        return rule.label, len_cells(rule.label) // 2
    # Far off to one side: then it only has to be in the line.
    return (f"{rule.label} →", 0) if rule.x > axis.high else (f"← {rule.label}", _ANYWHERE)


def _bottom(plot: Plot, grid: _Grid, margin: int) -> list[Line]:
    """Return the x axis, and under it its labels and its name, where that has room."""
    line, labels = ["─"] * grid.columns, [" "] * grid.columns
    end = -1
    for tick, label in grid.x.ticks:
        column = grid.column(tick)
        start = min(grid.columns - len(label), max(0, column - len(label) // 2))
        if start <= end or start < 0:
            continue
        line[column] = "┬"
        labels[start : start + len(label)] = label
        end = start + len(label)
    _name_axis(plot.x_name, line)
    return [((" " * margin + "└" + "".join(line), "dim"),), ((" " * (margin + 1) + "".join(labels), "dim"),)]


def _name_axis(name: str, line: list[str]) -> None:
    """Write the name of the x axis into its line, in the middle of the widest space between ticks that holds it."""
    ticks = [-1, *(column for column, char in enumerate(line) if char == "┬"), len(line)]
    left, right = max(pairwise(ticks), key=lambda pair: pair[1] - pair[0])
    said = f" {name} "
    start = (left + right + 1 - len(said)) // 2
    if start > left + 1 and start + len(said) < right:
        line[start : start + len(said)] = said
