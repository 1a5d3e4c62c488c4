"""Freshness, elapsed and remaining time, a run that does not move, and why it ended, by values worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, failed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.clock import age_s, freshness
from eitui.analysis.eta import elapsed, eta, pace, planned_trials
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import best
from eitui.analysis.standing import run_state, waiting_for, why_ended
from eitui.analysis.update_history import Stuck, stuck
from eitui.domain.moment import EMPTY_MOMENT, Connection, Freshness, History, Instant, Moment, Problem, TrialSpan
from eitui.domain.run import Config, Counts, Run, RunRecord, Worker, WorkerCounts
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING, Block, Trial
from eitui.feed.events import PollSucceeded
from eitui.feed.track import fold
from eitui.view.run.header import header
from eitui.view.run.panes import why_no_trials, why_without_trials
from eitui.view.run.plain import status_as_json, status_summary, trials_told

AT = Instant(1000.0, 1000.0)


def test_the_best_trial_has_the_highest_accuracy() -> None:
    chosen = best(run(completed("1", 0.90), completed("2", 0.95), completed("3", 0.93)))
    assert chosen.trial.id == chosen.within_limits.id == "2"


def test_the_best_within_the_limits_may_be_another() -> None:
    chosen = best(run(completed("1", 0.90), completed("2", 0.95, latency_ms=101)))
    assert (chosen.trial.id, chosen.within_limits.id) == ("2", "1")


def test_equally_accurate_trials_are_ranked_by_cost_then_by_order() -> None:
    assert best(run(completed("1", latency_ms=60), completed("2", latency_ms=50))).trial.id == "2"
    assert best(run(completed("1", ram_bytes=9), completed("2", ram_bytes=8))).trial.id == "2"
    assert best(run(completed("1"), completed("2"))).trial.id == "1"


def test_a_trial_with_unknown_cost_may_be_best_and_is_not_known_to_fit() -> None:
    chosen = best(run(completed("1", 0.99, latency_ms=None, ram_bytes=None, rom_bytes=None), completed("2", 0.9)))
    assert (chosen.trial.id, chosen.within_limits.id) == ("1", "2")


def test_a_limit_that_no_trial_has_a_figure_for_is_not_judged_by() -> None:
    one, other = completed("1", 0.9, ram_bytes=None), completed("2", 0.8, ram_bytes=None)
    assert best(run(one, other)).within_limits.id == "1"
    nothing = completed("3", latency_ms=None, ram_bytes=None, rom_bytes=None)
    assert best(run(nothing)).within_limits is None
    assert best(run(nothing, config=Config())).within_limits.id == "3"


def test_without_any_accuracy_the_lowest_loss_is_best() -> None:
    assert best(run(completed("1", None, 0.4), completed("2", None, 0.2))).trial.id == "2"


def test_a_trial_under_way_is_never_best() -> None:
    chosen = best(run(running("1", 9, val_accuracy=1.0), pending("2")))
    assert chosen.trial is None
    assert chosen.within_limits is None


@pytest.mark.parametrize("nonsense", [1.797e306, -1e7, float("nan"), float("inf")])
def test_what_cannot_be_an_accuracy_is_none(nonsense: float) -> None:
    assert Lens().accuracy(completed("1", nonsense)) is None
    assert Lens().accuracy(running("1", 1, val_accuracy=nonsense)) is None
    assert best(run(completed("1", nonsense), completed("2", 0.5))).trial.id == "2"


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, Freshness.LIVE), (10, Freshness.LIVE), (10.1, Freshness.LATE), (60, Freshness.LATE), (60.1, Freshness.STALE)],
)
def test_freshness_follows_the_age_of_the_last_answer(age: float, expected: Any) -> None:
    connection = Connection(Instant(0, 100), interval=5.0)
    assert freshness(connection, 100 + age) is expected


def test_a_slow_poll_is_given_its_time() -> None:
    connection = Connection(Instant(0, 0), interval=60.0)
    assert freshness(connection, 120) is Freshness.LIVE
    assert freshness(connection, 121) is Freshness.LATE
    assert freshness(connection, 361) is Freshness.STALE


def test_a_problem_shows_at_once_and_a_final_one_stops() -> None:
    good = Instant(0, 100)
    assert freshness(Connection(good, Problem("no route")), 101) is Freshness.LATE
    assert freshness(Connection(good, Problem("bad key", final=True)), 101) is Freshness.STOPPED
    assert freshness(Connection(), 5) is Freshness.CONNECTING
    assert age_s(Connection(), 5) is None


def test_planned_trials_is_the_lower_limit_but_never_below_what_there_is() -> None:
    rounds = Config(target=TARGET, initial_trials=5, rounds=3, trials_per_round=4)
    assert planned_trials(run(pending("1"), config=rounds)) == 17
    assert planned_trials(run(pending("1"), config=replace(rounds, max_trials=10))) == 10
    assert planned_trials(run(*map(pending, "123"), config=replace(rounds, max_trials=2))) == 3
    assert planned_trials(run(*map(pending, "12"), config=Config())) == 2


def watched(spans: dict[str, TrialSpan], of: Any, **more: Any) -> Any:
    return replace(moment(of, **more), history=History(began=0.0, spans=spans))


def test_the_estimate_is_the_work_left_shared_among_the_workers() -> None:
    # Finished in 100, 200 and 300 s: median 200, standard deviation 100. 4 are left, one of them begun 50 s ago: 800 s
    # of work less 50, more or less 100 x (4 / sqrt 3 + sqrt 4), shared between two.
    spans = {"1": TrialSpan(1, 101), "2": TrialSpan(1, 201), "3": TrialSpan(1, 301), "4": TrialSpan(950)}
    trials = run(completed("1"), completed("2"), completed("3"), running("4"), *map(pending, "567"))
    estimate = eta(watched(spans, replace(trials, worker_counts=WorkerCounts(busy=2))), 1000.0)
    assert estimate.low == pytest.approx((750 - 430.9401) / 2)
    assert estimate.high == pytest.approx((750 + 430.9401) / 2)
    assert estimate.reason == "4 trials to go, median 3m, 2 workers"
    assert estimate.detail == "4 trials left, 2 workers, median duration 3m"


def test_the_median_is_the_centre_not_the_mean() -> None:
    # 100, 100 and 400 s: median 100, mean 200. Two are left, one after the other.
    spans = {"1": TrialSpan(0, 100), "2": TrialSpan(0, 100), "3": TrialSpan(0, 400)}
    at = watched(spans, run(completed("1"), completed("2"), completed("3"), *map(pending, "45")))
    assert pace(at, 1000.0).seconds(2) == 200.0
    # Standard deviation 173.2051: 200 + 173.2051 x (2 / sqrt 3 + sqrt 2); below, there would be less than nothing.
    estimate = eta(at, 1000.0)
    assert estimate.low == 0.0
    assert estimate.high == pytest.approx(200 + 200 + 244.9490)


def test_failures_have_a_median_of_their_own() -> None:
    # Three of six completed, in 300 s each; three failed in 2, 4 and 60 s. Half of those to come will fail in 4 s.
    spans = {str(number): TrialSpan(0, took) for number, took in enumerate((300, 300, 300, 2, 4, 60))}
    of = run(*map(completed, "012"), *map(failed, "345"), pending("6"))
    at = watched(spans, of)
    assert pace(at, 1000.0).each == 152.0
    assert eta(at, 1000.0).detail == "1 trial left, 1 worker, median duration 5m (4s where it fails)"


EARLY = [completed("1", 0.9), *(completed(number, 0.5) for number in "234"), *map(pending, "567890")]
"""Three since the best, six to go; 1000 s old, that is 250 s for each."""


@pytest.mark.parametrize(
    ("window", "low", "reason", "detail"),
    [
        # Two more: 500 s, less a quarter.
        (
            5,
            375.0,
            "6 trials to go, or early stop after 2 without improvement",
            "; early stopping may come first, after 2 more without improvement",
        ),
        (3, 0.0, "6 trials to go, or early stop now", "; early stopping may come now: its window is full"),
        # The run goes on with more than the window: nothing is known of it.
        (2, 1125.0, "6 trials to go, one every 4m so far", "one every 4m so far"),
        # Beyond the plan.
        (9, 1125.0, "6 trials to go, one every 4m so far", "one every 4m so far"),
    ],
)
def test_early_stopping_may_come_first(window: int, low: float, reason: str, detail: str) -> None:
    of = run(*EARLY, config=Config(target=TARGET, early_stopping_window=window))
    estimate = eta(moment(of, created=0.0), 1000.0)
    assert (estimate.low, estimate.high, estimate.reason) == (low, 1875.0, reason)
    assert estimate.detail.startswith("6 trials left, 1 worker, one every 4m so far")
    assert estimate.detail.endswith(detail)


def test_a_trial_that_went_back_to_the_queue_has_nothing_done() -> None:
    spans = {
        "1": TrialSpan(1, 101),
        "2": TrialSpan(1, 101),
        "3": TrialSpan(1, 101),
        "4": TrialSpan(950),
        "gone": TrialSpan(950),
    }
    trials = run(completed("1"), completed("2"), completed("3"), pending("4"))
    assert eta(watched(spans, trials), 1000.0).high == 100.0


def test_failures_alone_tell_no_duration() -> None:
    spans = {"1": TrialSpan(1, 3), "2": TrialSpan(1, 4), "3": TrialSpan(1, 5)}
    trials = run(failed("1"), failed("2"), failed("3"), pending("4"))
    assert eta(watched(spans, trials), 1000.0).low is None


def test_trials_that_were_not_watched_are_estimated_from_the_age_of_the_run() -> None:
    estimate = eta(moment(run(completed("1"), completed("2"), pending("3")), created=0.0), 1000.0)
    assert (estimate.low, estimate.high) == (375.0, 625.0)
    assert estimate.reason == "1 trial to go, one every 8m so far"
    assert estimate.detail == "1 trial left, 1 worker, one every 8m so far"


def test_the_limit_on_training_time_may_come_first() -> None:
    limited = run(
        completed("1"), completed("2"), pending("3"), config=Config(target=TARGET, max_total_training_s=1400.0)
    )
    estimate = eta(moment(limited, created=0.0), 1000.0)
    assert (estimate.low, estimate.high) == (375.0, 400.0)
    assert estimate.reason == "1 trial to go, or training time is up"
    assert estimate.detail.endswith("one every 8m so far; the limit on total training time may come first")


def test_the_limit_on_training_time_may_surely_come_first() -> None:
    limited = run(
        completed("1"), completed("2"), pending("3"), config=Config(target=TARGET, max_total_training_s=1100.0)
    )
    estimate = eta(moment(limited, created=0.0), 1000.0)
    assert (estimate.low, estimate.high) == (100.0, 100.0)
    assert estimate.reason == "training time is up before 1 trial"
    assert estimate.detail.endswith("; the limit on total training time comes first")


def test_a_limit_that_did_not_end_the_run_is_no_end() -> None:
    limited = run(
        completed("1"), completed("2"), pending("3"), config=Config(target=TARGET, max_total_training_s=900.0)
    )
    estimate = eta(moment(limited, created=0.0), 1000.0)
    assert (estimate.low, estimate.high) == (375.0, 625.0)


def test_nothing_is_estimated_from_nothing() -> None:
    assert eta(moment(run(pending("1"))), 1000.0).low is None
    assert eta(moment(run(completed("1"), status="completed")), 1000.0).reason == "the run has ended"


def test_elapsed_runs_until_the_run_ends() -> None:
    assert elapsed(moment(run(running("1")), created=400.0), 1000.0) == 600.0
    assert elapsed(moment(run(running("1"))), 1000.0) is None
    over = run(replace(completed("1"), last_completed_training=900.0), status="completed")
    assert elapsed(moment(over, created=400.0), 5000.0) == 500.0


HOUR = 3600.0
OWN, SERVICE = 5_000_000.0, 1_000_000.0
"""What this machine's clock and the service's say at the first answer: they need not agree."""


def heard(trial: Trial, ago_s: float | None, **more: Any) -> Trial:
    """Return `trial` with its last epoch that long before the first answer."""
    return replace(trial, last_completed_epoch=None if ago_s is None else SERVICE - ago_s, **more)


def first_answer(of: Run, *, date: float | None = SERVICE, at: float = OWN) -> Moment:
    return fold(EMPTY_MOMENT, PollSucceeded(Instant(at, at), of, date=date)).moment


def lines(of: Moment, now: float = OWN) -> str:
    return "\n".join("".join(text for text, _ in line) for line in header(of, Instant(now, now), 120))


STUCK = run(completed("1"), *(heard(running(str(n), 5), 10 * HOUR) for n in (2, 3, 4)), pending("5"))


def test_a_run_that_was_stuck_before_anybody_looked_is_stalled_at_once() -> None:
    found = first_answer(STUCK)
    assert stuck(found) == Stuck(3, 3, OWN - 10 * HOUR - 0.5)
    assert run_state(found) == "stalled"
    assert eta(found, OWN).low is None
    told = lines(found)
    assert "! stalled" in told
    assert "3 running, 3 silent for 10h 00m · time left unknown" in told
    assert "Stalled    3 running, 3 silent for 10h 00m" in status_summary(found, Instant(OWN, OWN))
    json = status_as_json(found)
    assert (json["run"]["state"], json["run"]["status"]) == ("stalled", "running")
    assert json["stalled"] == {
        "running": 3,
        "silent": 3,
        "since": "1970-02-27T10:53:19Z",
        "seconds": 36_000,
        "trials": ["2", "3", "4"],
    }


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_only_the_services_clock_counts(error_s: float, ago_s: float) -> None:
    of = run(heard(running("1", 5), ago_s))
    found = first_answer(of, at=SERVICE + error_s)
    assert (stuck(found) is not None) == (ago_s + 0.5 > 1800)


def test_a_worker_that_was_active_is_not_silent() -> None:
    active = replace(heard(running("1", 5), 10 * HOUR), blocks=(Block(1, "dsp", "completed", 0, SERVICE - 60),))
    assert stuck(first_answer(run(active))) is None


def test_without_times_of_the_services_silence_is_what_was_watched() -> None:
    for of, date in ((STUCK, None), (run(heard(running("1", 5), None)), SERVICE)):
        assert stuck(first_answer(of, date=date)) is None


def test_what_changes_while_it_is_watched_is_news_whatever_its_times_say() -> None:
    before = first_answer(STUCK)
    trials = tuple(heard(running(trial.id, 6), 10 * HOUR) if trial.id in "234" else trial for trial in STUCK.trials)
    after = fold(
        before, PollSucceeded(Instant(OWN + 5, OWN + 5), replace(STUCK, trials=trials), date=SERVICE + 5)
    ).moment
    assert stuck(after) is None
    assert run_state(after) == "running"


def test_times_alone_are_as_old_as_the_service_says() -> None:
    before = first_answer(STUCK)
    trials = tuple(replace(one, last_completed_epoch=SERVICE - 10 * HOUR + 5) for one in STUCK.trials)
    after = fold(before, PollSucceeded(Instant(OWN + 5, OWN + 5), replace(STUCK, trials=trials), date=SERVICE + 5))
    assert run_state(after.moment) == "stalled"


def test_one_silent_trial_is_told_and_the_run_goes_on() -> None:
    some = run(heard(running("1", 5), 60), heard(running("2", 5), 2 * HOUR), completed("3"), pending("4"))
    found = first_answer(some)
    assert stuck(found) == Stuck(2, 1, OWN - 2 * HOUR - 0.5)
    assert run_state(found) == "running"
    assert "! 2 running, 1 silent for 2h 00m" in lines(found)


def test_a_run_in_which_nothing_runs_and_nothing_happens_does_not_move() -> None:
    found = first_answer(run(heard(completed("1"), 10 * HOUR)))
    still = fold(found, PollSucceeded(Instant(OWN + 5, OWN + 5), found.run, date=SERVICE + 5)).moment
    assert stuck(still) == Stuck(0, 0, OWN - 10 * HOUR - 0.5)
    assert "no trial is running, nothing new for 10h 00m" in lines(still)
    assert stuck(first_answer(run(heard(completed("1"), 10 * HOUR), status="completed"))) is None


# What a run waits for


@pytest.mark.parametrize(
    ("of", "result"),
    [
        (run(status="creating"), "waiting for the tuner's job to start: the service has made none yet"),
        (run(status="creating", tuner_job_id=78), "waiting for a worker to start"),
        (
            run(status="running", tuner_job_id=78, worker_counts=WorkerCounts(4, 0, 0)),
            "waiting for 4 workers to start",
        ),
        (run(workers=(Worker("a", "pending"), Worker("b", "pending"))), "waiting for 2 workers to start"),
        (run(workers=(Worker("a", "busy"),)), "waiting for its first trials"),
        (run(pending("1"), pending("2"), workers=(Worker("a", "busy"),)), "waiting for the first of 2 trials to start"),
        (run(running("1")), ""),
        (run(completed("1")), ""),
        (run(status="completed"), ""),
        (Run(), ""),
    ],
)
def test_a_run_that_has_not_begun_says_what_it_waits_for(of: Run, result: str) -> None:
    found = moment(of)
    assert waiting_for(found) == result
    assert (status_as_json(found)["waiting_for"] or "") == result
    if result:
        assert result in lines(found, 1000.0)
        assert "left" not in lines(found, 1000.0)


# Why a run ended


def over(*trials: Trial, job: str = "success", record: bool = True, **more: Any) -> Moment:
    config = Config("Run 1 (synthetic)", TARGET, max_trials=44, early_stopping_window=more.pop("window", None))
    of = run(*trials, status="completed", tuner_job_id=78, config=config, **more)
    return replace(moment(of), record=RunRecord(77, 1, "", 0.0, job) if record else None)


def test_a_run_without_a_trial_says_so_in_status_and_json() -> None:
    found = over(can_extend_search=True)
    assert why_ended(found) == ""
    shown = status_summary(found, Instant(1000.0, 1000.0), 300)
    assert status_as_json(found)["why_ended"] in shown
    assert "Best       none\n" in shown
    assert "extended" not in shown


def test_the_tuners_log_adds_to_why_a_run_has_no_trial() -> None:
    says = "ERR: Could not find a model close to the latency"
    for found in (over(), over(completed("1"))):
        told = status_as_json(found, tuner_says=says)["why_ended"]
        assert (says in told) == (says in status_summary(found, AT, 300, tuner_says=says)) == (not found.run.trials)


def test_a_count_that_the_service_does_not_give_is_unknown_and_never_0() -> None:
    uncounted = frozenset({PENDING, RUNNING, FAILED})
    config = Config("Run 1 (synthetic)", TARGET, max_trials=44)
    found = moment(run(config=config, counts=Counts(completed=3), uncounted=uncounted))
    assert status_as_json(found)["trials"] == {
        "total": None, "planned": 44, "pending": None, "running": None, "completed": 3, "failed": None, "other": None,
        "miscounted": None,
    }  # fmt: skip
    shown = "?/44: 3 completed, – running, – pending, – failed"
    assert shown in status_summary(found, AT, 300)
    assert "✓ 3 completed  ● – running  ○ – pending  ✗ – failed" in "".join(
        text for line in header(found, AT, 120) for text, _ in line
    )
    estimate = eta(found, 1000.0)
    assert (estimate.low, estimate.reason) == (None, "the service does not say how many trials are over")
    nothing = replace(
        found, run=replace(found.run, config=Config(), counts=Counts(), uncounted=uncounted | {COMPLETED})
    )
    assert (status_as_json(nothing)["trials"]["planned"], trials_told(nothing.run)) == (None, "unknown")
    ended = replace(nothing, run=replace(nothing.run, status="completed"))
    assert (why_without_trials(ended), waiting_for(nothing)) == ("", "")
    assert why_no_trials(ended, "studio", 1000.0) == "The service did not list the trials."


def test_a_run_that_ended_early_says_why_as_far_as_the_service_tells() -> None:
    trials = tuple(completed(str(n), 0.9 - n / 100) for n in range(16))
    unknown = over(*trials)
    assert why_ended(unknown).startswith("It ended after 16 of 44 trials. The service names no reason.")
    assert why_ended(unknown) in lines(unknown, 1000.0) + status_as_json(unknown)["why_ended"]
    assert why_ended(over(*trials, window=15)) == (
        "It ended after 16 of 44 trials, probably by early stopping: 15 completed without an improvement (window 15)."
    )
    assert "no reason" in why_ended(over(*trials, window=16))
    assert why_ended(over(*trials, total_training_time_exceeded=True)).endswith("the total training time was used up.")


def test_of_a_run_that_failed_or_came_to_its_plan_or_goes_on_there_is_nothing_to_explain() -> None:
    assert why_ended(over(job="failed")) == ""
    assert why_ended(over(job_error="out of compute")) == ""
    assert why_ended(over(*(completed(str(n)) for n in range(44)))) == ""
    assert why_ended(moment(run(completed("1")))) == ""
