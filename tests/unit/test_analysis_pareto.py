"""Trade-offs: the front by values worked out by hand, and against the definition."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.figures import Lens
from eitui.analysis.pareto import ACCURACY, COSTS, LOSS, LeftOut, TradeOff, TradeOffPoint, front, trade_off
from eitui.domain.run import Target
from eitui.domain.trial import FLOAT32, VALIDATION, Evaluation, Performance

LATENCY = COSTS["latency"]


def ids(points: tuple[TradeOffPoint, ...]) -> str:
    return "".join(point.trial_id for point in points)


def points(*pairs: tuple[float, float]) -> list[TradeOffPoint]:
    return [TradeOffPoint(str(index), cost, merit) for index, (cost, merit) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("pairs", "up", "down"),
    [
        ([], "", ""),
        ([(10, 0.5)], "0", "0"),
        # A staircase: more for more.
        ([(10, 0.5), (20, 0.6), (30, 0.7)], "012", "0"),
        # In any order, with one that costs more and gives less.
        ([(30, 0.7), (10, 0.5), (25, 0.55), (20, 0.6)], "130", "1"),
        # Of equal cost the better; of equal merit the cheaper.
        ([(10, 0.5), (10, 0.6)], "1", "0"),
        ([(10, 0.5), (20, 0.5)], "0", "0"),
        # Equal points are all on it, or none is.
        ([(10, 0.5), (10, 0.5), (20, 0.6)], "012", "01"),
        ([(20, 0.4), (10, 0.5), (20, 0.4)], "1", "102"),
        ([(0, 0.0), (0, -1.0)], "0", "1"),
    ],
)
def test_the_front_by_hand(pairs: Any, up: str, down: str) -> None:
    assert ids(front(points(*pairs), higher_is_better=True)) == up
    assert ids(front(points(*pairs), higher_is_better=False)) == down


def test_trials_become_points_by_cost_and_the_dominated_are_flagged() -> None:
    made = trade_off(
        run(
            completed("a", 0.90, latency_ms=50),
            completed("b", 0.95, latency_ms=80),
            completed("c", 0.80, latency_ms=60),
            completed("d", 0.97, latency_ms=120),
        )
    )
    assert made == TradeOff(
        ACCURACY,
        LATENCY,
        points=(
            TradeOffPoint("a", 50, 0.90),
            TradeOffPoint("c", 60, 0.80, dominated=True),
            TradeOffPoint("b", 80, 0.95),
            TradeOffPoint("d", 120, 0.97, frozenset({"latency"})),
        ),
        front=(
            TradeOffPoint("a", 50, 0.90),
            TradeOffPoint("b", 80, 0.95),
            TradeOffPoint("d", 120, 0.97, frozenset({"latency"})),
        ),
        front_within_limits=(TradeOffPoint("a", 50, 0.90), TradeOffPoint("b", 80, 0.95)),
        limit=100,
    )


def test_what_is_over_a_limit_does_not_take_the_others_off_their_own_front() -> None:
    # Fast and good, but it does not fit in RAM.
    made = trade_off(run(completed("a", 0.99, latency_ms=10, ram_bytes=2**20), completed("b", 0.90, latency_ms=50)))
    assert ids(made.front) == "a"
    assert ids(made.front_within_limits) == "b"
    assert made.points[0].over == {"ram"}
    assert made.points[1].dominated
    assert made.front_within_limits == made.points[1:]


@pytest.mark.parametrize(("key", "value", "limit"), [("latency", 50, 100), ("ram", 7, 131072), ("rom", 9, 524288)])
def test_each_cost_has_its_own_limit(key: str, value: int, limit: int) -> None:
    made = trade_off(run(completed("a", latency_ms=50, ram_bytes=7, rom_bytes=9)), cost=COSTS[key])
    assert (made.points[0].cost, made.limit) == (value, limit)


def test_a_loss_is_better_when_it_is_less() -> None:
    made = trade_off(
        run(completed("a", 0.9, 0.4, 50), completed("b", 0.8, 0.3, 50), completed("c", 0.7, 0.5, 40)), LOSS
    )
    assert ids(made.front) == "cb"
    assert [point.merit for point in made.points] == [0.5, 0.3, 0.4]


def test_without_limits_nothing_is_over() -> None:
    base = run(completed("a", latency_ms=1e9))
    made = trade_off(replace(base, config=replace(base.config, target=Target())))
    assert (made.limit, made.points[0].over) == (None, frozenset())


def test_trials_without_figures_are_left_out_and_counted_once() -> None:
    made = trade_off(
        run(
            completed("a"),
            completed("b", None, latency_ms=None),
            completed("c", None),
            completed("d", latency_ms=None),
            completed("e", float("nan"), latency_ms=-1),
            running("f", 5, val_accuracy=0.9),
            pending("g"),
            failed("h"),
        )
    )
    assert ids(made.points) == "a"
    assert made.left_out == LeftOut(unfinished=2, failed=1, no_merit=3, no_cost=1)
    assert made.left_out.total == 7


def test_the_points_follow_the_lens() -> None:
    trial = replace(
        completed("a", 0.9, latency_ms=50),
        evaluations={(VALIDATION, "int8"): Evaluation(0.3, 0.9), (VALIDATION, FLOAT32): Evaluation(0.2, 0.95)},
        performance={"int8": Performance(50), FLOAT32: Performance(200)},
    )
    usual = trade_off(run(trial)).points
    assert usual == trade_off(run(trial), lens=Lens(VALIDATION, "int8")).points == (TradeOffPoint("a", 50, 0.9),)
    assert trade_off(run(trial), lens=Lens(VALIDATION, FLOAT32)).points == (
        TradeOffPoint("a", 200, 0.95, frozenset({"latency"})),
    )


def test_a_run_without_trials_has_no_points() -> None:
    made = trade_off(run())
    assert (made.points, made.front, made.front_within_limits, made.left_out.total) == ((), (), (), 0)


few = st.integers(0, 6).map(float) | st.floats(-1e300, 1e300)
pairs = st.lists(st.tuples(few, few), max_size=25)


def dominates(one: TradeOffPoint, other: TradeOffPoint, *, higher_is_better: bool) -> bool:
    """Say it as the definition does."""
    better = one.merit > other.merit if higher_is_better else one.merit < other.merit
    no_worse = better or one.merit == other.merit
    return (one.cost < other.cost and no_worse) or (one.cost <= other.cost and better)


@given(pairs, st.booleans())
def test_the_front_is_what_nothing_dominates(pairs: Any, up: bool) -> None:
    given_points = points(*pairs)
    expected = {
        point.trial_id
        for point in given_points
        if not any(dominates(other, point, higher_is_better=up) for other in given_points)
    }
    found = front(given_points, higher_is_better=up)
    assert {point.trial_id for point in found} == expected
    assert len(found) == len(expected)
    assert [point.cost for point in found] == sorted(point.cost for point in found)


@given(pairs)
def test_points_front_and_flags_agree(pairs: Any) -> None:
    made = trade_off(run(*(completed(str(i), merit, latency_ms=cost) for i, (cost, merit) in enumerate(pairs))))
    assert len(made.points) + made.left_out.total == len(pairs)
    assert made.front == tuple(point for point in made.points if not point.dominated)
    assert made.points == tuple(sorted(made.points, key=lambda point: (point.cost, -point.merit, int(point.trial_id))))
