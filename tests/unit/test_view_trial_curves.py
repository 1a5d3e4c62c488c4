"""The curves of one trial: axis, smoothing, attempts, and what is read off them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.history import Curve, Epoch
from eitui.view.charts import ChartSpec, Series
from eitui.view.lines import TONES
from eitui.view.plot import Area, draw
from eitui.view.ticks import log_labels, log_range
from eitui.view.trial.curves import (
    SMOOTHINGS,
    BestEpoch,
    Look,
    attempts,
    best_epochs,
    best_line,
    charts,
    reading,
    with_cursor,
    with_sign,
)

LIGHT = SMOOTHINGS[1]


def epochs(*losses: float | None) -> tuple[Epoch, ...]:
    return tuple(Epoch(number, loss, loss) for number, loss in enumerate(losses, 1))


def text(line) -> str:
    return "".join(part for part, _ in line)


def test_plain_curves_are_those_of_the_monitor():
    loss, _ = charts(Curve(epochs(3.0, 2.0)), Look(), 50)
    assert [series.label for series in loss.series] == ["train", "val"]
    assert loss.series[0].segments == (((1, 3.0), (2, 2.0)),)
    assert (loss.title, loss.note, loss.log) == ("loss", "", False)


def test_smoothing_is_a_moving_average_above_the_figures_as_they_came():
    loss, _ = charts(Curve(epochs(1.0, 0.0, 0.0)), Look(smoothing=LIGHT), None)
    raw, _, even, _ = loss.series
    assert (raw.label, raw.style) == ("", "dim")
    assert raw.segments == (((1, 1.0), (2, 0.0), (3, 0.0)),)
    # 0.4·1 / 0.4; then 0.24 / 0.64; then 0.144 / 0.784.
    assert [round(value, 6) for _, value in even.segments[0]] == [1.0, 0.375, 0.183673]
    assert (even.label, loss.title) == ("train", "loss, light smoothing")


def test_smoothing_forgets_over_a_gap():
    near = charts(Curve((Epoch(1, 1.0), Epoch(2, 0.0))), Look(smoothing=LIGHT), None)[0].series[2].segments
    far = charts(Curve((Epoch(1, 1.0), Epoch(9, 0.0))), Look(smoothing=LIGHT), None)[0].series[2].segments
    assert len(far) == 2
    assert far[1][0][1] < near[0][1][1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.sampled_from(SMOOTHINGS[1:]))
def test_a_smoothed_curve_stays_within_the_figures(values, smoothing):
    loss, _ = charts(Curve(epochs(*values)), Look(smoothing=smoothing), None)
    even = [value for segment in loss.series[2].segments for _, value in segment]
    assert len(even) == len(values)
    margin = 1e-9 * max(1, *map(abs, values))
    assert min(values) - margin <= min(even)
    assert max(even) <= max(values) + margin


def test_a_logarithmic_axis_leaves_out_what_has_no_logarithm_and_says_so():
    loss, accuracy = charts(Curve(epochs(1.0, 0.0, -1.0, 0.1, 0.01)), Look(log=True), None)
    assert loss.series[0].segments == (((1, 1.0),), ((4, 0.1), (5, 0.01)))
    assert loss.note == "4 not above 0"
    assert loss.log
    assert not accuracy.log


def test_attempts():
    curve = Curve(epochs(3.0), (epochs(9.0, 8.0), epochs(7.0)))
    assert [len(one) for one in attempts(curve)] == [2, 1, 1]
    assert charts(curve, Look(), None)[0].note == "attempt 3 of 3"
    first = charts(curve, Look(attempt=0), None)[0]
    assert first.note == "attempt 1 of 3"
    assert first.series[0].segments == (((1, 9.0), (2, 8.0)),)


def test_the_best_epochs():
    seen = [
        Epoch(1, val_loss=0.5, val_accuracy=0.7),
        Epoch(2, val_loss=0.2, val_accuracy=None),
        Epoch(3, val_loss=0.2, val_accuracy=0.9),
        Epoch(4, val_loss=math.nan, val_accuracy=0.8),
    ]
    assert best_epochs(seen) == (BestEpoch(2, 0.2), BestEpoch(3, 0.9))
    assert text(best_line(seen, 100)) == ("★ lowest val loss 0.2000 at epoch 2, highest val accuracy 90.0% at epoch 3")
    assert text(best_line([*seen[:1], *seen[2:]], 100)).endswith("of those seen")


def test_without_an_accuracy_there_is_no_best_one():
    assert best_epochs([Epoch(1, val_loss=0.5, accuracy=0.0, val_accuracy=0.0)]) == (BestEpoch(1, 0.5), None)
    assert best_epochs([]) == (None, None)
    assert best_line([Epoch(1)], 80) == ()


def test_what_is_read_at_an_epoch():
    seen = [Epoch(7, 0.25, None, 0.5, 0.6)]
    assert text(reading(seen, 0, 100, moved=True)) == (
        "│epoch 7  loss 0.2500  val loss –  accuracy 50.0%  val accuracy 60.0%"
    )
    assert text(reading([Epoch(7, 0.25, 0.3)], 0, 100, moved=False)) == " epoch 7  loss 0.2500  val loss 0.3000"
    assert reading([], -1, 80, moved=False) == ()


# Where things are on a drawn chart


def cells(picture, style: str) -> set[tuple[int, int]]:
    """Lines and columns of the plot in which something of `style` is drawn."""
    found = set()
    for index, line in enumerate(picture):
        at = 0
        for part, tone in line:
            if tone == style and index:
                found |= {(index, at + offset) for offset, char in enumerate(part) if char.strip(" ⠀")}
            at += len(part)
    return found


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(("width", "height"), [(80, 10), (59, 17), (121, 36), (30, 7), (18, 5), (12, 3)])
def test_the_area_says_where_plotext_puts_a_figure(width, height, log):
    points = {1: 0.011, 2: 0.02, 9: 0.3, 33: 0.05, 34: 0.9, 50: 4.0}
    line = tuple(((epoch, value),) for epoch, value in points.items())
    for epoch, value in points.items():
        faint = Series("", "dim", line)
        spec = ChartSpec("loss", (faint, Series("val", "val", (((epoch, value),),))), (1, 50), log=log)
        area = Area.of(spec, width, height)
        assert cells(draw(spec, width, height), "val") == {(area.line(value), area.column(epoch))}


def test_there_is_no_area_without_a_plot():
    assert Area.of(ChartSpec("loss"), 80, 10) is None
    spec = charts(Curve(epochs(1.0)), Look(), None)[0]
    assert Area.of(spec, 80, 1) is None
    assert Area.of(spec, 0, 9) is None


def test_a_cursor_stands_behind_the_curves_and_a_sign_on_them():
    spec, _ = charts(Curve(epochs(4.0, 3.0, 2.0, 1.0)), Look(), 4)
    picture = draw(spec, 60, 12)
    area = Area.of(spec, 60, 12)
    rows = range(area.top, area.top + area.rows)
    shown = with_cursor(picture, rows, area.column(2))
    column = [text(line)[area.column(2)] for line in shown]
    assert column.count("│") == area.rows - 1
    assert [text(line) for line in shown[area.top + area.rows :]] == [text(line) for line in picture[len(rows) + 1 :]]
    starred = with_sign(shown, area.line(3.0), area.column(2), ("★", "best"))
    assert text(starred[area.line(3.0)])[area.column(2)] == "★"
    assert [len(text(line)) for line in starred] == [len(text(line)) for line in picture]


@given(
    st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True), max_size=30),
    st.booleans(),
    st.sampled_from(SMOOTHINGS),
    st.integers(1, 90),
    st.integers(1, 30),
)
def test_any_curve_can_be_drawn(values, log, smoothing, width, height):
    spec, _ = charts(Curve(epochs(*values)), Look(log, smoothing), None)
    picture = draw(spec, width, height)
    assert len(picture) == height
    assert {tone for line in picture for _, tone in line} <= {*TONES, ""}
    area = Area.of(spec, width, height)
    assert (area is None) == (height == 1 or spec.empty)
    for segment in (segment for series in spec.series for segment in series.segments):
        for epoch, value in segment if area else ():
            assert area.top <= area.line(value) < area.top + area.rows
            assert area.left <= area.column(epoch) < width


# Ticks of a logarithmic axis


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.3, 9, [0.2, 0.5, 1, 2, 5, 10]),
        (0.03, 2, [0.03, 0.1, 0.3, 1]),
        (0.02, 50, [0.1, 1, 10]),
        (1e-9, 1e9, [1e-5, 1, 1e5]),
        (0.5, 0.9, [0.5, 0.6, 0.7, 0.8, 0.9]),
    ],
)
def test_ticks_are_round(low, high, ticks):
    first, last, found = log_range(low, high, 6)
    assert found == pytest.approx(ticks)
    assert first <= low
    assert last >= high


@given(st.floats(1e-100, 1e100), st.floats(1, 1e100), st.integers(3, 8))
def test_ticks_lie_in_the_range_and_differ_in_their_labels(low, factor, most):
    high = min(low * factor, 1e100)
    first, last, ticks = log_range(low, high, most)
    assert 0 < first <= low
    assert high <= last
    assert 1 <= len(ticks) <= most
    assert all(first <= tick <= last for tick in ticks)
    assert sorted(ticks) == ticks


def test_labels_of_a_logarithmic_axis():
    assert log_labels([0.0001, 0.01, 0.5, 1.0, 200.0, 1e6]) == ["1e-4", "0.01", "0.5", "1", "200", "1e6"]
    assert log_labels([50000.01, 50000.02]) == ["50000.01", "50000.02"]
