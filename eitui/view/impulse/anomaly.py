"""The anomaly tab of an impulse: one anomaly block, what it looks at, what it learnt, and a picture of that."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import zip_longest

from eitui.analysis.figures import Lens
from eitui.domain.anomaly import GMM, K_MEANS, VISUAL, AnomalyAnswer, AnomalyBlock, ScaledAxis
from eitui.domain.impulse import Impulse, LearnBlock, Network
from eitui.domain.scores import NO_SCORE, NoScores, Scored, VisualAnomalyScores
from eitui.domain.trial import VALIDATION
from eitui.view.impulse.anomaly_picture import anomaly_grid_lines, anomaly_scatter, can_draw, letter, meaning
from eitui.view.impulse.metrics import block_costs, block_metrics
from eitui.view.impulse.parts import data_pairs, of_block, trained_line
from eitui.view.impulse.thresholds import ThresholdSource, threshold_sources
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, tail
from eitui.view.kit.format import number
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line, Span, spread
from eitui.view.kit.page import heading, note_lines, pair_lines, problems, stacked
from eitui.view.kit.status import BEST, CAUTION, DONE

OTHERS = " · {impulse.axis_x} and {impulse.axis_y} choose others"
_NONE = "This impulse has no anomaly block."

THRESHOLD = "min_anomaly_score"
"""The key of the threshold above which a score is an anomaly."""

LOW, HIGH = 13, 19
"""Lines of the picture of clusters, on narrow screens and on wide ones."""

_WIDE = 110

CHOSEN, NOT_CHOSEN, RECOMMENDED = DONE.sign, "·", BEST.sign

_FIGURE = 12
_MOST_NAME = 32
_DIGITS = 4
"""Significant digits of scaled values: they are there to be compared, not copied."""


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
        one = answer.block
        if one is None:
            continue
        before = whole or AnomalyBlock(one.id)
        fields = (
            *(_CONFIG if one.has_config else ()),
            *(_METADATA if one.has_metadata or one.trained is False else ()),
            *(("components",) if one.has_mixture or one.trained is False else ()),
        )
        whole = replace(
            before,
            trained=before.trained if one.trained is None else one.trained,
            has_metadata=before.has_metadata or one.has_metadata,
            has_mixture=before.has_mixture or one.has_mixture,
            **{name: getattr(one, name) for name in fields},
        )
        labels = {axis.index: axis.label for axis in whole.axes}
        axes = tuple(replace(axis, label=labels.get(axis.index, axis.label)) for axis in whole.trained_axes)
        whole = replace(whole, trained_axes=axes)
    return whole


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
    head = [of_block(block)]
    if len(blocks) > 1:
        place = f"anomaly block {at + 1} of {len(blocks)} · {keyed('{impulse.block} next')}"
        head = [spread(head[0], ((place, "dim"),), width)]
    head += note_lines(known.note[0], width, known.note[1])
    for answer in known.asked:
        if answer.problem:
            age = fmt.duration(answer.age_s + (known.asked_s or 0.0))
            instead = "of impulses-detailed" if answer.block is None else f"{age} old"
            text = f"The anomaly {answer.name} could not be read: {answer.problem}. The data shown is {instead}."
            head += CAUTION.lines(text, width)

    # The thresholds of the answers that were asked for this block alone, then those of the list of impulses.
    sources = [
        ThresholdSource("anomaly", answer.age_s + (known.asked_s or 0.0), answer.block.thresholds)
        for answer in known.asked
        if answer.block is not None
    ]
    sources.append(ThresholdSource("impulses-detailed", known.listed_s, block.thresholds))
    thresholds = threshold_sources(sources, width)

    whole = merged(block.anomaly, known.asked)
    if whole is not None:
        state: list[Line] = [(("  ", ""), *trained_line(whole.trained, whole.created, now, tz))]
        sections = [thresholds, _picture(whole, look, width), *_learnt(whole, width)]
        if whole.trained is False:
            state += note_lines("Train it in the Studio to see what it learns.", width)
        elif whole.selection_changed:
            text = "The chosen features changed since training: train it again to use them."
            state += CAUTION.lines(text, width)
        validation, devices, unread = whole.validation, whole.devices, problems(whole.problems, width)
    else:
        network = block.network or Network()
        state = [(("  ", ""), *trained_line(network.trained, network.created, now, tz))]
        sections = [
            thresholds,
            _cells(block, look, known.scores, width),
            pair_lines(data_pairs(network.dependencies), width),
        ]
        validation, devices, unread = network.validation, network.devices, []

    lens = Lens(VALIDATION, look.model_type)
    if validation:
        first, classes, *matrix = block_metrics(validation, lens, width)
        by_class = [classes] if any(one.scores for one in validation.values()) else []
        sections += [[heading("Validation"), *first], *by_class, *matrix]
    sections += block_costs(devices, lens, width)
    return stacked([[*head, *state], *sections, unread], width)


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


def _cells(block: LearnBlock, look: AnomalyLook, scores: Scored | None, width: int) -> list[Line]:
    if scores is None:
        return []
    if isinstance(scores, NoScores):
        key = keyed(": {impulse.edit} opens the threshold editor, in which {threshold.test} starts model testing")
        return note_lines(f"{scores.reason.rstrip('.')}{key if scores.untested else ''}.", width)
    if not isinstance(scores, VisualAnomalyScores):
        return note_lines("The service has scores for this block, but not for single cells.", width)
    return anomaly_grid_lines(scores, look.image, _limit(block), width)


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


def _learnt(block: AnomalyBlock, width: int) -> Iterator[list[Line]]:
    """Yield the facts of a block, its features, and the clusters or the components that it learnt."""
    method = "anomaly detection"
    if block.type == GMM or block.components:
        method = "Gaussian mixture"
    elif block.type == K_MEANS or block.clusters:
        method = "K-means"
    parts = "components" if method == "Gaussian mixture" else "clusters"
    facts = [
        ("name", block.name),
        ("method", method),
        (parts, "" if block.cluster_count is None else f"{block.cluster_count} (next training)"),
        ("model types", ", ".join(block.model_types)),
        ("recommended type", block.recommended),
        *data_pairs(block.dependencies),
    ]
    yield pair_lines([(name, value) for name, value in facts if value], width)
    yield _features(block, width)

    if block.score_scale is not None or block.score_mean is not None:
        scale, mean = (fmt.MISSING if one is None else number(one) for one in (block.score_scale, block.score_mean))
        of = "are of the score as a whole, not of single features: a mixture has one of each."
        yield note_lines(f"Scale {scale} and mean {mean} {of}", width)

    if block.clusters:
        title = heading("Clusters", f"{len(block.clusters)}; all values are scaled; size: farthest from the centre")
        clusters = [(_text(cluster.size), cluster.center) for cluster in block.clusters]
        yield [title, *_table("size", clusters, block.trained_axes, width)]
    elif block.has_metadata and block.trained and block.type == K_MEANS:
        yield note_lines("The service lists no cluster of the trained block.", width, "warn")

    if block.components:
        title = heading("Components", f"{len(block.components)}; weight: share of the data; then each feature's mean")
        components = [(fmt.percent(component.weight), component.mean) for component in block.components]
        yield [title, *_table("weight", components, block.trained_axes, width)]
    elif block.has_mixture and block.trained:
        yield note_lines("The service lists no component of the trained mixture.", width, "warn")


def _features(block: AnomalyBlock, width: int) -> list[Line]:
    """Return the features there are, which of them are chosen, and how the trained ones are scaled."""
    trained = {axis.index: axis for axis in block.trained_axes}
    known = {axis.index for axis in block.axes}
    rows = [
        *((axis.label, axis, trained.get(axis.index)) for axis in block.axes),
        *((scaled.label, None, trained[scaled.index]) for scaled in block.trained_axes if scaled.index not in known),
    ]
    if not rows:
        return note_lines("The service lists no features.", width)
    names = min(_MOST_NAME, max(8, *(len_cells(label) for label, _, _ in rows)))
    has_scales = any(axis.scale is not None or axis.mean is not None for axis in block.trained_axes)
    heads = f"    {fit('feature', names)}  chosen  trained on"
    if has_scales:
        heads += fit("scale", _FIGURE, "right") + fit("mean", _FIGURE, "right")
    chosen_count = f"{len(block.selected)} of {len(block.axes)} chosen" if block.axes else "as it was trained"
    star = f"; {RECOMMENDED} recommended by Edge Impulse" if any(axis.favourite for axis in block.axes) else ""

    lines = [heading("Features", chosen_count + star), ((heads, "dim"),)]
    for label, axis, scaled in rows:
        chosen = axis is not None and axis.selected
        line: list[Span] = [
            (f"  {RECOMMENDED if axis is not None and axis.favourite else ' '} ", "best"),
            (fit(label, names), "" if chosen or scaled else "dim"),
            (fit(CHOSEN if chosen else NOT_CHOSEN, 10, "centre"), "good" if chosen else "dim"),
            (fit(CHOSEN if scaled else NOT_CHOSEN, 12, "centre"), "good" if scaled else "dim"),
        ]
        if has_scales and scaled is not None:
            line += [(fit(_text(value), _FIGURE, "right"), "") for value in (scaled.scale, scaled.mean)]
        lines.append(tuple(line))
    return lines


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
        found += CAUTION.lines(f"Not all have one value for each of the {len(axes)} features.", width)
    return found


def _text(value: float | None) -> str:
    return fmt.MISSING if value is None else number(value, _DIGITS)
