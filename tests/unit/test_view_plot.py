"""Charts as lines of toned text."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eitui.domain.history import Curve, Epoch
from eitui.view.cells import len_cells
from eitui.view.charts import ChartSpec, Series, curves
from eitui.view.lines import TONES
from eitui.view.plot import draw
from eitui.view.ticks import nice_range, nice_ticks, tick_labels, whole_ticks


def curve(*numbers: int) -> Curve:
    return Curve(tuple(Epoch(n, 2 / n, 2.5 / n, 1 - 0.5 / n, 1 - 0.7 / n) for n in numbers))


def text(picture) -> list[str]:
    return ["".join(span for span, _ in line) for line in picture]


def drawn_columns(picture, style: str) -> set[int]:
    """The columns below the legend in which something of `style` is drawn."""
    columns = set()
    for line in picture[1:]:
        at = 0
        for span, tone in line:
            if tone == style:
                columns |= {at + index for index, char in enumerate(span) if char.strip()}
            at += len(span)
    return columns


def test_a_chart_reads_without_colour():
    losses, accuracies = curves(curve(*range(1, 31)), 50)
    legend, *plot = text(draw(accuracies, 60, 12))
    assert legend.startswith("accuracy  ⠤⠤ train 98.3%  ▄▄ val 97.7%")
    assert legend.endswith("epoch 30")
    assert [line[:6] for line in plot if line[:6].strip()] == [
        *(" 100%┤", "     │", "  80%┤", "     │", "  60%┤", "     │", "  40%┤", "     │", "  20%┤", "     └", "epoch "),
    ]
    assert plot[-1].split() == ["epoch", "1", "10", "20", "30", "40", "50"]
    assert any(char in "▖▗▘▝▀▄▌▐▚▞▛▜▙▟█" for line in plot for char in line)
    assert any("⠀" < char <= "⣿" for line in plot for char in line)
    assert text(draw(losses, 60, 12))[0].startswith("loss  ⠤⠤ train 0.0667  ▄▄ val 0.0833")


def test_train_and_val_have_tones_of_their_own():
    _, accuracies = curves(curve(*range(1, 31)), 50)
    tones = {tone for line in draw(accuracies, 60, 12) for _, tone in line}
    assert {"train", "val", "dim", "title"} <= tones <= {*TONES, ""}


def test_a_gap_is_not_bridged():
    _, accuracies = curves(curve(*range(1, 11), *range(31, 41)), 41)
    picture = draw(accuracies, 86, 14)
    # 80 columns for 40 epochs: two a epoch, after six for the labels.
    gap = set(range(6 + 2 * 11, 6 + 2 * 29))
    assert not (drawn_columns(picture, "val") | drawn_columns(picture, "train")) & gap
    assert drawn_columns(picture, "val") & set(range(6 + 2 * 30, 86))
    assert "epoch 40, 20 not seen" in text(picture)[0]


def test_an_epoch_between_gaps_is_a_dot():
    _, accuracies = curves(curve(20), 41)
    picture = draw(accuracies, 86, 14)
    assert len(drawn_columns(picture, "val")) == 1


def test_a_narrow_legend_keeps_the_val_figure():
    _, accuracies = curves(curve(*range(1, 31)), 50)
    assert text(draw(accuracies, 36, 8))[0].strip() == "⠤⠤ train 98.3%  ▄▄ val 97.7%"
    assert text(draw(accuracies, 24, 8))[0].strip() == "accuracy  ▄▄ val 97.7%"
    assert text(draw(accuracies, 14, 8))[0].strip() == "▄▄ val 97.7%"


def test_an_empty_chart_is_its_title_and_blank_lines():
    assert text(draw(ChartSpec("loss"), 10, 3)) == ["loss      ", " " * 10, " " * 10]


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 3), (5, 0), (-1, -1)])
def test_no_room_is_no_lines_of_text(width, height):
    assert "".join(text(draw(curves(curve(1, 2), 5)[0], width, height))) == ""


epochs = st.dictionaries(st.integers(0, 10**6), st.none() | st.floats(), max_size=12)


@settings(max_examples=60, deadline=None)
@given(figures=epochs, cycles=st.none() | st.integers(-5, 10**12), width=st.integers(1, 110), height=st.integers(1, 20))
def test_a_picture_has_exactly_its_size_whatever_is_drawn(figures, cycles, width, height):
    seen = Curve(tuple(Epoch(n, figures[n], figures[n], figures[n], figures[n]) for n in sorted(figures)))
    for spec in curves(seen, cycles):
        picture = draw(spec, width, height)
        assert len(picture) == height
        assert {len_cells(line) for line in text(picture)} == {width}
        assert not any("\x1b" in line or "nan" in line for line in text(picture))


def test_drawing_again_gives_the_same_picture():
    first, second = (curves(curve(*range(1, n)), 50)[0] for n in (20, 30))
    once = draw(first, 60, 12)
    draw(second, 40, 8)
    assert draw(first, 60, 12) == once


def test_many_points_keep_their_extremes():
    ys = [0.5] * 3000
    ys[1500] = 1.0
    spec = ChartSpec("x", (Series("val", "val", (tuple(enumerate(ys)),), 0.5),), (0, 2999), (0.0, 1.0), percent=True)
    assert any(tone == "val" for _, tone in draw(spec, 60, 12)[1])


@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100), st.integers(3, 8))
def test_a_nice_range_holds_its_figures_with_few_ticks(one, other, most):
    low, high = sorted((one, other))
    bottom, top, step = nice_range(low, high, most)
    slack = (top - bottom) * 1e-6
    assert bottom - slack <= low <= high <= top + slack
    ticks = nice_ticks(bottom, top, step)
    assert 2 <= len(ticks) <= most
    assert ticks == sorted(ticks)


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0.0, 1.0, 5, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        (0.13, 1.57, 5, ["0.0", "0.5", "1.0", "1.5", "2.0"]),
        (12.0, 380.0, 5, ["0", "100", "200", "300", "400"]),
        (0.0, 2.1e6, 4, ["0", "1e6", "2e6", "3e6"]),
        (0.4, 0.4, 3, ["0.2", "0.4", "0.6"]),
    ],
)
def test_tick_labels(low, high, most, labels):
    bottom, top, step = nice_range(low, high, most)
    assert tick_labels(nice_ticks(bottom, top, step), step) == labels


@given(st.integers(0, 5), st.integers(1, 10**9), st.integers(2, 12))
def test_ticks_of_epochs_are_few_whole_and_include_both_ends(first, span, most):
    ticks = whole_ticks(first, first + span, most)
    assert (ticks[0], ticks[-1]) == (first, first + span)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))


def test_figures_beyond_the_axis_are_drawn_at_its_edge():
    seen = Curve((Epoch(1, accuracy=0.5, val_accuracy=0.5), Epoch(2, accuracy=1e12, val_accuracy=-1e12)))
    picture = draw(curves(seen, 3)[1], 60, 12)
    assert any(tone == "train" for _, tone in picture[1])
    assert any(tone == "val" for _, tone in picture[9])


def test_infinite_losses_are_gaps():
    seen = Curve((Epoch(1, 1.0, 1.0), Epoch(2, math.inf, 1.0), Epoch(3, 0.5, 0.5)))
    assert [len(series.segments) for series in curves(seen, 3)[0].series] == [2, 1]
