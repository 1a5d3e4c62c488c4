"""Workers, alerts, and why a pane is empty."""

from dataclasses import replace
from typing import Any

from build import moment, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Assignment, Connection, History, Problem
from eitui.domain.run import EMPTY_RUN, Worker, WorkerCounts
from eitui.view.kit.lines import width_of
from eitui.view.run.panes import alerts, why_no_alerts, why_no_trials, why_no_workers, worker_title, workers

POOL = (Worker("worker-7f3a", "busy"), Worker("worker-11", "ready"), Worker("w", "draining"))
RUN = run(running("1", 3, "worker-7f3a"), pending("2"), workers=POOL)


def watched(**assignments: Assignment) -> Any:
    return replace(moment(RUN), history=History(0.0, assignments={job.worker_id: job for job in assignments.values()}))


def texts(lines: Any) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_each_worker_its_state_its_trial_and_since_when() -> None:
    lines = texts(
        workers(
            watched(
                a=Assignment("worker-7f3a", "busy", "1", 700.0, since_known=True),
                b=Assignment("worker-11", "ready", None, 700.0),
                c=Assignment("w", "draining", None, 990.0, since_known=True),
            ),
            1000.0,
            60,
        )
    )
    assert lines[0].split() == ["●", "worker-7f3a", "busy", "mfe-conv1d-1", "5m"]
    assert lines[1].split() == ["○", "worker-11", "ready", "≥", "5m"]
    assert lines[2].split() == ["w", "draining", "<1m"]
    assert len({line.index(word) for line, word in zip(lines, ("busy", "ready", "draining"), strict=True)}) == 1


def test_a_silent_trial_shows_on_its_worker() -> None:
    of = watched(a=Assignment("worker-7f3a", "busy", "1", 700.0, since_known=True))
    of = replace(of, history=replace(of.history, stalled=frozenset({"1"})))
    assert texts(workers(of, 1000.0, 60))[0].split()[:3] == ["!", "worker-7f3a", "stalled"]


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=20)), max_size=5), st.integers(46, 200))
def test_no_worker_is_wider_than_the_pane(pool: Any, width: int) -> None:
    of = moment(run(workers=tuple(Worker(name, status[:12]) for name, status in pool)))
    assert all(width_of(line) <= width for line in workers(of, 1000.0, width))


def test_the_services_own_count() -> None:
    assert worker_title(moment(replace(RUN, worker_counts=WorkerCounts(1, 2, 3)))) == "3 busy, 2 ready, 1 pending"
    assert worker_title(EMPTY_MOMENT) == ""


def test_the_newest_alert_comes_first() -> None:
    of = replace(
        moment(RUN), alerts=(Alert(AlertKind.FAILED, 60.0, "one"), Alert(AlertKind.NEW_BEST, 120.0, "two", "1"))
    )
    first, second = texts(alerts(of, 130.0))
    assert first.endswith("★ new best        two")
    assert second.endswith("✗ failed          one")


def test_every_empty_pane_says_why() -> None:
    live = moment(run())
    assert "Asking studio for" in why_no_trials(EMPTY_MOMENT, "studio", 0.0)
    assert "no answer" in why_no_trials(replace(EMPTY_MOMENT, connection=Connection(None, Problem("x"))), "studio", 0.0)
    assert "Start one in the Studio" in why_no_trials(replace(live, run=EMPTY_RUN), "studio", 1000.0)
    assert "waiting for a worker to start" in why_no_trials(live, "studio", 1000.0)
    assert why_no_trials(moment(run(status="completed")), "studio", 1000.0) == (
        "The run ended without a trial, usually because no model comes close to the target latency of 100 ms. "
        "O opens the tuner's log."
    )
    assert why_no_trials(moment(RUN), "studio", 1000.0) == ""
    assert "no workers" in why_no_workers(moment(run(status="completed")))
    assert "appear when a run starts" in why_no_workers(replace(live, run=EMPTY_RUN))
    assert why_no_workers(moment(RUN)) == ""
    assert "No alerts yet" in why_no_alerts(live)
