"""The graphs that the training of an impulse wrote, such as the loss by epoch."""

from collections.abc import Sequence

from eitui.analysis.figures import finite
from eitui.domain.impulse import Graph, Impulse, ImpulseCurve
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale
from eitui.view.kit.chart import Chart, Segment, Series
from eitui.view.kit.marks import MARK_SIGNS, MARK_TONES

_NONE = "The service kept no training curves."


def charts(impulse: Impulse) -> tuple[Chart, ...]:
    """Return a chart for every graph; those that the service would hide at first come last.

    Where more than one block has graphs, each chart says whose it is.
    """
    found = [(block.title, graph) for block in impulse.learn if block.network for graph in block.network.graphs]
    several = len({title for title, _ in found}) > 1
    ordered = sorted(found, key=lambda one: one[1].hidden)
    return tuple(_chart(graph, title if several else "") for title, graph in ordered)


def why_no_curves(impulse: Impulse) -> str:
    """Return why there are no curves."""
    networks = [block.network for block in impulse.learn if block.network is not None]
    if not networks:
        return "This impulse has no network: no curves."
    if all(network.trained is False for network in networks):
        return "Not trained yet: no curves."
    return _NONE


def _chart(graph: Graph, block: str) -> Chart:
    series = tuple(_series(number, curve) for number, curve in enumerate(graph.curves))
    steps = max((len(curve.values) for curve in graph.curves), default=0)
    title = graph.title or "Graph without a name"
    note = ", ".join(filter(None, (f"of {block}" if block else "", graph.y_label if graph.y_label != title else "")))
    values = [value for line in series for segment in line.segments for _, value in segment]
    y = Scale.holding(values) if values else Scale(0.0, 1.0)
    return Chart(title, Scale(1, max(2, steps), "whole"), y, graph.x_label or "step", series, note=note, gaps=True)


def _series(number: int, curve: ImpulseCurve) -> Series:
    sign, tone = MARK_SIGNS[number % len(MARK_SIGNS)], MARK_TONES[number % len(MARK_TONES)]
    latest = next((value for value in reversed(curve.values) if finite(value) is not None), None)
    return Series(curve.title, tone, tuple(_segments(curve.values)), fmt.loss(latest), sign)


def _segments(values: Sequence[float | None]) -> list[Segment]:
    segments: list[list[tuple[float, float]]] = [[]]
    for step, value in enumerate(values, 1):
        number = finite(value)
        if number is not None:
            segments[-1].append((step, number))
        elif segments[-1]:
            segments.append([])
    return [tuple(segment) for segment in segments if segment]
