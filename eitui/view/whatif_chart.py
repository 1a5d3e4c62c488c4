"""The curve over all values of a threshold, with the current and the new one marked on it.

Drawing the curve takes some milliseconds, moving the marks a fraction of one: the picture is kept as long as its
spec and its size are the same.
"""

from collections.abc import Sequence

from eitui.analysis.whatif.comparison import Comparison, Setting
from eitui.analysis.whatif.outcome import Point
from eitui.domain.scores import Scores, VisualAnomalyScores
from eitui.domain.threshold import text_of
from eitui.view.axes import Scale
from eitui.view.lines import EMPTY_LINE, Line, Span, crop, joined
from eitui.view.overlay_plot import LEAST_HEIGHT, LEAST_WIDTH, draw_lines
from eitui.view.whatif import NEW, NEW_LINE, NOW, NOW_LINE, curve

_BLANKS = " ⠀"


class CurveChart:
    """Draws the curve, and keeps it."""

    def __init__(self) -> None:
        self._made: tuple[Sequence[Point], int, int, list[Line]] | None = None
        self.drawn = 0
        """How often the curve was drawn."""

    def lines(
        self, comparison: Comparison, scores: Scores | VisualAnomalyScores, width: int, height: int
    ) -> list[Line]:
        """Return `height` lines of at most `width` cells: a legend, and the curve with its marks."""
        if width < LEAST_WIDTH or height < LEAST_HEIGHT + 1:
            return [EMPTY_LINE] * max(0, height)
        legend = _legend(comparison, width)
        room = height - len(legend)
        points = comparison.curve
        picture = self._picture(points, scores, width, room)
        if not picture:
            return [*legend, ((" Of no value there are figures.", "dim"),), *[EMPTY_LINE] * (room - 1)]
        return [*legend, *_marked(picture, comparison, _bounds(points), width)]

    def _picture(
        self, points: Sequence[Point], scores: Scores | VisualAnomalyScores, width: int, height: int
    ) -> list[Line]:
        # By identity: a curve is computed once, and comparing its points would cost more than moving the marks.
        made = self._made
        if made is None or made[0] is not points or made[1:3] != (width, height):
            self.drawn += 1
            made = self._made = (points, width, height, _drawn(points, scores, width, height))
        return made[3]


def _drawn(points: Sequence[Point], scores: Scores | VisualAnomalyScores, width: int, height: int) -> list[Line]:
    """Return the curve with its axis; nothing where no point has figures."""
    spec = curve(points, scores)
    if not any(series.segments for series in spec.series):
        return []
    return _with_axis(draw_lines(spec, width, height), _bounds(points), width)


def _bounds(points: Sequence[Point]) -> tuple[float, float]:
    return points[0].threshold, points[-1].threshold


def _legend(comparison: Comparison, width: int) -> list[Line]:
    """Return which mark is which value; the curves' signs and tones are those of the figures beside them."""
    bounds = _bounds(comparison.curve)
    marks: list[Line] = [
        ((f" {NOW}{NOW_LINE} now {_placed(comparison.old, bounds)}", "dim"),),
        ((f"{NEW}{NEW_LINE} new {_placed(comparison.new, bounds)}", "best"),),
    ]
    if comparison.lowest is not None and comparison.lowest > bounds[0]:
        marks.append(((f"<{text_of(comparison.lowest)} unknown", "dim"),))
    return [crop(joined(marks, "  "), width)]


def _placed(setting: Setting, bounds: tuple[float, float]) -> str:
    """Return a setting in words; where it is off the chart, on which side."""
    said = " ".join(filter(None, (text_of(setting.value), setting.method)))
    low, high = bounds
    return f"← {said}" if setting.value < low else f"{said} →" if setting.value > high else said


def _left(picture: Sequence[Line]) -> int:
    """Return the column in which the plot begins, beside its axis."""
    axis = "".join(text for text, _ in picture[-2])
    return axis.index("└") + 1


def _with_axis(picture: list[Line], bounds: tuple[float, float], width: int) -> list[Line]:
    """Return the picture with values of the threshold on its axis, in place of the numbers of the curve's points."""
    left = _left(picture)
    columns = width - left
    low, high = bounds
    line, labels = ["─"] * columns, [" "] * columns
    end = -1
    for tick, label in Scale(low, high).axis(max(3, min(11, columns // 6))).ticks:
        column = _column(tick, bounds, columns)
        if column is None:
            continue
        start = min(columns - len(label), max(0, column - len(label) // 2))
        if start > end:
            line[column] = "┬"
            labels[start : start + len(label)] = label
            end = start + len(label)
    margin = " " * (left - 1)
    return [*picture[:-2], ((f"{margin}└{''.join(line)}", "dim"),), ((f"{margin} {''.join(labels)}", "dim"),)]


def _column(value: float, bounds: tuple[float, float], columns: int) -> int | None:
    low, high = bounds
    if not low <= value <= high:
        return None
    return round((value / 2 - low / 2) / (high / 2 - low / 2) * (2 * columns - 1)) // 2


def _marked(picture: list[Line], comparison: Comparison, bounds: tuple[float, float], width: int) -> list[Line]:
    left = _left(picture)
    columns = width - left
    marks: dict[int, tuple[Span, Span]] = {}
    for value, upright, sign in (
        (comparison.old.value, (NOW_LINE, "dim"), (NOW, "")),
        (comparison.new.value, (NEW_LINE, "best"), (NEW, "best")),
    ):
        column = _column(value, bounds, columns)
        if column is not None:
            marks[left + column] = (upright, sign)
    axis = len(picture) - 2
    found = []
    for row, line in enumerate(picture):
        for column, (upright, sign) in marks.items():
            if row < axis:
                line = put(line, column, upright, blank_only=True)
            elif row == axis:
                line = put(line, column, sign)
        found.append(line)
    return found


def put(line: Line, column: int, sign: Span, *, blank_only: bool = False) -> Line:
    """Return `line` with the cell at `column` replaced, or added; every character of it takes one cell."""
    found: list[Span] = []
    at = 0
    for text, tone in line:
        place = column - at
        at += len(text)
        if 0 <= place < len(text) and (not blank_only or text[place] in _BLANKS):
            found += [(text[:place], tone), sign, (text[place + 1 :], tone)]
        else:
            found.append((text, tone))
    if column >= at:
        found += [(" " * (column - at), ""), sign]
    return tuple(span for span in found if span[0])
