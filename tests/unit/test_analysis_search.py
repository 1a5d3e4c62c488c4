"""Progress of the search: order, steps, rounds and limits, by values worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.eta import Limit, LimitKind, eta
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import Finished, best, finishing_order
from eitui.analysis.search import RoundMark, search
from eitui.domain.moment import EMPTY_MOMENT, History, Moment, TrialSpan
from eitui.domain.run import Objective, Run
from eitui.domain.trial import FLOAT32, VALIDATION, Evaluation, Trial

NOW = 5000.0
TRIALS, EARLY, TIME = LimitKind.TRIALS, LimitKind.EARLY_STOPPING, LimitKind.TRAINING_TIME


def done(trial_id: str, accuracy: float | None, of_round: int | None = None, at: float | None = None) -> Trial:
    return replace(completed(trial_id, accuracy), round=of_round, last_completed_training=at)


def configured(base: Run, **config: Any) -> Run:
    return replace(base, config=replace(base.config, **config))


def order(*trials: Trial, ended: dict[str, float] | None = None) -> str:
    spans = {trial_id: TrialSpan(ended=end) for trial_id, end in (ended or {}).items()}
    return "".join(trial.id for trial in finishing_order(trials, spans))


def test_trials_finish_in_the_order_the_service_says() -> None:
    assert order(done("a", 0.5, at=30), done("b", 0.5, at=10), done("c", 0.5, at=20)) == "bca"


def test_else_in_the_order_they_were_seen_to_end() -> None:
    assert order(done("a", 0.5), done("b", 0.5), done("c", 0.5, at=15), ended={"a": 20, "b": 10, "c": 99}) == "bca"


def test_else_as_they_are_listed() -> None:
    assert order(done("a", 0.5), done("b", 0.5), done("c", 0.5)) == "abc"
    # After the one before them, wherever that went.
    assert order(done("a", 0.5), done("b", 0.5, at=30), done("c", 0.5), done("d", 0.5, at=10)) == "adbc"
    assert order(done("a", 0.5, at=float("nan")), done("b", 0.5, at=10), done("c", 0.5, at=10)) == "abc"


def test_the_best_so_far_rises_in_steps() -> None:
    found = search(
        moment(run(done("a", 0.7), done("b", 0.6), failed("x"), done("c", None), done("d", 0.8), done("e", 0.8))), NOW
    )
    assert found.metric == "val_accuracy"
    assert found.finished == (
        Finished(1, "a", None, 0.7, 0.7, improved=True),
        Finished(2, "b", None, 0.6, 0.7, improved=False),
        Finished(3, "c", None, None, 0.7, improved=False),
        Finished(4, "d", None, 0.8, 0.8, improved=True),
        Finished(5, "e", None, 0.8, 0.8, improved=False),
    )
    assert [step.trial_id for step in found.steps] == ["a", "d"]
    assert found.best == found.finished[3]
    assert found.unimproved == 1


def test_a_loss_improves_downwards() -> None:
    losses = [completed("a", None, 0.4), completed("b", None, 0.5), completed("c", None, 0.3)]
    found = search(moment(run(*losses)), NOW)
    assert found.metric == "val_loss"
    assert [(step.number, step.value) for step in found.steps] == [(1, 0.4), (3, 0.3)]


def test_trials_without_any_figure_are_no_improvement() -> None:
    found = search(moment(run(completed("a", None, None), completed("b", None, None))), NOW)
    assert (found.steps, found.best, found.unimproved) == ((), None, 2)


def test_trials_under_way_are_not_counted() -> None:
    found = search(moment(run(running("a", 5, val_accuracy=0.99), pending("b"), failed("c"))), NOW)
    assert (found.finished, found.rounds, found.unimproved) == ((), (), 0)


def test_a_round_begins_where_its_first_trial_finished() -> None:
    found = search(
        moment(run(done("a", 0.5, 0), done("b", 0.5, 0), done("c", 0.5, 1), done("d", 0.5, 0), done("e", 0.5, 3))), NOW
    )
    assert found.rounds == (RoundMark(0, 0), RoundMark(1, 2), RoundMark(3, 4))
    assert search(moment(run(done("a", 0.5), done("b", 0.5, 1))), NOW).rounds == (RoundMark(1, 1),)


def test_window_and_objectives_are_told_as_configured() -> None:
    objectives = (Objective("accuracy", "Accuracy", 1.0), Objective("latency", "Latency", 0.3))
    found = search(moment(configured(run(), early_stopping_window=10, objectives=objectives)), NOW)
    assert (found.window, found.objectives) == (10, objectives)
    assert search(moment(run()), NOW).window is None


def limits(of: Moment, now: float = NOW) -> dict[LimitKind, Limit]:
    return {limit.kind: limit for limit in search(of, now).limits}


FOUR = run(done("a", 0.9), done("b", 0.7), done("c", 0.6), failed("d"), running("e", 5))
"""Four are over, three of them completed; two since the best. Begun at 1000, that is 4000 s ago."""


def test_limits_at_the_pace_so_far() -> None:
    at = moment(configured(FOUR, max_trials=10, early_stopping_window=5, max_total_training_s=7000.0), created=1000.0)
    found = search(at, NOW)
    # Six trials at 1000 s; three completed ones at 4000 / 3 s; 7000 s - 4000 s.
    assert limits(at) == {
        TRIALS: Limit(TRIALS, 6, 6000.0, 6),
        EARLY: Limit(EARLY, 3, 4000.0, 4),
        TIME: Limit(TIME, seconds=3000.0),
    }
    assert [limit.kind for limit in found.limits] == [TIME, EARLY, TRIALS]
    assert found.first == Limit(TIME, seconds=3000.0)


@pytest.mark.parametrize(
    ("config", "first"),
    [
        ({"max_trials": 6, "early_stopping_window": 5}, TRIALS),
        # Three more to complete are four to finish.
        ({"max_trials": 9, "early_stopping_window": 5}, EARLY),
        ({"max_trials": 7, "early_stopping_window": 5}, TRIALS),
        ({"initial_trials": 3, "rounds": 1, "trials_per_round": 3, "early_stopping_window": 5}, TRIALS),
        ({"early_stopping_window": 5}, EARLY),
        ({"max_trials": 7}, TRIALS),
    ],
)
@pytest.mark.parametrize("created", [None, 1000.0])
def test_the_first_limit_is_told_with_and_without_a_clock(
    config: dict[str, int], first: Any, created: float | None
) -> None:
    assert search(moment(configured(FOUR, **config), created=created), NOW).first.kind is first


def test_what_cannot_be_compared_is_not() -> None:
    config = {"max_trials": 10, "early_stopping_window": 5, "max_total_training_s": 7000.0}
    unknown = search(moment(configured(FOUR, **config)), NOW)
    assert unknown.limits == (Limit(EARLY, 3, ends=4), Limit(TRIALS, 6, ends=6), Limit(TIME))
    assert unknown.first is None
    fresh = search(moment(configured(run(running("a", 5)), **config), created=1000.0), NOW)
    assert fresh.limits == (Limit(EARLY, 5, ends=5), Limit(TRIALS, 10, ends=10), Limit(TIME, seconds=3000.0))
    assert fresh.first is None


def test_without_limits_nothing_is_known_to_end_the_run() -> None:
    for config in ({}, {"initial_trials": 5}):
        found = search(moment(configured(FOUR, **config), created=1000.0), NOW)
        assert (found.limits, found.first) == ((), None)
    assert search(EMPTY_MOMENT, NOW).first is None


def test_a_limit_that_is_reached_comes_first_whatever_is_known() -> None:
    found = search(moment(configured(FOUR, max_trials=10, early_stopping_window=2, max_total_training_s=7000.0)), NOW)
    assert found.first == Limit(EARLY, 0, 0.0, 0)
    assert found.first.reached


def test_a_run_that_outlives_its_training_time_counts_something_else() -> None:
    assert limits(moment(configured(FOUR, max_total_training_s=3000.0), created=1000.0)) == {}
    exceeded = replace(configured(FOUR, max_total_training_s=3000.0), total_training_time_exceeded=True)
    assert search(moment(exceeded), NOW).first == Limit(TIME, seconds=0.0)


def test_a_run_that_goes_on_past_its_window_counts_by_something_else() -> None:
    # Two since the best: a window of two is full, and of one the run did not end.
    full, past = (moment(configured(FOUR, max_trials=10, early_stopping_window=window)) for window in (2, 1))
    assert (search(full, NOW).outlived, search(past, NOW).outlived) == (False, True)
    assert [limit.kind for limit in search(past, NOW).limits] == [TRIALS]


def test_trials_under_way_complete_when_a_search_has_stopped() -> None:
    # Seven since the best: two of them may have been under way on the two workers when five had filled the window.
    trials = [done("a", 0.9), *(done(str(number), 0.5) for number in range(7))]
    over = configured(run(*trials, status="completed"), early_stopping_window=5, max_workers=2)
    assert search(moment(over), NOW).limits == (Limit(EARLY, 0, 0.0, 0),)
    assert search(moment(configured(over, early_stopping_window=4)), NOW).limits == ()


def test_the_time_left_and_the_limits_go_by_one_pace() -> None:
    # Watched, three took 100, 100 and 400 s: the median is 100 s, whatever the age of the run. Six are left on one
    # worker, of which four have to end for three to complete.
    spans = {"a": TrialSpan(0, 100), "b": TrialSpan(0, 100), "c": TrialSpan(0, 400)}
    at = moment(configured(FOUR, max_trials=10, early_stopping_window=5), created=1000.0)
    found = search(replace(at, history=History(spans=spans)), NOW)
    assert found.limits == (Limit(EARLY, 3, 400.0, 4), Limit(TRIALS, 6, 600.0, 6))
    assert found.eta.low <= 400.0 <= found.eta.high
    assert found.eta == eta(replace(at, history=History(spans=spans)), NOW)


def test_of_a_run_that_is_over_only_what_was_reached_is_told() -> None:
    config = {"max_trials": 10, "early_stopping_window": 2, "max_total_training_s": 90000.0}
    over = replace(configured(FOUR, **config), status="completed", job_running=False)
    assert search(moment(over, created=1000.0), NOW).limits == (Limit(EARLY, 0, 0.0, 0),)
    unexplained = configured(over, early_stopping_window=9)
    assert search(moment(unexplained, created=1000.0), NOW).first is None


def test_the_steps_follow_the_lens_and_the_limits_do_not() -> None:
    def both(trial_id: str, int8: float, float32: float) -> Trial:
        evaluations = {(VALIDATION, "int8"): Evaluation(0.3, int8), (VALIDATION, FLOAT32): Evaluation(0.3, float32)}
        return replace(completed(trial_id), evaluations=evaluations)

    at = moment(configured(run(both("a", 0.9, 0.5), both("b", 0.8, 0.6), both("c", 0.7, 0.7)), early_stopping_window=5))
    usual, other = search(at, NOW), search(at, NOW, Lens(VALIDATION, FLOAT32))
    assert search(at, NOW, Lens()) == usual
    assert (usual.unimproved, other.unimproved) == (2, 0)
    assert [step.trial_id for step in other.steps] == ["a", "b", "c"]
    assert usual.limits == other.limits == (Limit(EARLY, 3, ends=3),)
    assert (usual.own_unimproved, other.own_unimproved, other.own.lens) == (2, 2, Lens())


figures = st.none() | st.floats(0, 1)
times = st.none() | st.integers(0, 5).map(float)


@given(st.lists(st.tuples(figures, times, times, st.none() | st.integers(0, 4))))
def test_steps_only_rise_and_end_at_the_best(rows: Any) -> None:
    trials = [done(str(i), figure, number, result) for i, (figure, result, _, number) in enumerate(rows)]
    spans = {str(i): TrialSpan(ended=seen) for i, (_, _, seen, _) in enumerate(rows)}
    base = run(*trials)
    found = search(replace(moment(base), history=History(spans=spans)), NOW)
    assert sorted(int(trial.trial_id) for trial in found.finished) == list(range(len(rows)))
    assert [trial.number for trial in found.finished] == list(range(1, len(rows) + 1))
    values = [step.value for step in found.steps]
    if found.metric == "val_accuracy":
        assert values == sorted(set(values))
    reached = best(base).trial
    if reached is not None and found.metric == "val_accuracy":
        assert found.best.value == max(figure for figure, *_ in rows if figure is not None)
    marks = [(mark.round, mark.at) for mark in found.rounds]
    assert marks == sorted(set(marks))
    assert found.unimproved == len(rows) - (found.best.number if found.best else 0)
