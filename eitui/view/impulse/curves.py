"""The graphs that the training of an impulse wrote, such as the loss by epoch."""

from collections.abc import Sequence
from dataclasses import replace

from eitui.analysis.figures import finite
from eitui.domain.impulse import Graph, Impulse, ImpulseCurve
from eitui.view.kit import format as fmt
from eitui.view.kit.axis import Scale
from eitui.view.kit.chart import Chart, ChartPoint, Segment, Series
from eitui.view.kit.look import PLAIN_LOOK, CurveLook, looked_at
from eitui.view.kit.marks import MARK_SIGNS, MARK_TONES
from eitui.view.kit.status import BEST

_PARTS = {"train": "train", "training": "train", "val": "val", "validation": "val"}
"""What the curves of parts of the data are called in every chart, and their tones, by what the service calls them."""

_NONE = "The service kept no training curves."


def charts(impulse: Impulse, look: CurveLook = PLAIN_LOOK) -> tuple[Chart, ...]:
    """Return a chart for every graph; those that the service would hide at first come last.

    Where more than one block has graphs, each chart says whose it is. Only losses have a logarithmic axis.
    """
    found = [(block.title, graph) for block in impulse.learn if block.network for graph in block.network.graphs]
    several = len({title for title, _ in found}) > 1
    ordered = sorted(found, key=lambda one: one[1].hidden)
    return tuple(_chart(graph, title if several else "", look) for title, graph in ordered)


def steps_to_read(impulse: Impulse) -> range:
    """Return the steps of all graphs."""
    networks = [block.network for block in impulse.learn if block.network is not None]
    return range(1, 1 + max((_steps(graph) for network in networks for graph in network.graphs), default=0))


def why_no_curves(impulse: Impulse) -> str:
    """Return why there are no curves."""
    networks = [block.network for block in impulse.learn if block.network is not None]
    if not networks:
        return "This impulse has no network: no curves."
    if all(network.trained is False for network in networks):
        return "Not trained yet: no curves."
    return _NONE


def _steps(graph: Graph) -> int:
    return max((len(curve.values) for curve in graph.curves), default=0)


def _chart(graph: Graph, block: str, look: CurveLook) -> Chart:
    name = f"{graph.title} {graph.y_label}".casefold()
    values = [number for curve in graph.curves for one in curve.values if (number := finite(one)) is not None]
    rated = "accuracy" in name and all(0 <= value <= 1 for value in values)
    losses = not rated and "loss" in name
    look = replace(look, log=look.log and losses)
    series = tuple(_series(number, curve, rated, look) for number, curve in enumerate(graph.curves))
    left_out = sum(value <= 0 for value in values) if look.log else 0
    shown = [value for line in series for segment in line.segments for _, value in segment]
    y = Scale(min(shown), max(shown), "percent" if rated else "number", log=look.log) if shown else Scale(0.0, 1.0)
    title, x_label = graph.title or "Graph without a name", graph.x_label.casefold() or "step"
    note = (
        f"of {block}" if block else "",
        "" if look.at is None else f"at {x_label} {look.at}",
        *look.words,
        f"{left_out} not above 0" if left_out else "",
        graph.y_label if graph.y_label.casefold() != title.casefold() else "",
    )
    best = _best(series, lowest=losses) if rated or losses else None
    return Chart(
        title,
        Scale(1, max(2, _steps(graph)), "whole"),
        y,
        x_label,
        looked_at(series, look, fmt.percent if rated else fmt.loss),
        () if best is None else (ChartPoint(*best, BEST.sign, BEST.tone),),
        note=", ".join(filter(None, note)),
        gaps=True,
        ends=all(not line.sign for line in series),
    )


def _best(series: Sequence[Series], *, lowest: bool) -> tuple[float, float] | None:
    """Return the first point of the validation data that none is better than; None where there is none."""
    points = [point for line in series if line.label == "val" for segment in line.segments for point in segment]
    sign = 1 if lowest else -1
    return min(points, key=lambda point: sign * point[1], default=None)


def _series(number: int, curve: ImpulseCurve, rated: bool, look: CurveLook) -> Series:
    text = fmt.percent if rated else fmt.loss
    values = [one if look.log is False or (finite(one) or 0) > 0 else None for one in curve.values]
    latest = text(next((value for value in reversed(values) if finite(value) is not None), None))
    segments = tuple(_segments(values))
    if (name := _PARTS.get(curve.title.casefold())) is not None:
        return Series(name, name, segments, latest)
    sign, tone = MARK_SIGNS[number % len(MARK_SIGNS)], MARK_TONES[number % len(MARK_TONES)]
    return Series(curve.title, tone, segments, latest, sign)


def _segments(values: Sequence[float | None]) -> list[Segment]:
    segments: list[list[tuple[float, float]]] = [[]]
    for step, value in enumerate(values, 1):
        number = finite(value)
        if number is not None:
            segments[-1].append((step, number))
        elif segments[-1]:
            segments.append([])
    return [tuple(segment) for segment in segments if segment]
