"""Folding what a source says into moments and alerts."""

from build import completed, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.domain.moment import EMPTY_MOMENT, AlertKind, Instant, Problem
from eitui.domain.run import RunRecord
from eitui.feed.backoff import CAP, delay
from eitui.feed.events import Answered, Event, Identified, Missed
from eitui.feed.track import KEPT_ALERTS, fold, track


def at(seconds: float) -> Instant:
    return Instant(1_000_000 + seconds, seconds)


def folded(*events: Event):
    moment, alerts = EMPTY_MOMENT, []
    for event in events:
        step = fold(moment, event)
        moment = step.moment
        alerts += [alert.kind for alert in step.alerts]
    return moment, alerts


REFUSED = Problem("The connection was refused")


def test_an_outage_keeps_what_was_known_and_says_when_it_is_over():
    moment, alerts = folded(
        Answered(at(0), run(running("1", 1))), Missed(at(5), REFUSED, 10), Missed(at(10), REFUSED, 20)
    )
    assert moment.run.trial("1").epoch == 1
    assert (moment.connection.problem, moment.connection.retry_at) == (REFUSED, 20)
    assert moment.connection.last_good == at(0)
    assert alerts == [AlertKind.CONNECTION_LOST]
    back = fold(moment, Answered(at(20), moment.run))
    assert back.moment.connection.problem is None
    assert [alert.kind for alert in back.alerts] == [AlertKind.CONNECTION_BACK]


def test_a_first_answer_after_failures_is_no_return():
    _, alerts = folded(Missed(at(0), REFUSED, 5), Answered(at(5), run()))
    assert alerts == [AlertKind.CONNECTION_LOST]


def test_what_is_learnt_of_project_and_run_is_kept():
    record = RunRecord(77, 1, "Run 1 (synthetic)", 5.0, "running")
    moment, _ = folded(Identified(at(0), 12, "Doorbell (synthetic)"), Identified(at(1), 12, record=record))
    assert (moment.project_id, moment.project_name, moment.record) == (12, "Doorbell (synthetic)", record)


def test_another_run_begins_a_new_history():
    first = run(running("1", 5))
    moment, alerts = folded(Answered(at(0), first), Answered(at(5), run(running("9", 1), coordinator_job_id=78)))
    assert alerts == [AlertKind.NEW_RUN]
    assert set(moment.history.curves) == {"9"}


def test_an_extended_run_keeps_its_history():
    before = run(completed("1"), status="completed")
    moment, alerts = folded(Answered(at(0), before), Answered(at(5), run(*before.trials, running("2", 1))))
    assert alerts == []
    assert set(moment.history.curves) == {"1", "2"}


def test_alerts_stay_with_the_moment_up_to_a_bound():
    events: list[Event] = [Answered(at(0), run())]
    for round_ in range(KEPT_ALERTS):
        events += [Missed(at(round_), REFUSED, None), Answered(at(round_), run())]
    moment, alerts = folded(*events)
    assert len(alerts) == 2 * KEPT_ALERTS
    assert len(moment.alerts) == KEPT_ALERTS
    assert moment.alerts[-1].kind is AlertKind.CONNECTION_BACK


async def test_track_yields_a_step_for_every_event():
    class Script:
        interval = 7.0

        async def events(self):
            yield Answered(at(0), run(running("1", 1)))
            yield Missed(at(5), REFUSED, None)

        def wake(self) -> None:
            raise AssertionError

    steps = [step async for step in track(Script())]
    assert [len(step.alerts) for step in steps] == [0, 1]
    assert steps[-1].moment.connection.interval == 7.0


@given(st.integers(1, 200), st.floats(1, 30), st.floats(0, 1, exclude_max=True))
def test_the_wait_grows_to_a_cap_and_is_never_too_short(failures, interval, dice):
    assert interval / 2 <= delay(failures, interval, lambda: dice) <= CAP


def test_the_wait_doubles():
    assert [delay(failures, 5, lambda: 0.0) for failures in (1, 2, 3, 4, 5)] == [5, 10, 20, 40, 60]


def test_a_service_that_names_a_time_is_not_asked_sooner():
    assert delay(1, 5, lambda: 0.0, retry_after=90) == 90
    assert delay(4, 5, lambda: 0.0, retry_after=1) == 40
