"""Follow a run without a screen, until what was waited for."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from eitui.analysis.standing import ended_badly
from eitui.analysis.until import UntilCondition
from eitui.domain.moment import EMPTY_MOMENT, Connection, Keeping, Moment
from eitui.feed.clock import Clock
from eitui.feed.events import Event, Identified, PollFailed, PollSucceeded, Source, Tracked
from eitui.feed.track import take_in

_UNDER_WAY = frozenset({"", "creating", "pending", "running"})
"""Job statuses (API: `jobStatus`) that do not say how a job ended."""


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
    poll. A run that is still to be `recorded` is followed until that has begun or failed. Whatever ends it,
    cancellation too, the source has been closed when this returns.
    """
    begun = replace(EMPTY_MOMENT, connection=Connection(interval=source.interval))
    follower = _Follower(source, until, say, recorded, begun)
    following = asyncio.ensure_future(follower.follow())
    tasks: list[asyncio.Future[Any]] = [following]
    if timeout_s is not None:
        tasks.append(asyncio.ensure_future(clock.wait(timeout_s, asyncio.Event())))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
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
    recorded: bool
    moment: Moment
    end: End | None = None
    _over: bool = False
    """Whether the last answer described a run that has ended."""

    async def follow(self) -> None:
        """Take in what the source says until `end` is known, then close the source."""
        stream = self.source.events()
        try:
            async for event in stream:
                step = take_in(self.moment, event)
                self.moment = step.moment
                self.say(event, step)
                late = self.end is not None and isinstance(event, PollSucceeded)
                self.end = self.end or self._judge(event)
                if self.end is not None and (late or self._told_of_recording(event)):
                    return
            self.end = self.end or self._verdict()
        finally:
            # A loop that is left early does not close what it ran through.
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    def _told_of_recording(self, event: Event) -> bool:
        """Return whether `event` may be the last one: how it stands with the recording comes a little later."""
        told = self.moment.recording.keeping is not Keeping.OFF or not self.moment.run.started
        return not self.recorded or told or isinstance(event, PollFailed)

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
