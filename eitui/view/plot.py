"""Charts drawn with plotext into lines of toned text. The only module that knows plotext."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from eitui.view import format as fmt
from eitui.view.cells import fit, len_cells
from eitui.view.charts import ChartSpec, Segment, Series, thin
from eitui.view.lines import EMPTY_LINE, Line, Span, joined, spread, width_of
from eitui.view.ticks import log_labels, log_range, nice_range, nice_ticks, tick_labels, whole_ticks

Picture = tuple[Line, ...]

LEAST_WIDTH, LEAST_HEIGHT = 20, 4
"""Cells below which a plot has no room for axes."""

_LABEL_WIDTH = 5
"""Cells kept for the labels of the y axis, so that charts above one another share their left edge."""

_MARKER = {"train": "braille", "val": "hd"}
"""A thin line and a thick one: both true to half a cell, and told apart without colour."""
_LEGEND_SIGN = {"train": "⠤⠤", "val": "▄▄"}
# plotext colours are only used as marks that tell which series a character belongs to.
_CODES = {"train": 1, "val": 2}
_TONES = {f"38;5;{code}": style for style, code in _CODES.items()}
_SGR = re.compile(r"\x1b\[([0-9;]*)m")

_HUGE, _TINY = 1e100, 1e-100
"""Figures are drawn as if no larger, and on a logarithmic axis no smaller: the axis arithmetic must not overflow."""


def draw(spec: ChartSpec, width: int, height: int) -> Picture:
    """Return `height` lines of exactly `width` cells: a legend with the latest figures, and the plot below it.

    `train` is a thin line and `val` a thick one, so that they differ without colour; an epoch between two gaps is a
    single dot. A series without a label is not in the legend, and one of another style is a thin line below the
    others. Spans are toned `train`, `val`, `dim` (axes) and `title`. plotext keeps one figure for the whole process:
    not to be called from two threads at a time.
    """
    if width <= 0 or height <= 0:
        return ((),) * max(0, height)
    lines = [_legend(spec, width)]
    if height > 1 and not spec.empty:
        lines += _plot(spec, width, height - 1)
    lines += [EMPTY_LINE] * (height - len(lines))
    return tuple(_exactly(line, width) for line in lines[:height])


def _legend(spec: ChartSpec, width: int) -> Line:
    """Return the line above the plot: what fits of title, latest figures, epoch and note. The val figure goes last."""
    title: list[Span] = [(spec.title, "title")]
    named = [series for series in spec.series if series.label]
    keys = [] if spec.empty else [_key(series, percent=spec.percent) for series in named]
    where = f"{spec.x_label} {spec.epoch}" if spec.epoch is not None else ""
    for parts in ([*title, *keys], keys, [*title, *keys[-1:]], keys[-1:]):
        left = joined([(part,) for part in parts], "  ")
        for right in (", ".join(filter(None, (where, spec.note))), where, ""):
            if parts and width_of(left) + len(right) + 2 * bool(right) <= width:
                return spread(left, ((right, "dim"),), width) if right else left
    return tuple(title)


def _key(series: Series, *, percent: bool) -> Span:
    figure = fmt.percent(series.latest) if percent else fmt.loss(series.latest)
    return f"{_LEGEND_SIGN.get(series.style, '')} {series.label} {figure}".strip(), series.style


def _plot(spec: ChartSpec, width: int, height: int) -> list[Line]:
    # Imported here because it takes 20 ms, which the first paint need not wait for.
    import plotext

    axes = _has_axes(width, height)
    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plotsize(width, height)
    plotext.theme("clear")
    plotext.xaxes(axes, False)
    plotext.yaxes(axes, False)
    rows = height - 2 if axes else height
    frame = _Frame.of(spec, rows)
    plotext.xlim(0, 1)
    plotext.ylim(0, 1)
    columns = _tick(plotext, spec, frame, width) if axes else _untick(plotext, width)
    for series in sorted(spec.series, key=lambda series: _CODES.get(series.style, 0)):
        _add(plotext, series, frame, columns)
    lines = [_spans(line) for line in plotext.build().split("\n")[:height]]
    if axes and lines:
        lines[-1] = _named_axis(lines[-1], spec.x_label)
    return lines


@dataclass(frozen=True)
class _Frame:
    """The ranges of a plot. plotext is given the unit square: far-out figures make it hang or divide by zero."""

    first: int
    last: int
    low: float
    high: float
    ticks: tuple[float, ...]
    """Of the y axis."""
    labels: tuple[str, ...]
    """Of those ticks, all of one width."""
    log: bool

    @classmethod
    def of(cls, spec: ChartSpec, rows: int) -> Self:
        values = [_bounded(y) for series in spec.series for segment in series.segments for _, y in segment]
        low, high = spec.y_range or (min(values), max(values))
        most = max(3, min(6, (rows + 2) // 2))
        if spec.log:
            low, high, ys = log_range(max(low, _TINY), max(high, _TINY), most)
            labels = log_labels(ys)
        else:
            low, high, step = nice_range(low, high, most)
            ys = nice_ticks(low, high, step)
            labels = [f"{y * 100:.0f}%" for y in ys] if spec.percent else tick_labels(ys, step)
        if len(ys) > rows:
            ys, labels = [ys[0], ys[-1]], [labels[0], labels[-1]]
        wide = max(_LABEL_WIDTH, *map(len, labels))
        return cls(*spec.x_range, low, high, tuple(ys), tuple(label.rjust(wide) for label in labels), spec.log)

    @property
    def margin(self) -> int:
        """Cells to the left of the plot: the labels and the axis."""
        return len(self.labels[0]) + 1

    def x(self, epoch: float) -> float:
        return min(1.0, max(0.0, (epoch - self.first) / (self.last - self.first)))

    def y(self, value: float) -> float:
        value = _bounded(value)
        if self.log:
            share = math.log(max(value, _TINY) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, share))


@dataclass(frozen=True)
class Area:
    """Where in the picture of a chart its figures are."""

    frame: _Frame
    left: int
    """Column of the first cell of the plot."""
    top: int
    """Line of its first row."""
    columns: int
    rows: int

    @classmethod
    def of(cls, spec: ChartSpec, width: int, height: int) -> Self | None:
        """Return the area of what `draw` draws with the same arguments; None where it draws no plot."""
        if width <= 0 or height <= 1 or spec.empty:
            return None
        axes = _has_axes(width, height - 1)
        rows = height - 3 if axes else height - 1
        frame = _Frame.of(spec, rows)
        left = frame.margin if axes else 0
        return cls(frame, left, 1, width - left, rows)

    def column(self, epoch: float) -> int:
        """Return the column of an epoch."""
        # As plotext rounds: on dots, of which a cell has two across and, for the thick line, two up.
        return self.left + math.floor(0.5 + (2 * self.columns - 1) * self.frame.x(epoch)) // 2

    def line(self, value: float) -> int:
        """Return the line on which the thick line has a figure."""
        up = math.floor(0.5 + (2 * self.rows - 1) * self.frame.y(value)) // 2
        return self.top + self.rows - 1 - up


def _has_axes(width: int, height: int) -> bool:
    return width >= LEAST_WIDTH and height >= LEAST_HEIGHT


def _tick(plotext: Any, spec: ChartSpec, frame: _Frame, width: int) -> int:
    """Set the ticks of both axes; return the columns left for the plot."""
    plotext.yticks([frame.y(y) for y in frame.ticks], list(frame.labels))
    columns = width - frame.margin
    xs = whole_ticks(*spec.x_range, most=max(2, columns // 8))
    plotext.xticks([frame.x(x) for x in xs], [str(x) for x in xs])
    return columns


def _untick(plotext: Any, width: int) -> int:
    plotext.xticks([], [])
    plotext.yticks([], [])
    return width


def _add(plotext: Any, series: Series, frame: _Frame, columns: int) -> None:
    code = _CODES.get(series.style, 0)
    lines = [segment for segment in series.segments if len(segment) > 1]
    dots = [segment[0] for segment in series.segments if len(segment) == 1]
    if lines:
        # Two points of a braille character share its column.
        xs, ys = _joined(lines, frame, 2 * columns)
        plotext.plot(xs, ys, marker=_MARKER.get(series.style, "braille"), color=code)
    if dots:
        marker = _MARKER.get(series.style, "braille")
        plotext.scatter([frame.x(x) for x, _ in dots], [frame.y(y) for _, y in dots], marker=marker, color=code)


def _joined(segments: Sequence[Segment], frame: _Frame, columns: int) -> tuple[list[float], list[float]]:
    """Return segments as one series with NaN, at which plotext lifts its pen, between them."""
    all_xs: list[float] = []
    all_ys: list[float] = []
    for segment in segments:
        xs, ys = thin([frame.x(x) for x, _ in segment], [frame.y(y) for _, y in segment], columns)
        if all_xs:
            all_xs.append(xs[0])
            all_ys.append(math.nan)
        all_xs += xs
        all_ys += ys
    return all_xs, all_ys


def _bounded(value: float) -> float:
    return min(_HUGE, max(-_HUGE, value))


def _spans(line: str) -> Line:
    """Return a line of plotext's output as spans: what it coloured is a series, the rest is axis."""
    spans: list[Span] = []
    tone = "dim"
    for index, piece in enumerate(_SGR.split(line)):
        if index % 2:
            tone = _TONES.get(piece, "dim")
        elif piece:
            spans.append((piece, tone))
    return tuple(spans)


def _named_axis(line: Line, name: str) -> Line:
    """Return the line of x labels with the axis's name in the empty corner below the y labels."""
    text = "".join(text for text, _ in line)
    corner = len(name) + 1
    return ((name + text[len(name) :], "dim"),) if not text[:corner].strip() else line


def _exactly(line: Line, width: int) -> Line:
    """Return `line` cut or padded to `width` cells."""
    return tuple(_cut(line, width))


def _cut(line: Line, width: int) -> Iterator[Span]:
    for text, tone in line:
        cells = len_cells(text)
        if cells > width:
            text, cells = fit(text, width), width
        if text:
            yield text, tone
        width -= cells
    if width > 0:
        yield " " * width, ""
