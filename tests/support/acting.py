"""A service in memory to which trials are added, whose search is extended, whose jobs are cancelled. All synthetic."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from changing import GRACE, LATE, TROUBLES, Clock, Fate, FatedJournal, owner

from eitui.api.errors import Rejected, Unreachable
from eitui.domain.action import Action, ActionKind, Evidence
from eitui.domain.edit import Outcome
from eitui.domain.log import Job
from eitui.domain.run import KeyInfo, Run, RunRecord
from eitui.thresholds.act import Actor
from eitui.thresholds.evidence import ended, extended
from eitui.thresholds.journal import Journal

RUN, NEXT_RUN = 8_000_010, 8_000_020
TRIAL = "4100003"

TARGETS = {
    ActionKind.ADD: TRIAL,
    ActionKind.EXTEND: str(RUN),
    ActionKind.CANCEL: str(RUN),
    ActionKind.TEST: "1",
}

HARMLESS = {Outcome.REFUSED, Outcome.NOT_SENT, Outcome.SETTLED_NOT_APPLIED}
"""After these the service has nothing of an action."""


@dataclass
class FakeRuns:
    """Knows which request brought about what."""

    clock: Clock = field(default_factory=Clock)
    fate: Fate = field(default_factory=Fate)
    effects: dict[tuple[ActionKind, str], list[str]] = field(default_factory=dict)
    """The ids of the actions that were carried out, by kind and target."""
    posts: Counter[str] = field(default_factory=Counter)
    trouble: str = ""
    unreadable: int = 0
    role: str = "admin"
    slow: bool = False
    """Whether what is started is not to be seen yet."""
    arriving: list[tuple[float, Action]] = field(default_factory=list)
    witness: Callable[[Action], None] = lambda _: None
    """Is shown every request when it comes in."""

    async def key_info(self) -> KeyInfo:
        return KeyInfo(self.role)

    async def look(self, action: Action) -> Evidence:
        self.fate.step()
        await asyncio.sleep(0)
        self.arrive()
        if self.unreadable:
            self.unreadable -= 1
            raise Unreachable("studio.example.test cannot be reached: network is unreachable")
        self.fate.step()
        done = bool(self.effects.get((action.kind, action.target))) and not self.slow
        match action.kind:
            case ActionKind.ADD:
                there = "The trial is in the project already" if done else ""
                return Evidence(done=done, found="impulse 7" if done else "", obstacle=there)
            case ActionKind.CANCEL:
                return ended(Job(int(action.target), finished=done))
            case ActionKind.EXTEND:
                begun = [RunRecord(NEXT_RUN, 2, continued_job_id=RUN)] if done else []
                run = Run("completed", coordinator_job_id=NEXT_RUN if done else RUN, job_running=False)
                return extended(action, run, [*begun, RunRecord(RUN, 1)])
            case ActionKind.TEST:
                return Evidence()

    async def post(self, action: Action) -> int | None:
        self.fate.step()
        await asyncio.sleep(0)
        self.arrive()
        trouble, self.trouble = self.trouble, ""
        if trouble != "not sent":
            self.posts[action.id] += 1
            self.witness(action)
        done, error = TROUBLES.get(trouble, (True, None))
        if done and self._possible(action):
            self._carry_out(action)
        elif done:
            error = error or Rejected("The service refused: it is so already")
        elif trouble == "lost and late":
            self.arriving.append((self.clock.elapsed + LATE, action))
        self.fate.step()
        await asyncio.sleep(0)
        if error is not None:
            raise error
        return None if action.kind is ActionKind.CANCEL else 8_300_001

    def arrive(self) -> None:
        """Carry out what was lost on its way, and is due."""
        for at, action in list(self.arriving):
            if at <= self.clock.elapsed:
                self.arriving.remove((at, action))
                if self._possible(action):
                    self._carry_out(action)

    def _possible(self, action: Action) -> bool:
        return action.kind is ActionKind.TEST or not self.effects.get((action.kind, action.target))

    def _carry_out(self, action: Action) -> None:
        self.effects.setdefault((action.kind, action.target), []).append(action.id)


def actor(
    service: FakeRuns,
    path: Path,
    fate: Fate | None = None,
    *,
    reports_fail: bool = False,
    read_only: str | None = None,
) -> Actor:
    """Return what acts on `service` from a process that has just been started."""
    service.fate = fate or Fate()
    journal = FatedJournal(path, service.clock, service.fate, reports_fail=reports_fail)
    return Actor(service.look, service.post, service.key_info, journal, owner(read_only), grace_s=GRACE)


def an_action(of: Actor, kind: ActionKind) -> Action:
    return of.action(kind, TARGETS[kind], "mfe-conv1d-934")


def check_explained(service: FakeRuns, path: Path) -> None:
    """Fail where something on the service is not explained, or was sent twice."""
    service.arrive()
    entries = {entry.action.id: entry for entry in Journal(path).look().actions}
    for key, ids in service.effects.items():
        for action_id in ids:
            assert entries[action_id].outcome not in HARMLESS, f"{key} was done, the journal says it was not"
    assert set(service.posts) <= set(entries)
    assert all(count == 1 for count in service.posts.values())
