"""What an anomaly block learnt, over two of its features: clusters with their sizes, components with their spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from eitui.analysis.figures import finite
from eitui.domain.anomaly import AnomalyBlock
from eitui.view.kit.axis import Scale
from eitui.view.kit.chart import Chart, ChartPoint, draw
from eitui.view.kit.lines import Line

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
