"""The one way in which thresholds are changed.

Read again, write down, send once, write down what became of it, read back. Whatever fails before the request has gone
out is raised, and nothing was sent; whatever happens afterwards is a `Result`, and the journal has it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Generic, TypeVar
from uuid import uuid4

from eitui.api.errors import ApiError
from eitui.domain.action import ActionEntry
from eitui.domain.edit import Conflict, Edit, Entry, Outcome, Report
from eitui.domain.threshold import Change, Threshold, ThresholdValue, same
from eitui.errors import Code
from eitui.log import log
from eitui.thresholds import outcomes
from eitui.thresholds.errors import ChangeError, Conflicted, JournalError, NoSuchThreshold, ReadOnly, Underway
from eitui.thresholds.journal import AnyEntry, Journal

_T = TypeVar("_T")

GRACE_S = 30.0
"""For so long after an answer was given up, in seconds, the request may still take effect: a slow service works on."""

_LEFT = "eitui was left before the service answered"
"""What is written down of a request whose answer nobody waited for."""


class SendStep(Enum):
    """How far the sending of an edit has come."""

    READING = "reading"
    """The present values are read: nothing has gone out, and cancelled now nothing will."""
    JOURNALLED = "journalled"
    """It is in the journal, and the request is on its way, or about to be."""
    ACCEPTED = "accepted"
    """The service said that it changed the values; they are read back."""
    SENT = "sent"
    """The request is over without such an answer; the values are read back."""


@dataclass(frozen=True)
class Result:
    """What became of an edit that was sent, or is being settled."""

    entry: Entry
    stored: tuple[ThresholdValue | None, ...] | None = None
    """What the service said, when it was asked afterwards, in the order of the changes; None when it could not be."""
    problem: str = ""
    """Why the values could not be read back, or the outcome not written down; one clean line, or empty."""
    again_in_s: float = 0.0
    """While it is not settled: after how many seconds reading back can settle it."""
    code: Code | None = None
    """Which error the request ended in; None where the service took it, and of an entry that was only settled."""
    advice: str = ""
    """What that error advises, such as how long the service asks to wait; a sentence or two, or empty."""

    @property
    def matches(self) -> bool | None:
        """Whether every value is the new one; None when they could not be read back."""
        if self.stored is None:
            return None
        pairs = zip(self.entry.edit.changes, self.stored, strict=True)
        return all(same(change.new, value) for change, value in pairs)


@dataclass(frozen=True)
class Accepted:
    """The service's answer to a change that it made."""

    regenerate_status: str = ""
    """What became of the model-testing results; clean. See `eitui.thresholds.messages`."""
    job_id: int | None = None
    """The job that brings them up to date, where one was started."""
    had_results: bool | None = None
    """Whether there were any before; None where the service does not say."""


@dataclass(frozen=True)
class Owner:
    """In whose name changes are made, and where."""

    host: str
    """The service's host, as `Settings.host` gives it."""
    project_id: int
    who: str
    """The user of this machine: `user@host`."""
    read_only: str | None = None
    """Where it was set that nothing may be changed, such as `flag --read-only`; None when changes may be made."""


@dataclass(frozen=True)
class Sent(Generic[AnyEntry]):
    """What became of a request, before anything is read back."""

    entry: AnyEntry
    problem: str = ""
    """Why the outcome could not be written down; one clean line, or empty."""
    code: Code | None = None
    """See `Result`, as the next."""
    advice: str = ""


class Scribe:
    """Writes down what is sent, before it goes out, and what became of it. Every method may be cancelled at any time.

    Args:
        journal: what is written down, before anything goes out.
        owner: in whose name.
        grace_s: how long a request that was not answered may still take effect, in seconds.

    """

    def __init__(self, journal: Journal, owner: Owner, grace_s: float) -> None:
        self.owner = owner
        self._journal = journal
        self._grace = Grace(grace_s, journal.now, journal.mono)

    def check_writable(self) -> None:
        """Raise ReadOnly where nothing may be changed."""
        if self.owner.read_only is not None:
            raise ReadOnly(self.owner.read_only)

    @asynccontextmanager
    async def _locked(self, impulse_id: int) -> AsyncIterator[None]:
        """Hold the right to change an impulse. Its file is touched in threads: a disk may be slow."""
        lock = self._journal.lock(self.owner.host, self.owner.project_id, impulse_id)
        try:
            await run_shielded(lock.acquire)
            yield
        finally:
            await run_shielded(lock.release)

    async def _intend(self, write: Callable[[], AnyEntry]) -> AnyEntry:
        written: list[AnyEntry] = []
        try:
            return await run_shielded(write, written.append)
        except asyncio.CancelledError:
            for entry in written:
                with suppress(JournalError):
                    await self._write(entry, Report(Outcome.NOT_SENT, "eitui was left before it was sent"))
            raise

    async def _send_once(self, entry: AnyEntry, post: Callable[[], Awaitable[Report]]) -> Sent[AnyEntry]:
        """Have `post` send what was written down, and report it; return what became of it."""
        report, code, advice = Report(Outcome.UNKNOWN, _LEFT), None, ""
        try:
            report = await post()
        except ApiError as error:
            report, code, advice = Report(outcomes.outcome_of(error), error.what), error.code, error.advice
        except BaseException:
            # Whatever it is, and above all when nobody waits any longer: from here on the request may be on its way.
            with suppress(JournalError):
                await self._write(entry, report)
            raise
        try:
            return Sent(await self._write(entry, report), code=code, advice=advice)
        except JournalError as error:
            # Left as it was intended, it will be settled by reading back.
            return Sent(replace(entry, report=report, reported_at=self._journal.now()), error.what, code, advice)

    async def _left(self, entry: AnyEntry) -> float:
        """Return in how many seconds it can be known that an entry was not applied; 0 when it can be, or is known.

        One that was written at a time still to come is written down once more, at the present time: the next process
        would wait from the start again, and each after it, until the clock has caught up.
        """
        if entry.outcome.settled:
            return 0.0
        if self._grace.is_ahead(entry):
            with suppress(JournalError):
                entry = await self._write(entry, entry.report)
        return self._grace.left(entry)

    async def _write(self, entry: AnyEntry, report: Report) -> AnyEntry:
        log.info("Entry %d: %s, %s", entry.number, report.outcome.value, report.detail or "no more was said")
        return await run_shielded(lambda: self._journal.report(entry, report))


class Sender(Scribe):
    """Changes thresholds of one project. Every method may be cancelled at any time.

    Args:
        read: reads all thresholds of an impulse as they are now; raises ApiError, or NoSuchThreshold where there is no
            such impulse.
        post: sends an edit in one request, once; raises ApiError (with `may_have_acted` where nobody knows).
        journal: what is written down, before anything goes out.
        owner: in whose name.
        grace_s: how long a request that was not answered may still take effect, in seconds.
        new_id: makes an id unlike any other.

    """

    def __init__(
        self,
        read: Callable[[int], Awaitable[tuple[Threshold, ...]]],
        post: Callable[[Edit], Awaitable[Accepted]],
        journal: Journal,
        owner: Owner,
        *,
        grace_s: float = GRACE_S,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        super().__init__(journal, owner, grace_s)
        self._read, self._post = read, post
        self._new_id = new_id

    def edit(
        self,
        impulse_id: int,
        impulse_name: str,
        changes: Sequence[Change],
        *,
        regenerate: bool = False,
        undo_of: str | None = None,
    ) -> Edit:
        """Return an edit of this project, made by this user.

        Raises:
            ValueError: see `Edit`.
        """
        return Edit(
            id=self._new_id(),
            host=self.owner.host,
            project_id=self.owner.project_id,
            impulse_id=impulse_id,
            impulse_name=impulse_name,
            changes=tuple(changes),
            who=self.owner.who,
            regenerate=regenerate,
            undo_of=undo_of,
        )

    def undo(self, entry: Entry) -> Edit:
        """Return the edit that undoes `entry`: its old values in place of those that the service had since.

        It goes the same way as any other: what somebody changed meanwhile is a conflict.

        Raises:
            ChangeError: `entry` was not applied, is of another project, or the old values are not known.
        """
        edit = entry.edit
        if (edit.host, edit.project_id) != (self.owner.host, self.owner.project_id):
            raise ChangeError(f"Change {entry.number} is of another project")
        if not entry.outcome.applied:
            raise ChangeError(f"Change {entry.number} was not applied: there is nothing to undo")
        changes = [
            Change(change.ref, now, change.old)
            for change, now in zip(edit.changes, entry.stored, strict=True)
            if change.old is not None
        ]
        if len(changes) < len(edit.changes):
            raise ChangeError(f"What was there before change {entry.number} is not known", "Set the value instead.")
        return self.edit(edit.impulse_id, edit.impulse_name, changes, regenerate=edit.regenerate, undo_of=edit.id)

    async def prepare(self, edit: Edit) -> tuple[Conflict, ...]:
        """Return what somebody changed since the new values were chosen. Nothing is written or sent.

        Raises:
            ReadOnly, NoSuchThreshold, Unfit: it cannot be sent.
            ApiError: the service could not be asked.
        """
        self.check_writable()
        return await self._whose(outcomes.conflicts_of(edit, await self._read(edit.impulse_id)))

    async def send(self, edit: Edit, reached: Callable[[SendStep], None] = lambda _: None) -> Result:
        """Send an edit, once, after having read again and written it down; then read back.

        An error means that nothing was sent. Changes of this impulse that are not settled are settled first. Cancelled
        while the request is under way, it leaves it in the journal as unknown. `reached` is told each step when it
        begins.

        Raises:
            ReadOnly, Conflicted, NoSuchThreshold, Unfit, AlreadySent: it cannot be sent, or not like this.
            Underway: another change of the impulse is being sent, or one that was not answered may still take effect.
            JournalError: the journal cannot be written.
            ApiError: the service could not be asked for the present values.
        """
        self.check_writable()
        async with self._locked(edit.impulse_id):
            reached(SendStep.READING)
            thresholds = await self._settled_first(edit.impulse_id)
            conflicts = outcomes.conflicts_of(edit, thresholds)
            if conflicts:
                raise Conflicted(await self._whose(conflicts), thresholds)
            entry = await self._intend(lambda: self._journal.intend(edit))
            reached(SendStep.JOURNALLED)
            sent = await self._posted(entry)
            reached(SendStep.ACCEPTED if sent.entry.outcome.applied else SendStep.SENT)
            return await self._read_back(sent)

    async def settle(self, entry: Entry) -> Result:
        """Find out what became of an entry that is not settled, by reading back. Never sends anything.

        Raises:
            Underway: it is being sent at this moment, by another process.
            JournalError: the journal cannot be read or written.
        """
        async with self._locked(entry.edit.impulse_id):
            found = await run_shielded(lambda: self._journal.entry(entry.number))
            if found is None or found.outcome.settled:
                return Result(found or entry)
            return await self._read_back(Result(found))

    async def unsettled(self) -> tuple[Entry, ...]:
        """Return the entries of this project of which it is not known what became of them, oldest first.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await run_shielded(lambda: self._journal.unsettled(self.owner.host, self.owner.project_id))

    async def never_answered(self) -> tuple[Entry, ...]:
        """Return those of `unsettled` that no process is sending at this moment.

        Raises:
            JournalError: the journal cannot be read, or locked.
        """
        found = []
        for entry in await self.unsettled():
            if entry.outcome is not Outcome.INTENDED:
                found.append(entry)
                continue
            try:
                # Whoever sends a change has the lock of its impulse, and says what became of it before giving it back.
                async with self._locked(entry.edit.impulse_id):
                    now = await run_shielded(partial(self._journal.entry, entry.number))
            except Underway:
                continue
            if now is not None and not now.outcome.settled:
                found.append(now)
        return tuple(found)

    async def last_applied(self, impulse_id: int) -> Entry | None:
        """Return the last entry that changed a threshold of an impulse; None where none from this machine did.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await run_shielded(
            lambda: self._journal.last_applied_of(self.owner.host, self.owner.project_id, impulse_id)
        )

    async def _whose(self, conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
        """Return the conflicts with the change from this machine that explains the present value, where there is one.

        Only the last one can: what was there before it, and is again, somebody else has set.
        """
        return await run_shielded(lambda: tuple(map(self._with_ours, conflicts)))

    def _with_ours(self, conflict: Conflict) -> Conflict:
        try:
            last = self._journal.last_applied(self.owner.host, self.owner.project_id, conflict.ref)
        except JournalError:  # whose it is changes nothing
            last = None
        if last is None:
            return conflict
        left = {change.ref: value for change, value in zip(last.edit.changes, last.stored, strict=True)}
        return replace(conflict, by=last) if same(left[conflict.ref], conflict.now) else conflict

    async def _settled_first(self, impulse_id: int) -> tuple[Threshold, ...]:
        """Return the thresholds of an impulse, having settled with them what was not.

        Whoever holds the lock knows that no process is sending: what is not settled was given up, or its sender killed.
        """
        waiting = [entry for entry in await self.unsettled() if entry.edit.impulse_id == impulse_id]
        lefts = [await self._left(entry) for entry in waiting]
        thresholds = await self._read(impulse_id)
        for entry, left in zip(waiting, lefts, strict=True):
            report = outcomes.settled(entry, outcomes.values_of(entry.edit, thresholds), left)
            if report is None:
                raise Underway(
                    f"Change {entry.number} of this impulse was not answered and may still take effect",
                    f"Try again in {left:.0f} s.",
                    left,
                )
            await self._write(entry, report)
        return thresholds

    async def _posted(self, entry: Entry) -> Result:
        """Send an entry's edit; return what became of it, and why that could not be written down."""
        told = (entry.number, len(entry.edit.changes), entry.edit.impulse_id)
        log.info("Change %d is sent: %d thresholds of impulse %d", *told)

        async def post() -> Report:
            answer = await self._post(entry.edit)
            status, job_id, had_results = answer.regenerate_status, answer.job_id, answer.had_results
            return Report(Outcome.APPLIED, "", status, job_id, had_results=had_results)

        sent = await self._send_once(entry, post)
        return Result(sent.entry, problem=sent.problem, code=sent.code, advice=sent.advice)

    async def _read_back(self, result: Result) -> Result:
        entry = result.entry
        if entry.outcome is Outcome.NOT_SENT:
            return result
        left = await self._left(entry)
        try:
            stored = outcomes.values_of(entry.edit, await self._read(entry.edit.impulse_id))
        except NoSuchThreshold:
            stored = (None,) * len(entry.edit.changes)
        except ApiError as error:
            return replace(result, problem=result.problem or error.what, again_in_s=left)
        problem, report = result.problem, outcomes.learnt(entry, stored, left)
        if report is not None:
            try:
                entry = await self._write(entry, report)
            except JournalError as error:
                problem = problem or error.what
                if entry.outcome.settled:  # what is read back is so, whether it could be written down or not
                    entry = replace(entry, report=report)
        return replace(
            result, entry=entry, stored=stored, problem=problem, again_in_s=0 if entry.outcome.settled else left
        )


class Grace:
    """Counts down, for entries that are not settled, until it can be known that they were not applied.

    An entry that is seen for the first time is as old as the wall clock says, which processes share. From then on the
    monotonic clock counts, so that nobody shortens or lengthens the time by setting the clock.

    Args:
        length_s: how long a request may still take effect, in seconds.
        now: gives seconds since the Unix epoch.
        mono: gives seconds of a clock that is never set.

    """

    def __init__(self, length_s: float, now: Callable[[], float], mono: Callable[[], float]) -> None:
        self._length_s, self._now, self._mono = length_s, now, mono
        self._since: dict[tuple[int, float], float] = {}

    def is_ahead(self, entry: Entry | ActionEntry) -> bool:
        """Whether an entry not seen before is of a time that is still to come: the clock was set back since."""
        return (entry.number, entry.last_at) not in self._since and entry.last_at > self._now()

    def left(self, entry: Entry | ActionEntry) -> float:
        """Return in how many seconds it can be known that an entry was not applied; 0 when it can be.

        How old one of the future is nobody knows: it is given the whole time, from when it is first seen.
        """
        mono = self._mono()
        since = self._since.setdefault((entry.number, entry.last_at), mono - max(0.0, self._now() - entry.last_at))
        return max(0.0, self._length_s - (mono - since))


async def run_shielded(work: Callable[[], _T], left: Callable[[_T], None] = lambda _: None) -> _T:
    """Return what `work` returns, done in a thread so that a slow disk holds nobody up.

    Cancelled, it waits until the work is complete, gives the result to `left`, and is cancelled only then. It waits
    however often it is cancelled, which `asyncio.shield` alone does not: a screen that is closed cancels its workers
    twice, and a lock must not be given back while the journal is still being written.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])  # which cancels no task
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if task.exception() is None:
        left(task.result())
    raise cancelled
