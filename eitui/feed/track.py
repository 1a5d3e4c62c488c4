"""Fold what a source says, event by event, into moments and alerts. Live and recorded runs take this one path."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from eitui.analysis.alerts import run_alerts
from eitui.analysis.clock import moved, step_s
from eitui.analysis.gather import gather
from eitui.domain.history import EMPTY_HISTORY
from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Connection, Moment
from eitui.domain.run import EMPTY_RUN
from eitui.feed.events import Answered, Event, Identified, Missed, Source

KEPT_ALERTS = 500
"""Alerts that a moment carries."""

STALL_AFTER = 120.0
"""Seconds of silence after which a running trial may be called stalled."""


@dataclass(frozen=True)
class Step:
    """What one event led to."""

    moment: Moment
    alerts: tuple[Alert, ...] = ()
    """The new ones: they are also in `moment.alerts`."""


async def track(source: Source, stall_after_s: float = STALL_AFTER) -> AsyncIterator[Step]:
    """Yield a step for every event of `source`."""
    moment = replace(EMPTY_MOMENT, connection=Connection(interval=source.interval))
    async for event in source.events():
        step = fold(moment, event, stall_after_s)
        moment = step.moment
        yield step


def fold(moment: Moment, event: Event, stall_after_s: float = STALL_AFTER) -> Step:
    """Return what `event` makes of `moment`. Pure: the same arguments always give the same step."""
    match event:
        case Identified():
            return Step(
                replace(
                    moment,
                    project_id=event.project_id,
                    project_name=event.project_name or moment.project_name,
                    record=event.record or moment.record,
                )
            )
        case Missed():
            return _missed(moment, event)
        case Answered():
            return _answered(moment, event, stall_after_s)


def _missed(moment: Moment, event: Missed) -> Step:
    connection = replace(moment.connection, problem=event.problem, retry_at=event.retry_at)
    alerts: tuple[Alert, ...] = ()
    if moment.connection.problem is None:
        alerts = (Alert(AlertKind.CONNECTION_LOST, event.at.wall, event.problem.what),)
    return _step(replace(moment, connection=connection), alerts)


def _answered(moment: Moment, event: Answered, stall_after_s: float) -> Step:
    now, connection = event.at.wall, moment.connection
    alerts: tuple[Alert, ...] = ()
    if connection.problem is not None and moment.seen:
        alerts = (Alert(AlertKind.CONNECTION_BACK, now, "The service answers again"),)
    before, old = moment.run, moved(moment.history, step_s(connection.last_good, event.at))
    if _another_run(moment, event):
        before, old, moment = EMPTY_RUN, EMPTY_HISTORY, replace(moment, record=None)
        alerts += (Alert(AlertKind.NEW_RUN, now, f"Another run has begun: {event.run.config.name or 'unnamed'}"),)
    history = gather(old, before, event.run, now, stall_after_s)
    alerts += run_alerts(before, event.run, old, history, now)
    connection = Connection(event.at, None, None, event.next_in or connection.interval)
    return _step(replace(moment, run=event.run, history=history, connection=connection), alerts)


def _another_run(moment: Moment, event: Answered) -> bool:
    old, new = moment.history.run_id, event.run.coordinator_job_id
    return new is not None and old is not None and old != new


def _step(moment: Moment, alerts: tuple[Alert, ...]) -> Step:
    if not alerts:
        return Step(moment)
    return Step(replace(moment, alerts=(*moment.alerts, *alerts)[-KEPT_ALERTS:]), alerts)
