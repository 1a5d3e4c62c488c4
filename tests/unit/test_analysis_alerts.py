"""What deserves attention, and what does not."""

from dataclasses import replace
from typing import Any

import pytest
from build import completed, failed, pending, run, running

from eitui.analysis.alerts import run_alerts
from eitui.analysis.ranking import best
from eitui.analysis.update_history import update_history
from eitui.domain.moment import EMPTY_HISTORY, Alert, AlertKind
from eitui.domain.run import EMPTY_RUN, Run, Worker
from eitui.domain.trial import Block, block_name


def alerts(*runs: Run, every: float = 5.0) -> Any:
    """The alerts of the last step."""
    history, before = EMPTY_HISTORY, EMPTY_RUN
    result: tuple[Alert, ...] = ()
    for step, after in enumerate(runs):
        now, was, stands = 1000.0 + step * every, best(before), best(after)
        grown = update_history(history, before, after, now, 120.0, score=stands.score, fit_score=stands.fit_score)
        result = run_alerts(before, after, history, grown, now, was=was, stands=stands)
        history, before = grown, after
    return result


def kinds(*runs: Run, **options: float) -> Any:
    return [alert.kind for alert in alerts(*runs, **options)]


def test_nothing_is_said_of_what_was_so_when_watching_began() -> None:
    assert kinds(run(failed("1"), completed("2"), status="completed")) == []


def test_a_failure_is_said_once_with_the_block_and_the_retries() -> None:
    broken = replace(failed("1"), retries=2, blocks=(Block(1, "dsp", "completed"), Block(2, "learn", "failed")))
    first, second = run(running("1")), run(broken)
    (alert,) = alerts(first, second)
    assert (alert.kind, alert.trial_id) == (AlertKind.FAILED, "1")
    assert alert.text == "mfe-conv1d-1: learn block, 2 retries"
    assert kinds(first, second, second) == []


@pytest.mark.parametrize(
    ("kind", "result"), [("dsp", "DSP block"), ("input", "input block"), ("organization", "organization block")]
)
def test_blocks_are_called_as_everywhere_else(kind: str, result: str) -> None:
    broken = replace(failed("1"), blocks=(Block(1, kind, "failed"),))
    (alert,) = alerts(run(running("1")), run(broken))
    assert alert.text == f"mfe-conv1d-1: {result}"
    assert block_name(kind) == result


def test_a_new_best_names_the_limits_that_it_breaks() -> None:
    over = completed("2", 0.95, latency_ms=334, ram_bytes=10**6)
    (alert,) = alerts(run(completed("1", 0.90)), run(completed("1", 0.90), over))
    assert (alert.kind, alert.text) == (
        AlertKind.NEW_BEST,
        "mfe-conv1d-2: val acc 95.0%; over the limit of latency and RAM",
    )


def test_the_best_that_fits_is_an_alert_of_its_own_where_a_better_one_does_not() -> None:
    over, weak, good = completed("1", 0.95, latency_ms=334), completed("2", 0.80), completed("3", 0.90)
    (alert,) = alerts(run(over), run(over, good))
    assert (alert.kind, alert.text, alert.trial_id) == (AlertKind.NEW_FIT, "mfe-conv1d-3: val acc 90.0%", "3")
    assert str(alert.kind) == "new best that fits"
    assert kinds(run(over, good), run(over, good, weak)) == []
    assert kinds(run(over, weak), run(over, weak, good)) == [AlertKind.NEW_FIT]
    assert kinds(run(weak), run(weak, good)) == [AlertKind.NEW_BEST]


def test_a_rival_that_trains_anew_makes_no_best_that_fits() -> None:
    over, good, weak = completed("1", 0.95, latency_ms=334), completed("2", 0.90), completed("3", 0.80)
    first = run(over, good, weak)
    assert kinds(first, run(over, running("2"), weak)) == []
    assert kinds(first, run(over, running("2"), weak), first) == []


def test_a_better_trial_is_the_new_best() -> None:
    before = run(completed("1", 0.90), running("2"))
    (alert,) = alerts(before, run(completed("1", 0.90), completed("2", 0.934)))
    assert (alert.kind, alert.trial_id, alert.text) == (AlertKind.NEW_BEST, "2", "mfe-conv1d-2: val acc 93.4%")
    assert kinds(before, run(completed("1", 0.90), completed("2", 0.85))) == []


def test_a_worse_trial_is_no_new_best_because_the_best_trains_anew() -> None:
    first = run(completed("1", 0.95), completed("2", 0.90), running("3"))
    again = run(running("1", 1), completed("2", 0.90), running("3"))
    third = run(running("1", 2), completed("2", 0.90), completed("3", 0.94))
    assert kinds(first, again) == []
    assert kinds(first, again, third) == []
    assert kinds(first, again, third, run(completed("1", 0.95), completed("2", 0.90), completed("3", 0.94))) == []
    (alert,) = alerts(first, again, third, run(completed("1", 0.96), completed("2", 0.90), completed("3", 0.94)))
    assert (alert.kind, alert.trial_id) == (AlertKind.NEW_BEST, "1")


def test_without_an_accuracy_the_best_is_by_loss() -> None:
    before = run(completed("1", None, 0.5), running("2"))
    (alert,) = alerts(before, run(completed("1", None, 0.5), completed("2", None, 0.25)))
    assert alert.text == "mfe-conv1d-2: val loss 0.25"


def test_a_stall_is_said_when_it_begins_and_not_again() -> None:
    steps = [run(running("1", epoch, "w1")) for epoch in (1, 2, 3)]
    silent = steps[-1]
    assert kinds(*steps, *[silent] * 24) == []
    (alert,) = alerts(*steps, *[silent] * 25)
    assert (alert.kind, alert.text) == (AlertKind.STALLED, "mfe-conv1d-1: nothing new for 2m on w1")
    assert kinds(*steps, *[silent] * 26) == []


def test_a_worker_that_leaves_its_trial_is_lost() -> None:
    busy = (Worker("w1", "busy"),)
    (alert,) = alerts(run(running("1", 1, "w1"), workers=busy), run(running("1", 1, "w1")))
    assert (alert.kind, alert.trial_id) == (AlertKind.WORKER_LOST, "1")
    (alert,) = alerts(run(running("1", 1, "w1"), workers=busy), run(pending("1")))
    assert alert.text == "w1 left mfe-conv1d-1 unfinished, now pending"


def test_a_pool_that_shrinks_between_trials_loses_nobody() -> None:
    idle, busy = (Worker("w1", "ready"),), (Worker("w1", "busy"),)
    assert kinds(run(pending("1"), workers=idle), run(pending("1"))) == []
    assert AlertKind.WORKER_LOST not in kinds(run(running("1", 1, "w1"), workers=busy), run(completed("1")))


def test_the_end_of_the_run_is_said_with_its_counts_and_its_error() -> None:
    before = run(completed("1"), running("2"))
    after = run(completed("1"), failed("2"), status="completed", job_error="Out of credits (synthetic)")
    last = alerts(before, after)[-1]
    assert (last.kind, last.text) == (
        AlertKind.RUN_FAILED,
        "1 completed, 1 failed; Out of credits (synthetic)",
    )
    assert kinds(before, after, after) == []
