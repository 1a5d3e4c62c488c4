"""Following a run without a screen: a source that says what it is told to, and time that passes when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from build import completed, failed, run, running
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.until import parse_condition
from eitui.domain.curve import Epoch, LogPart
from eitui.domain.log import TrialLog
from eitui.domain.moment import EMPTY_MOMENT, Instant, Keeping, Problem, Recording
from eitui.domain.run import EMPTY_RUN, RunRecord
from eitui.domain.trial import Trial
from eitui.feed.events import (
    EpochsRead,
    Event,
    Identified,
    Logged,
    NoLog,
    NoRecording,
    OpenRecording,
    PollFailed,
    PollSucceeded,
    RecordingChanged,
    RecordingError,
    Resumed,
    Tracked,
)
from eitui.feed.follow import End, FollowResult, follow
from eitui.feed.track import fold

LONG = 10.0
"""Seconds after which a test gives up on something that should have happened at once."""


def at(seconds: float) -> Instant:
    return Instant(1_768_469_400 + seconds, 1000 + seconds)


@dataclass
class Clock:
    """Lets no time pass but when told to."""

    asked: list[float] = field(default_factory=list)
    up: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> Instant:
        return at(0)

    async def wait(self, seconds: float, wake: asyncio.Event) -> bool:
        self.asked.append(seconds)
        await self.up.wait()
        return False


@dataclass
class Script:
    """Says its events, then nothing more, or raises, or ends."""

    script_events: tuple[Event, ...]
    error: Exception | None = None
    ends: bool = False
    live: bool = True
    fills_curves: bool = False
    logs: list[str] = field(default_factory=list)
    """Trials whose logs were asked for, in order."""
    reading: int = 0
    told: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    interval: float = 5.0
    handed_out: int = 0
    closed: int = 0
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    async def events(self) -> AsyncIterator[Event]:
        try:
            for event in self.script_events:
                self.handed_out += 1
                yield event
            while self.fills_curves:
                yield await self.told.get()
            if self.error is not None:
                raise self.error
            if not self.ends:
                self.silent.set()
                await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.closed += 1

    def rest(self) -> None:
        raise AssertionError

    def wake(self) -> None:
        raise AssertionError("nobody presses a key")

    def open_recording(self) -> OpenRecording:
        raise NoRecording("none")

    async def log(self, of: Logged) -> TrialLog:
        assert isinstance(of, Trial)
        self.logs.append(of.id)
        assert self.reading == 0
        self.reading += 1
        await asyncio.sleep(0)
        self.reading -= 1
        if of.id == "2":
            raise NoLog("No trial with this ID")
        part = LogPart((Epoch(1, seen_at=None),), from_start=True, to_end=True)
        self.told.put_nowait(EpochsRead(at(11), 12, of.id, of.retries, part))
        return TrialLog()


def job(status: str, seconds: float = 1) -> Identified:
    return Identified(at(seconds), 12, record=RunRecord(77, 1, "Run 1 (synthetic)", 5.0, status))


BEGUN = PollSucceeded(at(0), run(running("1", 1)))
LATER = PollSucceeded(at(5), run(completed("1", 0.9), running("2", 3)))
OVER = PollSucceeded(at(10), run(completed("1", 0.9), completed("2", 0.95), status="completed"))
OVER_STILL = PollSucceeded(at(40), OVER.run)
BROKEN = PollSucceeded(at(10), run(completed("1", 0.9), failed("2"), status="completed", job_error="out of compute"))
OUTAGE = PollFailed(at(7), Problem("The connection was refused"), 1012.0)
REFUSED_LATER = PollFailed(at(7), Problem("The key was refused", "Make another.", refused=True), 1067.0)
REFUSAL = PollFailed(at(7), Problem("The key was refused", "Make another.", final=True), None)


async def followed(script: Script, until: str = "finished") -> FollowResult:
    async with asyncio.timeout(LONG):
        return await follow(script, until=parse_condition(until), say=lambda *_: None, clock=Clock())


RECORDED = RecordingChanged(at(0), Recording(Keeping.HERE))


async def test_logs_of_trials_that_ended_are_read_one_at_a_time_before_it_ends() -> None:
    ended = replace(OVER, run=run(completed("1"), completed("2"), completed("3"), status="completed"))
    result = await followed(Script((RECORDED, BEGUN, ended, job("success")), fills_curves=True))
    assert result.end is End.MET
    curves = result.moment.history.curves
    assert {trial_id: (curve.log_ended, len(curve.logged)) for trial_id, curve in curves.items()} == {
        "1": (True, 1), "2": (False, 0), "3": (True, 1)
    }  # fmt: skip


@dataclass
class Shaky(Script):
    """A service that gives no log while it has trouble."""

    trouble: int = 3

    async def events(self) -> AsyncIterator[Event]:
        async for event in super().events():
            for _ in range(50):  # what is read of the event before is read
                await asyncio.sleep(0)
            yield event

    async def log(self, of: Logged) -> TrialLog:
        if self.trouble:
            self.trouble -= 1
            raise NoLog("The service did not answer")
        return await super().log(of)


async def test_logs_are_read_after_trouble_and_those_of_another_run_too() -> None:
    three = run(completed("1"), completed("3"), completed("4"), running("5", 1))
    ended = replace(OVER, run=replace(three, trials=(*three.trials[:3], completed("5")), status="completed"))
    script = Shaky((RECORDED, replace(BEGUN, run=three), OUTAGE, replace(LATER, run=three), ended, job("success")))
    script.fills_curves = True
    result = await followed(script)
    assert {trial_id for trial_id, curve in result.moment.history.curves.items() if curve.logged} == {
        "1",
        "3",
        "4",
        "5",
    }


@pytest.mark.parametrize(
    ("until", "result", "end"),
    [
        ("finished", (BEGUN, job("running"), LATER, OVER, job("success")), End.MET),
        ("finished", (BEGUN, OVER, job("failed")), End.FAILED),
        ("finished", (BEGUN, OVER, job("cancelled")), End.FAILED),
        ("finished", (BEGUN, BROKEN, job("failed")), End.FAILED),
        ("finished", (BROKEN, BROKEN), End.FAILED),
        # Over at the first answer: the project's name comes before the list of runs.
        ("finished", (OVER, Identified(at(1), 12, "Doorbell (synthetic)"), job("failed")), End.FAILED),
        # The list of runs fails, or lags behind: the next poll is the last to wait for.
        ("finished", (BEGUN, OVER, OVER_STILL), End.MET),
        ("finished", (BEGUN, OVER, job("running", 11), OUTAGE, OVER_STILL), End.MET),
        ("finished", (BEGUN, OVER, REFUSAL), End.MET),
        ("finished", (BEGUN, OVER, REFUSED_LATER), End.MET),
        ("finished", (BEGUN, REFUSED_LATER, REFUSED_LATER, OVER, job("success")), End.MET),
        ("finished", (BEGUN, OUTAGE, OUTAGE, BEGUN, REFUSAL), End.UNREACHABLE),
        ("finished", (REFUSAL,), End.UNREACHABLE),
        ("completed >= 1", (BEGUN, LATER), End.MET),
        ("completed >= 2", (BEGUN, LATER, OVER, job("success")), End.MET),
        ("completed >= 3", (BEGUN, LATER, OVER, job("success")), End.UNMET),
        ("completed >= 3", (BEGUN, LATER, BROKEN, job("failed")), End.FAILED),
        ("best val_accuracy >= 95%", (BEGUN, LATER, OVER, job("success")), End.MET),
        # What was waited for is there, however the run ended.
        ("failed", (BEGUN, LATER, BROKEN, job("failed")), End.MET),
        ("failed", (BEGUN, OVER, job("success")), End.UNMET),
    ],
)
async def test_it_ends_where_it_should(until: str, result: Any, end: Any) -> None:
    script = Script((RECORDED, *result))
    outcome = await followed(script, until)
    assert outcome.end is end
    assert (script.handed_out, script.closed) == (1 + len(result), 1)


@pytest.mark.parametrize(
    ("result", "handed_out"),
    [
        # How the recording stands comes a little later than what is recorded.
        ((BEGUN, LATER, Identified(at(5), 12, "Doorbell (synthetic)"), RECORDED, OVER), 4),
        ((LATER, RecordingChanged(at(5), Recording(Keeping.FAILED, Problem("The disk is full"))), OVER), 2),
        ((LATER, RecordingChanged(at(5), Recording(Keeping.ELSEWHERE)), OVER), 2),
        # A disk that hangs is waited for until the next poll.
        ((LATER, job("running"), BEGUN, OVER), 3),
        ((LATER, OUTAGE, OVER), 2),
    ],
)
async def test_it_ends_when_it_is_known_whether_it_was_recorded(result: Any, handed_out: int) -> None:
    script = Script(result)
    assert (await followed(script, "completed >= 1")).end is End.MET
    assert (script.handed_out, script.closed) == (handed_out, 1)


@pytest.mark.parametrize(
    "result",
    [
        (BEGUN, OUTAGE, OUTAGE, OUTAGE),
        (OUTAGE,),
        (
            PollSucceeded(at(0), EMPTY_RUN),
            Identified(at(0), 12, "Doorbell (synthetic)"),
            PollSucceeded(at(5), EMPTY_RUN),
        ),
        (BEGUN, job("failed")),
        # The search is extended: its first end was none.
        (BEGUN, OVER, job("running"), BEGUN, job("success"), OVER),
        (OVER, Identified(at(1), 12, "Doorbell (synthetic)")),
        (RecordingChanged(at(0), Recording(Keeping.FAILED, Problem("The disk is full"))), BEGUN),
        # What was recorded earlier is no answer.
        (Resumed(at(0), fold(EMPTY_MOMENT, OVER).moment), RecordingChanged(at(0), Recording(Keeping.HERE)), OUTAGE),
    ],
)
async def test_it_does_not_end_where_it_should_not(result: Any) -> None:
    script, clock = Script(result), Clock()
    following = asyncio.ensure_future(
        follow(script, until=parse_condition("finished"), say=lambda *_: None, clock=clock, timeout_s=7200.0)
    )
    async with asyncio.timeout(LONG):
        await script.silent.wait()
        assert not following.done()
        clock.up.set()
        outcome = await following
    assert outcome.end is End.TIMEOUT
    assert (clock.asked, script.closed) == ([7200.0], 1)


async def test_a_project_without_a_run_is_followed_until_one_has_ended() -> None:
    script = Script(
        (PollSucceeded(at(0), EMPTY_RUN), PollSucceeded(at(5), EMPTY_RUN), BEGUN, RECORDED, OVER, job("success"))
    )
    assert (await followed(script)).end is End.MET


async def test_everything_is_said_and_the_outcome_has_the_last_moment() -> None:
    heard: list[tuple[Event, Tracked]] = []
    script = Script((RECORDED, BEGUN, LATER, OVER, job("success")))
    outcome = await follow(
        script, until=parse_condition("finished"), say=lambda *told: heard.append(told), clock=Clock()
    )
    assert [event for event, _ in heard] == list(script.script_events)
    assert [alert.kind for _, step in heard for alert in step.alerts] == ["new best", "new best", "finished"]
    assert outcome.moment is heard[-1][1].moment
    assert (outcome.moment.run, outcome.moment.record.job_status) == (OVER.run, "success")


async def test_a_source_that_ends_by_itself_is_judged_by_what_it_said() -> None:
    assert (await followed(Script((BEGUN, OVER), ends=True))).end is End.MET
    assert (await followed(Script((BEGUN,), ends=True))).end is End.UNMET


async def test_being_cancelled_closes_the_source() -> None:
    script = Script((BEGUN,))
    following = asyncio.ensure_future(
        follow(script, until=parse_condition("finished"), say=lambda *_: None, clock=Clock())
    )
    async with asyncio.timeout(LONG):
        await script.silent.wait()
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
    assert script.closed == 1


async def test_an_error_of_the_source_is_the_callers() -> None:
    wrong = RecordingError("This is the recording of another run")
    with pytest.raises(RecordingError, match="another run"):
        await followed(Script((BEGUN,), error=wrong))


@given(
    st.lists(st.sampled_from([BEGUN, LATER, OVER, BROKEN, OUTAGE, REFUSAL, job("running"), job("success"), RECORDED]))
)
def test_it_ends_at_the_same_event_whatever_would_have_come_after(result: Any) -> None:
    async def both() -> None:
        first = Script(tuple(result), ends=True)
        outcome = await followed(first)
        again = Script(tuple(result[: first.handed_out]), ends=True)
        assert await followed(again) == outcome
        assert (first.closed, again.closed) == (1, 1)

    asyncio.run(both())
