"""Trade-offs: how good trials are against what they cost on the target, and which of them no other beats at both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from eitui.analysis.figures import LIMITED, Context, Figure, Lens, figure, over_limits
from eitui.analysis.ranking import usual_lens
from eitui.domain.run import Run
from eitui.domain.trial import COMPLETED, FAILED

ACCURACY, LOSS = figure("val_accuracy"), figure("val_loss")
"""What says how good a network is; of the part of the data that the lens looks at."""

COSTS: Mapping[str, Figure] = {one.id: one for one in LIMITED}
"""What a network takes, by ids: less is better."""


@dataclass(frozen=True)
class TradeOffPoint:
    """A completed trial as a point."""

    trial_id: str
    cost: float
    """Milliseconds or bytes."""
    merit: float
    """The metric as it is: whether more is better is the metric's."""
    over: frozenset[str] = frozenset()
    """Which of the target's limits it is over: `latency`, `ram`, `rom`; not only that of the cost shown."""
    dominated: bool = False
    """Whether another is better at one and no worse at the other."""


@dataclass(frozen=True)
class LeftOut:
    """Trials that are no points, each counted once, by the first reason there is."""

    unfinished: int = 0
    """Pending, running or of an unknown status."""
    failed: int = 0
    no_merit: int = 0
    """Completed without the metric, or with that of its last epoch only while others were evaluated."""
    no_cost: int = 0
    """Completed with the metric, without the cost."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.unfinished + self.failed + self.no_merit + self.no_cost


@dataclass(frozen=True)
class TradeOff:
    """A metric against a cost."""

    metric: Figure
    cost: Figure
    points: tuple[TradeOffPoint, ...] = ()
    """By cost, cheapest first; of equal cost the better first; of equal points the earlier trial first."""
    front: tuple[TradeOffPoint, ...] = ()
    """Those that are not dominated, by cost. Equal points are all there or all not."""
    front_within_limits: tuple[TradeOffPoint, ...] = ()
    """The same among the trials within all limits: one over a limit may dominate it, and is no choice."""
    limit: float | None = None
    """The most that the target allows of this cost."""
    left_out: LeftOut = LeftOut()


def trade_off(
    run: Run, metric: Figure = ACCURACY, cost: Figure = COSTS["latency"], lens: Lens | None = None
) -> TradeOff:
    """Return the completed trials of `run` as points. `lens`: None for what the run itself is about."""
    lens = lens or usual_lens(run)
    context, target = Context(run.config, lens), run.config.target
    points: list[TradeOffPoint] = []
    no_merit = no_cost = 0
    comparable = frozenset(trial.id for trial in lens.comparable(run.completed))
    for trial in run.completed:
        merit = metric.read(trial, context) if trial.id in comparable else None
        known = cost.read(trial, context)
        if merit is None or isinstance(merit, str):
            no_merit += 1
        elif known is None or isinstance(known, str):
            no_cost += 1
        else:
            points.append(TradeOffPoint(trial.id, known, merit, over_limits(trial, lens.precision, target)))
    swept = _swept(points, higher_is_better=metric.high_first)
    flagged = tuple(point if on_front else replace(point, dominated=True) for point, on_front in swept)
    failed = sum(trial.status == FAILED for trial in run.trials)
    unfinished = sum(trial.status not in (COMPLETED, FAILED) for trial in run.trials)
    return TradeOff(
        metric,
        cost,
        points=flagged,
        front=tuple(point for point in flagged if not point.dominated),
        front_within_limits=front([point for point in flagged if not point.over], higher_is_better=metric.high_first),
        limit=cost.limit(target) if cost.limit is not None else None,
        left_out=LeftOut(unfinished, failed, no_merit, no_cost),
    )


def front(points: Sequence[TradeOffPoint], *, higher_is_better: bool) -> tuple[TradeOffPoint, ...]:
    """Return the points that no other dominates, by cost; O(n log n).

    One dominates another when it is better at cost or merit and no worse at the other. Equal points therefore do not
    dominate each other: where one is on the front, all are.
    """
    return tuple(point for point, on_front in _swept(points, higher_is_better=higher_is_better) if on_front)


def _swept(points: Sequence[TradeOffPoint], *, higher_is_better: bool) -> list[tuple[TradeOffPoint, bool]]:
    """Return the points by cost, then merit, and whether each is on the front.

    From the cheapest on: the best of those of one cost are on the front if they are better than all that is cheaper.
    """
    sign = -1 if higher_is_better else 1
    ordered = sorted(points, key=lambda point: (point.cost, sign * point.merit))
    swept: list[tuple[TradeOffPoint, bool]] = []
    least = float("inf")
    for _, group in groupby(ordered, key=lambda point: point.cost):
        equals = list(group)
        first = sign * equals[0].merit
        swept += [(point, sign * point.merit == first < least) for point in equals]
        least = min(least, first)
    return swept
