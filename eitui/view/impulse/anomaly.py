"""The anomaly tab of an impulse: one anomaly block, drawn as far as the service says something of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from eitui.domain.anomaly import VISUAL, AnomalyAnswer, AnomalyBlock
from eitui.domain.impulse import Impulse, LearnBlock, Network
from eitui.domain.scores import NO_SCORE, NoScores, Scored, VisualAnomalyScores
from eitui.view.impulse import anomaly_block as anomaly
from eitui.view.impulse import anomaly_grid
from eitui.view.impulse.anomaly_plot import anomaly_scatter, can_draw, meaning
from eitui.view.impulse.anomaly_thresholds import ThresholdSource, threshold_sources
from eitui.view.impulse.parts import data_pairs, of_block, trained_line
from eitui.view.kit import format as fmt
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, spread
from eitui.view.kit.page import heading, note_lines, pair_lines, stacked

OTHERS = " · {impulse.axis_x} and {impulse.axis_y} choose others"
_NONE = "This impulse has no anomaly block."

THRESHOLD = "min_anomaly_score"
"""The key of the threshold above which a score is an anomaly."""

LOW, HIGH = 13, 19
"""Lines of the picture of clusters, on narrow screens and on wide ones."""

_WIDE = 110


@dataclass(frozen=True)
class AnomalyLook:
    """What of an anomaly block is looked at."""

    block: int = 0
    """Which of the impulse's anomaly blocks."""
    x: int = 0
    y: int = 1
    """Places among the trained features that clusters are drawn over."""
    image: int = 0
    """Which image's cells are shown."""
    model_type: str = ""

    def over(self, axis: str, count: int) -> "AnomalyLook":
        """Return it with the next of `count` features on the axis `x` or `y`, never the same on both."""
        if count < 2:
            return self
        mine, other = (self.x, self.y) if axis == "x" else (self.y, self.x)
        following = (mine + 1) % count
        following = (following + 1) % count if following == other and count > 2 else following
        if following == other:  # of two features: the other way round
            return replace(self, x=self.y, y=self.x)
        return replace(self, x=following) if axis == "x" else replace(self, y=following)


def anomaly_blocks(impulse: Impulse) -> tuple[LearnBlock, ...]:
    """Return the learn blocks of an impulse that score anomalies."""
    return tuple(block for block in impulse.learn if block.anomaly is not None or block.type == VISUAL)


_CONFIG = ("name", "type", "axes", "cluster_count", "dependencies")
_METADATA = (
    "created", "trained_axes", "score_scale", "score_mean", "clusters", "validation", "devices", "model_types",
    "recommended", "problems",
)  # fmt: skip
"""What of an anomaly block is in the answer about its set-up, and in the one about its training."""


def merged(known: AnomalyBlock | None, asked: Iterable[AnomalyAnswer]) -> AnomalyBlock | None:
    """Return what is known of a block: each answer that was asked for replaces what it is about, whatever it holds."""
    whole = known
    for answer in asked:
        if answer.block is not None:
            whole = _with(whole or AnomalyBlock(answer.block.id), answer.block)
    return whole


def _with(known: AnomalyBlock, one: AnomalyBlock) -> AnomalyBlock:
    fields = (
        *(_CONFIG if one.has_config else ()),
        *(_METADATA if one.has_metadata or one.trained is False else ()),
        *(("components",) if one.has_mixture or one.trained is False else ()),
    )
    trained = known.trained if one.trained is None else one.trained
    whole = replace(
        known,
        trained=trained,
        has_metadata=known.has_metadata or one.has_metadata,
        has_mixture=known.has_mixture or one.has_mixture,
        **{name: getattr(one, name) for name in fields},
    )
    labels = {axis.index: axis.label for axis in whole.axes}
    axes = tuple(replace(axis, label=labels.get(axis.index, axis.label)) for axis in whole.trained_axes)
    return replace(whole, trained_axes=axes)


def model_types_of(block: AnomalyBlock) -> tuple[str, ...]:
    """Return the model types that there are metrics of, the recommended one first."""
    types = dict.fromkeys((*block.validation, *block.devices))
    return tuple(sorted(types, key=lambda kind: kind != block.recommended))


@dataclass(frozen=True)
class Known:
    """What is known of one block beside the impulse."""

    asked: tuple[AnomalyAnswer, ...] = ()
    scores: Scored | None = None
    note: tuple[str, str] = ("", "")
    """What must be known of that, and its tone."""
    listed_s: float | None = None
    """How old the list of impulses is, in seconds; None where that is not known."""
    asked_s: float | None = None
    """How old the answers about this block are, beside their own ages."""


def impulse_anomaly_lines(
    impulse: Impulse, look: AnomalyLook, known: Known, width: int, now: float, tz: tzinfo | None = None
) -> list[Line]:
    """Return one anomaly block on lines of at most `width` cells (60 or more); `now` in seconds since the epoch."""
    blocks = anomaly_blocks(impulse)
    if not blocks:
        return stacked([note_lines(_NONE, width)], width)
    at = look.block % len(blocks)
    block = blocks[at]
    place = (
        ((f"anomaly block {at + 1} of {len(blocks)} · {keyed('{impulse.block} next')}", "dim"),)
        if len(blocks) > 1
        else ()
    )
    title = spread(of_block(block), place, width) if place else of_block(block)
    failed = [line for answer in known.asked for line in _failed(answer, known, width)]
    head = [title, *note_lines(known.note[0], width, known.note[1]), *failed]
    thresholds = threshold_sources(_sources(block, known), width)
    whole = merged(block.anomaly, known.asked)
    if whole is None:
        sections = _visual(block, look, known, thresholds, width, now, tz)
    else:
        sections = _classical(whole, look, thresholds, width, now, tz)
    first, *others = sections
    return stacked([[*head, *first], *others], width)


def _sources(block: LearnBlock, known: Known) -> Iterator[ThresholdSource]:
    """Yield the answers that have thresholds of a block, those that were asked for it alone first."""
    for answer in known.asked:
        if answer.block is not None:
            yield ThresholdSource("anomaly", _age_s(answer, known), answer.block.thresholds)
    yield ThresholdSource("impulses-detailed", known.listed_s, block.thresholds)


def _age_s(answer: AnomalyAnswer, known: Known) -> float:
    return answer.age_s + (known.asked_s or 0.0)


def _failed(answer: AnomalyAnswer, known: Known, width: int) -> list[Line]:
    """Return why an answer is not newer, and what is shown in its place."""
    if not answer.problem:
        return []
    instead = "of impulses-detailed" if answer.block is None else f"{fmt.duration(_age_s(answer, known))} old"
    text = f"! The anomaly {answer.name} could not be read: {answer.problem}. The data shown is {instead}."
    return note_lines(text, width, "warn")


def _classical(
    block: AnomalyBlock, look: AnomalyLook, thresholds: list[Line], width: int, now: float, tz: tzinfo | None
) -> Sequence[list[Line]]:
    state, *others = anomaly.anomaly_lines(block, width, now, model_type=look.model_type, tz=tz)
    return [state, thresholds, _picture(block, look, width), *others]


def _picture(block: AnomalyBlock, look: AnomalyLook, width: int) -> list[Line]:
    """Return clusters or components over the features that are looked at."""
    if not can_draw(block):
        few = len(block.trained_axes) == 1 and bool(block.clusters or block.components)
        return note_lines("Only one feature: no plot of two features.", width) if few else []
    count = len(block.trained_axes)
    x, y = look.x % count, look.y % count
    drawn = anomaly_scatter(block, x, y if y != x else (x + 1) % count, width, HIGH if width >= _WIDE else LOW)
    parts = "Clusters" if block.clusters else "Components"
    keys = f"of two of {count} features{keyed(OTHERS)}" if count > 2 else "of its two features"
    if not drawn:
        return note_lines(f"No {parts[:-1].lower()} has a value for both features{keyed(OTHERS)}.", width)
    return [heading(parts, keys), *drawn, *note_lines(meaning(block), width)]


def _visual(
    block: LearnBlock,
    look: AnomalyLook,
    known: Known,
    thresholds: list[Line],
    width: int,
    now: float,
    tz: tzinfo | None,
) -> Sequence[list[Line]]:
    network = block.network or Network()
    state: list[Line] = [(("  ", ""), *trained_line(network.trained, network.created, now, tz))]
    return [
        state,
        thresholds,
        _cells(block, look, known.scores, width),
        pair_lines(data_pairs(network.dependencies), width),
        *anomaly.validation(network.validation, look.model_type, width),
        *anomaly.block_costs(network.devices, look.model_type, width),
    ]


def _cells(block: LearnBlock, look: AnomalyLook, scores: Scored | None, width: int) -> list[Line]:
    if scores is None:
        return []
    if isinstance(scores, NoScores):
        key = keyed(": {impulse.edit} opens the threshold editor, in which {threshold.test} starts model testing")
        return note_lines(f"{scores.reason.rstrip('.')}{key if scores.untested else ''}.", width)
    if not isinstance(scores, VisualAnomalyScores):
        return note_lines("The service has scores for this block, but not for single cells.", width)
    return anomaly_grid.anomaly_grid_lines(scores, look.image, _limit(block), width)


def _limit(block: LearnBlock) -> float | None:
    number = next((one.value for one in block.thresholds if one.ref.key == THRESHOLD), None)
    return float(number) if isinstance(number, int | float) else None


def next_over(block: LearnBlock, scores: VisualAnomalyScores, at: int) -> int | None:
    """Return the next image after `at` whose score is above the threshold, the first again after the last."""
    limit, count = _limit(block), min(len(scores.expected), len(scores.given))
    if limit is None:
        return None
    places = ((at + step) % count for step in range(1, count + 1))
    over = (place for place in places if scores.given[place] != NO_SCORE and scores.given[place] > limit)
    return next(over, None)
