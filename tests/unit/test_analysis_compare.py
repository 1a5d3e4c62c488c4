"""In what trials differ. All trials are synthetic."""

import math
from dataclasses import replace
from itertools import combinations

import pytest
from build import completed, failed, pending, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.compare import Comparison, ComparisonRow, compare
from eitui.analysis.figures import FigureKind
from eitui.domain.trial import FLOAT32, INT8, TEST, Evaluation, Performance, Trial


def parameters(*mappings: dict[str, str | float]) -> tuple[ComparisonRow, ...]:
    trials = [completed(str(number)) for number in range(len(mappings))]
    return compare(trials, mappings, INT8).parameters


def figures(*trials: Trial, precision: str = INT8) -> dict[str, ComparisonRow]:
    return {row.name: row for row in compare(trials, [{}] * len(trials), precision).figures}


def test_only_parameters_that_differ_are_rows_in_the_order_they_come() -> None:
    rows = parameters(
        {"dsp.type": "mfe", "mfe.n": 40.0, "learn.width": 8.0, "learn.layers": 2.0},
        {"dsp.type": "mfcc", "mfcc.n": 13.0, "learn.width": 16.0, "learn.layers": 2.0},
    )
    assert rows == (
        ComparisonRow("dsp.type", ("mfe", "mfcc")),
        ComparisonRow("mfe.n", (40.0, None)),
        ComparisonRow("learn.width", (8.0, 16.0)),
        ComparisonRow("mfcc.n", (None, 13.0)),
    )


def test_what_is_the_same_is_counted() -> None:
    comparison = compare([completed("1"), completed("2", 0.8)], [{"a": 1.0, "b": 2.0, "c": 3.0}] * 2, INT8)
    assert comparison.parameters == ()
    assert comparison.same_parameters == 3
    assert [row.name for row in comparison.figures] == ["val accuracy"]
    # Status, source, train accuracy, two losses, three costs, four of their parts, epochs, retries; no test figures, no
    # round.
    assert comparison.same_figures == 14


def test_numbers_are_the_same_only_if_identical() -> None:
    close = math.nextafter(0.001, 1)
    assert parameters({"a": 0.001, "b": 0.1}, {"a": close, "b": 0.1}) == (ComparisonRow("a", (0.001, close)),)


def test_a_number_and_the_text_of_it_differ() -> None:
    assert parameters({"a": 1.0}, {"a": "1"}) == (ComparisonRow("a", (1.0, "1")),)


def test_one_that_differs_among_many_makes_a_row() -> None:
    assert parameters({"a": 1.0}, {"a": 1.0}, {}, {"a": 1.0}) == (ComparisonRow("a", (1.0, 1.0, None, 1.0)),)


def test_figures_have_their_quantity_and_their_best() -> None:
    rows = figures(
        completed("1", 0.9, 0.3, 50, 1000, 9000),
        completed("2", 0.8, 0.2, 40, 2000, 9000),
        completed("3", 0.9, 0.4, None, 3000, 9000),
    )
    assert rows == {
        "val accuracy": ComparisonRow("val accuracy", (0.9, 0.8, 0.9), FigureKind.SHARE, frozenset({0, 2})),
        "val loss": ComparisonRow("val loss", (0.3, 0.2, 0.4), FigureKind.LOSS, frozenset({1})),
        "latency": ComparisonRow("latency", (50.0, 40.0, None), FigureKind.LATENCY, frozenset({1})),
        "RAM": ComparisonRow("RAM", (1000.0, 2000.0, 3000.0), FigureKind.MEMORY, frozenset({0})),
        "network latency": ComparisonRow("network latency", (50.0, 40.0, None), FigureKind.LATENCY, frozenset({1})),
        "network RAM": ComparisonRow("network RAM", (1000.0, 2000.0, 3000.0), FigureKind.MEMORY, frozenset({0})),
    }


def test_the_only_one_known_is_not_the_best() -> None:
    assert figures(completed("1"), failed("2"))["val accuracy"].best == frozenset()


def test_a_running_trial_is_compared_by_its_latest_epoch() -> None:
    rows = figures(completed("1", 0.9), running("2", 7, accuracy=0.7, val_accuracy=0.6))
    assert rows["status"].values == ("completed", "running")
    assert rows["val accuracy"].values == (0.9, 0.6)
    assert rows["epochs"].values == (50.0, 7.0)


def test_nothing_stands_in_for_the_test_set() -> None:
    tested = completed("1")
    tested = replace(tested, evaluations={**tested.evaluations, (TEST, INT8): Evaluation(0.5, 0.75)})
    trains = running("2", 7, accuracy=0.7, val_accuracy=0.6, val_loss=0.4)
    again = replace(tested, id="3", status="running")
    rows = figures(tested, trains, again)
    assert rows["test accuracy"].values == (0.75, None, None)
    assert rows["test loss"].values == (0.5, None, None)


def test_the_precision_chooses_the_figures() -> None:
    one, two = completed("1"), completed("2")
    two = replace(two, performance={**two.performance, FLOAT32: Performance(400.0)})
    assert "latency" not in figures(one, two)
    assert figures(one, two, precision=FLOAT32)["latency"].values == (None, 400.0)


def test_impossible_figures_are_none() -> None:
    rows = figures(completed("1", math.nan, math.inf, -1), completed("2", 0.5, 0.5, 5))
    assert rows["val loss"].values == (None, 0.5)
    assert rows["latency"].values == (None, 5.0)


@pytest.mark.parametrize("trials", [(), (completed("1"),), (pending("1"), pending("2"))])
def test_few_or_empty_trials_differ_in_nothing_but_what_they_have(trials: tuple[Trial, ...]) -> None:
    comparison = compare(trials, [{}] * len(trials), INT8)
    assert (comparison.parameters, comparison.figures) == ((), ())
    assert comparison.trials == trials


def test_nothing_compared_is_empty() -> None:
    assert compare([], [], INT8) == Comparison()


VALUES = st.text(max_size=2) | st.floats(allow_nan=False)
MAPPINGS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), VALUES)


@given(st.lists(MAPPINGS, min_size=2, max_size=5))
def test_a_row_is_there_exactly_if_two_trials_differ_in_it(mappings: list[dict[str, str | float]]) -> None:
    rows = {row.name: row.values for row in parameters(*mappings)}
    for name in {name for mapping in mappings for name in mapping}:
        pairs = combinations([mapping.get(name) for mapping in mappings], 2)
        assert (name in rows) == any(one != other for one, other in pairs)
        assert rows.get(name, tuple(mapping.get(name) for mapping in mappings)) == tuple(
            mapping.get(name) for mapping in mappings
        )


@given(st.lists(st.tuples(*[st.none() | st.floats()] * 3), min_size=1, max_size=5))
def test_any_figures_can_be_compared(numbers: list[tuple[float | None, float | None, float | None]]) -> None:
    trials = [completed(str(n), *some) for n, some in enumerate(numbers)]
    for row in compare(trials, [{}] * len(trials), INT8).figures:
        assert len(row.values) == len(trials)
        assert all(row.values[index] is not None for index in row.best)
