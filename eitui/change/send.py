"""The one way in which thresholds are changed.

Read again, write down, send once, write down what became of it, read back. Whatever fails before the request has gone
out is raised, and nothing was sent; whatever happens afterwards is a `Result`, and the journal has it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar
from uuid import uuid4

from eitui.api.errors import ApiError
from eitui.change import judge
from eitui.change.errors import ChangeError, Conflict, Conflicted, JournalError, NoSuchThreshold, ReadOnly, Underway
from eitui.change.grace import GRACE_S, Grace
from eitui.change.journal import ImpulseLock, Journal
from eitui.change.protocol import Service
from eitui.domain.edit import Edit, Entry, Outcome, Report
from eitui.domain.threshold import Change, Threshold, Value, same

T = TypeVar("T")

LEFT = "eitui was left before the service answered"
"""What is written down of a request whose answer nobody waited for."""


class Step(Enum):
    """How far the sending of an edit has come."""

    READING = "reading"
    """The present values are read: nothing has gone out, and cancelled now nothing will."""
    JOURNALLED = "journalled"
    """It is in the journal, and the request is on its way, or about to be."""
    SENT = "sent"
    """What became of the request is known, as far as it can be; the values are read back."""


@dataclass(frozen=True)
class Result:
    """What became of an edit that was sent, or is being settled."""

    entry: Entry
    stored: tuple[Value | None, ...] | None = None
    """What the service said, when it was asked afterwards, in the order of the changes; None when it could not be."""
    problem: str = ""
    """Why the values could not be read back, or the outcome not written down; one clean line, or empty."""
    again_in_s: float = 0.0
    """While it is not settled: after how many seconds reading back can settle it."""

    @property
    def matches(self) -> bool | None:
        """Whether every value is the new one; None when they could not be read back."""
        if self.stored is None:
            return None
        pairs = zip(self.entry.edit.changes, self.stored, strict=True)
        return all(same(change.new, value) for change, value in pairs)


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


class Sender:
    """Changes thresholds of one project. Every method may be cancelled at any time.

    Args:
        service: the service.
        journal: what is written down, before anything goes out.
        owner: in whose name.
        grace_s: how long a request that was not answered may still take effect, in seconds.
        new_id: makes an id unlike any other.

    """

    def __init__(
        self,
        service: Service,
        journal: Journal,
        owner: Owner,
        *,
        grace_s: float = GRACE_S,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self.owner = owner
        self._service = service
        self._journal = journal
        self._grace = Grace(grace_s, journal.now, journal.mono)
        self._new_id = new_id

    def edit(self, impulse_id: int, impulse_name: str, changes: Sequence[Change], *, regenerate: bool = False) -> Edit:
        """Return an edit of this project, made by this user.

        Raises:
            ValueError: see `Edit`.
        """
        return self._edit(impulse_id, impulse_name, changes, regenerate=regenerate)

    def undo(self, entry: Entry) -> Edit:
        """Return the edit that takes `entry` back: its old values in place of those that the service had since.

        It goes the same way as any other: what somebody changed meanwhile is a conflict.

        Raises:
            ChangeError: `entry` was not applied, is of another project, or the old values are not known.
        """
        edit = entry.edit
        if (edit.host, edit.project_id) != (self.owner.host, self.owner.project_id):
            raise ChangeError(f"Change {entry.number} is of another project", "Nothing was sent.")
        if not entry.outcome.applied:
            raise ChangeError(f"Change {entry.number} was not applied: there is nothing to undo", "Nothing was sent.")
        changes = [
            Change(change.ref, now, change.old)
            for change, now in zip(edit.changes, entry.stored, strict=True)
            if change.old is not None
        ]
        if len(changes) < len(edit.changes):
            raise ChangeError(f"What was there before change {entry.number} is not known", "Set the value instead.")
        return self._edit(edit.impulse_id, edit.impulse_name, changes, regenerate=edit.regenerate, undo_of=edit.id)

    async def prepare(self, edit: Edit) -> tuple[Conflict, ...]:
        """Return what somebody changed since the new values were chosen. Nothing is written or sent.

        Raises:
            ReadOnly, NoSuchThreshold, Unfit: it cannot be sent.
            ApiError: the service could not be asked.
        """
        self._check_writable()
        return await self._whose(judge.conflicts_of(edit, await self._service.thresholds(edit.impulse_id)))

    async def send(self, edit: Edit, reached: Callable[[Step], None] = lambda _: None) -> Result:
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
        self._check_writable()
        with self._lock(edit.impulse_id):
            reached(Step.READING)
            thresholds = await self._settled_first(edit.impulse_id)
            conflicts = judge.conflicts_of(edit, thresholds)
            if conflicts:
                raise Conflicted(await self._whose(conflicts), thresholds)
            entry = await self._intend(edit)
            reached(Step.JOURNALLED)
            told = await self._post(entry)
            reached(Step.SENT)
            return await self._read_back(*told)

    async def settle(self, entry: Entry) -> Result:
        """Find out what became of an entry that is not settled, by reading back. Never sends anything.

        Raises:
            Underway: it is being sent at this moment, by another process.
            JournalError: the journal cannot be read or written.
        """
        with self._lock(entry.edit.impulse_id):
            found = await _to_the_end(lambda: self._journal.entry(entry.number))
            if found is None or found.outcome.settled:
                return Result(found or entry)
            return await self._read_back(found)

    async def test_again(self, impulse_id: int) -> int:
        """Start a job that brings the model-testing results up to date; return its id. Sent once.

        It changes no value, so the journal has nothing to say of it.

        Raises:
            ReadOnly: nothing may be started either.
            ApiError: it was not started, or (`may_have_acted`) nobody knows.
        """
        self._check_writable()
        return await self._service.test_again(impulse_id)

    async def unsettled(self) -> tuple[Entry, ...]:
        """Return the entries of this project of which it is not known what became of them, oldest first.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await _to_the_end(lambda: self._journal.unsettled(self.owner.host, self.owner.project_id))

    async def last_applied(self, impulse_id: int) -> Entry | None:
        """Return the last entry that changed a threshold of an impulse; None where none from this machine did.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await _to_the_end(
            lambda: self._journal.last_applied_of(self.owner.host, self.owner.project_id, impulse_id)
        )

    async def _whose(self, conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
        """Return the conflicts with the change from this machine that explains the present value, where there is one.

        Only the last one can: what was there before it, and is again, somebody else has set.
        """
        return await _to_the_end(lambda: tuple(map(self._with_ours, conflicts)))

    def _with_ours(self, conflict: Conflict) -> Conflict:
        try:
            last = self._journal.last_applied(self.owner.host, self.owner.project_id, conflict.ref)
        except JournalError:  # whose it is changes nothing
            last = None
        if last is None:
            return conflict
        left = {change.ref: value for change, value in zip(last.edit.changes, last.stored, strict=True)}
        return replace(conflict, by=last) if same(left[conflict.ref], conflict.now) else conflict

    def _edit(
        self,
        impulse_id: int,
        impulse_name: str,
        changes: Sequence[Change],
        *,
        regenerate: bool,
        undo_of: str | None = None,
    ) -> Edit:
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

    def _check_writable(self) -> None:
        if self.owner.read_only is not None:
            raise ReadOnly(self.owner.read_only)

    def _lock(self, impulse_id: int) -> ImpulseLock:
        return self._journal.lock(self.owner.host, self.owner.project_id, impulse_id)

    async def _settled_first(self, impulse_id: int) -> tuple[Threshold, ...]:
        """Return the thresholds of an impulse, having settled with them what was not.

        Whoever holds the lock knows that no process is sending: what is not settled was given up, or its sender killed.
        """
        waiting = [entry for entry in await self.unsettled() if entry.edit.impulse_id == impulse_id]
        lefts = [await self._left(entry) for entry in waiting]
        thresholds = await self._service.thresholds(impulse_id)
        for entry, left in zip(waiting, lefts, strict=True):
            report = judge.settled(entry, judge.values_of(entry.edit, thresholds), left)
            if report is None:
                raise Underway(
                    f"Change {entry.number} of this impulse was not answered and may still take effect",
                    f"Nothing was sent. Try again in {left:.0f} s.",
                    left,
                )
            await self._write(entry, report)
        return thresholds

    async def _intend(self, edit: Edit) -> Entry:
        written: list[Entry] = []
        try:
            return await _to_the_end(lambda: self._journal.intend(edit), written.append)
        except asyncio.CancelledError:
            for entry in written:
                with suppress(JournalError):
                    await self._write(entry, Report(Outcome.NOT_SENT, "eitui was left before it was sent"))
            raise

    async def _post(self, entry: Entry) -> tuple[Entry, str]:
        """Send an entry's edit; return the entry with what became of it, and why that could not be written down."""
        report = Report(Outcome.UNKNOWN, LEFT)
        try:
            accepted = await self._service.set_once(entry.edit)
            report = Report(Outcome.APPLIED, "", accepted.regenerate_status, accepted.job_id)
        except ApiError as error:
            report = judge.report_of(error)
        except BaseException:
            # Whatever it is, and above all when nobody waits any longer: from here on the request may be on its way.
            with suppress(JournalError):
                await self._write(entry, report)
            raise
        try:
            return await self._write(entry, report), ""
        except JournalError as error:
            # Left as it was intended, it will be settled by reading back.
            return Entry(entry.number, entry.edit, report, entry.intended_at, self._journal.now()), error.what

    async def _read_back(self, entry: Entry, problem: str = "") -> Result:
        if entry.outcome is Outcome.NOT_SENT:
            return Result(entry, problem=problem)
        left = await self._left(entry)
        try:
            stored = judge.values_of(entry.edit, await self._service.thresholds(entry.edit.impulse_id))
        except NoSuchThreshold:
            stored = (None,) * len(entry.edit.changes)
        except ApiError as error:
            return Result(entry, None, problem or error.what, left)
        report = _learnt(entry, stored, left)
        if report is not None:
            try:
                entry = await self._write(entry, report)
            except JournalError as error:
                problem = problem or error.what
        return Result(entry, stored, problem, 0.0 if entry.outcome.settled else left)

    async def _left(self, entry: Entry) -> float:
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

    async def _write(self, entry: Entry, report: Report) -> Entry:
        return await _to_the_end(lambda: self._journal.report(entry, report))


def _learnt(entry: Entry, stored: tuple[Value | None, ...], left_s: float) -> Report | None:
    """Return what reading back adds to what is known of an entry; None when it adds nothing."""
    if not entry.outcome.settled:
        return judge.settled(entry, stored, left_s)
    pairs = tuple(zip(entry.edit.changes, stored, strict=True))
    taken = all(same(change.new, value) for change, value in pairs)
    said = entry.report
    if entry.outcome is Outcome.APPLIED and not taken:
        return Report(Outcome.APPLIED, said.detail, said.regenerate_status, said.job_id, stored)
    if entry.outcome is Outcome.REFUSED and taken and any(not same(c.old, c.new) for c, _ in pairs):
        return Report(Outcome.SETTLED_APPLIED, said.detail, stored=stored, refused=True)
    return None


async def _to_the_end(work: Callable[[], T], done: Callable[[T], None] = lambda _: None) -> T:
    """Return what `work` returns, done in a thread so that a slow disk holds nobody up.

    A line that is being written is written to its end also when nobody waits for it any longer: then the result is
    only given to `done`, which is called in any case.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if task.exception() is None:
        done(task.result())
    if cancelled is not None:
        raise cancelled
    return task.result()
