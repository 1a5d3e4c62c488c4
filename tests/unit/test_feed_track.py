"""Folding what a source says into moments and alerts."""

from dataclasses import replace
from typing import Any, cast

import pytest
from build import completed, pending, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.clock import freshness
from eitui.domain.curve import Epoch, LogPart
from eitui.domain.moment import EMPTY_MOMENT, AlertKind, Freshness, Gap, Instant, Problem
from eitui.domain.run import RunRecord, Worker
from eitui.feed.events import EpochsRead, Event, Identified, PollFailed, PollSucceeded, Resumed, Source
from eitui.feed.live import CAP, delay, delay_after_refusal
from eitui.feed.track import KEPT_ALERTS, fold, take_in, track


def at(seconds: float) -> Instant:
    return Instant(1_000_000 + seconds, seconds)


def folded(*events: Event) -> Any:
    moment, alerts = EMPTY_MOMENT, []
    for event in events:
        step = fold(moment, event)
        moment = step.moment
        alerts += [alert.kind for alert in step.alerts]
    return moment, alerts


REFUSED = Problem("The connection was refused")


def test_an_outage_keeps_what_was_known_and_says_when_it_is_over() -> None:
    moment, alerts = folded(
        PollSucceeded(at(0), run(running("1", 1))), PollFailed(at(5), REFUSED, 10), PollFailed(at(10), REFUSED, 20)
    )
    assert moment.run.trial("1").epoch == 1
    assert (moment.connection.problem, moment.connection.retry_at) == (REFUSED, 20)
    assert moment.connection.last_good == at(0)
    assert alerts == [AlertKind.CONNECTION_LOST]
    back = fold(moment, PollSucceeded(at(20), moment.run))
    assert back.moment.connection.problem is None
    assert [alert.kind for alert in back.alerts] == [AlertKind.CONNECTION_BACK]


def test_a_first_answer_after_failures_is_no_return() -> None:
    _, alerts = folded(PollFailed(at(0), REFUSED, 5), PollSucceeded(at(5), run()))
    assert alerts == [AlertKind.CONNECTION_LOST]


def test_what_is_learnt_of_project_and_run_is_kept() -> None:
    record = RunRecord(77, 1, "Run 1 (synthetic)", 5.0, "running")
    moment, _ = folded(Identified(at(0), 12, "Doorbell (synthetic)"), Identified(at(1), 12, record=record))
    assert (moment.project_id, moment.project_name, moment.record) == (12, "Doorbell (synthetic)", record)


def test_epochs_of_a_log_fill_in_the_curve() -> None:
    part = LogPart((Epoch(1, 0.5, seen_at=None), Epoch(2, 0.4, seen_at=None)), to_end=True)
    log = EpochsRead(at(6), 12, "1", 0, part)
    moment, alerts = folded(PollSucceeded(at(0), run(running("1", 3))), log)
    curve = moment.history.curves["1"]
    assert [(epoch.epoch, epoch.seen_at) for epoch in curve.epochs] == [(1, None), (2, None), (3, 1_000_000.0)]
    assert (curve.log_read, curve.log_ended, alerts) == (True, True, [])
    assert fold(moment, replace(log, trial_id="9")).moment == moment


def test_another_run_begins_a_new_history() -> None:
    first = run(running("1", 5))
    moment, alerts = folded(
        PollSucceeded(at(0), first), PollSucceeded(at(5), run(running("9", 1), coordinator_job_id=78))
    )
    assert alerts == [AlertKind.NEW_RUN]
    assert set(moment.history.curves) == {"9"}


def test_another_run_is_noticed_although_there_was_none_in_between() -> None:
    wiped = run(coordinator_job_id=None, status="")
    record = RunRecord(77, 1, "Run 1 (synthetic)", 5.0, "success")
    moment, alerts = folded(
        PollSucceeded(at(0), run(running("1", 5))),
        Identified(at(0), 12, record=record),
        PollSucceeded(at(5), wiped),
        PollSucceeded(at(10), run(running("9", 1), coordinator_job_id=78)),
    )
    assert alerts == [AlertKind.NEW_RUN]
    assert (set(moment.history.curves), moment.record) == ({"9"}, None)


def test_a_run_that_comes_back_is_the_same_run() -> None:
    first = run(running("1", 5))
    moment, alerts = folded(
        PollSucceeded(at(0), first), PollSucceeded(at(5), run(coordinator_job_id=None)), PollSucceeded(at(10), first)
    )
    assert alerts == []
    assert set(moment.history.curves) == {"1"}


def test_the_next_answer_is_due_when_the_source_says() -> None:
    moment, _ = folded(PollSucceeded(at(0), run(status="completed"), next_in=30.0))
    assert moment.connection.interval == 30.0
    assert freshness(moment.connection, 59.0) is Freshness.LIVE


def stepped(seconds: float, by: float) -> Instant:
    return Instant(1_000_000 + seconds + by, seconds)


@pytest.mark.parametrize("by", [-7200.0, 7200.0])
def test_a_clock_that_is_set_stalls_nothing_and_bends_no_duration(by: float) -> None:
    busy = (Worker("w1", "busy"),)
    before = [run(pending("2"), running("1", epoch, "w1"), workers=busy) for epoch in (1, 2, 3)]
    moment, alerts = folded(
        *(PollSucceeded(at(5.0 * step), state) for step, state in enumerate(before)),
        PollSucceeded(stepped(15, by), before[-1]),
        PollSucceeded(stepped(20, by), run(running("2", 1), running("1", 4, "w1"), workers=busy)),
        PollSucceeded(stepped(30, by), run(completed("2"), running("1", 5, "w1"), workers=busy)),
    )
    now, history = 1_000_030 + by, moment.history
    assert AlertKind.STALLED not in alerts
    assert (now - history.began, now - history.assignments["w1"].since) == (30, 30)
    assert [now - epoch.seen_at for epoch in history.curves["1"].epochs] == [30, 25, 20, 10, 0]
    assert (now - history.spans["2"].started, now - history.spans["2"].ended) == (10, 0)


def test_a_set_clock_hides_no_stall() -> None:
    silent = run(running("1", 3))
    steps = [
        PollSucceeded(at(0), run(running("1", 1))),
        PollSucceeded(at(5), run(running("1", 2))),
        PollSucceeded(at(10), silent),
    ]
    assert AlertKind.STALLED in folded(*steps, PollSucceeded(stepped(131, -3600), silent))[1]


def test_a_clock_that_is_steered_is_left_alone() -> None:
    first = PollSucceeded(at(0), run(running("1", 1)))
    moment, _ = folded(first, PollSucceeded(stepped(5, 1.5), first.run))
    assert moment.history.began == first.at.wall


def test_an_extended_run_keeps_its_history() -> None:
    before = run(completed("1"), status="completed")
    moment, alerts = folded(PollSucceeded(at(0), before), PollSucceeded(at(5), run(*before.trials, running("2", 1))))
    assert alerts == []
    assert set(moment.history.curves) == {"1", "2"}


@pytest.mark.parametrize(
    ("interval", "silence", "unseen"),
    [(5.0, 9.0, False), (5.0, 10.0, False), (5.0, 10.5, True), (30.0, 59.0, False), (30.0, 61.0, True)],
)
def test_what_nobody_saw_from_one_process_to_the_next_is_a_gap(interval: float, silence: float, unseen: bool) -> None:
    earlier, _ = folded(PollSucceeded(at(0), run(running("1", 1)), interval))
    resumed = Resumed(Instant(at(silence).wall, 7000.0), earlier)
    step = fold(fold(EMPTY_MOMENT, resumed).moment, PollSucceeded(resumed.at, earlier.run))
    gaps = (Gap(at(0).wall, at(silence).wall),) if unseen else ()
    assert step.moment.history.gaps == gaps
    assert [alert.kind for alert in step.alerts] == [AlertKind.NOT_WATCHED] * unseen


def test_the_same_silence_of_a_process_that_watches_is_none() -> None:
    first = PollSucceeded(at(0), run(running("1", 1)), 5.0)
    moment, alerts = folded(first, PollSucceeded(at(20), first.run))
    assert (moment.history.gaps, alerts) == ((), [])
    # Nor is it once the process that took it up has answered itself.
    resumed = fold(EMPTY_MOMENT, Resumed(Instant(at(5).wall, 7000.0), moment)).moment
    for seconds in (0.0, 20.0, 40.0):
        resumed = fold(resumed, PollSucceeded(Instant(at(25).wall + seconds, 7000.0 + seconds), first.run)).moment
    assert resumed.history.gaps == ()


def test_of_a_run_that_has_ended_nothing_is_missed() -> None:
    earlier, _ = folded(PollSucceeded(at(0), run(completed("1"), status="completed"), 30.0))
    resumed = fold(EMPTY_MOMENT, Resumed(Instant(at(86400).wall, 7000.0), earlier)).moment
    step = fold(resumed, PollSucceeded(Instant(at(86400).wall, 7000.0), earlier.run))
    assert (step.moment.history.gaps, step.alerts) == ((), ())


def test_alerts_stay_with_the_moment_up_to_a_bound() -> None:
    events: list[Event] = [PollSucceeded(at(0), run())]
    for round_ in range(KEPT_ALERTS):
        events += [PollFailed(at(round_), REFUSED, None), PollSucceeded(at(round_), run())]
    moment, alerts = folded(*events)
    assert len(alerts) == 2 * KEPT_ALERTS
    assert len(moment.alerts) == KEPT_ALERTS
    assert moment.alerts[-1].kind is AlertKind.CONNECTION_BACK


async def test_track_yields_a_step_for_every_event() -> None:
    class Script:
        interval = 7.0

        async def events(self) -> Any:
            yield PollSucceeded(at(0), run(running("1", 1)))
            yield PollFailed(at(5), REFUSED, None)

        def rest(self) -> None:
            raise AssertionError

        def wake(self) -> None:
            raise AssertionError

    steps = [step async for step in track(cast("Source", Script()))]
    assert [len(step.alerts) for step in steps] == [0, 1]
    assert steps[-1].moment.connection.interval == 7.0


@given(st.integers(1, 200), st.floats(1, 3600), st.floats(0, 1, exclude_max=True))
def test_the_wait_grows_to_a_cap_and_is_never_shorter_than_the_interval(
    failures: int, interval: float, rng: float
) -> None:
    assert interval <= delay(failures, interval, lambda: rng) <= 1.5 * max(CAP, interval)
    assert delay(failures, interval, lambda: rng) <= delay(failures + 1, interval, lambda: rng)


def test_the_wait_doubles() -> None:
    assert [delay(failures, 5, lambda: 0.0) for failures in (1, 2, 3, 4, 5)] == [5, 10, 20, 40, 60]


def test_a_service_that_names_a_time_is_not_asked_sooner() -> None:
    assert delay(1, 5, lambda: 0.0, retry_after=90) == 90
    assert delay(4, 5, lambda: 0.0, retry_after=1) == 40


def test_a_refusal_in_the_middle_of_an_outage_is_an_alert_of_its_own() -> None:
    refused = Problem("The API key was refused", refused=True)
    _, alerts = folded(
        PollSucceeded(at(0), run(running("1", 1))),
        *(PollFailed(at(5), REFUSED, 10), PollFailed(at(10), refused, 70), PollFailed(at(70), refused, 190)),
    )
    assert alerts == [AlertKind.CONNECTION_LOST, AlertKind.CONNECTION_LOST]


def test_an_answer_that_cannot_be_folded_is_a_failed_poll(caplog: pytest.LogCaptureFixture) -> None:
    known = fold(EMPTY_MOMENT, PollSucceeded(at(0), run(running("1", 1)))).moment
    step = take_in(known, PollSucceeded(at(5), replace(known.run, trials=cast(Any, (object(),))), 30.0))
    assert step.moment.run is known.run
    assert step.moment.connection.problem.what == "The service's answer was unexpected (AttributeError)"
    assert step.moment.connection.retry_at == 35
    assert [alert.kind for alert in step.alerts] == [AlertKind.CONNECTION_LOST]
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("interval", [5.0, 900.0])
def test_after_a_refusal_it_is_asked_no_sooner_than_in_health(interval: float) -> None:
    waits = [delay_after_refusal(refusals, interval) for refusals in (1, 2, 5, 9999)]
    assert waits == [max(interval, wait) for wait in (60, 120, 600, 600)]
