"""An anomaly block: what it may look at, what it looks at since it was trained, and what it learnt."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import zip_longest

from eitui.analysis.figures import Lens
from eitui.domain.anomaly import GMM, K_MEANS, AnomalyAxis, AnomalyBlock, ScaledAxis
from eitui.domain.detail import EvaluationDetail, OnDevice
from eitui.domain.trial import VALIDATION
from eitui.view.impulse.anomaly_plot import letter
from eitui.view.impulse.parts import data_pairs, trained_line
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, tail
from eitui.view.kit.format import number
from eitui.view.kit.lines import Line, Span
from eitui.view.kit.page import heading, note_lines, pair_lines, problems
from eitui.view.trial import confusion, device, metrics

CHOSEN, NOT_CHOSEN, RECOMMENDED = "✓", "·", "★"

_FIGURE = 12
_MOST_NAME = 32
_DIGITS = 4
"""Significant digits of scaled values: they are there to be compared, not copied."""


def kind_of(block: AnomalyBlock) -> str:
    """Return how the block tells what is usual, in words."""
    if block.type == GMM or block.components:
        return "Gaussian mixture"
    return "K-means" if block.type == K_MEANS or block.clusters else "anomaly detection"


def anomaly_lines(
    block: AnomalyBlock, width: int, now: float, *, model_type: str = "", tz: tzinfo | None = None
) -> list[list[Line]]:
    """Return the sections that describe a block, each of lines of at most `width` cells (60 or more).

    `now` is in seconds since the Unix epoch; figures of classes are those of `model_type`.
    """
    return [
        [(("  ", ""), *trained_line(block.trained, block.created, now, tz)), *_warnings(block, width)],
        _facts(block, width),
        _axes(block, width),
        _score(block, width),
        _clusters(block, width),
        _components(block, width),
        *validation(block.validation, model_type, width),
        *block_costs(block.devices, model_type, width),
        problems(block.problems, width),
    ]


def _warnings(block: AnomalyBlock, width: int) -> list[Line]:
    if block.trained is False:
        return note_lines("Train it in the Studio to see what it learns.", width)
    if block.selection_changed:
        return note_lines("! The chosen features changed since training: train it again to use them.", width, "warn")
    return []


def _facts(block: AnomalyBlock, width: int) -> list[Line]:
    parts = "components" if kind_of(block) == "Gaussian mixture" else "clusters"
    facts = [
        ("name", block.name),
        ("method", kind_of(block)),
        (parts, "" if block.cluster_count is None else f"{block.cluster_count} (next training)"),
        ("model types", ", ".join(block.model_types)),
        ("recommended type", block.recommended),
        *data_pairs(block.dependencies),
    ]
    return pair_lines([(name, value) for name, value in facts if value], width)


def _axes(block: AnomalyBlock, width: int) -> list[Line]:
    """Return the features there are, which of them are chosen, and how the trained ones are scaled."""
    trained = {axis.index: axis for axis in block.trained_axes}
    rows = list(_rows(block.axes, block.trained_axes))
    if not rows:
        return note_lines("The service lists no features.", width)
    names = min(_MOST_NAME, max(8, *(len_cells(label) for label, _, _ in rows)))
    scaled = any(axis.scale is not None or axis.mean is not None for axis in block.trained_axes)
    heads = f"    {fit('feature', names)}  chosen  trained on"
    if scaled:
        heads += fit("scale", _FIGURE, "right") + fit("mean", _FIGURE, "right")
    chosen = f"{len(block.selected)} of {len(block.axes)} chosen" if block.axes else "as it was trained"
    star = f"; {RECOMMENDED} recommended by Edge Impulse" if any(axis.favourite for axis in block.axes) else ""
    return [
        heading("Features", chosen + star),
        ((heads, "dim"),),
        *(_axis(label, axis, trained.get(index), names, scaled) for label, index, axis in rows),
    ]


def _rows(
    axes: Sequence[AnomalyAxis], trained: Sequence[ScaledAxis]
) -> Iterator[tuple[str, int | None, AnomalyAxis | None]]:
    for axis in axes:
        yield axis.label, axis.index, axis
    known = {axis.index for axis in axes}
    for scaled in trained:
        if scaled.index not in known:
            yield scaled.label, scaled.index, None


def _axis(label: str, axis: AnomalyAxis | None, scaled: ScaledAxis | None, names: int, figures: bool) -> Line:
    star = RECOMMENDED if axis is not None and axis.favourite else " "
    chosen = axis is not None and axis.selected
    line: list[Span] = [
        (f"  {star} ", "best"),
        (fit(label, names), "" if chosen or scaled else "dim"),
        (fit(CHOSEN if chosen else NOT_CHOSEN, 10, "centre"), "good" if chosen else "dim"),
        (fit(CHOSEN if scaled else NOT_CHOSEN, 12, "centre"), "good" if scaled else "dim"),
    ]
    if figures and scaled is not None:
        line += [(fit(_text(value), _FIGURE, "right"), "") for value in (scaled.scale, scaled.mean)]
    return tuple(line)


def _score(block: AnomalyBlock, width: int) -> list[Line]:
    if block.score_scale is None and block.score_mean is None:
        return []
    scale, mean = (fmt.MISSING if value is None else number(value) for value in (block.score_scale, block.score_mean))
    text = (
        f"Scale {scale} and mean {mean} are of the score as a whole, not of single features: a mixture has one of each."
    )
    return note_lines(text, width)


def _clusters(block: AnomalyBlock, width: int) -> list[Line]:
    if not block.clusters:
        none = block.has_metadata and block.trained and block.type == K_MEANS
        return note_lines("The service lists no cluster of the trained block.", width, "warn") if none else []
    rows = [(_text(cluster.size), cluster.center) for cluster in block.clusters]
    title = heading("Clusters", f"{len(block.clusters)}; all values are scaled; size: farthest from the centre")
    return [title, *_table("size", rows, block.trained_axes, width)]


def _components(block: AnomalyBlock, width: int) -> list[Line]:
    if not block.components:
        none = block.has_mixture and block.trained
        return note_lines("The service lists no component of the trained mixture.", width, "warn") if none else []
    rows = [(fmt.percent(component.weight), component.mean) for component in block.components]
    title = heading("Components", f"{len(block.components)}; weight: share of the data; then each feature's mean")
    return [title, *_table("weight", rows, block.trained_axes, width)]


def _table(
    first: str, rows: Sequence[tuple[str, Sequence[float | None]]], axes: Sequence[ScaledAxis], width: int
) -> list[Line]:
    """Return a row for each cluster or component, with as many features as fit; lengths that differ are said."""
    count = max((len(values) for _, values in rows), default=0)
    room = max(1, (width - 6 - _FIGURE) // _FIGURE)
    labels = [axis.label for axis in axes[:room]] + [fmt.MISSING] * max(0, min(count, room) - len(axes))
    heads: list[Span] = [(" " * 6 + fit(first, _FIGURE - 4, "right"), "dim")]
    heads += [(" " + fit(tail(label, _FIGURE - 1), _FIGURE - 1, "right"), "dim") for label in labels]
    found: list[Line] = [tuple(heads)]
    for place, (text, values) in enumerate(rows):
        cells = [value for value, _ in zip_longest(values[: len(labels)], labels)]
        found.append(
            (
                (f"  {letter(place)}   ", "key"),
                (fit(text, _FIGURE - 4, "right"), ""),
                *((fit(_text(value), _FIGURE, "right"), "" if value is not None else "dim") for value in cells),
            )
        )
    hidden = max(count, len(axes)) - len(labels)
    if hidden > 0:
        found += note_lines(f"  {hidden} more feature{'s have' if hidden > 1 else ' has'} no room here.", width)
    if axes and any(len(values) != len(axes) for _, values in rows):
        found += note_lines(f"! Not all have one value for each of the {len(axes)} features.", width, "warn")
    return found


def _text(value: float | None) -> str:
    return fmt.MISSING if value is None else number(value, _DIGITS)


def validation(found: Mapping[str, EvaluationDetail], model_type: str, width: int) -> list[list[Line]]:
    """Return a block's metrics on the validation data, by model type; nothing where there are none."""
    if not found:
        return []
    evaluations, lens = {(VALIDATION, kind): one for kind, one in found.items()}, Lens(VALIDATION, model_type)
    first, *classes = metrics.evaluated(evaluations, lens, width)
    by_class = classes if any(one.scores for one in found.values()) else []
    return [[heading("Validation"), *first], *by_class, *confusion.matrix(evaluations, lens, width)]


def block_costs(devices: Mapping[str, OnDevice], model_type: str, width: int) -> list[list[Line]]:
    """Return what a block costs on the target and on other devices; nothing where the service has no values."""
    if not devices:
        return []
    target = device.target_name(devices)
    first, *others = device.cost_sections(devices, Lens(VALIDATION, model_type), width)
    return [[heading("Cost", f"on {target}" if target else ""), *first], *others]
