"""Whatever is started or cancelled and whatever goes wrong, the journal explains everything on the service."""

import asyncio
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acting import FakeRuns, actor, an_action, check_explained
from changing import GRACE, HOST, PROJECT, Crash, Fate
from explained import Wait
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eitui.api.errors import ApiError
from eitui.domain.action import Action, ActionKind
from eitui.domain.edit import Outcome
from eitui.thresholds.errors import ChangeError
from eitui.thresholds.journal import Journal


@dataclass(frozen=True)
class Act:
    kind: ActionKind
    trouble: str = ""
    unreadable: int = 0
    reports_fail: bool = False
    fate: tuple[str, int] | None = None
    slow: bool = False


@dataclass(frozen=True)
class Settle:
    fate: tuple[str, int] | None = None
    unreadable: int = 0
    slow: bool = False


Step = Act | Wait | Settle

ROADS = ["", "", "", "refused", "busy", "not sent"]
ROADS += ["lost before", "lost after", "lost and late", "wrong shape", "failed"]
FATES = st.none() | st.tuples(st.sampled_from(["crash", "cancel"]), st.integers(0, 14))
KINDS = st.sampled_from(list(ActionKind))
ACTS = st.builds(Act, KINDS, st.sampled_from(ROADS), st.integers(0, 3), st.booleans(), FATES, st.booleans())
WAITS = st.sampled_from([1.0, GRACE / 2, GRACE, GRACE * 3]).map(Wait)
SETTLES = st.builds(Settle, FATES, st.integers(0, 1), st.booleans())
STEPS = st.lists(ACTS | ACTS | WAITS | SETTLES, max_size=12)


class World:
    def __init__(self, path: Path, read_only: str | None = None, role: str = "admin") -> None:
        self.path, self.read_only = path, read_only
        self.service = FakeRuns(witness=self._was_written_down, role=role)

    def _was_written_down(self, action: Action) -> None:
        """A request that comes in is in the journal, on the disk, before."""
        newest = Journal(self.path).look(limit=1).actions[0]
        assert (newest.action, newest.outcome) == (action, Outcome.INTENDED)

    async def take(self, step: Step) -> None:
        match step:
            case Wait():
                self.service.clock.elapsed += step.seconds
            case Act():
                self.service.trouble, self.service.unreadable = step.trouble, step.unreadable
                # A run is in the list of runs as soon as there is one.
                self.service.slow = step.slow and step.kind is not ActionKind.EXTEND
                await self._live(step.fate, self._act(step), reports_fail=step.reports_fail)
            case Settle():
                self.service.unreadable = step.unreadable
                posts = self.service.posts.copy()
                await self._live(step.fate, self._settle())
                assert self.service.posts == posts
        self.service.trouble, self.service.unreadable, self.service.slow = "", 0, False

    async def _live(self, fate: Any, work: Coroutine[Any, Any, object], *, reports_fail: bool = False) -> None:
        """Do something in a process of its own, which may be killed or left at some step."""
        kind, at = fate or ("crash", None)
        mine = Fate(at, kind, loop=asyncio.get_running_loop())
        self.actor = actor(self.service, self.path, mine, reports_fail=reports_fail, read_only=self.read_only)
        mine.task = asyncio.create_task(work)
        with suppress(Crash, asyncio.CancelledError, ChangeError, ApiError):
            await mine.task
        mine.at = None

    async def _act(self, step: Act) -> None:
        await self.actor.send(an_action(self.actor, step.kind))

    async def _settle(self) -> None:
        for entry in await self.actor.unsettled():
            await self.actor.read_back(entry)

    def check(self) -> None:
        check_explained(self.service, self.path)


async def live(path: Path, steps: Sequence[Step], read_only: str | None = None, role: str = "admin") -> World:
    world = World(path, read_only, role)
    for step in steps:
        await world.take(step)
        world.check()
    for step in (Wait(GRACE * 2), Settle()):
        await world.take(step)
    world.check()
    assert Journal(path).unsettled_actions(HOST, PROJECT) == ()
    return world


@settings(max_examples=100, deadline=None)
@given(STEPS)
@example([Act(ActionKind.ADD, "lost and late"), Act(ActionKind.ADD), Wait(GRACE / 2), Settle(), Wait(GRACE)])
@example([Act(ActionKind.EXTEND, "lost after", fate=("crash", 8)), Act(ActionKind.EXTEND), Wait(GRACE)])
def test_the_journal_explains_all_that_was_started_or_ended(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(live(Path(directory) / "changes.db", steps))


@settings(max_examples=20, deadline=None)
@given(STEPS, st.booleans())
def test_read_only_nothing_is_ever_sent(steps: list[Step], by_key: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "changes.db"
        given = {"role": "readonly"} if by_key else {"read_only": "flag --read-only"}
        world = asyncio.run(live(path, steps, **given))
        assert not world.service.posts
        assert not Journal(path).look().entries


def test_a_process_killed_at_any_step_of_an_action_leaves_it_explained(tmp_path: Path) -> None:
    outcomes = set()
    roads = [(ActionKind.ADD, trouble) for trouble in ("", "refused", "not sent", "lost after", "lost and late")]
    for place, (what, trouble) in enumerate((*roads, (ActionKind.EXTEND, "lost before"))):
        for kind in ("crash", "cancel") if place % 2 else ("crash",):
            for at in range(12):
                path = tmp_path / f"{place}-{kind}-{at}.db"
                asyncio.run(live(path, [Act(what, trouble, fate=(kind, at)), Settle()]))
                outcomes |= {entry.outcome for entry in Journal(path).look().entries}
    assert outcomes >= {
        Outcome.APPLIED, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.SETTLED_APPLIED, Outcome.SETTLED_NOT_APPLIED,
        Outcome.SETTLED_OTHER,
    }  # fmt: skip
