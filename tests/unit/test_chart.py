"""The chart: true axes, lines that share cells, points, rules, steps and a cursor. All figures are synthetic."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from eitui.view.kit.axis import Scale, bounded, log_labels, log_range, nice_range, nice_ticks, tick_labels, whole_ticks
from eitui.view.kit.axis import worth_showing as shown_of
from eitui.view.kit.chart import GRID, Chart, ChartPoint, Picture, Rule, Series, draw
from eitui.view.kit.lines import TONES, Line, width_of

VALUES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1e308, -1e308, 5e-324, 1.0])
ORDINARY = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-9)


def text(picture: Picture) -> list[str]:
    return ["".join(span for span, _ in line) for line in picture]


def cells(picture: Picture) -> list[list[tuple[str, str]]]:
    return [[(char, tone) for span, tone in line for char in span] for line in picture]


def plot_of(picture: Picture, legend: int = 1) -> list[str]:
    """The rows between legend and axis, without labels and grid."""
    return [line[6:].replace(GRID, " ") for line in text(picture)[legend:-2]]


def chart_of(*series: Series, **more: Any) -> Chart:
    return Chart("merit", Scale(0.0, 4.0), Scale(0.0, 1.0), "cost", series, **more)


def line_of(*points: tuple[float, float], tone: str = "mark1", sign: str = "") -> Series:
    return Series("name", tone, (points,), "1.0", sign)


def dots(char: str) -> set[tuple[int, int]]:
    """Column and row, from the top left, of the dots of a braille character (Unicode 16, section 21.1)."""
    bits = ord(char) - 0x2800
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    return {place for bit, place in enumerate(places) if bits >> bit & 1}


# Axes


@given(ORDINARY, ORDINARY, st.integers(2, 60), st.sampled_from(["number", "percent"]))
@example(0.0, 1.0, 2, "percent")
@example(5.0, 5.0, 9, "number")
def test_ticks_up_the_screen_are_whole_rows_apart_and_exact(one: float, other: float, rows: int, kind: str) -> None:
    low, high = sorted((one, other))
    axis = Scale(low, high, kind).up(rows)  # type: ignore[arg-type]
    # Rows from the lowest, fractions included; a tick is in the middle of its row.
    places = [(axis.at(value) * (axis.dots - 1) - 1.5) / 4 for value, _ in axis.ticks]
    assert all(abs(place - round(place)) < 1e-6 for place in places)
    assert all(0 <= round(place) < rows for place in places)
    assert len({round(b - a) for a, b in itertools.pairwise(places)}) <= 1
    assert len({label for _, label in axis.ticks}) == len(axis.ticks) >= 1
    # What the axis has to hold is within half a dot of it.
    dot = (axis.high - axis.low) / (axis.dots - 1)
    assert axis.low - 0.51 * dot <= low <= high <= axis.high + 0.51 * dot


@given(st.floats(1e-9, 1e9), st.floats(1.0, 1e9), st.integers(3, 60))
def test_ticks_of_a_logarithmic_axis_are_exact_too(low: float, factor: float, rows: int) -> None:
    axis = Scale(low, low * factor, log=True).up(rows)
    for value, label in axis.ticks:
        place = (axis.at(value) * (axis.dots - 1) - 1.5) / 4
        assert abs(place - round(place)) < 0.05, (label, place)
    assert axis.at(low) * (axis.dots - 1) >= 0
    dot = (axis.high - axis.low) / (axis.dots - 1)
    assert math.log10(low * factor) <= axis.high + 0.51 * dot
    assert math.log10(low) >= axis.low - 0.51 * dot


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(-1e6, 1e6)), min_size=1, max_size=8, unique_by=lambda p: p[0]))
def test_every_dot_is_within_half_a_dot_of_its_value(points: list[tuple[float, float]]) -> None:
    values = [y for _, y in points]
    rows, columns = 20, 60
    chart = Chart(
        "t", Scale(0, 50, "whole"), Scale.holding(values), series=(Series("", "val", (*(((p),) for p in points),)),)
    )
    picture = draw(chart, columns + 1 + max(5, *(len(label) for _, label in chart.y.up(rows).ticks)), rows + 3)
    x, y = chart.x.across(columns), chart.y.up(rows)
    drawn = set()
    for row, line in enumerate(cells(picture)[1:-2]):
        for column, (char, tone) in enumerate(line[len(line) - columns :]):
            if tone == "val":
                drawn |= {(2 * column + across, 4 * (rows - 1 - row) + 3 - down) for across, down in dots(char)}
    assert drawn == {(x.dot(at), y.dot(value)) for at, value in points}
    for at, value in points:
        assert abs(x.at(at) * (x.dots - 1) - x.dot(at)) <= 0.5 + 1e-6
        assert abs(y.at(value) * (y.dots - 1) - y.dot(value)) <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("scale", "rows", "labels"),
    [
        (Scale(0.0652, 1.25), 11, ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25"]),
        (Scale(0.2, 1.0, "percent"), 14, ["20%", "40%", "60%", "80%", "100%"]),
        (Scale(0.0, 1.0, "percent"), 3, ["0%", "50%", "100%"]),
        (Scale(0.03, 1.9, log=True), 24, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]),
        (Scale(0.0, 300 * 1024.0, unit=1024.0), 7, ["0", "100", "200", "300"]),
    ],
)
def test_labels_up_the_screen(scale: Scale, rows: int, labels: list[str]) -> None:
    assert [label for _, label in scale.up(rows).ticks] == labels


def test_labels_across_the_screen() -> None:
    assert [label for _, label in Scale(0, 42, "whole").across(40).ticks] == ["0", "10", "20", "30", "42"]
    assert [label for _, label in Scale.holding([3.0, 900.0], may_be_log=True).across(64).ticks][:3] == [
        "3",
        "10",
        "30",
    ]
    exact = Scale(0.05, 0.95, exact=True).across(48)
    assert (exact.low, exact.high) == (0.05, 0.95)
    assert all(0.05 <= value <= 0.95 for value, _ in exact.ticks)
    assert not Scale.holding([3.0, 900.0]).log
    assert not Scale.holding([0.0, 900.0], may_be_log=True).log
    # 49 times the least.
    assert not Scale.holding([1.0, 49.0], may_be_log=True).log


@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100), st.integers(3, 8))
def test_a_nice_range_holds_its_values_with_few_ticks(one: float, other: float, most: int) -> None:
    low, high = sorted((one, other))
    bottom, top, step = nice_range(low, high, most)
    slack = (top - bottom) * 1e-6
    assert bottom - slack <= low <= high <= top + slack
    ticks = nice_ticks(bottom, top, step)
    assert 2 <= len(ticks) <= most
    assert ticks == sorted(ticks)


@given(st.integers(0, 5), st.integers(1, 10**9), st.integers(2, 12))
def test_ticks_of_epochs_are_few_whole_and_include_both_ends(first: int, span: int, most: int) -> None:
    ticks = whole_ticks(first, first + span, most)
    assert (ticks[0], ticks[-1]) == (first, first + span)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))


@given(st.floats(1e-100, 1e100), st.floats(1, 1e100), st.integers(3, 8))
def test_ticks_across_a_logarithmic_axis_lie_in_its_range(low: float, factor: float, most: int) -> None:
    high = min(low * factor, 1e100)
    first, last, ticks = log_range(low, high, most)
    assert 0 < first <= low
    assert high <= last
    assert 1 <= len(ticks) <= most
    assert all(first <= tick <= last for tick in ticks)
    assert sorted(ticks) == ticks


def test_labels_have_the_digits_they_need() -> None:
    assert log_labels([0.0001, 0.01, 0.5, 1.0, 200.0, 1e6]) == ["1e-4", "0.01", "0.5", "1", "200", "1e6"]
    assert log_labels([50000.1, 50000.2]) == ["50000.1", "50000.2"]
    assert tick_labels([0, 1e6, 2e6], 1e6) == ["0", "1e6", "2e6"]


def test_the_worst_quarter_may_be_left_out() -> None:
    good = [0.90, 0.91, 0.92, 0.93]
    # 0.10 would make the range 27 times wider; some room is kept for the sign that says it is not there.
    assert min(shown_of([0.10, *good], [], higher_is_better=True)) == pytest.approx(0.90 - 0.08 * 0.03)
    assert max(shown_of([9.0, *good], [], higher_is_better=False)) == pytest.approx(0.93 + 0.08 * 0.03)
    # 0.89 would make it a third wider.
    assert min(shown_of([0.89, *good], [], higher_is_better=True)) == 0.89
    assert min(shown_of([0.10, *good], [0.2], higher_is_better=True)) == 0.10


@given(st.lists(VALUES, min_size=1, max_size=9), st.lists(VALUES, max_size=3), st.booleans())
def test_the_best_and_what_must_be_there_are_always_shown(
    values: list[float], always: list[float], higher: bool
) -> None:
    shown = shown_of(values, always, higher_is_better=higher)
    best = max(values) if higher else min(values)
    assert all(min(shown) <= bounded(value) <= max(shown) for value in (best, *always))


# Lines


def test_lines_share_cells_and_the_later_one_gives_the_tone() -> None:
    falling, rising = line_of((0, 1), (4, 0), tone="train"), line_of((0, 0), (4, 1), tone="val")
    picture = cells(draw(chart_of(falling, rising), 46, 14))
    crossing = [(char, tone) for row in picture[1:-2] for char, tone in row if tone == "val" and len(dots(char)) >= 3]
    assert crossing
    drawn = [tone for row in picture[1:-2] for _, tone in row]
    assert drawn.count("train") > 10
    assert drawn.count("val") > 10


def test_a_gap_is_not_bridged_but_dotted_where_that_is_wanted() -> None:
    two = Series("val", "val", (((0, 0.5), (1, 0.5)), ((3, 0.5), (4, 0.5))))
    rows = cells(draw(chart_of(two), 46, 14))[1:-2]
    assert not any(tone == "val" for row in rows for _, tone in row[6 + 12 : 6 + 28])
    rows = cells(draw(chart_of(two, gaps=True), 46, 14))[1:-2]
    assert any(cell == ("·", "dim") for row in rows for cell in row[6 + 12 : 6 + 28])


def test_no_extreme_is_lost() -> None:
    points = [(float(n), 0.5) for n in range(10_001)]
    points[4_321], points[7_777] = (4_321.0, 1.0), (7_777.0, 0.0)
    chart = Chart("t", Scale(0, 10_000, "whole"), Scale(0.0, 1.0), series=(line_of(*points),))
    picture = draw(chart, 66, 12)
    rows = [place for place, row in enumerate(cells(picture)[1:-2]) if any(tone == "mark1" for _, tone in row)]
    assert (rows[0], rows[-1]) == (0, len(rows) - 1)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=130, max_size=400),
    st.sampled_from([1, 1, 1, 50]),
)
def test_of_more_points_than_dots_every_one_is_within_half_a_dot(values: list[float], hole: int) -> None:
    rows, columns = 12, 40
    # `hole` steps are left out in the middle.
    points = tuple((float(n + (hole - 1) * (n > 100)), value) for n, value in enumerate(values))
    x_scale, y_scale = Scale(0, points[-1][0], "whole"), Scale.holding(values)
    margin = max(5, *(len(label) for _, label in y_scale.up(rows).ticks))
    picture = draw(Chart("t", x_scale, y_scale, series=(Series("", "val", (points,)),)), columns + 1 + margin, rows + 3)
    x, y = x_scale.across(columns), y_scale.up(rows)
    drawn: dict[int, set[int]] = {}
    for row, line in enumerate(cells(picture)[1:-2]):
        for column, (char, tone) in enumerate(line[len(line) - columns :]):
            for across, down in dots(char) if tone == "val" else ():
                drawn.setdefault(2 * column + across, set()).add(4 * (rows - 1 - row) + 3 - down)
    wanted: dict[int, set[int]] = {}
    for at, value in points:
        wanted.setdefault(x.dot(at), set()).add(y.dot(value))
    assert drawn.keys() == set(range(x.dots))
    for column, found in drawn.items():
        assert wanted.get(column, set()) <= found
        assert len(found) == max(found) - min(found) + 1, "one stroke"
        # Beyond its own values a column goes only as far as to touch the one before.
        if column in wanted and column - 1 in wanted:
            low, high = min(wanted[column]), max(wanted[column])
            assert min(found) == min(low, max(wanted[column - 1]) + 1)
            assert max(found) == max(high, min(wanted[column - 1]) - 1)


def test_signs_stand_on_their_lines() -> None:
    series = [line_of((0, n / 8), (4, n / 8 + 0.1), tone=f"mark{n + 1}", sign="●▲■◆✚▼○△"[n]) for n in range(8)]
    plot = [cell for row in cells(draw(chart_of(*series), 100, 30))[2:-2] for cell in row]
    for number, one in enumerate(series):
        assert plot.count((one.sign, f"mark{number + 1}")) >= 3


@pytest.mark.parametrize("end", [2.0, 4.0])
def test_labels_stand_at_the_ends_of_lines_where_there_is_room(end: float) -> None:
    series = (
        Series("train", "train", (((0, 0.9), (end, 0.1)),)),
        Series("val", "val", (((0, 0.9), (end, 0.6)),)),
    )
    plot = "".join(plot_of(draw(chart_of(*series, ends=True), 60, 20)))
    assert "train" in plot
    assert "val" in plot
    assert "train" not in "".join(plot_of(draw(chart_of(*series), 60, 20)))


@pytest.mark.parametrize("end", [2.0, 4.0])
@pytest.mark.parametrize("gap", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("upper", ["train", "val"])
def test_labels_have_the_order_of_their_lines(end: float, gap: float, upper: str) -> None:
    lows = {"train": 0.4, "val": 0.4} | {upper: 0.4 + gap}
    series = tuple(Series(name, name, (((0, 0.9), (end, low)),)) for name, low in lows.items())
    plot = plot_of(draw(chart_of(*series, ends=True), 60, 20))
    rows = {name: next(place for place, line in enumerate(plot) if name in line) for name in lows}
    assert min(rows, key=rows.__getitem__) == upper


def test_a_legend_of_one_line_keeps_title_and_last_series() -> None:
    series = (
        Series("train", "train", (((0, 0), (1, 1)),), "98.3%"),
        Series("val", "val", (((0, 0), (1, 1)),), "97.7%"),
    )
    chart = chart_of(*series, note="attempt 2, epoch 30, 4 not seen")
    first = [text(draw(chart, width, 9))[0].strip() for width in (70, 44, 24, 12)]
    assert first[0] == "merit  train 98.3%  val 97.7%" + " " * 10 + "attempt 2, epoch 30, 4 not seen"
    assert first[1].split("  ")[-1].strip() == "attempt 2"
    assert first[2] == "merit  val 97.7%"
    assert first[3] == "merit"


def test_a_legend_of_signs_shortens_names_then_counts() -> None:
    series = [Series(f"mfe-conv1d-00{n}", "mark1", (((0, 0), (1, 1)),), f"{n}.250", "●▲■◆✚▼○△"[n]) for n in range(8)]
    chart = chart_of(*series)
    assert text(draw(chart, 82, 9))[0].startswith("merit  ● mfe-conv1d-000 0.250  ▲ mfe-conv1d-001 1.250")
    assert "● 0.250" in text(draw(chart, 60, 6))[0]
    assert "more" in "".join(text(draw(chart, 30, 5)))


def test_too_small_for_axes_is_only_the_lines() -> None:
    picture = draw(chart_of(line_of((0, 0), (4, 1)), legend=False), 6, 3)
    assert all("┤" not in line and "└" not in line for line in text(picture))
    assert any(tone == "mark1" for row in cells(picture) for _, tone in row)


def test_a_cursor_stands_behind_what_is_drawn() -> None:
    chart = chart_of(line_of((0, 0.5), (4, 0.5)))
    before, after = cells(draw(chart, 46, 14)), cells(draw(chart, 46, 14, cursor=2.0))
    changed = [
        (row, column)
        for row, line in enumerate(after)
        for column, cell in enumerate(line)
        if cell != before[row][column]
    ]
    assert len({column for _, column in changed}) == 1
    assert {after[row][column] for row, column in changed} == {("│", "accent")}
    assert len(changed) == 10  # 11 rows less the one that the line is in
    assert cells(draw(chart, 46, 14, cursor=99.0)) == before


# Points, rules, steps


def test_points_rules_and_steps_read_without_colour() -> None:
    chart = chart_of(
        points=(ChartPoint(0, 0, "a"), ChartPoint(2, 0.5, "b"), ChartPoint(4, 1, "c")),
        steps=((0, 0), (2, 0.5), (4, 1)),
        rules=(Rule(3, "limit 3", "warn"),),
    )
    picture = draw(chart, 27, 8)
    assert text(picture)[0].split() == ["merit", "limit", "3"]
    assert plot_of(picture) == [
        "               ┊    c",
        "               ┊    │",
        "          b─────────┘",
        "          │    ┊     ",
        "a─────────┘    ┊     ",
    ]
    assert text(picture)[-1].split() == ["cost", "0", "2", "4"]


def test_steps_go_down_where_less_is_better_and_end_where_told() -> None:
    picture = draw(chart_of(steps=((0, 1), (2, 0)), steps_end=3.0, points=(ChartPoint(0, 1, "a"),)), 26, 8)
    assert plot_of(picture)[0].startswith("a─────────┐")
    assert plot_of(picture)[-1].rstrip() == " " * 10 + "─────"


def test_later_points_cover_earlier_ones_and_steps_those_that_are_under() -> None:
    points = (ChartPoint(1, 1, "u", under=True), ChartPoint(2, 1, "a"), ChartPoint(2, 1, "b"))
    line = plot_of(draw(chart_of(points=points, steps=((0, 1), (4, 1))), 26, 8))[0]
    assert "b" in line
    assert "u" not in line
    assert "a" not in line


def test_the_chosen_one_is_in_brackets_above_the_others() -> None:
    picture = draw(chart_of(points=(ChartPoint(2, 0.5, "a", "dim"),), chosen=ChartPoint(2, 0.5, "b")), 26, 8)
    assert "[b]" in "".join(text(picture))
    assert "a" not in "".join(plot_of(picture))
    assert any(("[b]", "title") in line for line in picture)


@pytest.mark.parametrize(("x", "words"), [(99.0, "far →"), (-99.0, "← far")])
def test_a_rule_out_of_range_is_pointed_to(x: float, words: str) -> None:
    lines = text(draw(chart_of(points=(ChartPoint(0, 0, "a"),), rules=(Rule(x, "far"),)), 60, 10))
    assert words in lines[0]
    assert "┊" not in "".join(lines)


def test_words_of_rules_that_would_meet_are_left_out() -> None:
    rules = (Rule(2.0, "round 1"), Rule(2.1, "round 2"), Rule(4.0, "round 3"))
    words = text(draw(chart_of(points=(ChartPoint(0, 0, "a"),), rules=rules), 60, 10))[0]
    assert words.split() == ["merit", "round", "1", "round", "3"]


def test_a_rule_has_its_foot_on_the_axis() -> None:
    picture = draw(chart_of(line_of((0, 0), (4, 1)), rules=(Rule(2.0, char="┃", foot="●", tone="best"),)), 46, 14)
    assert "●" in text(picture)[-2]


@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12),
    VALUES,
    st.sampled_from([1.0, 1000.0, 1024.0]),
    st.booleans(),
    st.integers(-1, 90),
    st.integers(-1, 30),
)
def test_anything_can_be_drawn_in_exactly_its_size(
    points: list[tuple[float, float]], at: float, unit: float, percent: bool, width: int, height: int
) -> None:
    chart = Chart(
        "merit",
        Scale.holding([x for x, _ in points], unit=unit, may_be_log=True),
        Scale.holding([y for _, y in points], "percent" if percent else "number", may_be_log=not percent),
        "cost",
        (Series("a", "val", (tuple(sorted(dict(points).items())),)),),
        tuple(ChartPoint(x, y, "•") for x, y in points),
        (Rule(at, "limit"), Rule(0.0, "zero")),
        tuple(sorted(points)),
        at,
        ChartPoint(*points[0], "◆"),
        gaps=True,
        ends=True,
    )
    picture = draw(chart, width, height, cursor=at)
    assert len(picture) == max(0, height)
    assert all(width_of(line) == max(0, width) for line in picture)
    assert {tone for line in picture for _, tone in line} <= {*TONES, ""}
    assert not any("nan" in line or "\x1b" in line for line in text(picture))


def test_an_empty_chart_is_its_title() -> None:
    lines: list[Line] = list(draw(Chart("loss", Scale(0, 1), Scale(0, 1)), 10, 3))
    assert text(tuple(lines)) == ["loss      ", " " * 10, " " * 10]


@given(st.floats(1e-300, 1e300), st.integers(1, 30))
def test_a_constant_has_an_axis(value: float, rows: int) -> None:
    assume(math.isfinite(value))
    axis = Scale(value, value).up(rows)
    assert axis.low < axis.high
