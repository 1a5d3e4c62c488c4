"""Pictures of anomaly blocks: clusters or components over two features, and the scores of the cells of one image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from eitui.analysis.figures import finite
from eitui.domain.anomaly import AnomalyBlock
from eitui.domain.scores import NO_SCORE, Grid, VisualAnomalyScores, truth_text
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale
from eitui.view.kit.cells import fit
from eitui.view.kit.chart import Chart, ChartPoint, draw
from eitui.view.kit.format import number
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, Span
from eitui.view.kit.page import heading, note_lines

_LETTERS = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

EDGE = "·"
_DOTS = 96
"""Around a cluster: so many that they join on a wide screen."""


@dataclass(frozen=True)
class _Blob:
    """A cluster or a component, over two features."""

    x: float
    y: float
    across: float
    """How far it goes along the first feature."""
    up: float


def letter(place: int) -> str:
    """Return what the cluster or component at this place, from 0, is marked with; `+` beyond the letters."""
    return _LETTERS[place] if place < len(_LETTERS) else "+"


def can_draw(block: AnomalyBlock) -> bool:
    """Whether there are two features to draw over, and anything to draw."""
    return len(block.trained_axes) > 1 and bool(block.clusters or block.components)


def anomaly_scatter(block: AnomalyBlock, x: int, y: int, width: int, height: int) -> list[Line]:
    """Return `height` lines of exactly `width` cells: clusters over the trained features at the places `x` and `y`.

    The edge is the size of a cluster, or one standard deviation of a component along each feature. Those without a
    value for one of the features are left out.
    """
    blobs = _blobs(block, x, y)
    found = [blob for blob in blobs if blob is not None]
    if not found:
        return []
    edges = [
        ChartPoint(*_on_edge(blob, step), EDGE, "dim", under=True)
        for blob in found
        if blob.across or blob.up
        for step in range(_DOTS)
    ]
    centres = [
        ChartPoint(blob.x, blob.y, letter(place), "accent") for place, blob in enumerate(blobs) if blob is not None
    ]
    # Both ends of every blob: its edge must be in sight.
    xs = chain.from_iterable((blob.x - blob.across, blob.x + blob.across) for blob in found)
    ys = chain.from_iterable((blob.y - blob.up, blob.y + blob.up) for blob in found)
    chart = Chart(
        _axis_title(block, y),
        Scale.holding(xs),
        Scale.holding(ys),
        _axis_title(block, x),
        points=(*edges, *centres),
    )
    return list(draw(chart, width, height))


def _axis_title(block: AnomalyBlock, place: int) -> str:
    """Return a feature's label; clusters have scaled values, components those of the features."""
    return f"{block.trained_axes[place].label}{', scaled' if block.clusters else ''}"


def meaning(block: AnomalyBlock) -> str:
    """Return what the picture shows."""
    if block.clusters:
        return "The dots around a cluster are its size: the training window that was farthest from its centre."
    return "The dots around a component are one standard deviation away from its mean."


def _blobs(block: AnomalyBlock, x: int, y: int) -> list[_Blob | None]:
    if block.clusters:
        return [_blob(cluster.center, (cluster.size,) * len(cluster.center), x, y) for cluster in block.clusters]
    return [_blob(component.mean, component.spread, x, y) for component in block.components]


def _blob(values: Sequence[float | None], spread: Sequence[float | None], x: int, y: int) -> _Blob | None:
    place = [finite(values[axis]) if axis < len(values) else None for axis in (x, y)]
    reach = [abs(finite(spread[axis]) or 0.0) if axis < len(spread) else 0.0 for axis in (x, y)]
    return None if place[0] is None or place[1] is None else _Blob(place[0], place[1], reach[0], reach[1])


def _on_edge(blob: _Blob, step: int) -> tuple[float, float]:
    angle = 2 * math.pi * step / _DOTS
    return blob.x + blob.across * math.cos(angle), blob.y + blob.up * math.sin(angle)


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
