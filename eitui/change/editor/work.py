"""What the threshold editor asks of the service and of the journal, and what it makes of the answers.

Each coroutine is started by a key, ends in a stage, and may be cancelled at any time: the `Sender` takes care that a
request is in the journal before it goes out, and that it is told there when nobody waits for its answer.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from eitui.analysis.editing import rebase, start, take_theirs
from eitui.api.errors import ApiError, as_api_error, problem
from eitui.change.desk import Desk, NoDesk
from eitui.change.editor.figures import Figures, Start
from eitui.change.editor.stages import (
    Conflicting,
    Editing,
    Halted,
    Reviewing,
    Sending,
    Settled,
    Settling,
    Stage,
    StartingTest,
    Told,
)
from eitui.change.errors import AlreadySent, ChangeError, Conflicted, NoSuchThreshold, ReadOnly, Underway, Unfit
from eitui.change.jobs import Followed
from eitui.change.judge import shown
from eitui.change.send import Result, Step
from eitui.domain.edit import Edit, Entry, Outcome
from eitui.domain.editing import EditSession
from eitui.domain.impulse import Impulse
from eitui.domain.job import Job
from eitui.domain.moment import Problem
from eitui.domain.scores import NoScores, Scored
from eitui.domain.threshold import Threshold, same

OpenDesk = Callable[[], Awaitable[Desk]]

KEY_REFUSED = "The API key"
"""How the service's refusal of a key, or of its rights, begins, as `eitui.api` words it."""

_PERHAPS_NEW = ("regenerated", "")
"""After these answers (the second: none came) there may be new scores at once."""


class Work:
    """The editor's state, and the coroutines that change it. `changed` is called after each change of it.

    Args:
        open_desk: opens the desk, or gives the one that is open; raises NoDesk, SettingsError, ApiError.
        impulse_id: the impulse; None to look for the one that `trial_id` was made into.
        start: starts a coroutine that nobody waits for.
        changed: is told that there is something new to show.
        trial_id: a trial of the tuner, by its id.

    """

    def __init__(
        self,
        open_desk: OpenDesk,
        impulse_id: int | None,
        *,
        start: Start,
        changed: Callable[[], None] = lambda: None,
        trial_id: str | None = None,
    ) -> None:
        self._open, self._start, self._changed = open_desk, start, changed
        self.impulse_id, self.trial_id = impulse_id, trial_id
        self.desk: Desk | None = None
        self.impulse: Impulse | None = None
        """None until it was read."""
        self.session = EditSession()
        self.stage: Stage = Editing()
        self.asking = False
        """Whether the thresholds are being read."""
        self.problem: Problem | None = None
        """Why they could not be read the last time."""
        self.note = ""
        """What is to be said in passing, until the next key; one line."""
        self.refused_key = False
        """Whether the service refused a change because of the key."""
        self.job: Followed | None = None
        """The last model-testing job that was started from here."""
        self.nowhere = False
        """Whether no impulse was made from the trial."""
        self.mono = 0.0
        """The present, as monotonic seconds; see `tick`."""
        self.figures = Figures(self._scores, start, changed)
        self._settle_at: float | None = None

    @property
    def read_only(self) -> str:
        """Why nothing can be changed; empty when it can be."""
        origin = self.desk.sender.owner.read_only if self.desk is not None else None
        return f"read only ({origin})" if origin is not None else "read only (the API key)" if self.refused_key else ""

    def _is_read_only(self) -> bool:
        if not self.read_only:
            return False
        why = self.read_only.removeprefix("read only (").removesuffix(")")
        self.stage = Halted(
            f"Nothing can be sent: changes are turned off by {why}",
            "Start eitui without it to send changes." if not self.refused_key else "Use a key with the admin role.",
            "Nothing was sent. Values can be tried all the same: the what-if is computed here.",
        )
        return True

    def load(self) -> None:
        """Read the thresholds, the scores, and what became of earlier changes; drafts stay."""
        if not self.asking and not isinstance(self.stage, Sending | StartingTest):
            self.asking = True
            self._start(self._load())
            self.figures.again()

    def tick(self, mono: float) -> None:
        """Take note of the time, in monotonic seconds, and read back what can be settled by now."""
        self.mono = mono
        if self._settle_at is not None and mono >= self._settle_at and not self.asking:
            self._settle_at = None
            if isinstance(self.stage, Told):
                self._start(self._settle_told(self.stage.result.entry))
            else:
                self.load()

    @property
    def settles_in_s(self) -> float | None:
        """In how many seconds it is read back by itself; None when it is not."""
        return None if self._settle_at is None else max(0.0, self._settle_at - self.mono)

    # Reading

    async def _scores(self, block_id: int) -> Scored:
        if self.desk is None or self.impulse_id is None:
            return NoScores("The service has not been asked yet.")
        return await self.desk.scores(self.impulse_id, block_id)

    async def _load(self) -> None:
        try:
            desk = self.desk = self.desk or await self._open()
            known = self.impulse_id is not None
            if known:
                await self._settle(desk)
            self._take(await self._impulse(desk))
            self.problem = None
            # Of a trial's impulse it is only known now whose earlier changes to look for.
            if not known and self.impulse_id is not None and await self._settle(desk):
                self._take(await self._impulse(desk))
        except Exception as error:
            self.problem = problem(error)
        finally:
            self.asking = False
        self._changed()

    async def _impulse(self, desk: Desk) -> Impulse | None:
        table = await desk.impulses()
        if self.impulse_id is None:
            made = table.from_trial(self.trial_id) if self.trial_id is not None else ()
            found = next((impulse for impulse in made if impulse.id is not None), None)
            self.nowhere = found is None
            self.impulse_id = found.id if found is not None else None
            return found
        found = table.impulse(self.impulse_id)
        if found is None:
            raise NoDesk(f"The project has no impulse {self.impulse_id}", "It may have been deleted meanwhile.")
        return found

    def _take(self, impulse: Impulse | None) -> None:
        if impulse is None:
            return
        first, self.impulse = self.impulse is None, impulse
        if first:
            self.session = start(impulse.thresholds)
            return
        rebased = rebase(self.session, impulse.thresholds)
        self.session = rebased.session
        told = [f"{change.ref.name} is {shown(change.new)} now, not {shown(change.old)}" for change in rebased.moved]
        told += [
            f"{one.ref.name} was {shown(one.loaded)} and is {shown(one.theirs)} now; your draft stays {shown(one.mine)}"
            for one in rebased.conflicts
        ]
        if told:
            self.note = f"Changed by somebody else: {'; '.join(told)}"

    # What is not settled

    async def _settle(self, desk: Desk) -> bool:
        """Settle this impulse's changes of which it is not known what became of them, and show what that led to.

        Returns whether there were any.
        """
        try:
            waiting = [one for one in await desk.sender.unsettled() if one.edit.impulse_id == self.impulse_id]
        except ChangeError as error:
            self._halt(error.what, f"{error.advice} Until then nothing can be sent.".strip())
            return False
        if not waiting:
            # Another process may have settled what was shown.
            self.stage = Editing() if isinstance(self.stage, Settled) else self.stage
            return False
        if isinstance(self.stage, Editing | Told):
            self.stage = Settled(tuple(map(Settling, waiting)))
        self._changed()
        items: list[Settling] = []
        for entry in waiting:
            items.append(await _settling(desk, entry))
            if isinstance(self.stage, Settled):
                self.stage = Settled((*items, *map(Settling, waiting[len(items) :])))
        self._settle_later([item.result.again_in_s for item in items if item.result is not None])
        return True

    def _settle_later(self, waits: Iterable[float]) -> None:
        later = [wait for wait in waits if wait > 0]
        self._settle_at = self.mono + max(later) if later else None

    async def _settle_told(self, entry: Entry) -> None:
        assert self.desk is not None  # noqa: S101 - it has sent the entry
        item = await _settling(self.desk, entry)
        if item.result is not None and isinstance(self.stage, Told) and self.stage.result.entry.number == entry.number:
            self._tell(item.result)
        else:
            self.note = item.problem
        self._changed()

    # Sending

    async def _send(self, edit: Edit, undoing: Entry | None) -> None:
        assert self.desk is not None  # noqa: S101 - nothing can be edited before
        try:
            result = await self.desk.sender.send(edit, self._reached)
        except Conflicted as error:
            self._conflict(edit, error, undoing)
        except Underway as error:
            again = None if error.again_in_s is None else self.mono + error.again_in_s
            self._halt(error.what, error.advice, edit=edit, undoing=undoing, again_at=again)
        except AlreadySent as error:
            self._halt(error.what, error.advice)
        except (NoSuchThreshold, Unfit) as error:
            self._halt(error.what, "r reads the thresholds again, as they are now.")
        except ChangeError as error:
            self._halt(error.what, error.advice, edit=None if isinstance(error, ReadOnly) else edit, undoing=undoing)
        except ApiError as error:
            self._halt(f"The present values could not be read: {error.what}", error.advice, edit=edit, undoing=undoing)
        except Exception as error:
            sent = isinstance(self.stage, Sending) and self.stage.step is not Step.READING
            safe = "It may have been sent: it is in the journal." if sent else "Nothing was sent."
            self.stage = Halted(problem(error).what, "r reads the thresholds again, as they are now.", safe)
        else:
            self._tell(result)
        self._changed()

    def _reached(self, step: Step) -> None:
        if isinstance(self.stage, Sending):
            self.stage = replace(self.stage, step=step)
            self._changed()

    def _halt(
        self,
        what: str,
        advice: str = "",
        *,
        edit: Edit | None = None,
        undoing: Entry | None = None,
        again_at: float | None = None,
    ) -> None:
        self.stage = Halted(
            what, advice.removeprefix("Nothing was sent.").strip(), edit=edit, undoing=undoing, again_at=again_at
        )

    def _conflict(self, edit: Edit, error: Conflicted, undoing: Entry | None) -> None:
        self.session = rebase(self.session, error.thresholds).session
        mine = (False,) * len(error.conflicts)
        self.stage = Conflicting(edit, error.conflicts, error.thresholds, mine, undoing=undoing)

    def _tell(self, result: Result) -> None:
        """Show what became of a change, and go on from the values that the service has now."""
        self.stage = Told(result)
        self._settle_later([result.again_in_s])
        entry = result.entry
        self._go_on_from(result)
        if entry.outcome is Outcome.REFUSED and entry.report.detail.startswith(KEY_REFUSED):
            self.refused_key = True
        if entry.outcome.applied:
            self.figures.outdate()
            if entry.report.regenerate_status in _PERHAPS_NEW:
                self.figures.again()
            if entry.report.job_id is not None:
                self.follow(entry.report.job_id)

    def _go_on_from(self, result: Result) -> None:
        changes = result.entry.edit.changes
        stored = result.stored
        if stored is None:
            stored = result.entry.stored if result.entry.outcome.applied else (None,) * len(changes)
        now = {change.ref: value for change, value in zip(changes, stored, strict=True) if value is not None}
        fresh: list[Threshold] = [
            replace(draft.threshold, value=now.get(draft.ref, draft.loaded)) for draft in self.session.drafts
        ]
        session = rebase(self.session, fresh).session
        for change in changes:
            draft = session.draft(change.ref)
            # What was sent has been dealt with, also where the service has rounded it.
            if result.entry.outcome.applied and draft is not None and same(draft.value, change.new):
                session = take_theirs(session, change.ref)
        self.session = session

    # Taking back, and testing again

    async def _undo(self) -> None:
        assert self.desk is not None  # noqa: S101 - nothing can be edited before
        try:
            last = await self.desk.sender.last_applied(self.impulse_id) if self.impulse_id is not None else None
        except Exception as error:
            said = problem(error)
            self._halt(said.what, said.advice)
        else:
            if last is None:
                self.note = "No change of this impulse was made from this machine: there is nothing to take back."
            elif isinstance(self.stage, Editing):
                self.take_back(last)
        self._changed()

    def take_back(self, entry: Entry) -> None:
        """Show what taking back a change would send."""
        if self.desk is None or isinstance(self.stage, Sending | StartingTest) or self._is_read_only():
            return
        try:
            self.stage = Reviewing(self.desk.sender.undo(entry), entry)
        except ChangeError as error:
            self._halt(error.what, error.advice)

    async def _test(self) -> None:
        assert self.desk is not None  # noqa: S101 - there was something to test
        assert self.impulse_id is not None  # noqa: S101
        try:
            job_id = await self.desk.sender.test_again(self.impulse_id)
        except ReadOnly as error:
            self._halt(error.what, error.advice, edit=None)
        except Exception as error:
            said = as_api_error(error)
            safe = "It may have been started all the same." if said.may_have_acted else "It was not started."
            self.stage = Halted(f"Model testing: {said.what}", said.advice, f"{safe} No threshold was changed.")
        else:
            self.stage = Editing()
            self.follow(job_id)
        self._changed()

    def follow(self, job_id: int) -> None:
        """Follow a model-testing job to its end; then there are new scores."""
        self.job = Followed(Job(job_id))
        self._start(self._follow(job_id))

    async def _follow(self, job_id: int) -> None:
        assert self.desk is not None  # noqa: S101 - it has started the job
        try:
            async for followed in self.desk.follow_job(job_id):
                if self.job is None or self.job.job.id != job_id:
                    return  # Another was started since.
                self.job = followed
                self._changed()
        except Exception as error:
            self.job = Followed(Job(job_id), problem(error), over=True)
            self._changed()
        if self.job is not None and self.job.job.successful is not False:
            self.figures.outdate()
            self.figures.again()
            self._changed()


async def _settling(desk: Desk, entry: Entry) -> Settling:
    try:
        return Settling(entry, await desk.sender.settle(entry))
    except Exception as error:
        return Settling(entry, problem=problem(error).what)
