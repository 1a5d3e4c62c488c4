"""A service in memory whose thresholds are changed, and all that can go wrong on the way. Everything is synthetic."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eitui.api.errors import ApiError, BadAnswer, Busy, Rejected, Unreachable
from eitui.domain.action import Action, ActionEntry
from eitui.domain.edit import Edit, Entry, Report
from eitui.domain.threshold import Change, Option, Threshold, ThresholdRef, ThresholdValue
from eitui.thresholds.errors import JournalError, NoSuchThreshold
from eitui.thresholds.journal import AnyEntry, ImpulseLock, Journal
from eitui.thresholds.send import Accepted, Owner, Sender

HOST, PROJECT, IMPULSE = "studio.example.test", 12, 1
START = 1_768_469_400.0
GRACE = 30.0
LATE = 20.0
"""After so many seconds a request that was lost on its way arrives all the same."""

SCORE = ThresholdRef(IMPULSE, 3, "min_score")
ANOMALY = ThresholdRef(IMPULSE, 4, "min_anomaly_score")
METHOD = ThresholdRef(IMPULSE, 5, "method")
WORDS = ("max", "mean")

LOST = Unreachable("studio.example.test cannot be reached: the connection broke", may_have_acted=True)
TROUBLES: dict[str, tuple[bool, ApiError]] = {
    "refused": (False, Rejected("The service refused: a job is running")),
    "busy": (False, Busy("The service is busy (429 Too Many Requests)", "It asks to wait 30 s.")),
    "not sent": (False, Unreachable("studio.example.test cannot be reached: connection refused")),
    "lost before": (False, LOST),
    "lost after": (True, LOST),
    "lost and late": (False, LOST),
    "wrong shape": (True, BadAnswer("The service's answer is not JSON")),
    "failed": (False, Rejected("The service failed (500 Internal Server Error)", may_have_acted=True)),
    "refused and done": (True, Rejected("The service refused (408 Request Timeout)")),
}
"""What can happen to a request: whether it is carried out at once, and what the client then raises."""


class Crash(BaseException):
    """Kill -9: nothing of the process goes on after it."""


@dataclass
class Fate:
    """Ends things at the step with this number, counted from 0."""

    at: int | None = None
    kind: str = "crash"
    dead: bool = False
    task: "asyncio.Task[object] | None" = None
    loop: asyncio.AbstractEventLoop | None = None
    steps: int = 0

    def step(self) -> None:
        if self.dead:
            raise Crash
        number, self.steps = self.steps, self.steps + 1
        if number != self.at:
            return
        if self.kind == "crash":
            self.dead = True
            raise Crash
        if self.task is not None and self.loop is not None:
            self.loop.call_soon_threadsafe(self.task.cancel)


@dataclass
class Clock:
    elapsed: float = 0.0
    ahead: float = 0.0
    """How many seconds the wall clock was set forward since the beginning; negative: back."""

    def now(self) -> float:
        return START + self.elapsed + self.ahead

    def mono(self) -> float:
        return self.elapsed


@dataclass
class FakeService:
    """The thresholds of one impulse. Knows who set each value last."""

    clock: Clock = field(default_factory=Clock)
    fate: Fate = field(default_factory=Fate)
    values: dict[ThresholdRef, ThresholdValue] = field(
        default_factory=lambda: {SCORE: 0.6, ANOMALY: 0.3, METHOD: "max"}
    )
    origin: dict[ThresholdRef, str] = field(default_factory=dict)
    """The id of the edit that set a value last; missing where it was somebody else."""
    trouble: str = ""
    """What happens to the next request."""
    unreadable: int = 0
    """So many of the next looks fail."""
    accepted: Accepted = field(default_factory=lambda: Accepted("regenerated"))
    places: int | None = None
    """To so many decimal places the service rounds numbers."""
    posts: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    arriving: list[tuple[float, Edit]] = field(default_factory=list)
    witness: Callable[[Edit], None] = lambda _: None
    """Is shown every request when it comes in."""

    async def thresholds(self, impulse_id: int) -> tuple[Threshold, ...]:
        self.fate.step()
        await asyncio.sleep(0)
        self.looks += 1
        self.arrive()
        if self.unreadable:
            self.unreadable -= 1
            raise Unreachable("studio.example.test cannot be reached: network is unreachable")
        if impulse_id != IMPULSE:
            raise NoSuchThreshold(f"The project has no impulse {impulse_id}")
        found = tuple(self._threshold(ref) for ref in self.values)
        self.fate.step()
        await asyncio.sleep(0)
        return found

    async def set_once(self, edit: Edit) -> Accepted:
        self.fate.step()
        await asyncio.sleep(0)
        self.arrive()
        trouble, self.trouble = self.trouble, ""
        if trouble != "not sent":
            self.posts[edit.id] += 1
            self.witness(edit)
        done, error = TROUBLES.get(trouble, (True, None))
        if done:
            self._apply(edit)
        elif trouble == "lost and late":
            self.arriving.append((self.clock.elapsed + LATE, edit))
        self.fate.step()
        await asyncio.sleep(0)
        if error is not None:
            raise error
        return self.accepted

    def meddle(self, ref: ThresholdRef, value: ThresholdValue) -> None:
        """Let somebody else change a value."""
        self.arrive()
        self.values[ref] = value
        self.origin.pop(ref, None)

    def arrive(self) -> None:
        """Carry out what was lost on its way, and is due."""
        for at, edit in list(self.arriving):
            if at <= self.clock.elapsed:
                self.arriving.remove((at, edit))
                self._apply(edit)

    def _apply(self, edit: Edit) -> None:
        for change in edit.changes:
            new = change.new
            self.values[change.ref] = (
                round(new, self.places) if self.places is not None and isinstance(new, float) else new
            )
            self.origin[change.ref] = edit.id

    def _threshold(self, ref: ThresholdRef) -> Threshold:
        options = tuple(Option(word) for word in WORDS) if ref == METHOD else ()
        return Threshold(ref, value=self.values[ref], options=options)


class FatedJournal(Journal):
    """A journal that the process may die just before or after writing, and whose disk may fail."""

    def __init__(self, path: Path, clock: Clock, fate: Fate, *, reports_fail: bool = False) -> None:
        super().__init__(path, clock.now, clock.mono)
        self._fate = fate
        self._reports_fail = reports_fail

    def intend(self, edit: Edit) -> Entry:
        self._fate.step()
        entry = super().intend(edit)
        self._fate.step()
        return entry

    def intend_action(self, action: Action) -> ActionEntry:
        self._fate.step()
        entry = super().intend_action(action)
        self._fate.step()
        return entry

    def report(self, entry: AnyEntry, report: Report) -> AnyEntry:
        self._fate.step()
        if self._reports_fail:
            raise JournalError("The journal of changes cannot be written: no space left on device")
        written = super().report(entry, report)
        self._fate.step()
        return written


def owner(read_only: str | None = None) -> Owner:
    return Owner(HOST, PROJECT, "ada@box", read_only)


def sender(
    service: FakeService,
    path: Path,
    fate: Fate | None = None,
    *,
    reports_fail: bool = False,
    read_only: str | None = None,
) -> Sender:
    """Return what sends to `service` from a process that has just been started."""
    service.fate = fate or Fate()
    journal = FatedJournal(path, service.clock, service.fate, reports_fail=reports_fail)
    return Sender(service.thresholds, service.set_once, journal, owner(read_only), grace_s=GRACE)


@contextmanager
def locked(lock: ImpulseLock) -> Iterator[None]:
    """Hold a lock as another process would."""
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def change(service: FakeService, ref: ThresholdRef, new: ThresholdValue) -> Change:
    return Change(ref, service.values[ref], new)


def an_edit(changes: Iterable[Change] = (Change(SCORE, 0.6, 0.7),), **result: Any) -> Edit:
    given: dict[str, Any] = {
        "id": "a1", "host": HOST, "project_id": PROJECT, "impulse_id": IMPULSE, "impulse_name": "Keywords (synthetic)",
        "changes": tuple(changes), "who": "ada@box",
    }  # fmt: skip
    return Edit(**(given | result))
