"""Whatever keys are pressed in the threshold editor, and whatever goes wrong: the journal explains every value.

The editor's keys without its screen, on a service that knows who set each value last. All data are synthetic.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acting import FakeRuns, actor
from acting import check_explained as check_actions
from changing import ANOMALY, GRACE, HOST, IMPULSE, METHOD, PROJECT, SCORE, FakeService, sender
from explained import Meddle, Wait, check_explained
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eitui.domain.edit import Edit, Outcome
from eitui.domain.impulse import LEARN, Impulse, ImpulseTable, LearnBlock
from eitui.domain.log import Job
from eitui.domain.run import KeyInfo
from eitui.domain.scores import NoScores, Scored
from eitui.thresholds.editor import Editor, Reviewing, StartingTest
from eitui.thresholds.journal import Journal
from eitui.thresholds.project import Followed
from eitui.thresholds.send import Accepted


class FakeProject:
    """A project on a service that knows who set each value."""

    def __init__(self, service: FakeService, runs: FakeRuns, path: Path, read_only: str | None) -> None:
        self.service, self.path = service, path
        self.sender = sender(service, path, read_only=read_only)
        self.actor = actor(runs, path, service.fate, read_only=read_only)

    async def impulses(self) -> ImpulseTable:
        thresholds = await self.service.thresholds(IMPULSE)
        blocks = tuple(
            LearnBlock(block, LEARN, thresholds=tuple(one for one in thresholds if one.ref.block_id == block))
            for block in (3, 4, 5)
        )
        return ImpulseTable((Impulse(IMPULSE, "Keywords (synthetic)", learn=blocks),))

    async def key_info(self) -> KeyInfo:
        return KeyInfo("admin")

    async def scores(self, impulse_id: int, block_id: int) -> Scored:
        return NoScores("There are none")

    async def history(self) -> Sequence[Any]:
        return Journal(self.path).look(HOST, PROJECT).changes

    async def follow_job(self, job_id: int) -> AsyncIterator[Followed]:
        yield Followed(Job(job_id, finished=True, successful=True), over=True)

    async def close(self) -> None:
        pass


@dataclass(frozen=True)
class Key:
    name: str
    argument: Any = None


@dataclass(frozen=True)
class Trouble:
    kind: str
    unreadable: int = 0


@dataclass(frozen=True)
class Finish:
    """What is under way comes to its end."""


@dataclass(frozen=True)
class Leave:
    """The screen is left at this step of what was started last, or at its end, and opened again."""

    at: int


Step = Key | Trouble | Meddle | Wait | Finish | Leave

PLAIN = ["suggest", "erase", "enter", "open", "yes", "switch", "undo", "test_again", "load", "back"]
KEYS = st.sampled_from(
    [Key(name) for name in PLAIN]
    + [Key("enter"), Key("yes"), Key("yes")]
    + [Key("move", by) for by in (-1, 1)]
    + [Key("step", by) for by in (-1, 1)]
    + [Key("type", text) for text in ("0", ".7", "-", "e", "5", "mean")]
)
ROADS = ["refused", "busy", "not sent", "lost before", "lost after", "lost and late", "wrong shape", "failed"]
TROUBLES = st.builds(Trouble, st.sampled_from(ROADS), st.integers(0, 2))
MEDDLES = st.sampled_from([Meddle(SCORE, 0.4), Meddle(SCORE, 0.6), Meddle(ANOMALY, 0.1), Meddle(METHOD, "mean")])
WAITS = st.sampled_from([1.0, GRACE / 2, GRACE * 2]).map(Wait)
SEND = (Key("step", 1), Key("enter"), Key("yes"), Finish())
STEPS = st.lists(
    KEYS.map(lambda key: (key,))
    | st.just(SEND)
    | (TROUBLES | MEDDLES | WAITS | st.just(Finish()) | st.integers(0, 12).map(Leave)).map(lambda step: (step,)),
    max_size=25,
).map(lambda groups: [step for group in groups for step in group])


class World:
    def __init__(self, path: Path, read_only: str | None = None) -> None:
        self.path, self.read_only = path, read_only
        self.service = FakeService(witness=self._was_written_down, accepted=Accepted("started_job", 8_200_001))
        self.runs = FakeRuns(clock=self.service.clock)
        """Where tests are started."""
        self.agreed = 0
        """How often a change that was shown was agreed to."""
        self.tests = 0
        self.open()

    def open(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        project = FakeProject(self.service, self.runs, self.path, self.read_only)

        async def opened() -> Any:
            return project

        self.editor = Editor(opened, IMPULSE, start=self._start)
        self.editor.load()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    def _was_written_down(self, edit: Edit) -> None:
        """A request that comes in is in the journal, on the disk, before."""
        newest = Journal(self.path).look(limit=1).changes[0]
        assert (newest.edit, newest.outcome) == (edit, Outcome.INTENDED)

    async def take(self, step: Step) -> None:
        match step:
            case Key():
                self._press(step)
            case Trouble():
                self.service.trouble, self.service.unreadable = step.kind, step.unreadable
                self.runs.trouble = step.kind
            case Meddle():
                self.service.meddle(step.ref, step.value)
            case Wait():
                self.service.clock.elapsed += step.seconds
                self.editor.tick(self.service.clock.elapsed)
            case Finish():
                await self.finish()
            case Leave():
                await self._leave(step.at)

    def _press(self, key: Key) -> None:
        before = self.editor.stage
        method = getattr(self.editor, key.name)
        left = method() if key.argument is None else method(key.argument)
        if key.name == "yes" and self.editor.stage is not before:
            self.agreed += isinstance(before, Reviewing)
            self.tests += isinstance(before, StartingTest)
        if key.name == "back" and left:
            for task in self.tasks:
                task.cancel()

    async def finish(self) -> None:
        while self.tasks:
            task = self.tasks.pop()
            with suppress(asyncio.CancelledError):
                await task

    async def _leave(self, at: int) -> None:
        fate = self.service.fate
        if self.tasks:
            fate.kind, fate.at = "cancel", fate.steps + at
            fate.task, fate.loop = self.tasks[-1], asyncio.get_running_loop()
        await self.finish()
        fate.at = None
        self.open()

    def check(self) -> None:
        entries = check_explained(self.service, self.path)
        assert set(self.service.posts) <= set(entries)
        assert all(count == 1 for count in self.service.posts.values())
        assert sum(self.service.posts.values()) <= self.agreed
        check_actions(self.runs, self.path)
        assert sum(self.runs.posts.values()) <= self.tests
        if self.read_only is not None:
            assert not self.service.posts
            assert not self.runs.posts
            assert not Journal(self.path).look().entries


async def live(path: Path, steps: Sequence[Step], read_only: str | None = None) -> World:
    world = World(path, read_only)
    for step in steps:
        await world.take(step)
        world.check()
    world.service.trouble, world.service.unreadable = "", 0
    for step in (Finish(), Wait(GRACE * 3), Leave(0), Finish(), Wait(GRACE), Finish()):
        await world.take(step)
        world.check()
    assert Journal(path).unsettled(HOST, PROJECT) == ()
    return world


@settings(max_examples=100, deadline=None)
@given(STEPS)
@example([Finish(), Trouble("lost and late"), *SEND, Leave(0), Finish(), Key("enter"), *SEND, Wait(GRACE * 2), *SEND])
@example([Finish(), *SEND, Key("enter"), Key("undo"), Finish(), Key("yes"), Leave(9), Finish(), Key("undo"), Finish()])
@example([Finish(), Key("step", 1), Key("enter"), Meddle(SCORE, 0.4), Key("yes"), Finish(), Key("step", 1), *SEND[1:]])
def test_no_sequence_of_keys_and_faults_leaves_a_value_unexplained(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(live(Path(directory) / "changes.db", steps))


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_read_only_no_sequence_of_keys_sends_anything(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(live(Path(directory) / "changes.db", steps, read_only="flag --read-only"))


async def test_a_test_that_was_agreed_to_is_started_once_and_journalled(tmp_path: Path) -> None:
    world = await live(tmp_path / "changes.db", [Finish(), Key("test_again"), Key("yes"), Finish(), Key("yes")])
    (entry,) = Journal(world.path).look().actions
    assert (entry.outcome, entry.report.job_id) == (Outcome.APPLIED, 8_300_001)
    assert world.runs.posts == {entry.action.id: 1}


async def test_leaving_at_any_moment_of_a_change_leaves_it_explained(tmp_path: Path) -> None:
    outcomes = set()
    for trouble in ("", "lost after", "lost before", "lost and late", "refused"):
        for at in range(14):
            path = tmp_path / f"{trouble}-{at}.db"
            steps: list[Step] = [Finish(), Trouble(trouble), *SEND[:-1], Leave(at)]
            await live(path, steps)
            outcomes |= {entry.outcome for entry in Journal(path).look().changes}
    assert outcomes >= {Outcome.SETTLED_APPLIED, Outcome.SETTLED_NOT_APPLIED}
