"""Fold what a source says, event by event, into moments and alerts. Live and recorded runs take this one path."""

from collections.abc import AsyncIterator
from dataclasses import replace

from eitui.analysis.alerts import run_alerts
from eitui.analysis.clock import moved, service_clock, step_s, unseen_after_s
from eitui.analysis.durations import coarse
from eitui.analysis.eta import latest
from eitui.analysis.ranking import standing_of
from eitui.analysis.update_history import fill, update_history
from eitui.api.errors import problem
from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import EMPTY_HISTORY, EMPTY_MOMENT, Alert, AlertKind, Connection, Gap, Instant, Keeping, Moment
from eitui.domain.run import EMPTY_RUN
from eitui.feed.events import (
    EpochsRead,
    Event,
    Identified,
    PollFailed,
    PollSucceeded,
    RecordingChanged,
    Resumed,
    Source,
    Tracked,
)

KEPT_ALERTS = 500
"""Alerts that a moment carries."""

KEPT_GAPS = 500
"""Gaps that a history carries: a service that comes and goes for days must not make it grow without end."""

STALL_AFTER = 120.0
"""Seconds of silence after which a running trial may be called stalled."""


async def track(source: Source) -> AsyncIterator[Tracked]:
    """Yield a step for every event of `source`."""
    moment = replace(EMPTY_MOMENT, connection=Connection(interval=source.interval))
    async for event in source.events():
        step = take_in(moment, event)
        moment = step.moment
        yield step


def take_in(moment: Moment, event: Event) -> Tracked:
    """Fold `event`. One that cannot be folded, for whatever reason, is a failed poll: what was known stays known."""
    try:
        return fold(moment, event)
    except Exception as error:
        due = event.next_in if isinstance(event, PollSucceeded) else None
        retry_at = event.at.mono + (due or moment.connection.interval)
        return fold(moment, PollFailed(event.at, problem(error), retry_at))


def fold(moment: Moment, event: Event, stall_after_s: float = STALL_AFTER) -> Tracked:
    """Return what `event` makes of `moment`. Pure: the same arguments always give the same step."""
    match event:
        case Identified():
            name, record = event.project_name or moment.project_name, event.record or moment.record
            return Tracked(replace(moment, project_id=event.project_id, project_name=name, record=record))

        case EpochsRead():
            if moment.run.trial(event.trial_id) is None:
                return Tracked(moment)  # of a run that is no more
            curves = moment.history.curves
            curve = fill(curves.get(event.trial_id, EMPTY_CURVE), event.told, event.retries)
            history = replace(moment.history, curves={**curves, event.trial_id: curve})
            return Tracked(replace(moment, history=history))

        case PollFailed():
            was = moment.connection.problem
            lost = was is None or (event.problem.refused and not was.refused)
            alert = Alert(AlertKind.CONNECTION_LOST, event.at.wall, event.problem.what)
            connection = replace(moment.connection, problem=event.problem, retry_at=event.retry_at)
            return _step(replace(moment, connection=connection), (alert,) if lost else ())

        case PollSucceeded():
            return _folded_before(moment, event) or _answered(moment, event, stall_after_s)

        case Resumed():
            # As if seen by this process: the two may have counted time from different instants.
            earlier, last = event.moment, event.moment.connection.last_good
            seen = None if last is None else Instant(last.wall, event.at.mono - max(0.0, event.at.wall - last.wall))
            interval, clock = earlier.connection.interval, earlier.connection.service_clock
            return Tracked(
                replace(
                    earlier,
                    connection=Connection(seen, interval=interval, service_clock=clock, resumed=True),
                    project_id=earlier.project_id if moment.project_id is None else moment.project_id,
                    project_name=moment.project_name or earlier.project_name,
                    recording=moment.recording,
                )
            )

        case RecordingChanged():
            failed, now = moment.recording.keeping is Keeping.FAILED, event.recording
            alerts: tuple[Alert, ...] = ()
            if now.problem is not None and not failed:
                alerts = (Alert(AlertKind.NOT_RECORDED, event.at.wall, now.problem.what),)
            elif failed and now.keeping is not Keeping.FAILED:
                alerts = (Alert(AlertKind.RECORDED_AGAIN, event.at.wall, "What is seen is recorded again"),)
            return _step(replace(moment, recording=now), alerts)


def _folded_before(moment: Moment, event: PollSucceeded) -> Tracked | None:
    """Return what `event` is known to make of a moment like this one; None where that is not known."""
    if event.folded is None or _watched(event.folded[0]) != _watched(moment):
        return None
    now, alerts = event.folded[1].moment, event.folded[1].alerts
    known = replace(now, alerts=moment.alerts, recording=moment.recording)
    return _step(replace(known, project_id=moment.project_id, project_name=moment.project_name), alerts)


def _watched(moment: Moment) -> tuple[object, ...]:
    # Objects that both moments share are equal at no cost: those that are costly to compare otherwise come last.
    return moment.connection, moment.record, moment.run, moment.history


def _answered(moment: Moment, event: PollSucceeded, stall_after_s: float) -> Tracked:
    now, connection = event.at.wall, moment.connection
    alerts: tuple[Alert, ...] = ()
    if connection.problem is not None and moment.seen:
        alerts = (Alert(AlertKind.CONNECTION_BACK, now, "The service answers again"),)
    before, old = moment.run, moved(moment.history, step_s(connection.last_good, event.at))
    last = connection.last_good
    silence = 0.0 if last is None else max(0.0, event.at.mono - last.mono)
    # Of a run that has ended nothing was missed.
    gap = silence > unseen_after_s(connection) and not before.finished
    if gap:
        old = replace(old, gaps=(*old.gaps, Gap(now - silence, now))[-KEPT_GAPS:])
        if connection.problem is None:
            alerts = (Alert(AlertKind.NOT_WATCHED, now, f"{coarse(silence)} not recorded"),)
    known, run_id = moment.history.run_id, event.run.coordinator_job_id
    if known is not None and run_id is not None and known != run_id:
        before, old, moment = EMPTY_RUN, EMPTY_HISTORY, replace(moment, record=None)
        alerts += (Alert(AlertKind.NEW_RUN, now, f"Another run has begun: {event.run.config.name or 'unnamed'}"),)
    ranked = None if event.folded is None else event.folded[1].moment.standing
    was, stands = standing_of(before, moment.standing), standing_of(event.run, ranked, moment.standing)
    service_time = service_clock(connection, event.at, event.date, latest(event.run))
    history = update_history(
        old,
        before,
        event.run,
        now,
        stall_after_s,
        score=stands.score,
        fit_score=stands.fit_score,
        gap=gap,
        service_now=service_time,
    )
    alerts += run_alerts(before, event.run, old, history, now, was=was, stands=stands)
    connection = Connection(event.at, None, None, event.next_in or connection.interval, service_time)
    return _step(replace(moment, run=event.run, history=history, connection=connection, standing=stands), alerts)


def _step(moment: Moment, alerts: tuple[Alert, ...]) -> Tracked:
    if not alerts:
        return Tracked(moment)
    return Tracked(replace(moment, alerts=(*moment.alerts, *alerts)[-KEPT_ALERTS:]), alerts)
