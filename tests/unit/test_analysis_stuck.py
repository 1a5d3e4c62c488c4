"""A run that does not move, and what it waits for or ended by, as far as the service tells."""

from dataclasses import replace
from typing import Any

import pytest
from build import TARGET, completed, moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.eta import eta
from eitui.analysis.standing import run_state, waiting_for, why_ended
from eitui.analysis.update_history import Stuck, stuck
from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.domain.run import Config, Run, RunRecord, Worker, WorkerCounts
from eitui.domain.trial import Block, Trial
from eitui.feed.events import PollSucceeded
from eitui.feed.track import fold
from eitui.view.run.header import header
from eitui.view.run.plain import status_as_json, status_summary

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
