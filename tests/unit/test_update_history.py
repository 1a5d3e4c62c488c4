"""What is gathered by watching: epochs, spans, assignments, stalls."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.ranking import best
from eitui.analysis.update_history import STALL_BEFORE_FIRST_EPOCH, epoch_seconds, extend, update_history
from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, phases_of, steps_of
from eitui.domain.moment import EMPTY_HISTORY
from eitui.domain.run import EMPTY_RUN, Run, Worker


def watch(*runs: Run, every: float = 5.0, start: float = 1000.0, stall_after: float = 120.0) -> Any:
    history, before = EMPTY_HISTORY, EMPTY_RUN
    for step, after in enumerate(runs):
        history = update_history(history, before, after, start + step * every, stall_after, score=best(after).score)
        before = after
    return history


def test_each_epoch_that_is_seen_is_kept_with_when_it_was_seen() -> None:
    history = watch(run(running("1", 1, loss=2.0)), run(running("1", 2, loss=1.0)))
    assert history.curves["1"].epochs == (Epoch(1, loss=2.0, seen_at=1000.0), Epoch(2, loss=1.0, seen_at=1005.0))


def test_epochs_between_two_polls_stay_missing() -> None:
    history = watch(run(running("1", 3)), run(running("1", 7)))
    assert [epoch.epoch for epoch in history.curves["1"].epochs] == [3, 7]


def attempts(*seen: tuple[int, int]) -> list[list[int]]:
    """Epochs by attempt, oldest first; `seen` are the retries and the epoch of each poll."""
    curve = EMPTY_CURVE
    for now, (retries, epoch) in enumerate(seen):
        curve = extend(curve, replace(running("1", epoch), retries=retries), float(now))
    return [[epoch.epoch for epoch in attempt] for attempt in (*curve.earlier, curve.epochs)]


def test_an_old_answer_begins_no_attempt() -> None:
    assert attempts((0, 8), (0, 9), (0, 10), (0, 9), (0, 11)) == [[8, 9, 10, 11]]


def test_a_retry_begins_an_attempt_whatever_its_epoch() -> None:
    assert attempts((0, 3), (0, 4), (1, 3), (1, 4)) == [[3, 4], [3, 4]]
    assert attempts((0, 3), (1, 5)) == [[3], [5]]


def test_a_retry_that_still_shows_the_old_epoch_has_not_begun() -> None:
    assert attempts((0, 8), (0, 9), (1, 9), (1, 1), (1, 2)) == [[8, 9], [1, 2]]


def test_a_trial_that_waits_again_has_not_ended() -> None:
    history = watch(run(running("1")), run(completed("1")), run(pending("1")))
    assert history.spans["1"].ended is None


def told(*polls: tuple[int, float | None, float]) -> Curve:
    """The curve after polls, each an epoch, when it was completed by the service's clock, and its loss."""
    curve = EMPTY_CURVE
    for now, (epoch, ended, loss) in enumerate(polls):
        trial = replace(running("1", epoch, loss=loss), last_completed_epoch=ended)
        curve = extend(curve, trial, float(now))
    return curve


def numbers(curve: Curve) -> list[int]:
    return [epoch.epoch for epoch in curve.epochs]


def test_a_lower_epoch_that_was_completed_later_begins_a_phase() -> None:
    curve = told((9, 90.0, 0.4), (10, 100.0, 0.39), (5, 150.0, 0.2), (10, 200.0, 0.1))
    assert numbers(curve) == [9, 10, 5, 10]
    assert curve.earlier == ()
    assert [len(phase) for phase in phases_of(curve.epochs)] == [2, 2]
    assert steps_of(curve.epochs) == [9, 10, 15, 20]


def test_an_epoch_with_the_same_number_that_was_completed_later_begins_a_phase() -> None:
    assert numbers(told((10, 100.0, 0.39), (10, 200.0, 0.1))) == [10, 10]


def test_an_old_answer_fills_in_what_was_not_seen_and_changes_nothing_else() -> None:
    assert numbers(told((8, 80.0, 0.5), (10, 100.0, 0.4), (9, 90.0, 0.45), (11, 110.0, 0.3))) == [8, 9, 10, 11]
    assert numbers(told((20, 200.0, 0.4), (2, 220.0, 0.2), (20, 200.0, 0.4), (3, 230.0, 0.1))) == [20, 2, 3]


def test_a_lower_epoch_without_a_time_begins_a_phase_when_it_persists() -> None:
    assert numbers(told((10, None, 0.4), (1, None, 0.3))) == [10]
    assert numbers(told((10, None, 0.4), (1, None, 0.3), (1, None, 0.3))) == [10, 1]
    assert numbers(told((10, None, 0.4), (1, None, 0.3), (2, None, 0.2))) == [10, 1, 2]
    assert numbers(told((8, None, 0.6), (10, None, 0.4), (9, None, 0.5), (11, None, 0.3))) == [8, 9, 10, 11]


def test_a_poll_that_says_the_same_again_begins_the_phase() -> None:
    lower = run(running("1", 1))
    history = watch(run(running("1", 8, loss=1.0)), lower, lower)
    assert numbers(history.curves["1"]) == [8, 1]


def test_an_epoch_that_is_told_again_gets_the_figures_that_it_lacked() -> None:
    history = watch(run(running("1", 4, loss=2.0)), run(running("1", 4, loss=2.0, val_loss=1.5)))
    assert history.curves["1"].epochs == (Epoch(4, loss=2.0, val_loss=1.5, seen_at=1000.0),)
    assert [one.loss for one in told((4, 40.0, 2.0), (4, 40.0, 1.5)).epochs] == [1.5]


def test_without_times_an_epoch_with_other_figures_is_of_another_phase_and_overwrites_nothing() -> None:
    def losses(*polls: tuple[int, float]) -> list[list[float | None]]:
        curve = told(*((epoch, None, loss) for epoch, loss in polls))
        return [[epoch.loss for epoch in phase] for phase in phases_of(curve.epochs)]

    assert losses((4, 0.8), (5, 0.7), (5, 0.3), (6, 0.2)) == [[0.8, 0.7], [0.3, 0.2]]
    assert losses((4, 0.8), (5, 0.7), (3, 0.4), (5, 0.3), (6, 0.2)) == [[0.8, 0.7], [0.4, 0.3, 0.2]]
    # What an earlier phase has is an old answer.
    assert losses((4, 0.8), (5, 0.7), (4, 0.3), (5, 0.2), (4, 0.8), (5, 0.7), (6, 0.1)) == [[0.8, 0.7], [0.3, 0.2, 0.1]]


def test_a_poll_that_changed_nothing_keeps_the_very_same_history() -> None:
    same = run(running("1", 4))
    history = watch(same, same, same)
    again = update_history(history, same, same, 2000.0, 5000.0, score=best(same).score)
    assert again.curves is history.curves
    assert again.spans is history.spans


@given(st.lists(st.integers(1, 60), max_size=80))
def test_nothing_but_what_polls_told_is_kept(epochs: list[int]) -> None:
    curve = EMPTY_CURVE
    for position, epoch in enumerate(epochs):
        curve = extend(curve, running("1", epoch), float(position))
    for phase in phases_of(curve.epochs):
        assert numbers(Curve(phase)) == sorted(set(numbers(Curve(phase))))
    assert set(numbers(curve)) <= set(epochs)
    assert max(numbers(curve), default=None) == max(epochs, default=None)


def test_a_trial_already_running_at_the_first_answer_has_no_known_start() -> None:
    history = watch(run(running("1"), pending("2")), run(running("1"), running("2")))
    assert history.spans["1"].started is None
    assert history.spans["2"].started == 1005.0


def test_a_trial_that_appears_running_began_when_it_was_first_seen() -> None:
    history = watch(run(running("1")), run(running("1"), running("2")))
    assert history.spans["2"].started == 1005.0


@pytest.mark.parametrize("end", [completed, failed])
def test_the_end_of_a_trial_is_when_it_was_first_seen_over(end: Any) -> None:
    history = watch(run(pending("1")), run(running("1")), run(end("1")), run(end("1")))
    assert (history.spans["1"].started, history.spans["1"].ended) == (1005.0, 1010.0)


def test_a_trial_over_before_watching_began_has_no_known_end() -> None:
    assert watch(run(completed("1")), run(completed("1"))).spans["1"].ended is None


def test_a_worker_is_on_its_trial_since_it_took_it() -> None:
    idle, busy = (Worker("w1", "ready"),), (Worker("w1", "busy"),)
    history = watch(
        run(pending("1"), workers=idle),
        run(running("1", worker="w1"), workers=busy),
        run(running("1", 1, "w1"), workers=busy),
    )
    assignment = history.assignments["w1"]
    assert (assignment.trial_id, assignment.since, assignment.since_known) == ("1", 1005.0, True)


def test_what_a_worker_did_when_watching_began_is_so_since_an_unknown_time() -> None:
    busy = (Worker("w1", "busy"),)
    assert not watch(run(running("1", worker="w1"), workers=busy)).assignments["w1"].since_known


def epochs_at(*seen: float) -> Curve:
    return Curve(tuple(Epoch(number, seen_at=at) for number, at in enumerate(seen, 1)))


def test_the_pace_is_the_median_time_between_epochs() -> None:
    assert epoch_seconds(epochs_at(0, 10, 20, 90)) == 10
    assert epoch_seconds(epochs_at(5)) is None
    first, tuning = epochs_at(0, 10, 20).polled, tuple(Epoch(number, seen_at=20 + 300.0 * number) for number in (1, 2))
    assert (epoch_seconds(Curve(first + tuning[:1])), epoch_seconds(Curve(first + tuning))) == (None, 300)


def stalled_after(silence: float, *runs: Run) -> frozenset[str]:
    history = watch(*runs)
    last = runs[-1]
    return update_history(history, last, last, 1000.0 + 5 * (len(runs) - 1) + silence, 120.0, score=None).stalled


def test_a_silent_trial_is_stalled_after_the_patience_and_not_before() -> None:
    steps = [run(running("1", epoch)) for epoch in (1, 2, 3)]
    assert stalled_after(119, *steps) == frozenset()
    assert stalled_after(121, *steps) == {"1"}


def test_slow_epochs_earn_more_patience() -> None:
    slow = [run(running("1", 1))] * 12 + [run(running("1", 2))]
    assert stalled_after(599, *slow) == frozenset()
    assert stalled_after(601, *slow) == {"1"}


def test_feature_generation_may_be_silent_for_half_an_hour() -> None:
    assert stalled_after(STALL_BEFORE_FIRST_EPOCH - 1, run(running("1"))) == frozenset()
    assert stalled_after(STALL_BEFORE_FIRST_EPOCH + 1, run(running("1"))) == {"1"}


def test_a_trial_that_is_over_is_never_stalled() -> None:
    assert stalled_after(1e6, run(completed("1"), failed("2"), pending("3"))) == frozenset()
