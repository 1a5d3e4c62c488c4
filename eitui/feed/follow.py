"""Follow a run without a screen, until what was waited for."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from eitui.analysis.standing import ended_badly
from eitui.analysis.until import UntilCondition
from eitui.domain.moment import EMPTY_MOMENT, Connection, Keeping, Moment
from eitui.domain.trial import Trial
from eitui.feed.backfill import Backfill
from eitui.feed.clock import Clock
from eitui.feed.events import EpochsRead, Event, Identified, NoLog, PollFailed, PollSucceeded, Source, Tracked
from eitui.feed.track import take_in
from eitui.log import log

_UNDER_WAY = frozenset({"", "creating", "pending", "running"})
"""Job statuses (API: `jobStatus`) that do not say how a job ended."""

_LAST_LOGS_S = 60.0
"""Seconds that the end may wait for logs from which curves are filled in."""


class End(StrEnum):
    """Why following came to its end."""

    MET = "met"
    """The condition is met."""
    UNMET = "unmet"
    """The run ended well, and the condition was not met."""
    FAILED = "failed"
    """The run ended with an error, and the condition was not met."""
    UNREACHABLE = "unreachable"
    """The service refused before it had answered, in a way that asking again cannot mend."""
    TIMEOUT = "timeout"
    """The time given was up."""


@dataclass(frozen=True)
class FollowResult:
    """Why following came to its end, and the last moment."""

    end: End
    moment: Moment


Say = Callable[[Event, Tracked], None]
"""Called with every event and what it led to. Must not block."""


async def follow(
    source: Source,
    *,
    until: UntilCondition,
    say: Say,
    clock: Clock,
    timeout_s: float | None = None,
    recorded: bool = True,
) -> FollowResult:
    """Follow `source` until the condition is met or cannot be met any more, or for `timeout_s` seconds.

    Outages never end it, nor do refusals once the service has answered, nor a project without a run: one may begin. A
    run that has ended is followed until the list of runs has said how its job did, but no longer than to the next
    poll. A run that is still to be `recorded` is followed until that has begun or failed, and the logs of trials that
    have ended are read where their curves lack epochs, at the end for at most `_LAST_LOGS_S` seconds. Whatever ends
    it, cancellation too, the source has been closed when this returns.
    """
    begun = replace(EMPTY_MOMENT, connection=Connection(interval=source.interval))
    follower = _Follower(source, until, say, clock, recorded, begun)
    following = asyncio.ensure_future(follower.follow())
    tasks: list[asyncio.Future[Any]] = [following]
    if timeout_s is not None:
        tasks.append(asyncio.ensure_future(clock.wait(timeout_s, asyncio.Event())))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        tasks += follower.reading
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if not following.cancelled():
        following.result()
    return FollowResult(follower.end or End.TIMEOUT, follower.moment)


@dataclass
class _Follower:
    source: Source
    until: UntilCondition
    say: Say
    clock: Clock
    recorded: bool
    moment: Moment
    end: End | None = None
    reading: list[asyncio.Future[Any]] = field(default_factory=list)
    """Tasks that read logs."""
    _over: bool = False
    """Whether the last answer described a run that has ended."""
    _read: int = 0
    """Logs that were read, and those of them whose epochs have arrived."""
    _filled: int = 0

    def __post_init__(self) -> None:
        self._backfill = Backfill(self._read_log, lambda reading: self.reading.append(asyncio.ensure_future(reading)))

    async def follow(self) -> None:
        """Take in what the source says until `end` is known, then close the source."""
        stream = self.source.events()
        try:
            async for event in stream:
                self._take_in(event)
                late = self.end is not None and isinstance(event, PollSucceeded)
                self.end = self.end or self._judge(event)
                # How it stands with the recording comes a little later than the event that ends it.
                told = self.moment.recording.keeping is not Keeping.OFF or not self.moment.run.started
                last = late or told or not self.recorded or isinstance(event, PollFailed)
                if self.end is not None and last:
                    await self._last_logs(stream)
                    return
            self.end = self.end or self._verdict()
        finally:
            # A loop that is left early does not close what it ran through.
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    def _take_in(self, event: Event) -> None:
        before = self.moment
        step = take_in(before, event)
        now = self.moment = step.moment
        self.say(event, step)
        if before.history.run_id not in (None, now.history.run_id):
            self._backfill.clear()  # Trials of another run may be called alike.
        elif (before.connection.problem and not now.connection.problem) or (now.run.finished > before.run.finished):
            self._backfill.retry()
        self._filled += isinstance(event, EpochsRead)
        if isinstance(event, PollSucceeded) and self.recorded and self.source.fills_curves:
            # The last of them is read first.
            ended = sorted(
                (trial for trial in self.moment.run.trials if trial.over),
                key=lambda trial: trial.last_completed_training or trial.last_completed_epoch or 0.0,
            )
            self._backfill.want(ended, self.moment.history, self.moment.run.config.training_cycles)

    async def _read_log(self, trial: Trial) -> bool:
        try:
            await self.source.log(trial)
        except NoLog as error:
            log.info("No curve from the log of trial %s: %s", trial.id, error.sentence)
            return False
        self._read += 1
        return True

    async def _last_logs(self, stream: AsyncIterator[Event]) -> None:
        """Take in what logs that are being read tell, for at most `_LAST_LOGS_S` seconds."""
        limit: asyncio.Future[Any] = asyncio.ensure_future(self.clock.wait(_LAST_LOGS_S, asyncio.Event()))
        following: asyncio.Future[Any] | None = None
        while (self._backfill.busy or self._filled < self._read) and not limit.done():
            following = following or asyncio.ensure_future(anext(stream))
            reading = [task for task in self.reading if not task.done()]
            await asyncio.wait([following, limit, *reading], return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                self._take_in(following.result())
                following = None
        tasks: list[asyncio.Future[Any]] = [limit] if following is None else [limit, following]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _judge(self, event: Event) -> End | None:
        """Return why `event` is the last one to wait for; None when it is not."""
        match event:
            case PollFailed() if self._over and (event.problem.final or event.problem.refused):
                return self._verdict()
            case PollFailed() if event.problem.final:
                return End.UNREACHABLE
            case PollSucceeded() if not self.moment.run.finished:
                self._over = False
                return End.MET if self.until.met(self.moment) else None
            case PollSucceeded() if self._over:
                return self._verdict()
            case PollSucceeded():
                self._over = True
            case Identified() if self._over and event.record is not None:
                return None if event.record.job_status in _UNDER_WAY else self._verdict()
        return None

    def _verdict(self) -> End:
        """Judge a run about which nothing more will be learnt."""
        if self.until.met(self.moment):
            return End.MET
        return End.FAILED if ended_badly(self.moment) else End.UNMET
