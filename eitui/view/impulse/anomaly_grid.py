"""The scores of the cells of one image, as a grid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eitui.analysis.figures import finite
from eitui.domain.scores import NO_SCORE, Grid, VisualAnomalyScores, truth_text
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit
from eitui.view.kit.format import number
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, Span
from eitui.view.kit.page import heading, note_lines

_OVER = "█"
_SHADES = "·░▒▓"
"""For the quarters of the way from the lowest score to the threshold, or to the highest where there is no threshold."""

_NUMBER, _NARROW = 9, 2
"""Cells of a cell: with its score, and with its shade alone."""

_LARGE, _MOST_DECIMALS = 100_000.0, 4

MOST_ROWS = 60
"""Rows of a grid that are shown."""

NO_GRID = "The service sent no cell scores for this image."


def anomaly_grid_lines(scores: VisualAnomalyScores, index: int, threshold: float | None, width: int) -> list[Line]:
    """Return image `index`, its score and the grid of its cells, on lines of at most `width` cells (60 or more).

    A score above `threshold`, which None stands for not knowing, has the sign `█` before it, whatever its colour.
    """
    count = len(scores.expected)
    if not count:
        return note_lines("The test set has no images.", width)
    index = max(0, min(index, count - 1))
    place = scores.windows.place(index)
    name = f"  {place.sample}" if place is not None else ""
    title = heading(
        "Cells",
        f"image {index + 1} of {count}{name}{keyed('  {move.left}{move.right} other images') if count > 1 else ''}",
    )
    grid = scores.grids[index] if index < len(scores.grids) else ()
    return [title, _image(scores, index, threshold), *(_drawn(grid, threshold, width) or note_lines(NO_GRID, width))]


def _image(scores: VisualAnomalyScores, index: int, threshold: float | None) -> Line:
    given = scores.given[index] if index < len(scores.given) else NO_SCORE
    score = None if given == NO_SCORE else finite(given)
    by = f" by {scores.method}" if scores.method else ""
    spans: list[Span] = [(f"  score{by} ", "dim"), (fmt.MISSING if score is None else number(score, 4), "")]
    if threshold is not None and score is not None:
        over = score > threshold
        spans += [(f", threshold {number(threshold)}: ", "dim")]
        spans.append(("anomaly", "bad") if over else ("no anomaly", "good"))
    expected = scores.expected[index]
    label = scores.labels[index] if index < len(scores.labels) else ""
    labelled = truth_text(label, expected)
    if labelled:
        spans += [("  labelled ", "dim"), (labelled, "")]
    return tuple(spans)


def _drawn(grid: Grid, threshold: float | None, width: int) -> list[Line]:
    columns = max((len(row) for row in grid), default=0)
    if not columns:
        return []
    known = [value for row in grid for cell in row if (value := finite(cell)) is not None]
    if not known:
        return []
    cell = _NUMBER if columns * _NUMBER <= width - 2 else _NARROW
    fitting = max(1, (width - 2) // cell)
    low, high = min(known), threshold if threshold is not None else max(known)
    scale = _Scale(low, high, threshold, _decimals(known))
    drawn: list[Line] = [
        (("  ", ""), *(_cell(value, scale, cell) for value in _padded(row, columns)[:fitting]))
        for row in grid[:MOST_ROWS]
    ]
    return [*drawn, *_legend(threshold, width), *_cut(grid, columns, fitting, width)]


def _padded(row: Sequence[float | None], columns: int) -> list[float | None]:
    return [*row, *[None] * (columns - len(row))]


@dataclass(frozen=True)
class _Scale:
    """How scores are shown, the same for all cells of an image."""

    low: float
    high: float
    threshold: float | None
    decimals: int | None
    """Too large to draw."""

    def text(self, score: float) -> str:
        return f"{score:.3g}" if self.decimals is None else f"{score:.{self.decimals}f}"


def _decimals(known: Sequence[float]) -> int | None:
    """Return how many decimals give the largest score three digits."""
    most = max(map(abs, known))
    if most >= _LARGE:
        return None
    return max(0, min(_MOST_DECIMALS, 2 - math.floor(math.log10(most)))) if most > 0 else 0


def _cell(value: float | None, scale: _Scale, width: int) -> Span:
    score = finite(value)
    if score is None:
        return fit(fmt.MISSING, width), "dim"
    over = scale.threshold is not None and score > scale.threshold
    share = (score - scale.low) / (scale.high - scale.low) if scale.high > scale.low else 0.0
    shade = _OVER if over else _SHADES[max(0, min(3, int(share * 4)))]
    text = shade * width if width == _NARROW else f"{fit(shade + scale.text(score), width - 1)} "
    return text, "bad" if over else "dim" if shade == _SHADES[0] else ""


def _legend(threshold: float | None, width: int) -> list[Line]:
    if threshold is None:
        return note_lines(f"{' '.join(_SHADES)} from the lowest score of the image to its highest.", width)
    return note_lines(f"{_OVER} above the threshold; {' '.join(_SHADES)} from the lowest score up to it.", width)


def _cut(grid: Grid, columns: int, fitting: int, width: int) -> list[Line]:
    if len(grid) <= MOST_ROWS and columns <= fitting:
        return []
    text = f"Only {min(len(grid), MOST_ROWS)} of {len(grid)} rows and {min(columns, fitting)} of {columns} columns fit."
    return note_lines(text, width, "warn")
