"""Plots of signs and their axes. All figures are synthetic."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.view.axes import Scale, bounded_figure, worth_showing
from eitui.view.lines import Line, width_of
from eitui.view.signs import Plot, Rule, Sign, draw_signs


def text(lines: list[Line]) -> list[str]:
    return ["".join(span for span, _ in line) for line in lines]


def square(**more: object) -> Plot:
    return Plot(Scale(0.0, 4.0), Scale(0.0, 1.0), "cost", "merit", **more)  # type: ignore[arg-type]


def test_round_ends_and_few_ticks() -> None:
    axis = Scale.holding([12.0, 87.0], may_be_log=True).axis(5)
    assert (axis.low, axis.high, axis.log) == (0.0, 100.0, False)
    assert [label for _, label in axis.ticks] == ["0", "25", "50", "75", "100"]
    assert [axis.at(value) for value in (0, 25, 100, -5, 500)] == [0, 0.25, 1, 0, 1]


def test_figures_that_differ_by_far_have_a_logarithmic_axis() -> None:
    axis = Scale.holding([3.0, 900.0], may_be_log=True).axis(8)
    assert (axis.low, axis.high, axis.log) == (2.0, 1000.0, True)
    assert axis.at(math.sqrt(2000.0)) == pytest.approx(0.5)
    assert not Scale.holding([3.0, 900.0], may_be_log=False).log
    assert not Scale.holding([0.0, 900.0], may_be_log=True).log
    # 49 times the least.
    assert not Scale.holding([1.0, 49.0], may_be_log=True).log


def test_labels_are_in_the_unit() -> None:
    ticks = Scale.holding([0.0, 300 * 1024.0], unit=1024.0, may_be_log=True).axis(5).ticks
    assert [label for _, label in ticks] == ["0", "100", "200", "300"]
    assert ticks[1][0] == 100 * 1024.0
    ticks = Scale.holding([0.812, 0.947], "percent", may_be_log=False).axis(5).ticks
    assert [label for _, label in ticks] == ["80%", "85%", "90%", "95%"]
    assert ticks[0][0] == pytest.approx(0.8)


def test_whole_numbers_have_both_ends() -> None:
    axis = Scale(0, 42, "whole").axis(5)
    assert (axis.low, axis.high) == (0, 42)
    assert [label for _, label in axis.ticks] == ["0", "10", "20", "30", "42"]
    assert Scale(3, 3, "whole").axis(4).high == 4


def test_a_plot_reads_without_colour() -> None:
    plot = square(
        signs=(Sign(0, 0, "a"), Sign(2, 0.5, "b"), Sign(4, 1, "c")),
        stairs=((0, 0), (2, 0.5), (4, 1)),
        rules=(Rule(3, "limit 3", "warn"),),
    )
    lines = text(draw_signs(plot, 27, 8))
    assert lines[0].split() == ["merit", "limit", "3"]
    assert [line[5:] for line in lines[1:6]] == [
        "┤               ┊    c",
        "│               ┊    │",
        "┤          b─────────┘",
        "│          │    ┊     ",
        "┤a─────────┘    ┊     ",
    ]
    assert lines[6].startswith("     └┬")
    assert lines[7].split() == ["0", "2", "4"]


def test_stairs_go_down_where_less_is_better_and_end_where_told() -> None:
    lines = text(draw_signs(square(stairs=((0, 1), (2, 0)), stairs_end=3.0), 26, 8))
    assert [line[6:] for line in lines[1:6]] == [
        "──────────┐         ",
        "          │         ",
        "          │         ",
        "          │         ",
        "          ─────     ",
    ]


def test_later_signs_cover_earlier_ones_and_stairs_those_that_are_under() -> None:
    signs = (Sign(1, 1, "u", under=True), Sign(2, 1, "a"), Sign(2, 1, "b"))
    line = text(draw_signs(square(signs=signs, stairs=((0, 1), (4, 1))), 26, 8))[1]
    assert "b" in line
    assert "u" not in line
    assert "a" not in line


def test_the_chosen_one_is_in_brackets_above_the_others() -> None:
    plot = square(signs=(Sign(2, 0.5, "a", "dim"),), chosen=Sign(2, 0.5, "b"))
    lines = draw_signs(plot, 26, 8)
    assert "[b]" in text(lines)[3]
    assert "a" not in "".join(text(lines)[1:6])
    assert ("[b]", "title") in lines[3]


@pytest.mark.parametrize(("x", "said"), [(99.0, "far →"), (-99.0, "← far")])
def test_a_rule_out_of_range_is_pointed_to(x: float, said: str) -> None:
    lines = text(draw_signs(square(rules=(Rule(x, "far"),)), 60, 10))
    assert said in lines[0]
    assert "┊" not in "".join(lines)


def test_words_of_rules_that_would_meet_are_left_out() -> None:
    top = text(draw_signs(square(rules=(Rule(2.0, "round 1"), Rule(2.1, "round 2"), Rule(4.0, "round 3"))), 60, 10))[0]
    assert top.split() == ["merit", "round", "1", "round", "3"]


def test_too_small_for_axes_is_only_the_signs() -> None:
    assert text(draw_signs(square(signs=(Sign(0, 0, "a"), Sign(4, 1, "b"))), 5, 3)) == ["    b", "     ", "a    "]


FIGURES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1e308, -1e308, 5e-324, 1.0])


@given(
    st.lists(st.tuples(FIGURES, FIGURES), min_size=1, max_size=12),
    FIGURES,
    st.sampled_from([1.0, 1000.0, 1024.0]),
    st.booleans(),
    st.integers(-1, 90),
    st.integers(-1, 30),
)
def test_any_figures_can_be_drawn(
    points: list[tuple[float, float]], at: float, unit: float, percent: bool, width: int, height: int
) -> None:
    plot = Plot(
        Scale.holding([x for x, _ in points], unit=unit, may_be_log=True),
        Scale.holding([y for _, y in points], "percent" if percent else "number", may_be_log=not percent),
        "cost",
        "merit",
        tuple(Sign(x, y, "•") for x, y in points),
        (Rule(at, "limit"), Rule(0.0, "zero")),
        tuple(sorted(points)),
        at,
        Sign(*points[0], "◆"),
    )
    lines = draw_signs(plot, width, height)
    assert len(lines) == max(0, height)
    assert all(width_of(line) == max(0, width) for line in lines)


def test_the_worst_quarter_may_be_left_out() -> None:
    good = [0.90, 0.91, 0.92, 0.93]
    # 0.10 would make the range 27 times wider; some room is kept for the sign that says it is not there.
    assert min(worth_showing([0.10, *good], [], higher_is_better=True)) == pytest.approx(0.90 - 0.08 * 0.03)
    assert max(worth_showing([9.0, *good], [], higher_is_better=False)) == pytest.approx(0.93 + 0.08 * 0.03)
    # 0.89 would make it a third wider.
    assert min(worth_showing([0.89, *good], [], higher_is_better=True)) == 0.89
    assert min(worth_showing([0.10, *good], [0.2], higher_is_better=True)) == 0.10
    assert min(worth_showing([0.5], [], higher_is_better=True)) == 0.5


@given(st.lists(FIGURES, min_size=1, max_size=9), st.lists(FIGURES, max_size=3), st.booleans())
def test_the_best_and_what_must_be_there_are_always_shown(
    values: list[float], always: list[float], higher: bool
) -> None:
    shown = worth_showing(values, always, higher_is_better=higher)
    best = max(values) if higher else min(values)
    assert all(min(shown) <= bounded_figure(value) <= max(shown) for value in (best, *always))
