"""Curves by epoch: of one trial and of several, how they are looked at, and why there are none. All are synthetic."""

import math
from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, pending, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, LogPart
from eitui.domain.trial import COMPLETED, Block, Progress, Trial
from eitui.view.kit.chart import Chart, ChartPoint, Series
from eitui.view.kit.lines import Line, width_of
from eitui.view.kit.look import SMOOTHINGS, CurveLook
from eitui.view.kit.marks import mark
from eitui.view.trial.curves import (
    BestEpoch,
    LogState,
    attempts,
    best_epochs,
    best_line,
    comparison_chart,
    draw_curves,
    empty_reason,
    epoch_line,
    trial_charts,
    why_nothing_compared,
)

LIGHT = SMOOTHINGS[1]


def logged(number: int) -> Epoch:
    return Epoch(number, 1.0, 1.0, seen_at=None)


def epoch(number: int, value: float | None = 0.5) -> Epoch:
    return Epoch(number, value, value, value, value)


def epochs(*losses: float | None) -> tuple[Epoch, ...]:
    return tuple(Epoch(number, loss, loss) for number, loss in enumerate(losses, 1))


def text(line: Line) -> str:
    return "".join(part for part, _ in line)


# One trial


def test_lines_end_at_the_latest_epoch_and_the_axis_at_the_training_cycles() -> None:
    losses, accuracies = trial_charts(Curve((Epoch(1, 1.0, 1.1, 0.5, 0.4), Epoch(2, 0.8, 0.9, 0.6, 0.5))), 50)
    assert losses.series == (
        Series("train", "train", (((1, 1.0), (2, 0.8)),), "0.8000"),
        Series("val", "val", (((1, 1.1), (2, 0.9)),), "0.9000"),
    )
    assert [series.latest for series in accuracies.series] == ["60.0%", "50.0%"]
    assert (losses.x.low, losses.x.high, losses.note) == (1, 50, "epoch 2")
    assert (accuracies.y.low, accuracies.y.high, accuracies.y.kind) == (0.4, 0.6, "percent")


def test_the_best_epoch_of_the_validation_data_has_a_star() -> None:
    losses, _ = trial_charts(Curve((Epoch(1, 1.0, 0.5), Epoch(2, 0.8, 0.7))), 50)
    assert losses.points == (ChartPoint(1, 0.5, "★", "best"),)


def test_epochs_not_seen_and_null_values_break_a_line() -> None:
    losses, _ = trial_charts(Curve((epoch(2), epoch(3), epoch(6), epoch(7, None), epoch(8, math.nan), epoch(9))), None)
    assert losses.series[0].segments == (((2, 0.5), (3, 0.5)), ((6, 0.5),), ((9, 0.5),))
    assert losses.note == "epoch 9, 3 not seen"
    assert (losses.x.low, losses.x.high) == (1, 9)
    seen = Curve((Epoch(1, 1.0, 1.0), Epoch(2, math.inf, 1.0), Epoch(3, 0.5, 0.5)))
    assert [len(series.segments) for series in trial_charts(seen, 3)[0].series] == [2, 1]


def test_charts_are_equal_when_only_the_time_of_seeing_differs() -> None:
    one, other = (Curve((replace(epoch(1), seen_at=at),)) for at in (1.0, 2.0))
    assert trial_charts(one, 50) == trial_charts(other, 50)


def test_a_network_without_an_accuracy_has_no_second_chart() -> None:
    curve = Curve((Epoch(1, 0.5, 0.6, 0.0, 0.0), Epoch(2, 0.4, 0.5, 0.0, 0.0)))
    losses, accuracies = trial_charts(curve, 50)
    assert not losses.empty
    assert accuracies.empty
    assert "no accuracy" in empty_reason(running("1", 2), curve, "accuracy")
    assert empty_reason(running("1", 2), curve, "loss") == ""


@given(st.dictionaries(st.integers(1, 60), st.none() | st.floats(0, 10)), st.none() | st.integers(1, 100))
def test_every_value_is_in_one_segment_and_no_segment_spans_a_gap(
    values: dict[int, float | None], cycles: int | None
) -> None:
    curve = Curve(tuple(Epoch(number, loss=values[number]) for number in sorted(values)))
    losses, _ = trial_charts(curve, cycles)
    segments = losses.series[0].segments
    drawn = [point for segment in segments for point in segment]
    assert drawn == [(number, value) for number, value in sorted(values.items()) if value is not None]
    for segment in segments:
        assert [number for number, _ in segment] == list(range(int(segment[0][0]), int(segment[0][0]) + len(segment)))
    assert all(losses.x.low <= number <= losses.x.high for number in values)


def test_smoothing_is_a_moving_average_above_the_values_as_they_came() -> None:
    loss, _ = trial_charts(Curve(epochs(1.0, 0.0, 0.0)), None, CurveLook(smoothing=LIGHT))
    raw, _, even, _ = loss.series
    assert (raw.label, raw.tone) == ("", "dim")
    assert raw.segments == (((1, 1.0), (2, 0.0), (3, 0.0)),)
    # 0.4·1 / 0.4; then 0.24 / 0.64; then 0.144 / 0.784.
    assert [round(value, 6) for _, value in even.segments[0]] == [1.0, 0.375, 0.183673]
    assert (even.label, loss.title) == ("train", "loss, light smoothing")


def test_smoothing_forgets_over_a_gap() -> None:
    look = CurveLook(smoothing=LIGHT)
    near = trial_charts(Curve((Epoch(1, 1.0), Epoch(2, 0.0))), None, look)[0].series[2].segments
    far = trial_charts(Curve((Epoch(1, 1.0), Epoch(9, 0.0))), None, look)[0].series[2].segments
    assert len(far) == 2
    assert far[1][0][1] < near[0][1][1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.sampled_from(SMOOTHINGS[1:]))
def test_a_smoothed_curve_stays_within_the_values(values: list[float], smoothing: tuple[str, float]) -> None:
    loss, _ = trial_charts(Curve(epochs(*values)), None, CurveLook(smoothing=smoothing))  # type: ignore[arg-type]
    even = [value for segment in loss.series[2].segments for _, value in segment]
    assert len(even) == len(values)
    margin = 1e-9 * max(1, *map(abs, values))
    assert min(values) - margin <= min(even)
    assert max(even) <= max(values) + margin


def test_a_logarithmic_axis_leaves_out_what_has_no_logarithm_and_counts_it() -> None:
    loss, accuracy = trial_charts(Curve(epochs(1.0, 0.0, -1.0, 0.1, 0.01)), None, CurveLook(log=True))
    assert loss.series[0].segments == (((1, 1.0),), ((4, 0.1), (5, 0.01)))
    assert loss.note == "epoch 5, 4 not above 0"
    assert loss.y.log
    assert not accuracy.y.log


def test_attempts() -> None:
    curve = Curve(epochs(3.0), (epochs(9.0, 8.0), epochs(7.0)))
    assert [len(one) for one in attempts(curve)] == [2, 1, 1]
    assert trial_charts(curve, None)[0].note == "attempt 3 of 3, epoch 1"
    first = trial_charts(curve, None, CurveLook(attempt=0))[0]
    assert first.note == "attempt 1 of 3, epoch 2"
    assert first.series[0].segments == (((1, 9.0), (2, 8.0)),)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((0.31, 0.87), (0.3, 0.9)), ((1.0, 1.0), (0.8, 1.0)), ((0.92, 0.94), (0.8, 1.0)), ((0.02, 0.04), (0.0, 0.2))],
)
def test_the_axis_of_accuracy_shows_the_tenths_that_are_used(
    values: tuple[float, float], expected: tuple[float, float]
) -> None:
    low, high = values
    _, accuracies = trial_charts(Curve((Epoch(1, 1.0, 1.0, low, high), Epoch(2, 1.0, 1.0, high, low))), 50)
    assert (accuracies.y.low, accuracies.y.high) == pytest.approx(expected, abs=0.11)
    assert accuracies.y.low <= low <= high <= accuracies.y.high
    assert accuracies.y.high - accuracies.y.low >= 0.2 - 1e-9


# Several trials


def seen_to(*numbers: int, offset: float = 0.0) -> Curve:
    return Curve(tuple(Epoch(n, 2 / n, 2.5 / n + offset, 1 - 0.5 / n, 0.9 - 0.7 / n - offset) for n in numbers))


def compared(*curves: Curve, quantity: str = "loss", cycles: int | None = None, **how: Any) -> Chart:
    trials = [completed(f"{n:03x}") for n in range(len(curves))]
    by_id = {trial.id: curve for trial, curve in zip(trials, curves, strict=True)}
    return comparison_chart(trials, by_id, [mark(n) for n in range(len(trials))], quantity, cycles, **how)  # type: ignore[arg-type]


def test_series_are_the_validation_values_under_their_marks() -> None:
    chart = compared(seen_to(1, 2, 3), seen_to(2, 3, 5, offset=0.1), cycles=50)
    assert chart.title == "val loss"
    assert chart.series == (
        Series("mfe-conv1d-000", "mark1", (((1, 2.5), (2, 1.25), (3, 2.5 / 3)),), "0.8333", "●"),
        Series("mfe-conv1d-001", "mark2", (((2, 1.35), (3, 2.5 / 3 + 0.1)), ((5, 0.6),)), "0.6000", "▲"),
    )
    assert (chart.x.low, chart.x.high) == (1, 50)


def test_the_values_of_the_training_data_can_be_compared() -> None:
    chart = compared(seen_to(1, 2), train=True)
    assert (chart.title, chart.series[0].segments) == ("train loss", (((1, 2.0), (2, 1.0)),))
    chart = compared(seen_to(1, 2), quantity="accuracy", train=True)
    assert (chart.title, chart.series[0].segments) == ("train accuracy", (((1, 0.5), (2, 0.75)),))


def test_a_compared_network_without_accuracy_has_no_line() -> None:
    regression = Curve((Epoch(1, 0.5, 0.6, 0.0, 0.0), Epoch(2, 0.4, 0.5, 0.0, 0.0)))
    chart = compared(regression, seen_to(1, 2), quantity="accuracy")
    assert [bool(series.segments) for series in chart.series] == [False, True]


def test_a_compared_logarithmic_axis_has_gaps_where_there_is_no_logarithm() -> None:
    seen = (Epoch(1, 1, 100.0), Epoch(2, 1, 0.0), Epoch(3, 1, 0.01), Epoch(4, 1, -1.0))
    chart = compared(Curve(seen), look=CurveLook(log=True))
    assert chart.y.log
    assert chart.series[0].segments == (((1, 100.0),), ((3, 0.01),))


def test_trials_that_were_not_seen_are_counted() -> None:
    assert compared(seen_to(1, 2), Curve(), Curve()).note == "2 not seen to train"


@pytest.mark.parametrize(
    ("curves", "quantity", "reason"),
    [
        ((), "loss", "No trial is marked"),
        ((Curve(),), "loss", "No curves: the marked"),
        ((Curve((Epoch(1),)),), "loss", "The marked trials diverged:"),
        ((Curve((Epoch(1, 0.5, 0.5, 0.0, 0.0),)),), "accuracy", "The marked trials have"),
        ((Curve(), seen_to(1, 2)), "loss", ""),
    ],
)
def test_an_empty_comparison_has_a_reason(curves: tuple[Curve, ...], quantity: str, reason: str) -> None:
    trials = [running(str(n)) for n in range(len(curves))]
    by_id = dict(zip(map(str, range(len(curves))), curves, strict=True))
    found = why_nothing_compared(trials, by_id, quantity)  # type: ignore[arg-type]
    assert found.startswith(reason)
    assert bool(found) == bool(reason)
    assert compared(*curves, quantity=quantity).empty == bool(reason)


# Why there is nothing to draw


def dsp(status: str) -> Block:
    return Block(1, "dsp", status)


NOT_WATCHED = "No curve: this trial trained before eitui was running"


@pytest.mark.parametrize(
    ("trial", "reason"),
    [
        (pending("1"), "Waiting for a worker: no epochs yet."),
        (running("1"), "Generating features: no epochs yet."),
        (replace(running("1"), blocks=(dsp("completed"),)), "Training has begun: the first epoch is not finished yet."),
        (
            replace(running("1"), blocks=(dsp("running"),)),
            "Generating features: no epochs yet.",
        ),
        (failed("1"), "Failed before the first epoch was finished."),
        (
            replace(failed("1"), progress=Progress(7, 0.5, 0.25)),
            "No curve: this failed trial trained before eitui was running. Last epoch: loss 0.5000, val loss 0.2500.",
        ),
        (
            Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2345, 0.9, 0.8)),
            f"{NOT_WATCHED}. Last epoch: loss 0.1000, val loss 0.2345, accuracy 90.0%, val accuracy 80.0%.",
        ),
        (Trial("1", "n", "paused"), "Nothing to draw yet: the trial is paused."),
        (Trial("1", "n", ""), "Nothing to draw yet: the trial is in no known state."),
        (
            Trial("1", "n", "completed", problem="not an object"),
            "The data of this trial could not be read: not an object",
        ),
    ],
)
def test_an_empty_chart_has_a_reason(trial: Trial, reason: str) -> None:
    assert empty_reason(trial, EMPTY_CURVE) == reason


def test_a_log_is_said_to_be_read_or_why_it_cannot_be() -> None:
    trial = Trial("1", "n", COMPLETED)
    assert empty_reason(trial, EMPTY_CURVE, log=LogState(reading=True)) == "Reading the epochs from the log …"
    assert empty_reason(trial, Curve(log_read=True)) == "No curve: the log has no epoch lines."
    told = empty_reason(trial, EMPTY_CURVE, log=LogState(problem="The service answered 500."))
    assert told == f"{NOT_WATCHED}. Its log could not be read: The service answered 500."


def test_no_accuracy_has_a_reason() -> None:
    trained = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.9, 0.8))
    assert empty_reason(trained, EMPTY_CURVE, "accuracy").endswith("accuracy 90.0%, val accuracy 80.0%.")
    regression = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0, 0))
    assert empty_reason(regression, EMPTY_CURVE, "accuracy").endswith("Last epoch: loss 0.1000, val loss 0.2000.")


def test_a_diverged_trial_says_so() -> None:
    curve = Curve((epoch(1, None), epoch(2, None)))
    assert empty_reason(running("1", 2), curve).startswith("Diverged")
    assert "null" in empty_reason(running("1", 2), curve, "accuracy")


def test_a_trial_of_which_only_the_end_was_seen_gives_its_values() -> None:
    ended = Trial("1", "n", COMPLETED, progress=Progress(50, 0.1, 0.2, 0.9, 0.8))
    assert empty_reason(ended, Curve((Epoch(50, 0.1, 0.2, 0.9, 0.8),))).startswith(NOT_WATCHED)
    assert empty_reason(ended, Curve((Epoch(49, 0.1), Epoch(50, 0.1)))) == ""


# What the curves say


def test_the_best_epochs() -> None:
    seen = (
        Epoch(1, val_loss=0.5, val_accuracy=0.7),
        Epoch(2, val_loss=0.2, val_accuracy=None),
        Epoch(3, val_loss=0.2, val_accuracy=0.9),
        Epoch(4, val_loss=math.nan, val_accuracy=0.8),
    )
    assert best_epochs(seen) == (BestEpoch(2, 0.2, "epoch 2"), BestEpoch(3, 0.9, "epoch 3"))
    assert text(best_line(seen, 100)) == "★ lowest val loss 0.2000 at epoch 2, highest val accuracy 90.0% at epoch 3"
    assert text(best_line((*seen[:1], *seen[2:]), 100)).endswith("of those seen")


def test_without_an_accuracy_there_is_no_best_one() -> None:
    assert best_epochs((Epoch(1, val_loss=0.5, accuracy=0.0, val_accuracy=0.0),)) == (
        BestEpoch(1, 0.5, "epoch 1"),
        None,
    )
    assert best_epochs(()) == (None, None)
    assert best_line((Epoch(1),), 80) == ()


def test_the_reading_at_an_epoch() -> None:
    seen = (Epoch(7, 0.25, None, 0.5, 0.6),)
    assert text(epoch_line(seen, 0, 100, moved=True)) == (
        "│epoch 7  loss 0.2500  val loss –  accuracy 50.0%  val accuracy 60.0%"
    )
    assert text(epoch_line((Epoch(7, 0.25, 0.3),), 0, 100, moved=False)) == " epoch 7  loss 0.2500  val loss 0.3000"
    assert epoch_line((), -1, 80, moved=False) == ()


def test_an_epoch_that_only_the_log_told_says_so() -> None:
    read = (Epoch(7, 0.25, 0.3, 0.5, 0.5, seen_at=None),)
    assert text(epoch_line(read, 0, 80, moved=False)).startswith(
        " epoch 7 (log)  loss 0.2500  val loss 0.3000  accuracy"
    )
    assert text(epoch_line(read, 0, 70, moved=False)).endswith("val loss 0.3000  acc 50.0%  val acc 50.0%")
    losses, _ = trial_charts(Curve((epoch(3, 1.0),), logged=(LogPart((logged(1), logged(2), logged(3))),)), 50)
    assert losses.note == "epoch 3, 2 from the log"
    assert trial_charts(Curve(logged=(LogPart((logged(1), logged(2))),)), 50)[0].note == "epoch 2, all from the log"


TUNED = Curve((*(Epoch(n, 1 / n, 1 / n) for n in (1, 2, 4)), *(Epoch(n, 0.1 / n, 0.1 / n) for n in (1, 2))))


def test_phases_are_drawn_one_after_another() -> None:
    losses, _ = trial_charts(TUNED, 5)
    assert losses.series[0].segments == (((1, 1.0), (2, 0.5)), ((4, 0.25),), ((5, 0.1), (6, 0.05)))
    assert [(rule.x, rule.label) for rule in losses.rules] == [(4.5, "phase 2")]
    assert (losses.x.high, losses.note) == (6, "phase 2 epoch 2, 1 not seen")
    assert losses.points[0].x == 6
    assert text(best_line(TUNED.epochs, 100)) == "★ lowest val loss 0.0500 at phase 2 epoch 2 of those seen"
    assert text(epoch_line(TUNED.epochs, 2, 100, moved=True)).startswith("│phase 1 epoch 4  loss")


# Several charts together


def both() -> list[tuple[Chart, str]]:
    curve = Curve(tuple(Epoch(n, 2 / n, 2.5 / n, 1 - 0.5 / n, 1 - 0.7 / n) for n in range(1, 20)))
    return [(chart, "") for chart in trial_charts(curve, 50)]


@pytest.mark.parametrize(("width", "height", "titles"), [(120, 30, 2), (120, 12, 1), (60, 14, 2), (60, 9, 1)])
def test_titles_never_vanish(width: int, height: int, titles: int) -> None:
    lines = [text(line) for line in draw_curves(both(), width, height)]
    assert len(lines) == height
    assert sum(line.startswith(("loss", "accuracy")) for line in lines) == titles
    assert "accuracy" in "".join(lines)
    assert "loss" in "".join(lines)


def test_a_chart_without_anything_says_why_below_its_title() -> None:
    (losses, _), (accuracies, _) = both()
    lines = [text(line) for line in draw_curves([(losses, ""), (accuracies, "It has none.")], 60, 14)]
    assert lines[-2:] == ["accuracy", " It has none."]


@given(
    st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True), max_size=30),
    st.booleans(),
    st.sampled_from(SMOOTHINGS),
    st.integers(1, 110),
    st.integers(1, 30),
)
def test_any_curve_can_be_drawn(
    values: list[float | None], log: bool, smoothing: tuple[str, float], width: int, height: int
) -> None:
    curve = Curve(tuple(Epoch(n, value, value, value, value) for n, value in enumerate(values, 1)))
    charts = trial_charts(curve, None, CurveLook(log, smoothing))  # type: ignore[arg-type]
    lines = draw_curves([(chart, "") for chart in charts], width, height, cursor=3.0)
    assert len(lines) == height
    assert all(width_of(line) <= width for line in lines)
