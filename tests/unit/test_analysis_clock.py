"""Ages of what the service tells are told by the service's clock, whatever this machine's is set to."""

import math
from dataclasses import replace
from typing import Any

import pytest
from build import completed, moment, pending, run, running
from hypothesis import example, given
from hypothesis import strategies as st

from eitui.analysis.clock import clock_error_s, own_time, service_time
from eitui.analysis.eta import changed_at, elapsed, eta
from eitui.analysis.search import search
from eitui.domain.detail import EMPTY_DETAIL
from eitui.domain.moment import EMPTY_MOMENT, Connection, Instant, Moment
from eitui.domain.run import RunRecord
from eitui.domain.trial import Trial
from eitui.feed.events import Identified, PollSucceeded, Resumed
from eitui.feed.track import fold
from eitui.view.run.header import header, time_left
from eitui.view.run.plain import status_summary
from eitui.view.trial.progress import trial_progress_lines

DAY, YEAR = 86_400.0, 365.25 * 86_400
NOW = 1_770_000_000.0
"""What the service's clock says when watching begins."""
AGE = 600.0
"""Seconds that the run is old then."""

RUN = run(completed("1"), completed("2"), running("3", 4), pending("4"))
RECORD = RunRecord(77, 1, "Run 1 (synthetic)", NOW - AGE, "running")


def polled(passed: float, error: float, date: float | None, of: Any = RUN) -> tuple[PollSucceeded, Instant]:
    """Return a poll after so many seconds, and its instant; `error`: by how much this machine's clock is ahead."""
    at = Instant(NOW + passed + error, 1000.0 + passed)
    return PollSucceeded(at, of, date=date), at


def watched(*events: Any) -> Moment:
    of = EMPTY_MOMENT
    for event in events:
        of = fold(of, event).moment
    return of


def text_of(line: Any) -> str:
    return "".join(text for text, _ in line)


def told(of: Moment, now: Instant) -> str:
    """Return the header's line about time."""
    return text_of(header(of, now, 100)[3])


@pytest.mark.parametrize("error", [0.0, -DAY, DAY, 30 * YEAR, -30 * YEAR, 40.0])
def test_a_wrong_clock_of_ones_own_changes_no_age_and_no_time_left(error: float) -> None:
    answer, at = polled(0.0, error, NOW)
    of = watched(answer, Identified(at, 1, "Doorbell (synthetic)", RECORD))
    assert elapsed(of, own_time(of.connection, at)) == pytest.approx(AGE, abs=1)
    assert told(of, at) == " elapsed 10m · 7–12 min left · 2 trials to go, one every 5m so far"
    assert clock_error_s(of.connection) == pytest.approx(error, abs=1)


def test_where_the_service_tells_no_time_the_age_is_left_out() -> None:
    answer, at = polled(0.0, -DAY, None)
    of = watched(answer, Identified(at, 1, record=RECORD))
    assert elapsed(of, at.wall) is None
    later = Instant(at.wall + 30 * YEAR, at.mono + 150)
    assert (
        told(of, later)
        == " watched for 2m · time left unknown · 2 trials to go; too few were watched from start to end"
    )
    assert "Time" not in [line.split()[0] for line in status_summary(of, at).splitlines()]


@pytest.mark.parametrize("odd", [0.0, NOW - DAY, math.nan, math.inf, -1e300])
def test_a_date_before_what_the_service_says_has_happened_is_no_clock_of_its(odd: float) -> None:
    trained = run(replace(completed("1"), last_completed_training=NOW - 10), running("2", 1))
    assert watched(polled(0.0, 0.0, odd, trained)[0]).connection.service_clock is None
    of = watched(polled(0.0, 0.0, NOW, trained)[0], polled(5.0, 0.0, odd, trained)[0])
    assert of.connection.service_clock == NOW + 5.5


def test_a_run_that_is_over_took_what_the_service_says_at_any_later_time() -> None:
    over = run(replace(completed("1"), last_completed_training=NOW - 60), status="completed")
    for error in (0.0, -DAY, 30 * YEAR):
        answer, at = polled(0.0, error, NOW, over)
        of = watched(answer, Identified(at, 1, record=RECORD))
        assert elapsed(of, at.wall) == AGE - 60
    silent = watched(polled(0.0, 0.0, NOW, run(completed("1"), status="completed"))[0])
    assert elapsed(replace(silent, record=RECORD), NOW) is None


def test_a_watching_that_is_taken_up_goes_on_by_the_services_clock() -> None:
    answer, at = polled(0.0, -DAY, NOW)
    of = watched(answer, Identified(at, 1, record=RECORD))
    again = Instant(at.wall + 300, 5.0)
    resumed = watched(Resumed(again, of))
    assert elapsed(resumed, own_time(resumed.connection, again)) == pytest.approx(AGE + 300, abs=1)


@example([(1.25, 0.0, 0.0, False), (1.75, 0.0, 0.0, True), (1.5, 0.0, 0.0, False), (1.0, 0.0, 0.75, True)])
@given(
    st.lists(
        st.tuples(
            st.floats(1.0, 90.0),
            st.floats(-40 * YEAR, 40 * YEAR),
            st.floats(0.0, 0.9),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_ages_are_right_to_a_second_whatever_the_clock_is_set_to_between_polls(polls: Any) -> None:
    of, passed, known, before = EMPTY_MOMENT, 0.0, False, -1.0
    for after, error, delay, dated in polls:
        passed += after
        known = known or dated
        answer, at = polled(passed, error, math.floor(NOW + passed - delay) if dated else None)
        of = fold(fold(of, answer).moment, Identified(at, 1, record=RECORD)).moment
        # Set once more, before the next poll comes.
        for instant in (at, Instant(at.wall - 3 * DAY, at.mono + 0.4)):
            now = own_time(of.connection, instant)
            age = elapsed(of, now)
            if not known:
                assert age is None
                continue
            assert age == pytest.approx(AGE + passed + instant.mono - at.mono, abs=2)
            # The first date is taken for the middle of its second: a later one may set that right, by half of one.
            assert age > before - 0.5
            before = age or 0.0
            assert service_time(of.connection, now) - RECORD.created == pytest.approx(age)


@given(st.floats(-40 * YEAR, 40 * YEAR), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_header_status_and_progress_tell_the_same_time_left(error: float, done: int, left: int, dated: bool) -> None:
    trials = [completed(f"d{n}") for n in range(done)] + [running("r", 1)] + [pending(f"p{n}") for n in range(left)]
    answer, at = polled(0.0, error, NOW if dated else None, run(*trials))
    of = watched(answer, Identified(at, 1, record=RECORD))
    now = Instant(at.wall, at.mono + 3)
    estimate = eta(of, changed_at(of, now))
    line = told(of, now)
    assert f"{time_left(estimate)} · {estimate.reason}" in line or len(line) == 100
    assert search(of, changed_at(of, now)).eta == estimate
    assert "about 0s" not in line


def test_no_clock_is_no_error() -> None:
    assert clock_error_s(Connection()) is None
    assert service_time(Connection(Instant(1.0, 1.0)), 5.0) is None
    assert own_time(Connection(), Instant(7.0, 1.0)) == 7.0
    assert own_time(Connection(Instant(7.0, 5.0)), Instant(0.0, 0.0)) == 7.0


def test_the_epoch_of_a_trial_is_as_old_as_the_service_says() -> None:
    trial = Trial("3", "mfe-conv1d-3", "running", last_completed_epoch=NOW - 130)
    of = watched(polled(0.0, 30 * YEAR, NOW, run(trial))[0])
    now = service_time(of.connection, of.connection.last_good.wall)
    shown = "\n".join(map(text_of, trial_progress_lines(EMPTY_DETAIL, trial, of.run, 80, now=now)))
    assert "(2m ago)" in shown


def test_the_moment_of_a_test_has_a_clock() -> None:
    assert elapsed(moment(RUN, at=1000.0, created=400.0), 1000.0) == 600.0
