"""A run as it goes, one line an event: what is told where there is no screen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from eitui.analysis.figures import precision_of
from eitui.analysis.standing import run_state
from eitui.analysis.until import UntilCondition
from eitui.domain.moment import EMPTY_MOMENT, Alert, AlertKind, Keeping, Moment, Problem
from eitui.feed.events import (
    EpochsRead,
    Event,
    Identified,
    PollFailed,
    PollSucceeded,
    RecordingChanged,
    Resumed,
    Tracked,
)
from eitui.feed.follow import End, FollowResult
from eitui.view.kit import format as fmt
from eitui.view.kit.status import CAUTION, DONE, FAULT
from eitui.view.run.compare import costs, quality_words
from eitui.view.run.panes import alert_line
from eitui.view.run.plain import trials_told

_FIRST = frozenset({AlertKind.CONNECTION_BACK, AlertKind.NOT_WATCHED, AlertKind.NEW_RUN})
"""Alerts about what came before an answer; the others are about what it says."""


@dataclass(frozen=True)
class EventLine:
    """One line, without its line end."""

    text: str
    wrong: bool = False
    """Whether it must be said even to someone who wants to hear little."""


@dataclass
class Log:
    """Tells what happens, event by event."""

    where: Callable[[Moment], str] | None
    """Says which file a run is recorded in, clean; None where it is not to be recorded."""
    tz: tzinfo | None = None
    """The time zone of the lines; None for this machine's."""
    moment: Moment = EMPTY_MOMENT
    """What the last event led to."""
    _introduced: bool = False
    _answered: bool = False
    _ever_here: bool = False
    _waiting: bool = False

    def opening(self, at: float, what: str, until: UntilCondition, timeout_s: float | None) -> EventLine:
        """Say what is watched (`what`, clean) and for how long, and where it is recorded.

        `at`, as everywhere here, is in seconds since the Unix epoch.
        """
        most = "" if timeout_s is None else f", for {fmt.age(timeout_s)} at most"
        into = "" if self.where is None else f", recording into {self.where(self.moment)}"
        return self._line(at, "·", "watching", f"{what} until {until}{most}{into}")

    def tell(self, event: Event, step: Tracked) -> list[EventLine]:
        """Return what is to be said of `event`, which led to `step`: often nothing."""
        before, self.moment = self.moment, step.moment
        at = event.at.wall
        self._ever_here = self._ever_here or step.moment.recording.keeping is Keeping.HERE
        self._answered = self._answered or isinstance(event, PollSucceeded)
        match event:
            case PollSucceeded():
                return self._answer(at, before, step)
            case Identified():
                now, entries = step.moment, []
                if (now.project_id, now.project_name) != (before.project_id, before.project_name):
                    number = f"#{now.project_id}" if now.project_id is not None else ""
                    entries.append(self._line(at, "·", "project", " ".join(filter(None, (now.project_name, number)))))
                if now.record is not None and now.record != before.record:
                    created = "" if now.record.created is None else f"created {self._time(now.record.created)}"
                    job = ", ".join(filter(None, (now.record.job_status or "no status", created)))
                    entries.append(self._line(at, "·", "job", job))
                return entries
            case RecordingChanged() if self.where is not None:
                return self._recording(at, before, step, self.where(step.moment))
            case Resumed():
                good, began = event.moment.connection.last_good, event.moment.history.began
                times = [self._time(one) for one in (began, None if good is None else good.wall) if one is not None]
                note = f"Recorded so far: {_state(event.moment)}; {' to '.join(times)}"
                return [self._line(at, "·", "resumed", note)]
            case PollFailed():
                # The first of several failed polls, and every refusal: they are seldom, and somebody may have to act.
                problem = step.moment.connection.problem
                if problem is None or not (step.alerts or problem.refused):
                    return []
                again = "" if event.retry_at is None else f"; asking again in {fmt.age(event.retry_at - event.at.mono)}"
                alert = Alert(AlertKind.CONNECTION_LOST, at, f"{problem.what}{again}")
                return [replace(entry, wrong=problem.refused) for entry in self._alerts([alert])]
            case RecordingChanged() | EpochsRead():
                return []

    def closing(self, at: float, outcome: FollowResult, until: UntilCondition, timeout_s: float | None) -> EventLine:
        """Say how it ended, and where the recording is."""
        match outcome.end:
            case End.MET:
                condition = str(until)
                sign, word, note = DONE.sign, "done", condition[:1].upper() + condition[1:]
            case End.FAILED:
                error, record = outcome.moment.run.job_error, outcome.moment.record
                job = f"The run's job: {record.job_status if record is not None else ''}"
                sign, word, note = FAULT.sign, "run failed", f"The run ended with an error: {error}" if error else job
            case End.UNMET:
                sign, word, note = FAULT.sign, "not met", f"The run ended without {until}"
            case End.UNREACHABLE:
                sign, word, note = FAULT.sign, "refused", _told(outcome.moment.connection.problem)
            case End.TIMEOUT:
                sign, word, note = (
                    CAUTION.sign,
                    "time is up",
                    f"Stopped after {fmt.age(timeout_s)} (--timeout), waiting until {until}",
                )
        wrong = outcome.end is not End.MET or self.moment.recording.keeping is Keeping.FAILED
        return self._line(at, sign, word, "; ".join(filter(None, (note, self._kept()))), wrong=wrong)

    def program_failed(self, at: float, what: str) -> EventLine:
        """Say what went wrong with a program that is run on an event; it is shown whatever else is."""
        return self._line(at, "!", "program", what, wrong=True)

    def stopped(self, at: float, signal: str) -> EventLine:
        """Say that a signal ended it, and where the recording is."""
        return self._line(at, "·", "stopped", "; ".join(filter(None, (f"Ended by {signal}", self._kept()))))

    def _answer(self, at: float, before: Moment, step: Tracked) -> list[EventLine]:
        run = step.moment.run
        if not run.started and not self._introduced and not self._waiting:
            self._waiting = True
            return [self._line(at, "·", "waiting", "This project has no tuner run yet: waiting for one")]
        another = any(alert.kind is AlertKind.NEW_RUN for alert in step.alerts)
        introduce = run.started and (another or not self._introduced)
        self._introduced = self._introduced or introduce
        lines = self._alerts(alert for alert in step.alerts if alert.kind in _FIRST)
        if introduce:
            lines.append(self._line(at, "·", "run", _state(step.moment)))
        if before.run.started and not another:
            known, precision = {trial.id for trial in before.run.completed}, precision_of(run)
            for trial in run.completed:
                if trial.id not in known:
                    result = [quality_words(trial, precision), *costs(trial, precision, run.config.target)]
                    lines.append(
                        self._line(at, DONE.sign, "completed", f"{trial.name or trial.id}: {', '.join(result)}")
                    )
        return lines + self._alerts(alert for alert in step.alerts if alert.kind not in _FIRST)

    def _recording(self, at: float, before: Moment, step: Tracked, where: str) -> list[EventLine]:
        now, was = step.moment.recording, before.recording
        match now.keeping:
            case Keeping.FAILED if now != was:
                return self._alerts([Alert(AlertKind.NOT_RECORDED, at, _told(now.problem))])
            case Keeping.HERE if now.keeping is not was.keeping and not step.alerts:
                return [self._line(at, "·", "recording", f"Into {where}")]
            case Keeping.ELSEWHERE if now.keeping is not was.keeping:
                note = f"Another process records into {where}; when it ends, this one will"
                return [*self._alerts(step.alerts), self._line(at, "·", "recording", note)]
        return self._alerts(step.alerts)

    def _kept(self) -> str:
        if self.where is None:
            return ""
        where, recording = self.where(self.moment), self.moment.recording
        match recording.keeping:
            case Keeping.HERE:
                return f"recorded in {where}"
            case Keeping.ELSEWHERE:
                return f"another process records it in {where}"
            case Keeping.FAILED:
                how_much = "not all of it" if self._ever_here else "nothing"
                return f"{how_much} was recorded: {_told(recording.problem)}"
        # A run that ends, or is left, at its very beginning may be before word from the disk.
        if not self.moment.run.started:
            return "nothing was recorded"
        return f"whether it is recorded in {where} is not known" if self._answered else f"nothing was added to {where}"

    def _alerts(self, alerts: Iterable[Alert]) -> list[EventLine]:
        # All of the pane's line but its time of day.
        told = [(alert, "".join(text for text, _ in alert_line(alert, alert.at)[1:])) for alert in alerts]
        return [
            EventLine(f"{self._time(alert.at)}  {text}", alert.kind is AlertKind.NOT_RECORDED) for alert, text in told
        ]

    def _line(self, at: float, sign: str, word: str, text: str, *, wrong: bool = False) -> EventLine:
        return EventLine(f"{self._time(at)}  {sign} {word:<15} {text}", wrong)

    def _time(self, at: float) -> str:
        try:
            return datetime.fromtimestamp(at, self.tz).replace(tzinfo=None).isoformat(" ", "seconds")
        except (OverflowError, ValueError, OSError):
            return fmt.MISSING


def _state(moment: Moment) -> str:
    run, record = moment.run, moment.record
    name = run.config.name or (record.name if record is not None else "") or "unnamed"
    return f"{name}, {run_state(moment) or 'no status'}, {trials_told(run)}"


def _told(problem: Problem | None) -> str:
    """Return a problem as one sentence or two, without the last full stop."""
    if problem is None:
        return "no reason given"
    return problem.sentence.rstrip(".")
