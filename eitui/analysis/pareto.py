"""Trade-offs: how good trials are against what they cost on the target, and which of them no other beats at both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from eitui.analysis import figures
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import usual_lens
from eitui.domain.run import Run, Target
from eitui.domain.trial import COMPLETED, FAILED, Performance, Trial


@dataclass(frozen=True)
class TradeOffMetric:
    """A figure that says how good a network is."""

    key: str
    figure: Callable[[Trial, Lens], float | None]
    higher_is_better: bool


@dataclass(frozen=True)
class Cost:
    """A figure that says what a network takes; less is better."""

    key: str
    figure: Callable[[Performance], float | None]
    limit: Callable[[Target], float | None]
    """The most that a target allows, in the same unit."""


ACCURACY = TradeOffMetric("val_accuracy", lambda trial, lens: lens.accuracy(trial), higher_is_better=True)
LOSS = TradeOffMetric("val_loss", lambda trial, lens: lens.loss(trial), higher_is_better=False)
METRICS: Mapping[str, TradeOffMetric] = {metric.key: metric for metric in (ACCURACY, LOSS)}
"""By their keys. Both are of the part of the data that the lens looks at."""

COSTS: Mapping[str, Cost] = {
    cost.key: cost
    for cost in (
        Cost("latency_ms", lambda known: known.latency_ms, lambda target: target.latency_ms),
        Cost("ram_bytes", lambda known: known.ram_bytes, lambda target: target.ram_bytes),
        Cost("rom_bytes", lambda known: known.rom_bytes, lambda target: target.rom_bytes),
    )
}
"""By their keys, which are the fields of `Performance` and of `Target`."""


@dataclass(frozen=True)
class TradeOffPoint:
    """A completed trial as a point."""

    trial_id: str
    cost: float
    """In the unit of its key: milliseconds or bytes."""
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

    metric: TradeOffMetric
    cost: Cost
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
    run: Run, metric: TradeOffMetric = ACCURACY, cost: Cost = COSTS["latency_ms"], lens: Lens | None = None
) -> TradeOff:
    """Return the completed trials of `run` as points. `lens`: None for what the run itself is about."""
    lens = lens or usual_lens(run)
    target = run.config.target
    points: list[TradeOffPoint] = []
    no_merit = no_cost = 0
    comparable = frozenset(trial.id for trial in lens.comparable(run.completed))
    for trial in run.completed:
        merit = metric.figure(trial, lens) if trial.id in comparable else None
        known = cost.figure(figures.cost(trial, lens.precision))
        if merit is None:
            no_merit += 1
        elif known is None:
            no_cost += 1
        else:
            points.append(TradeOffPoint(trial.id, known, merit, figures.over_limits(trial, lens.precision, target)))
    swept = _swept(points, higher_is_better=metric.higher_is_better)
    flagged = tuple(point if on_front else replace(point, dominated=True) for point, on_front in swept)
    failed = sum(trial.status == FAILED for trial in run.trials)
    unfinished = sum(trial.status not in (COMPLETED, FAILED) for trial in run.trials)
    return TradeOff(
        metric,
        cost,
        points=flagged,
        front=tuple(point for point in flagged if not point.dominated),
        front_within_limits=front(
            [point for point in flagged if not point.over], higher_is_better=metric.higher_is_better
        ),
        limit=cost.limit(target),
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
