"""Three clocks: this machine's, which may be set while watching, its monotonic one, and the service's.

Times in a history are by this machine's clock as it was set at the last answer, times that the service tells by the
service's. Only what is by the same clock may be subtracted. How fresh the last answer is goes by the monotonic one.
"""

from dataclasses import replace

from eitui.analysis.figures import finite
from eitui.domain.curve import Epochs
from eitui.domain.moment import READ_ONCE_S, Connection, Freshness, Gap, History, Instant

SMALLEST_STEP = 2.0
"""Seconds; less is a clock being steered, or two readings that were not quite simultaneous."""

ODD_DATE_S = 60.0
"""Seconds that a `Date` may lie before what the service says has already happened: beyond, it is no clock of its."""


def own_time(connection: Connection, now: Instant) -> float:
    """Return `now` in seconds since the Unix epoch by this machine's clock, however that was set since the last answer.

    Times in the history can be subtracted from it.
    """
    last = connection.last_good
    return now.wall if last is None else last.wall + max(0.0, now.mono - last.mono)


def service_time(connection: Connection, at: float) -> float | None:
    """Return what the service's clock said at `at`, a time as of `own_time` or in the history; None: it never told."""
    last, service_time = connection.last_good, connection.service_clock
    return None if last is None or service_time is None else service_time + (at - last.wall)


def clock_error_s(connection: Connection) -> float | None:
    """Return by how many seconds this machine's clock was ahead of the service's at the last answer."""
    last, service_time = connection.last_good, connection.service_clock
    return None if last is None or service_time is None else last.wall - service_time


def service_clock(before: Connection, at: Instant, date: float | None, latest: float | None) -> float | None:
    """Return what the service's clock says at an answer.

    A `date` has whole seconds: within the second that it leaves open, the clock goes on as it did before, so that what
    is measured by it does not jump; it is never set back by more than half a second. Where the answer has none, or one
    before `latest`, the latest time that the service tells of, it goes on as before altogether.
    """
    last, service_time = before.last_good, before.service_clock
    expected = None if last is None or service_time is None else service_time + max(0.0, at.mono - last.mono)
    if finite(date) is None or date is None or (latest is not None and date < latest - ODD_DATE_S):
        return expected
    return date + 0.5 if expected is None else min(max(expected, date), date + 1.0)


def step_s(before: Instant | None, after: Instant) -> float:
    """Return by how many seconds the wall clock was set between two readings; 0 if it only ran."""
    if before is None:
        return 0.0
    step = (after.wall - before.wall) - (after.mono - before.mono)
    return step if abs(step) > SMALLEST_STEP else 0.0


def moved(history: History, seconds: float) -> History:
    """Return `history` with all its times moved by `seconds`, so that those to come can be subtracted from them."""
    if not seconds:
        return history

    def later(time: float | None) -> float | None:
        return None if time is None else time + seconds

    def epochs(some: Epochs) -> Epochs:
        return tuple(replace(epoch, seen_at=later(epoch.seen_at)) for epoch in some)

    return replace(
        history,
        began=later(history.began),
        curves={
            trial_id: replace(curve, polled=epochs(curve.polled), earlier=tuple(map(epochs, curve.earlier)))
            for trial_id, curve in history.curves.items()
        },
        spans={
            trial_id: replace(
                span, started=later(span.started), ended=later(span.ended), last_change=span.last_change + seconds
            )
            for trial_id, span in history.spans.items()
        },
        assignments={
            worker_id: replace(assignment, since=assignment.since + seconds)
            for worker_id, assignment in history.assignments.items()
        },
        gaps=tuple(Gap(gap.start + seconds, gap.end + seconds) for gap in history.gaps),
    )


LATE_AFTER = 2.0
STALE_AFTER = 6.0
"""In poll intervals without an answer; at least `LATE_SECONDS` and `STALE_SECONDS`."""

LATE_SECONDS = 10.0
STALE_SECONDS = 60.0


def freshness(connection: Connection, mono: float) -> Freshness:
    """Judge `connection` at `mono`, seconds of the monotonic clock."""
    if connection.problem is not None and connection.problem.final:
        return Freshness.STOPPED
    age = age_s(connection, mono)
    if age is None:
        return Freshness.CONNECTING
    if age > stale_after_s(connection):
        return Freshness.STALE
    if connection.interval >= READ_ONCE_S:
        return Freshness.EARLIER
    return Freshness.LATE if age > late_after_s(connection) or connection.problem is not None else Freshness.LIVE


def late_after_s(connection: Connection) -> float:
    """Seconds without an answer from which one is overdue."""
    return max(LATE_SECONDS, LATE_AFTER * connection.interval)


def unseen_after_s(connection: Connection) -> float:
    """Seconds of silence from which what went on in it was not seen."""
    return late_after_s(connection) if connection.resumed else stale_after_s(connection)


def stale_after_s(connection: Connection) -> float:
    """Seconds without an answer from which a picture is stale."""
    return max(STALE_SECONDS, STALE_AFTER * connection.interval)


def age_s(connection: Connection, mono: float) -> float | None:
    """Seconds since the service last answered; None before its first answer."""
    return None if connection.last_good is None else max(0.0, mono - connection.last_good.mono)
