"""Logs are read for their epochs one at a time, the latest wanted first, and each once."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from build import completed, run
from watching import ScriptedSource

from eitui.domain.curve import Curve, Epoch
from eitui.domain.log import TrialLog
from eitui.domain.moment import EMPTY_HISTORY, Connection, History, Moment, Problem
from eitui.domain.trial import Progress, Trial
from eitui.feed.backfill import Backfill, lacks_epochs
from eitui.feed.events import Logged, NoLog
from eitui.tui.logs import Logs


@dataclass
class Reader:
    """Reads when it is let."""

    broken: bool = False
    read: list[str] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def log(self, trial: Trial) -> bool:
        self.read.append(trial.id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.gate.wait()
        self.under_way -= 1
        return not self.broken


class Tasks:
    def __init__(self) -> None:
        self.all: list[asyncio.Task[None]] = []

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        self.all.append(asyncio.create_task(work))

    async def done(self) -> None:
        for task in self.all:
            await task


async def test_one_at_a_time_the_latest_first_and_each_once() -> None:
    reader, tasks = Reader(), Tasks()
    backfill = Backfill(reader.log, tasks)
    trials = [completed(str(number)) for number in range(60)]
    for trial in trials:
        backfill.want([trial], EMPTY_HISTORY)
    await asyncio.sleep(0)
    assert backfill.waits_for(trials[0])
    reader.gate.set()
    await tasks.done()
    assert reader.read == [str(number) for number in reversed(range(60))]
    backfill.want(trials, EMPTY_HISTORY)
    await tasks.done()
    assert (len(reader.read), reader.most, backfill.busy) == (60, 1, False)


async def test_a_curve_that_is_whole_asks_for_nothing() -> None:
    reader, tasks = Reader(), Tasks()
    whole = History(curves={"1": Curve(tuple(map(Epoch, range(1, 51))))})
    Backfill(reader.log, tasks).want([completed("1")], whole)
    assert tasks.all == []


def test_phases_that_look_like_one_are_told_apart_by_the_log() -> None:
    trial = replace(completed("1"), progress=Progress(epoch=10))
    pressed = Curve(tuple(map(Epoch, range(1, 11))))
    assert lacks_epochs(trial, pressed, 50)
    assert not lacks_epochs(trial, pressed, 10)
    assert not lacks_epochs(trial, replace(pressed, log_ended=True), 50)
    assert not lacks_epochs(trial, Curve((*pressed.polled, *map(Epoch, range(1, 11)))), 50)


async def test_after_three_that_cannot_be_had_it_waits_to_be_told() -> None:
    reader, tasks = Reader(broken=True), Tasks()
    reader.gate.set()
    backfill = Backfill(reader.log, tasks)
    trials = [completed(str(number)) for number in range(9)]
    backfill.want(trials, EMPTY_HISTORY)
    await tasks.done()
    backfill.want(trials, EMPTY_HISTORY)
    assert reader.read == ["8", "7", "6"]
    reader.broken = False
    backfill.retry()
    backfill.want(trials, EMPTY_HISTORY)
    await tasks.done()
    assert len(reader.read) == 12


def moment(*trials: Trial) -> Moment:
    return Moment(run=run(*trials))


async def test_a_log_is_read_for_a_curve_only_where_epochs_become_events_and_the_service_answers() -> None:
    source, tasks = ScriptedSource(logs={"1": TrialLog()}), Tasks()
    logs = Logs(lambda: source, tasks, lambda: None)
    trial = completed("1")
    logs.fill([trial], moment(trial))
    source.fills_curves = True
    for connection in (Connection(problem=Problem("The connection was refused")), Connection(resumed=True)):
        logs.fill([trial], Moment(run=run(trial), connection=connection))
    assert tasks.all == []
    logs.fill([trial], moment(trial))
    assert logs.state(trial).reading
    await tasks.done()
    assert (source.asked, logs.state(trial).reading, logs.log(trial)) == (["1"], False, TrialLog())


async def test_a_log_that_cannot_be_had_says_why_and_is_asked_for_again_when_the_service_is_back() -> None:
    source, tasks = ScriptedSource(fills_curves=True, logs={"1": NoLog("The service answered 500")}), Tasks()
    logs = Logs(lambda: source, tasks, lambda: None)
    trial = completed("1")
    for _ in range(2):
        logs.fill([trial], moment(trial))
        await tasks.done()
    assert (source.asked, logs.state(trial).problem) == (["1"], "The service answered 500.")
    logs.forget_problems()
    logs.fill([trial], moment(trial))
    await tasks.done()
    assert source.asked == ["1", "1"]


async def test_an_opened_log_is_read_while_others_are_read_for_curves() -> None:
    gate = asyncio.Event()

    class Slow(ScriptedSource):
        async def log(self, of: Logged) -> TrialLog:
            assert isinstance(of, Trial)
            self.asked.append(of.id)
            if of.id != "opened":
                await gate.wait()
            return TrialLog()

    source, tasks = Slow(fills_curves=True), Tasks()
    logs = Logs(lambda: source, tasks, lambda: None)
    trials = [completed(name) for name in ("1", "2", "opened")]
    logs.fill(trials[:2], moment(*trials))
    logs.ask(trials[2])
    await tasks.all[1]
    assert (source.asked, logs.log(trials[2])) == (["2", "opened"], TrialLog())
    gate.set()
    await tasks.done()
    assert source.asked == ["2", "opened", "1"]
