"""Whatever is done and whatever goes wrong, the journal explains every value on the service."""

import asyncio
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from changing import ANOMALY, GRACE, HOST, IMPULSE, METHOD, PROJECT, SCORE, Crash, FakeService, Fate, change, sender
from explained import Meddle, Wait, check_explained
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eitui.api.errors import ApiError
from eitui.domain.edit import Edit, Outcome
from eitui.domain.threshold import ThresholdRef, ThresholdValue
from eitui.thresholds.errors import ChangeError
from eitui.thresholds.journal import Journal

CHOICES: dict[ThresholdRef, list[ThresholdValue]] = {
    SCORE: [0.6, 0.7, 1],
    ANOMALY: [0.3, 0.1 + 0.2],
    METHOD: ["max", "mean"],
}


@dataclass(frozen=True)
class Send:
    refs: tuple[ThresholdRef, ...]
    pick: int
    trouble: str = ""
    unreadable: int = 0
    reports_fail: bool = False
    fate: tuple[str, int] | None = None
    undo: bool = False


@dataclass(frozen=True)
class Settle:
    fate: tuple[str, int] | None = None
    unreadable: int = 0


Step = Send | Meddle | Wait | Settle

ROADS = ["", "", "", "refused", "busy", "not sent"]
ROADS += ["lost before", "lost after", "lost and late", "wrong shape", "failed"]
FATES = st.none() | st.tuples(st.sampled_from(["crash", "cancel"]), st.integers(0, 12))
REFS = st.sets(st.sampled_from(list(CHOICES)), min_size=1).map(tuple)

SENDS = st.builds(
    Send, REFS, st.integers(0, 2), st.sampled_from(ROADS), st.integers(0, 2), st.booleans(), FATES, st.booleans()
)
MEDDLES = st.sampled_from([Meddle(ref, value) for ref, values in CHOICES.items() for value in values])
WAITS = st.sampled_from([1.0, GRACE / 2, GRACE, GRACE * 3]).map(Wait)
SETTLES = st.builds(Settle, FATES, st.integers(0, 1))
STEPS = st.lists(SENDS | SENDS | MEDDLES | WAITS | SETTLES, max_size=12)


class World:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.service = FakeService(witness=self._was_written_down)

    def _was_written_down(self, edit: Edit) -> None:
        """A request that comes in is in the journal, on the disk, before."""
        newest = Journal(self.path).look(limit=1).changes[0]
        assert (newest.edit, newest.outcome) == (edit, Outcome.INTENDED)

    async def take(self, step: Step) -> None:
        match step:
            case Meddle():
                self.service.meddle(step.ref, step.value)
            case Wait():
                self.service.clock.elapsed += step.seconds
            case Send():
                self.service.trouble, self.service.unreadable = step.trouble, step.unreadable
                await self._live(step.fate, self._send(step), step.reports_fail)
                self.service.trouble, self.service.unreadable = "", 0
            case Settle():
                self.service.unreadable = step.unreadable
                posts = self.service.posts.copy()
                await self._live(step.fate, self._settle())
                self.service.unreadable = 0
                assert self.service.posts == posts

    async def _live(self, fate: Any, work: Coroutine[Any, Any, object], reports_fail: bool = False) -> None:
        """Do something in a process of its own, which may be killed or left at some step."""
        kind, at = fate or ("crash", None)
        mine = Fate(at, kind, loop=asyncio.get_running_loop())
        self.sender = sender(self.service, self.path, mine, reports_fail=reports_fail)
        mine.task = asyncio.create_task(work)
        with suppress(Crash, asyncio.CancelledError, ChangeError, ApiError):
            await mine.task
        mine.at = None

    async def _send(self, step: Send) -> None:
        if step.undo:
            entry = Journal(self.path).last_applied(HOST, PROJECT, step.refs[0])
            if entry is not None:
                await self.sender.send(self.sender.undo(entry))
            return
        changes = []
        for ref in step.refs:
            others = [value for value in CHOICES[ref] if value != self.service.values[ref]]
            changes.append(change(self.service, ref, others[step.pick % len(others)]))
        await self.sender.send(self.sender.edit(IMPULSE, "Keywords (synthetic)", changes))

    async def _settle(self) -> None:
        for entry in await self.sender.unsettled():
            await self.sender.settle(entry)

    def check(self) -> None:
        entries = check_explained(self.service, self.path)
        assert set(self.service.posts) <= set(entries)
        assert all(count == 1 for count in self.service.posts.values())
        for entry in entries.values():
            if entry.outcome.applied:
                assert self.service.posts[entry.edit.id] == 1 or entry.outcome is Outcome.SETTLED_APPLIED


async def live(path: Path, steps: Sequence[Step]) -> None:
    world = World(path)
    for step in steps:
        await world.take(step)
        world.check()
    for step in (Wait(GRACE * 2), Settle()):
        await world.take(step)
    world.check()
    assert Journal(path).unsettled(HOST, PROJECT) == ()


@settings(max_examples=100, deadline=None)
@given(STEPS)
@example([Send((SCORE,), 0, "lost and late"), Send((SCORE,), 1), Settle(), Wait(GRACE / 2), Settle(), Wait(GRACE)])
@example([Send((SCORE, METHOD), 0, "lost after", fate=("crash", 6)), Meddle(METHOD, "max"), Wait(GRACE)])
@example([Send((SCORE,), 0), Send((SCORE,), 0, undo=True), Send((SCORE,), 0, undo=True, reports_fail=True)])
def test_the_journal_explains_every_value_on_the_service(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(live(Path(directory) / "changes.db", steps))


def test_a_process_killed_at_any_step_of_a_change_leaves_it_explained(tmp_path: Path) -> None:
    kinds = set()
    for kind in ("crash", "cancel"):
        for trouble in ROADS[2:]:
            for at in range(14):
                path = tmp_path / f"{kind}-{trouble}-{at}.db"
                asyncio.run(live(path, [Send((SCORE, METHOD), 1, trouble, fate=(kind, at)), Settle()]))
                kinds |= {entry.outcome for entry in Journal(path).look().changes}
    assert kinds >= {
        Outcome.APPLIED, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.SETTLED_APPLIED, Outcome.SETTLED_NOT_APPLIED,
    }  # fmt: skip
