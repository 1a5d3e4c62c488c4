"""Follow a run on the live service."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from logging import DEBUG
from typing import ClassVar

from eitui.analysis.epoch_log import epochs_of
from eitui.api.client import Client
from eitui.api.errors import Busy, Rejected, only_api_errors, problem
from eitui.api.run import only_project
from eitui.api.state import StateReader
from eitui.domain.curve import LogPart
from eitui.domain.log import TrialLog
from eitui.domain.moment import EMPTY_MOMENT, READ_ONCE_S, Moment, Problem
from eitui.domain.run import EMPTY_RUN, Run, RunJob, RunRecord
from eitui.feed.clock import Clock, SystemClock
from eitui.feed.events import (
    EpochsRead,
    Identified,
    Logged,
    NoLog,
    NoRecording,
    OpenRecording,
    PollFailed,
    PollSucceeded,
    ServiceEvent,
)
from eitui.feed.track import fold
from eitui.log import log

CAP = 60.0
"""Longest wait between tries before jitter, in seconds; a longer interval takes its place."""


FIRST_AFTER_REFUSAL, LONGEST_AFTER_REFUSAL = 60.0, 600.0
"""Seconds to the next try after a service that has answered refuses: such a thing seldom passes soon."""


def delay_after_refusal(refusals: int, interval: float) -> float:
    """Seconds to wait after `refusals` in a row (1 is the first), never less than between polls (`interval`)."""
    return max(interval, min(LONGEST_AFTER_REFUSAL, FIRST_AFTER_REFUSAL * 2.0 ** min(refusals - 1, 16)))


def delay(failures: int, interval: float, random: Callable[[], float], retry_after: float | None = None) -> float:
    """Seconds to wait after `failures` tries in a row went wrong (1 is the first).

    Doubles from `interval` to `CAP`; jitter adds up to half of it, so that many monitors do not come back at the same
    instant. A service in trouble is never asked sooner than a healthy one, nor sooner than it says (`retry_after`).
    `random` returns 0 <= x < 1.
    """
    doubled = min(max(CAP, interval), interval * 2.0 ** min(failures - 1, 16))
    jittered = doubled * (1 + random() / 2)
    return max(jittered, retry_after or 0.0)


RELAXED = 6.0
"""A finished run is asked for this many times less often: it may still be extended."""

LOOK_UPS = 3
"""Polls in which the list of runs is asked for, until it has the run: it may fail, or lag behind."""

LOG_TIMEOUT_S = 15.0
"""Seconds in all that a log may take: somebody waits for it."""

LIST_RUNS = "`eitui runs --remote` lists the runs of the project."


@dataclass
class LiveSource:
    """Polls one project's tuner. Polls never overlap; nothing the service does ends it."""

    live: ClassVar[bool] = True
    client: Client
    project_id: int | None = None
    """None: the project that the API key belongs to."""
    interval: float = 5.0
    """Seconds from one poll to the next."""
    fills_curves: bool = True
    """Whether the epochs that a log tells are events, too."""
    run_id: int | None = None
    """Coordinator job of an earlier run, which is read once when it has ended; None: the project's present run."""
    log_timeout_s: float = LOG_TIMEOUT_S
    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[], float] = random.random
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: bool = False
    """Whether somebody wants the next poll now."""
    _learnt: deque[EpochsRead] = field(default_factory=deque)
    """What logs told since the last event."""
    _told: dict[str, tuple[int, LogPart]] = field(default_factory=dict)
    """What the log of each trial told the last time."""
    _reader: StateReader = field(default_factory=StateReader)
    _run: Run = EMPTY_RUN
    _named: bool = False
    _look_ups: int = 0
    _answered: bool = False
    """Whether the service has described the run to this process."""
    _failures: int = 0
    """Polls in a row that went wrong."""
    _refusals: int = 0
    """Refusals since the last answer, or since somebody asked for another try."""

    def rest(self) -> None:
        """Do nothing: nobody waits for it."""

    def wake(self) -> None:
        """Poll now; after polling has stopped, try again."""
        self._asked = True
        self._wake.set()

    def open_recording(self) -> OpenRecording:
        """Nothing is recorded here: raise `NoRecording`."""
        raise NoRecording("This run is not being recorded", "Leave out --no-record to be able to go back in time.")

    async def log(self, of: Logged) -> TrialLog:
        """Ask the service for a log; the epochs that a trial's log tells are an event. Polling goes on meanwhile.

        Raises:
            NoLog: it cannot be had, or took more than `log_timeout_s` seconds.
        """
        from eitui.api.log import ENTRY_LINES, id_to_ask

        run_id = self._run.coordinator_job_id
        if self.project_id is None:
            raise NoLog("It is not known yet which project this is", "Try again when the service has answered.")
        trial_id = "" if isinstance(of, RunJob) else id_to_ask(of)
        if not isinstance(of, RunJob) and not trial_id:
            raise NoLog("The service gave this trial no id by which its log could be asked for")
        try:
            async with asyncio.timeout(self.log_timeout_s):
                if isinstance(of, RunJob):
                    return await self.client.job_log(self.project_id, of.id)
                found = await self.client.trial_log(self.project_id, trial_id)
        except TimeoutError:
            raise NoLog(f"The service did not answer within {self.log_timeout_s:.0f} s", "Try again.") from None
        except Exception as error:
            failure = problem(error)
            raise NoLog(failure.what, failure.advice) from None
        if self.fills_curves:
            epochs = await asyncio.to_thread(epochs_of, found.lines)  # of thousands of lines it takes a while
            whole = not found.left_out and len(found.lines) < ENTRY_LINES  # of more, the first are not kept
            told = of.retries, LogPart(epochs, whole, of.over)
            # Not what it told before, nor of a run that is no more.
            if run_id == self._run.coordinator_job_id and self._told.get(of.id) != told:
                self._told[of.id] = told
                self._learnt.append(EpochsRead(self.clock.now(), self.project_id, of.id, *told))
                self._wake.set()
        return found

    async def events(self) -> AsyncGenerator[ServiceEvent, None]:
        """Yield what happens, until cancelled; then close the client."""
        async with self.client:
            while True:
                began = self.clock.now().mono
                try:
                    async for event in self._poll():
                        yield event
                except Exception as error:  # whatever an answer sets off: nothing from outside ends the program
                    missed = self._missed(error)
                    when = (
                        "not again" if missed.retry_at is None else f"again in {missed.retry_at - missed.at.mono:.1f} s"
                    )
                    log.warning("Poll failed, asked %s: %s", when, missed.problem.sentence)
                    yield missed
                    seconds = None if missed.retry_at is None else missed.retry_at - self.clock.now().mono
                else:
                    self._failures = self._refusals = 0
                    # At least half an interval of rest: a service slower than the interval is not asked without pause.
                    seconds = max(began + self._due_in - self.clock.now().mono, self._due_in / 2)
                async for learnt in self._pause(seconds):
                    yield learnt

    async def once(self) -> Moment:
        """Poll once, close the client, and return what the service says.

        Raises:
            ApiError: the service could not be asked.
        """
        moment, _ = await self.once_with_log(lambda _: None)
        return moment

    async def once_with_log(self, log_of: Callable[[Moment], Logged | None]) -> tuple[Moment, TrialLog | None]:
        """Do as `once`, and return also the log that `log_of` asks for; None where it cannot be had.

        Raises:
            ApiError: the service could not be asked.
        """
        moment, log = EMPTY_MOMENT, None
        with only_api_errors():
            async with self.client:
                try:
                    async for event in self._poll():
                        moment = fold(moment, event).moment
                except Rejected as error:
                    told = self._problem(error)
                    error.what, error.advice = told.what, told.advice
                    raise
                if (wanted := log_of(moment)) is not None:
                    with suppress(NoLog):
                        log = await self.log(wanted)
        return moment, log

    async def _poll(self) -> AsyncIterator[ServiceEvent]:
        """Ask for the state, and for what else is not known yet."""
        project_id = self.project_id
        if project_id is None:
            project = only_project(await self.client.projects())
            self._named = True
            self.project_id = project_id = project.id
            yield Identified(self.clock.now(), project.id, project.name)
        began = self.clock.now().mono
        body = await self.client.optimize_state_bytes(project_id, self.run_id)
        date, came = self.client.date, self.clock.now().mono
        run = await self._reader.read(body)
        if self.run_id is not None and run.coordinator_job_id != self.run_id:
            if run.coordinator_job_id is not None:
                what = f"The service was asked for run {self.run_id} and answered with run {run.coordinator_job_id}"
                raise Rejected(what, LIST_RUNS, answered=True)
            run = replace(run, coordinator_job_id=self.run_id)
        before, self._run, self._answered = self._run, run, True
        now = self.clock.now()
        if log.isEnabledFor(DEBUG):
            old = {trial.payload.digest for trial in before.trials}
            changed = sum(trial.payload.digest not in old for trial in run.trials)
            told = (now.mono - began, len(body), changed, len(run.trials))
            log.debug("Poll: %.3f s, %d bytes, %d of %d trials changed", *told)
        # A large state takes seconds to read.
        yield PollSucceeded(now, run, self._due_in, None if date is None else date + (now.mono - came))
        if not self._named:
            # A courtesy: without its name the run is shown all the same.
            self._named = True
            name = ""
            try:
                projects = await self.client.projects()
                name = next((project.name for project in projects if project.id == project_id), "")
            except Exception as error:
                problem(error)
            yield Identified(self.clock.now(), project_id, name)
        run_id = run.coordinator_job_id
        if run_id is not None and (before.coordinator_job_id != run_id or before.finished != run.finished):
            self._look_ups = LOOK_UPS
        if self._look_ups:
            self._look_ups -= 1
            # Only in the list of runs stand when a run was created and how its job ended.
            records: tuple[RunRecord, ...] = ()
            try:
                records = await self.client.optimize_runs(project_id)
            except Exception as error:
                problem(error)
            for record in records:
                if record.coordinator_job_id == run_id:
                    if not (run.finished and record.under_way):
                        self._look_ups = 0
                    yield Identified(self.clock.now(), project_id, record=record)

    def _missed(self, error: Exception) -> PollFailed:
        """Return what to say of a failed poll, and when to ask again.

        A refusal is final only before the first answer, when a setting is probably wrong. Afterwards it may pass by
        itself: a log-in page in between, a certificate that is renewed late, maintenance.
        """
        now, failure = self.clock.now(), self._problem(error)
        if self._answered and self._due_in >= READ_ONCE_S:
            return PollFailed(now, replace(failure, final=False), None)  # what was read of an earlier run stays true
        if failure.final and not self._answered:
            return PollFailed(now, failure, None)
        if failure.final:
            self._refusals += 1
            wait = delay_after_refusal(self._refusals, self._due_in)
            return PollFailed(now, replace(failure, final=False, refused=True), now.mono + wait)
        self._failures += 1
        after = error.retry_after if isinstance(error, Busy) else None
        return PollFailed(now, failure, now.mono + delay(self._failures, self._due_in, self.jitter, after))

    def _problem(self, error: Exception) -> Problem:
        """Return what to say of a failed poll; an earlier run that there is not is not asked for again."""
        failure = problem(error)
        if self.run_id is None or not (isinstance(error, Rejected) and error.answered):
            return failure
        what = failure.what if f"run {self.run_id}" in failure.what else f"Run {self.run_id}: {failure.what}"
        return replace(failure, what=what, advice=LIST_RUNS, final=True)

    async def _pause(self, seconds: float | None) -> AsyncIterator[EpochsRead]:
        """Let `seconds` pass, None: any time, unless somebody asks for a poll; yield what logs tell meanwhile."""
        until = None if seconds is None else self.clock.now().mono + seconds
        while True:
            while self._learnt:
                yield self._learnt.popleft()
            if until is None:
                await self._wake.wait()
                self._wake.clear()
            elif not await self.clock.wait(max(0.0, until - self.clock.now().mono), self._wake):
                return
            if self._asked:
                self._asked = False
                self._refusals = 0  # somebody is there, and may have changed something
                return

    @property
    def _due_in(self) -> float:
        """Seconds from one poll to the next, as the run is now."""
        if self.run_id is not None and self._run.finished and not self._look_ups:
            return READ_ONCE_S
        return self.interval * (RELAXED if self._run.finished else 1.0)
