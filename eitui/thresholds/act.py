"""The one way in which trials are added, searches extended, jobs cancelled and tests started.

As with thresholds: look, write down, send once, write down what became of it, look again. Whatever fails before the
request has gone out is raised, and nothing was sent; whatever happens afterwards is an `ActionResult`, and the journal
has it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

from eitui.api.errors import ApiError
from eitui.domain.action import Action, ActionEntry, ActionKind, Evidence
from eitui.domain.edit import Outcome, Report
from eitui.domain.run import KeyInfo
from eitui.domain.text import clean
from eitui.errors import Code
from eitui.log import log
from eitui.thresholds.errors import JournalError, Pointless, ReadOnly, Underway
from eitui.thresholds.journal import NO_IMPULSE, Journal
from eitui.thresholds.send import GRACE_S, Owner, Scribe, SendStep, run_shielded


@dataclass(frozen=True)
class ActionResult:
    """What became of an action that was sent, or is being settled."""

    entry: ActionEntry
    problem: str = ""
    """Why it could not be read back, or the outcome not written down; one clean line, or empty."""
    again_in_s: float = 0.0
    """While it is not settled: after how many seconds reading back can settle it."""
    code: Code | None = None
    """Which error the request ended in; None where the service took it, and of an entry that was only settled."""
    advice: str = ""
    """What that error advises; a sentence or two, or empty."""


class Actor(Scribe):
    """Does to one project what changes no threshold. Every method may be cancelled at any time.

    Args:
        look: returns what the service says of an action's target; raises ApiError.
        post: sends an action in one request, once, and returns the job that was started, where the service names one;
            raises ApiError (with `may_have_acted` where nobody knows).
        key_info: returns which role the key has; raises ApiError.
        journal: what is written down, before anything goes out.
        owner: in whose name.
        grace_s: how long a request that was not answered may still take effect, in seconds.
        new_id: makes an id unlike any other.

    """

    def __init__(
        self,
        look: Callable[[Action], Awaitable[Evidence]],
        post: Callable[[Action], Awaitable[int | None]],
        key_info: Callable[[], Awaitable[KeyInfo]],
        journal: Journal,
        owner: Owner,
        *,
        grace_s: float = GRACE_S,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        super().__init__(journal, owner, grace_s)
        self._look, self._post, self._key_info, self._new_id = look, post, key_info, new_id
        self._role = ""
        """The key's role where it allows nothing."""

    def action(self, kind: ActionKind, target: str | int, name: str = "", *, new_name: str = "") -> Action:
        """Return an action of this user's on this project; `name` is what people call the target."""
        return Action(
            self._new_id(), self.owner.host, self.owner.project_id, kind, str(target), clean(name or str(target)),
            self.owner.who, new_name,
        )  # fmt: skip

    async def prepare(self, action: Action) -> None:
        """Make sure that an action can be sent. Nothing is written or sent.

        Raises:
            ReadOnly, Pointless: it cannot, or makes no sense.
            ApiError: the service could not be asked.
        """
        await self._check_key()
        await self._checked(action)

    async def send(self, action: Action, reached: Callable[[SendStep], None] = lambda _: None) -> ActionResult:
        """Send an action, once, after having looked again and written it down; then read back.

        An error means that nothing was sent. Earlier ones of the same kind and target that are not settled are settled
        first. Cancelled while the request is under way, it leaves it in the journal as unknown.

        Raises:
            ReadOnly, Pointless, AlreadySent: it cannot be sent, or makes no sense.
            Underway: another is being sent, or one that was not answered may still take effect.
            JournalError: the journal cannot be written.
            ApiError: the service could not be asked.
        """
        self.check_writable()
        async with self._locked(self._lock_of(action)):
            reached(SendStep.READING)
            await self._check_key()
            await self._settle_earlier(action)
            evidence = await self._checked(action)
            action = replace(action, known=evidence.known)
            entry = await self._intend(lambda: self._journal.intend_action(action))
            reached(SendStep.JOURNALLED)
            log.info("Action %d is sent: %s %s", entry.number, action.kind.value, action.name)

            async def post() -> Report:
                return Report(Outcome.APPLIED, job_id=await self._post(action))

            sent = await self._send_once(entry, post)
            reached(SendStep.ACCEPTED if sent.entry.outcome.applied else SendStep.SENT)
            return await self._read_back(ActionResult(sent.entry, sent.problem, code=sent.code, advice=sent.advice))

    async def read_back(self, entry: ActionEntry) -> ActionResult:
        """Find out what became of an entry, by looking: of one that is not settled, or not yet seen to be done.

        Never sends anything.

        Raises:
            Underway: it is being sent at this moment, by another process.
            JournalError: the journal cannot be read or written.
        """
        async with self._locked(self._lock_of(entry.action)):
            found = await run_shielded(partial(self._journal.action, entry.number)) or entry
            if found.outcome.settled and not _wanting(found):
                return ActionResult(found)
            return await self._read_back(ActionResult(found))

    async def unsettled(self) -> tuple[ActionEntry, ...]:
        """Return the actions of this project of which it is not known what became of them, oldest first.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await run_shielded(partial(self._journal.unsettled_actions, self.owner.host, self.owner.project_id))

    async def never_answered(self) -> tuple[ActionEntry, ...]:
        """Return those of `unsettled` that no process is sending, or settling, at this moment.

        Raises:
            JournalError: the journal cannot be read, or locked.
        """
        found = []
        for entry in await self.unsettled():
            try:
                async with self._locked(self._lock_of(entry.action)):
                    now = await run_shielded(partial(self._journal.action, entry.number))
            except Underway:
                continue
            if now is not None and not now.outcome.settled:
                found.append(now)
        return tuple(found)

    @staticmethod
    def _lock_of(action: Action) -> int:
        """Return whose lock it takes: no threshold is sent while a test of the same impulse is being started."""
        return int(action.target) if action.kind is ActionKind.TEST else NO_IMPULSE

    async def _check_key(self) -> None:
        """Raise ReadOnly where nothing may be changed, or where the service says so of the key."""
        self.check_writable()
        if not self._role:
            try:
                info = await self._key_info()
            except ApiError as error:
                # Where the service does not say that the key may change nothing, it is found out by sending.
                if error.final:
                    raise
                return
            self._role = info.role if info.changes_nothing else ""
        if self._role:
            raise ReadOnly(f"the API key, whose role is {self._role}")

    async def _checked(self, action: Action) -> Evidence:
        if action.kind is ActionKind.ADD and not action.target:
            raise Pointless("The service gave this trial no id")
        evidence = await self._look(action)
        if evidence.obstacle:
            raise Pointless(evidence.obstacle)
        await self._check_repeated(action)
        return evidence

    async def _check_repeated(self, action: Action) -> None:
        """Raise Underway while the job of the same action, accepted earlier, runs: its effect shows only afterwards."""
        if action.kind not in (ActionKind.ADD, ActionKind.EXTEND):
            return
        past = await run_shielded(partial(self._journal.look, self.owner.host, self.owner.project_id, None))
        for entry in past.actions:
            job, same = entry.report.job_id, (entry.action.kind, entry.action.target) == (action.kind, action.target)
            if not same or job is None or entry.outcome is not Outcome.APPLIED or entry.report.seen:
                continue
            if not (await self._look(replace(action, kind=ActionKind.CANCEL, target=str(job)))).done:
                raise Underway(f"Action {entry.number}, the same, is still running as job {job}", "Wait until it ends.")

    async def _settle_earlier(self, action: Action) -> None:
        """Settle what was not, of the same kind and target.

        Whoever holds the lock knows that no process is sending: what is not settled was given up, or its sender killed.
        """
        for entry in await self.unsettled():
            if (entry.action.kind, entry.action.target) != (action.kind, action.target):
                continue
            left = await self._left(entry)
            report = _settled(entry, await self._look(entry.action), left)
            if report is None:
                raise Underway(
                    f"Action {entry.number}, the same, was not answered and may still take effect",
                    f"Try again in {left:.0f} s.",
                    left,
                )
            await self._write(entry, report)

    async def _read_back(self, result: ActionResult) -> ActionResult:
        entry = result.entry
        if entry.outcome is Outcome.NOT_SENT:
            return result
        left = await self._left(entry)
        try:
            evidence = await self._look(entry.action)
        except ApiError as error:
            return replace(result, problem=result.problem or error.what, again_in_s=left)
        problem, report = result.problem, _learnt(entry, evidence, left)
        if report is not None and report != entry.report:
            try:
                entry = await self._write(entry, report)
            except JournalError as error:
                problem = problem or error.what
                if entry.outcome.settled:  # what is read back is so, whether it could be written down or not
                    entry = replace(entry, report=report)
        return replace(result, entry=entry, problem=problem, again_in_s=0 if entry.outcome.settled else left)


def _wanting(entry: ActionEntry) -> bool:
    """Return whether something may still be learnt of an entry that is settled."""
    return entry.outcome in (Outcome.APPLIED, Outcome.SETTLED_OTHER) and entry.report.seen is not True


def _settled(entry: ActionEntry, evidence: Evidence, left_s: float) -> Report | None:
    """Return what the service's word says of an entry that is not settled; None while it says nothing.

    That it is done says that it was carried out, at any time. That it is not says something only when the request has
    had the time to take effect, of which `left_s` seconds are left.
    """
    known = entry.report
    if evidence.done:
        return Report(Outcome.SETTLED_APPLIED, known.detail, seen=True, found=evidence.found)
    if left_s > 0:
        return None
    outcome = Outcome.SETTLED_NOT_APPLIED if evidence.certain(entry.action.kind) else Outcome.SETTLED_OTHER
    return Report(outcome, known.detail, seen=evidence.done, found=evidence.found)


def _learnt(entry: ActionEntry, evidence: Evidence, left_s: float) -> Report | None:
    """Return what looking adds to what is known of an entry; None when it adds nothing."""
    known = entry.report
    if not entry.outcome.settled:
        return _settled(entry, evidence, left_s)
    if entry.outcome is Outcome.APPLIED:
        return replace(known, seen=evidence.done, found=evidence.found)
    if evidence.done and entry.outcome in (Outcome.SETTLED_OTHER, Outcome.REFUSED):
        refused = known.refused or entry.outcome is Outcome.REFUSED
        return Report(Outcome.SETTLED_APPLIED, known.detail, refused=refused, seen=True, found=evidence.found)
    return None
