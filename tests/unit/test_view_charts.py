"""What the charts show, and why they are empty."""

import math
from dataclasses import replace

import pytest
from build import completed, failed, pending, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.history import EMPTY_CURVE, Curve, Epoch
from eitui.domain.trial import COMPLETED, Block, Progress, Trial
from eitui.view.charts import Series, curves, empty_reason, thin


def epoch(number: int, value: float | None = 0.5) -> Epoch:
    return Epoch(number, value, value, value, value)


def test_series_end_at_the_latest_epoch_and_the_axis_at_the_training_cycles():
    losses, accuracies = curves(Curve((Epoch(1, 1.0, 1.1, 0.5, 0.4), Epoch(2, 0.8, 0.9, 0.6, 0.5))), 50)
    assert losses.series == (
        Series("train", "train", (((1, 1.0), (2, 0.8)),), 0.8),
        Series("val", "val", (((1, 1.1), (2, 0.9)),), 0.9),
    )
    assert [series.latest for series in accuracies.series] == [0.6, 0.5]
    assert (losses.x_range, losses.y_range, losses.epoch) == ((1, 50), None, 2)
    assert (accuracies.x_range, accuracies.y_range, accuracies.percent) == ((1, 50), (0.4, 0.6), True)


def test_epochs_not_seen_and_null_figures_break_a_line():
    losses, _ = curves(Curve((epoch(2), epoch(3), epoch(6), epoch(7, None), epoch(8, math.nan), epoch(9))), None)
    assert losses.series[0].segments == (((2, 0.5), (3, 0.5)), ((6, 0.5),), ((9, 0.5),))
    assert losses.note == "3 not seen"
    assert losses.x_range == (1, 9)


def test_the_latest_figure_is_unknown_when_the_latest_epoch_has_none():
    losses, _ = curves(Curve((epoch(1), epoch(2, None))), None)
    assert losses.series[0].latest is None


def test_specs_are_equal_when_only_the_time_of_seeing_differs():
    one, other = (Curve((replace(epoch(1), seen_at=at),)) for at in (1.0, 2.0))
    assert curves(one, 50) == curves(other, 50)


def test_a_retry_is_said():
    losses, _ = curves(Curve((epoch(1),), earlier=((epoch(1), epoch(2)),)), 50)
    assert losses.note == "attempt 2"


def test_a_network_without_an_accuracy_has_no_second_chart():
    curve = Curve((Epoch(1, 0.5, 0.6, 0.0, 0.0), Epoch(2, 0.4, 0.5, 0.0, 0.0)))
    losses, accuracies = curves(curve, 50)
    assert not losses.empty
    assert accuracies.empty
    assert "no accuracy" in empty_reason(running("1", 2), curve, "accuracy")
    assert empty_reason(running("1", 2), curve, "loss") == ""


@given(st.dictionaries(st.integers(1, 60), st.none() | st.floats(0, 10)), st.none() | st.integers(1, 100))
def test_every_figure_is_in_one_segment_and_no_segment_spans_a_gap(figures, cycles):
    curve = Curve(tuple(Epoch(number, loss=figures[number]) for number in sorted(figures)))
    losses, _ = curves(curve, cycles)
    segments = losses.series[0].segments
    drawn = [point for segment in segments for point in segment]
    assert drawn == [(number, value) for number, value in sorted(figures.items()) if value is not None]
    for segment in segments:
        assert [number for number, _ in segment] == list(range(segment[0][0], segment[0][0] + len(segment)))
    assert all(losses.x_range[0] <= number <= losses.x_range[1] for number in figures)


points = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400)


@given(points, st.integers(1, 40))
def test_thinning_keeps_ends_and_extremes_within_its_size(ys, width):
    xs = [float(index) for index in range(len(ys))]
    thin_xs, thin_ys = thin(xs, ys, width)
    assert len(thin_xs) == len(thin_ys) <= max(4 * width, 1)
    assert (thin_xs[0], thin_ys[0], thin_xs[-1], thin_ys[-1]) == (xs[0], ys[0], xs[-1], ys[-1])
    assert (min(thin_ys), max(thin_ys)) == (min(ys), max(ys))
    assert thin_xs == sorted(set(thin_xs))
    assert all(ys[int(x)] == y for x, y in zip(thin_xs, thin_ys, strict=True))


def test_thinning_keeps_the_extremes_of_each_column():
    ys = [0.0] * 100
    ys[10], ys[60] = 5.0, -5.0
    assert {(10.0, 5.0), (60.0, -5.0)} <= set(zip(*thin([float(x) for x in range(100)], ys, 4), strict=True))


def dsp(status: str) -> Block:
    return Block(1, "dsp", status)


@pytest.mark.parametrize(
    ("trial", "reason"),
    [
        (pending("1"), "Waits for a worker; the curve begins with its first epoch."),
        (running("1"), "DSP block is generating features; the first epoch is not done yet."),
        (replace(running("1"), blocks=(dsp("completed"),)), "Training has begun; its first epoch is not done yet."),
        (
            replace(running("1"), blocks=(dsp("running"),)),
            "DSP block is generating features; the first epoch is not done yet.",
        ),
        (failed("1"), "Failed before its first epoch was done."),
        (replace(failed("1"), progress=Progress(7)), "Its training was not watched; it has failed."),
        (
            Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2345, 0.9, 0.8)),
            (
                "Its training was not watched; the service keeps only the last epoch: "
                "loss 0.1000, val loss 0.2345, accuracy 90.0%, val accuracy 80.0%."
            ),
        ),
        (
            completed("1"),
            "Its training was not watched; the service keeps only the last epoch: loss –, val loss –.",
        ),
        (Trial("1", "n", "paused"), "Nothing to draw yet: the trial is paused."),
        (Trial("1", "n", ""), "Nothing to draw yet: the trial is in no known state."),
        (
            Trial("1", "n", "completed", problem="not an object"),
            "The service's description of this trial could not be read: not an object",
        ),
    ],
)
def test_why_there_is_nothing_to_draw(trial, reason):
    assert empty_reason(trial, EMPTY_CURVE) == reason


def test_why_there_is_no_accuracy_to_draw():
    trained = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.9, 0.8))
    assert empty_reason(trained, EMPTY_CURVE, "accuracy").endswith("accuracy 90.0%, val accuracy 80.0%.")
    regression = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0, 0))
    assert empty_reason(regression, EMPTY_CURVE, "accuracy").endswith("last epoch: loss 0.1000, val loss 0.2000.")


def test_a_diverged_trial_says_so():
    curve = Curve((epoch(1, None), epoch(2, None)))
    assert empty_reason(running("1", 2), curve).startswith("Diverged")
    assert "null" in empty_reason(running("1", 2), curve, "accuracy")


@pytest.mark.parametrize(
    ("figures", "expected"),
    [((0.31, 0.87), (0.3, 0.9)), ((1.0, 1.0), (0.8, 1.0)), ((0.92, 0.94), (0.9, 1.0)), ((0.02, 0.04), (0.0, 0.2))],
)
def test_the_axis_of_accuracy_shows_the_tenths_that_are_used(figures, expected):
    low, high = figures
    _, accuracies = curves(Curve((Epoch(1, 1.0, 1.0, low, high), Epoch(2, 1.0, 1.0, high, low))), 50)
    assert accuracies.y_range[0] <= expected[0] + 1e-9
    assert accuracies.y_range[1] == expected[1]
    assert accuracies.y_range[1] - accuracies.y_range[0] >= 0.2 - 1e-9


def test_a_trial_of_which_only_the_end_was_seen_says_its_figures():
    ended = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.9, 0.8))
    assert "Its training was not watched" in empty_reason(ended, Curve((Epoch(50, 0.1, 0.2, 0.9, 0.8),)))
    assert empty_reason(ended, Curve((Epoch(49, 0.1), Epoch(50, 0.1)))) == ""
