"""The scores of the cells of one image, as a grid."""

import math

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
    keys = keyed("  {move.left}{move.right} other images") if count > 1 else ""
    title = heading("Cells", f"image {index + 1} of {count}{name}{keys}")

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
    grid = scores.grids[index] if index < len(scores.grids) else ()
    return [title, tuple(spans), *(_drawn(grid, threshold, width) or note_lines(NO_GRID, width))]


def _drawn(grid: Grid, threshold: float | None, width: int) -> list[Line]:
    columns = max((len(row) for row in grid), default=0)
    known = [value for row in grid for cell in row if (value := finite(cell)) is not None]
    if not known:
        return []
    cell = _NUMBER if columns * _NUMBER <= width - 2 else _NARROW
    fitting = max(1, (width - 2) // cell)
    low, high = min(known), threshold if threshold is not None else max(known)

    # As many decimals as give the largest score three digits; None: it is too large to draw.
    most = max(map(abs, known))
    decimals: int | None = max(0, min(_MOST_DECIMALS, 2 - math.floor(math.log10(most)))) if most > 0 else 0
    if most >= _LARGE:
        decimals = None

    drawn: list[Line] = []
    for row in grid[:MOST_ROWS]:
        spans: list[Span] = [("  ", "")]
        for value in [*row, *[None] * (columns - len(row))][:fitting]:
            score = finite(value)
            if score is None:
                spans.append((fit(fmt.MISSING, cell), "dim"))
                continue
            over = threshold is not None and score > threshold
            share = (score - low) / (high - low) if high > low else 0.0
            shade = _OVER if over else _SHADES[max(0, min(3, int(share * 4)))]
            digits = f"{score:.3g}" if decimals is None else f"{score:.{decimals}f}"
            text = shade * cell if cell == _NARROW else f"{fit(shade + digits, cell - 1)} "
            spans.append((text, "bad" if over else "dim" if shade == _SHADES[0] else ""))
        drawn.append(tuple(spans))

    legend = f"{' '.join(_SHADES)} from the lowest score of the image to its highest."
    if threshold is not None:
        legend = f"{_OVER} above the threshold; {' '.join(_SHADES)} from the lowest score up to it."
    drawn += note_lines(legend, width)
    if len(grid) > MOST_ROWS or columns > fitting:
        rows = f"{min(len(grid), MOST_ROWS)} of {len(grid)} rows"
        drawn += note_lines(f"Only {rows} and {min(columns, fitting)} of {columns} columns fit.", width, "warn")
    return drawn
