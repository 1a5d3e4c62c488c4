"""The threshold editor without its screen: what its keys do in each stage, and what it asks of the service.

A key's method never waits. What must be waited for is a coroutine that a key starts; it ends in a stage, and may be
cancelled at any time: the `Sender` takes care that a request is in the journal before it goes out, and that it is told
there when nobody waits for its answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from eitui.analysis import editing
from eitui.api.errors import ApiError, as_api_error, problem
from eitui.domain.action import ActionKind
from eitui.domain.edit import Conflict, Draft, Edit, EditSession, Entry, Outcome
from eitui.domain.impulse import Impulse
from eitui.domain.log import Job
from eitui.domain.scores import NoScores
from eitui.domain.threshold import Change, ChoiceKind, Input, Threshold, format_value, same
from eitui.errors import Code
from eitui.feed.query import Asker, Queries, Query, Start
from eitui.thresholds.errors import (
    AlreadySent,
    ChangeError,
    Conflicted,
    NoProject,
    NoSuchThreshold,
    ReadOnly,
    Underway,
    Unfit,
)
from eitui.thresholds.project import Followed, ProjectClient
from eitui.thresholds.send import Result, Sender, SendStep
from eitui.thresholds.whatif import BlockScores, DraftEffect, block_scores, draft_effect

_OpenProject = Callable[[], Awaitable[ProjectClient]]

NEXT_STEPS = ("requires_job", "not_regenerated")
"""After these answers there are no model-testing results until somebody starts a job."""

_PERHAPS_NEW = ("regenerated", "")
"""After these answers (the second: none came) there may be new scores at once."""


# The stages: each has its own keys, and its own picture.


@dataclass(frozen=True)
class Editing:
    """Thresholds are moved and typed. Nothing is sent from here."""

    option: int | None = None
    """The option under the cursor while the list of options is open."""


@dataclass(frozen=True)
class EarlierChange:
    """An earlier change of the impulse of which it was not known what became of it."""

    entry: Entry
    """As it was found in the journal."""
    result: Result | None = None
    """What reading back says; None while it is read back, or where that failed."""
    problem: str = ""
    """Why it could not be read back; one line, or empty."""

    @property
    def over(self) -> bool:
        """Whether it is known what became of it."""
        return self.result is not None and self.result.entry.outcome.settled


@dataclass(frozen=True)
class Settling:
    """Earlier changes with unknown outcome are read back."""

    items: tuple[EarlierChange, ...]


@dataclass(frozen=True)
class Reviewing:
    """The change is shown before it is sent."""

    edit: Edit
    undoing: Entry | None = None
    """The change that it undoes."""


@dataclass(frozen=True)
class Sending:
    """The request is on its way, or about to be."""

    edit: Edit
    step: SendStep = SendStep.READING
    """How far it has come."""
    leaving: bool = False
    """Whether it is asked if the answer is to be waited for."""


@dataclass(frozen=True)
class Conflicting:
    """Somebody else changed thresholds meanwhile. Nothing was sent."""

    edit: Edit
    conflicts: tuple[Conflict, ...]
    mine: tuple[bool, ...]
    """For each conflict whether the own value is to be sent all the same; else theirs stays."""
    at: int = 0
    """The conflict under the cursor."""
    undoing: Entry | None = None


class Hint(StrEnum):
    """What a key can do now. The ids of keys in it are replaced where it is shown, see `eitui.view.kit.keys`."""

    SEND = "{confirm.yes} sends it, {over.back} does not."
    ACCEPT = "Something typed was not accepted: go to it, and press {threshold.review} or {over.back}."
    CHANGE = "Nothing is changed: {move.left}{move.right} moves the value, digits type one."
    ONCE_MORE = "The thresholds are being read at this moment. Press {confirm.yes} again."
    DROP_IT = "{over.back} again drops it, {threshold.review} shows it."
    DROP_THEM = "{over.back} again drops them, {threshold.review} shows them."
    READ = "{feed.poll} reads the thresholds again, as they are now."


@dataclass(frozen=True)
class Halted:
    """Something was not done, and why."""

    what: str
    advice: str = ""
    hint: Hint | None = None
    """Which key helps."""
    safe: str = "Nothing was sent."
    """What can be relied on."""
    edit: Edit | None = None
    """What can be shown and sent again, where that makes sense."""
    undoing: Entry | None = None
    again_at: float | None = None
    """When that makes sense, where it is known; a monotonic time in seconds."""


@dataclass(frozen=True)
class Reported:
    """What became of a change that was sent."""

    result: Result


@dataclass(frozen=True)
class StartingTest:
    """Whether model testing is to be started, or, once that was agreed to, that it is being started."""

    sent: bool = False
    leaving: bool = False
    """As above."""


Stage = Editing | Settling | Reviewing | Sending | Conflicting | Halted | Reported | StartingTest


class Editor:
    """One impulse's thresholds under the keys. `changed` is called when something changes without a key.

    Args:
        open_project: opens the project, or gives the one that is open; raises EituiError.
        impulse_id: the impulse; None to look for the one that `trial_id` was made into.
        start: starts a coroutine that nobody waits for.
        changed: is told that there is something new to show.
        trial_id: a trial of the tuner, by its id.

    """

    def __init__(
        self,
        open_project: _OpenProject,
        impulse_id: int | None,
        *,
        start: Start,
        changed: Callable[[], None] = lambda: None,
        trial_id: str | None = None,
    ) -> None:
        self._open, self._start, self._changed = open_project, start, changed
        self.impulse_id, self.trial_id = impulse_id, trial_id
        self.project: ProjectClient | None = None
        """None until it was opened."""
        self.session = EditSession()
        self.stage: Stage = Editing()
        self.note = ""
        """What is to be said in passing, until the next key; one line."""
        self.hint: Hint | None = None
        """What a key can do now, said after the note."""
        self.job: Followed | None = None
        """The last model-testing job that was started from here."""
        self.nowhere = False
        """Whether no impulse was made from the trial."""
        self.mono = 0.0
        """The present, as monotonic seconds; see `tick`."""
        asker = Asker(start, changed, lambda: self.mono)
        self.reading = Query[Impulse | None](self._read, asker)
        """The question for the impulse and what is not settled of it."""
        self.scores = Queries(self._scores, asker)
        self._key_asked = False
        self._powerless_key = ""
        """What to call the API key once it is known that it may change nothing."""
        self._leaving = False
        self._settle_at: float | None = None

    # What is shown

    @property
    def impulse(self) -> Impulse | None:
        """The impulse as it was read last; None until it was."""
        return self.reading.answer

    @property
    def read_only_by(self) -> str:
        """What turns changes off, such as `flag --read-only`; empty when they can be made."""
        origin = self.project.sender.owner.read_only if self.project is not None else None
        return origin if origin is not None else self._powerless_key

    @property
    def settles_in_s(self) -> float | None:
        """In how many seconds it is read back by itself; None when it is not."""
        return None if self._settle_at is None else max(0.0, self._settle_at - self.mono)

    @property
    def offers_test(self) -> bool:
        """Whether the last answer leaves model testing to the user."""
        stage = self.stage
        return isinstance(stage, Reported) and stage.result.entry.report.regenerate_status in NEXT_STEPS

    @property
    def what_if(self) -> DraftEffect | None:
        """The effect of the draft under the cursor, as it is typed; None where there is no draft."""
        session, current = self.session, self.session.current
        if current is not None and current.kind.compared:
            session = editing.accept(session)  # as far as what is typed is a value already
        return self._what_if(session, session.current) if session.current is not None else None

    @property
    def what_if_sent(self) -> tuple[tuple[Draft, DraftEffect], ...]:
        """Each change that is shown before it is sent, and its effect together with the others of its block."""
        if not isinstance(self.stage, Reviewing):
            return ()
        new = {change.ref: change.new for change in self.stage.edit.changes}
        drafts = [Draft(draft.threshold, new.get(draft.ref, draft.loaded)) for draft in self.session.drafts]
        session = EditSession(tuple(drafts))
        return tuple((draft, self._what_if(session, draft)) for draft in drafts if draft.ref in new)

    def _what_if(self, session: EditSession, current: Draft) -> DraftEffect:
        block = current.ref.block_id
        drafts = [draft for draft in session.drafts if draft.ref.block_id == block]
        return draft_effect(self.scores.of(block), drafts, current)

    # Keys that move and change

    def move(self, by: int) -> None:
        """Go to another threshold, option or conflict."""
        self._touched()
        stage = self.stage
        if isinstance(stage, Conflicting):
            self.stage = replace(stage, at=max(0, min(stage.at + by, len(stage.conflicts) - 1)))
        elif isinstance(stage, Editing) and stage.option is None:
            self.session = editing.move_cursor(self.session, by)
        elif isinstance(stage, Editing) and stage.option is not None and self.session.current is not None:
            last = len(self.session.current.threshold.options) - 1
            self.stage = Editing(max(0, min(stage.option + by, last)))

    def step(self, direction: int, *, coarse: bool = False) -> None:
        """Move the value; in a conflict choose whose it is to be."""
        self._touched()
        stage = self.stage
        if self._edits:
            self.session = editing.step_value(self.session, direction, coarse=coarse)
        elif isinstance(stage, Conflicting):
            self.stage = replace(stage, mine=tuple(one != (at == stage.at) for at, one in enumerate(stage.mine)))

    def suggest(self) -> None:
        """Take the suggestion."""
        self._touched()
        if self._edits:
            self.session = editing.suggest(self.session)

    def erase(self) -> None:
        """Delete what was typed last, or go back to the loaded value."""
        self._touched()
        if self._edits:
            self.session = editing.backspace(self.session)

    def takes(self, character: str) -> bool:
        """Return whether a character that is typed now is part of a value."""
        current = self.session.current
        if not self._edits or current is None or len(character) != 1:
            return False
        return current.kind.takes(character, typing=current.typed is not None)

    def type(self, text: str) -> None:
        """Type, or paste, into the threshold under the cursor."""
        self._touched()
        if self._edits:
            self.session = editing.type_text(self.session, text)

    @property
    def _edits(self) -> bool:
        return self.stage == Editing()

    def _touched(self) -> None:
        self.note, self.hint, self._leaving = "", None, False

    # Enter, y, space

    def enter(self) -> None:
        """Accept what is typed or chosen; with nothing of that, show the change."""
        self._touched()
        current = self.session.current
        is_picked = current is not None and current.kind.input in (Input.LIST, Input.TEXT)
        match self.stage:
            case Editing(option=int(option)):
                self.session = editing.choose(self.session, option)
                self.stage = Editing()
            case Editing() if current is not None and current.typed is not None:
                self.session = editing.accept(self.session)
            case Editing() if current is not None and is_picked and not current.changed:
                self.open()
            case Editing() if self.session.typing:
                self.hint = Hint.ACCEPT
            case Editing() if not self.session.changes():
                self.hint = Hint.CHANGE
            case Editing():
                self._review()
            case Conflicting() as stage:
                self._resolve(stage)
            case Halted(edit=Edit() as edit, undoing=undoing):
                self.stage = Reviewing(edit, undoing)
            case Reviewing():
                self.hint = Hint.SEND
            case Halted() | Reported() | Settling():
                self.stage = Editing()

    def open(self) -> None:
        """Open the list of options, or begin to type a text."""
        self._touched()
        current = self.session.current
        if not self._edits or current is None:
            return
        if isinstance(current.kind, ChoiceKind):
            self.stage = Editing(current.kind.place(current.value) or 0)
        elif current.kind.input is Input.TEXT and current.typed is None:
            self.session = self.session.with_current(replace(current, typed=str(current.value), refusal=""))
        elif current.kind.input is Input.NONE:
            self.session = editing.step_value(self.session, 1)  # which says why there is nothing to open

    def _review(self) -> None:
        """Show the change before it is sent; where nothing can be sent, say so."""
        if self.impulse is None or self.impulse_id is None or (project := self._writable()) is None:
            return
        try:
            self.stage = Reviewing(project.sender.edit(self.impulse_id, self.impulse.name, self.session.changes()))
        except ValueError:  # A number that no request can hold: larger than any float.
            self._halt("A value is larger than any number the service can keep", "Type another.")

    def _writable(self) -> ProjectClient | None:
        """Return the project in which changes can be made; where none can, say so."""
        if self.read_only_by:
            self.stage = Halted(
                f"Nothing can be sent: changes are turned off by {self.read_only_by}",
                "Use a key with the admin role." if self._powerless_key else "Start eitui without it to send changes.",
                safe="Nothing was sent. Values can be tried all the same: the what-if is computed here.",
            )
            return None
        return self.project

    def _resolve(self, stage: Conflicting) -> None:
        """Go on from a conflict with what was chosen: to the diff of what is left, with theirs as the old values."""
        now = {conflict.ref: (conflict, mine) for conflict, mine in zip(stage.conflicts, stage.mine, strict=True)}
        changes: list[Change] = []
        for change in stage.edit.changes:
            conflict, mine = now.get(change.ref, (None, True))
            if conflict is None:
                changes.append(change)
            elif mine and not same(conflict.now, change.new):
                changes.append(Change(change.ref, conflict.now, change.new))
            elif not mine and stage.undoing is None:
                self.session = editing.take_theirs(self.session, change.ref)
        if changes:
            self.stage = Reviewing(replace(stage.edit, changes=tuple(changes)), stage.undoing)
        else:
            self.stage = Editing()
            self.note = "Theirs stay: nothing is left to send."

    def yes(self) -> bool:
        """Send the change that is shown, or start model testing; return whether the editor is to be left."""
        self._touched()
        stage = self.stage
        if isinstance(stage, Sending | StartingTest) and self.waits_for_answer:
            return stage.leaving
        if self.reading.pending:
            self.hint = Hint.ONCE_MORE
        elif isinstance(stage, Reviewing) and (project := self._writable()) is not None:
            self.stage = Sending(stage.edit)
            self._start(self._send(project, stage.edit, stage.undoing))
        elif stage == StartingTest() and self.impulse_id is not None and (project := self._writable()) is not None:
            self.stage = StartingTest(sent=True)
            self._start(self._test(project, self.impulse_id))
        return False

    def no(self) -> None:
        """Say no to what is asked."""
        stage = self.stage
        leaving = isinstance(stage, Sending | StartingTest) and stage.leaving
        if leaving or isinstance(stage, Reviewing) or stage == StartingTest():
            self.back()

    def switch(self) -> None:
        """Allow the service to start a job with this change, or not; in a conflict choose."""
        self._touched()
        stage = self.stage
        if isinstance(stage, Reviewing):
            self.stage = replace(stage, edit=replace(stage.edit, regenerate=not stage.edit.regenerate))
        elif isinstance(stage, Conflicting):
            self.step(1)

    # Back, and further

    @property
    def waits_for_answer(self) -> bool:
        """Whether a write is under way: a user who leaves now does not see its answer."""
        return isinstance(self.stage, Sending) or (isinstance(self.stage, StartingTest) and self.stage.sent)

    def back(self) -> bool:
        """Go back by a stage, or ask whether to leave while an answer is waited for; return whether to leave."""
        current, stage = self.session.current, self.stage
        if not self._edits:
            self._touched()
            if isinstance(stage, Sending | StartingTest) and self.waits_for_answer:
                self.stage = replace(stage, leaving=not stage.leaving)
            else:
                self.stage = Editing()
            return False
        if current is not None and current.typed is not None:
            self._touched()
            self.session = editing.cancel(self.session)
            return False
        count = len(self.session.changes())
        if count and not self._leaving:
            self._leaving = True
            self.note = "1 change was not sent." if count == 1 else f"{count} changes were not sent."
            self.hint = Hint.DROP_IT if count == 1 else Hint.DROP_THEM
            return False
        return True

    def undo(self) -> None:
        """Show what undoing the last change of this impulse would send."""
        self._touched()
        if isinstance(self.stage, Reported):
            self.stage = Editing()
        if self._edits and self.impulse_id is not None and (project := self._writable()) is not None:
            self._start(self._undo(project.sender, self.impulse_id))

    def undo_change(self, entry: Entry) -> None:
        """Show what undoing a change would send."""
        if self.waits_for_answer or (project := self._writable()) is None:
            return
        try:
            self.stage = Reviewing(project.sender.undo(entry), entry)
        except ChangeError as error:
            self._halt(error.what, error.advice)

    def test_again(self) -> None:
        """Ask whether to start model testing."""
        self._touched()
        if (self._edits or isinstance(self.stage, Reported)) and self.impulse is not None and self._writable():
            self.stage = StartingTest()

    def load(self) -> None:
        """Read the thresholds, the scores, and what became of earlier changes; drafts stay."""
        if not self.reading.pending and not self.waits_for_answer:
            self.reading.refresh()
            self.scores.refresh()

    def tick(self, mono: float) -> None:
        """Take note of the time, in monotonic seconds, and read back what can be settled by now."""
        self.mono = mono
        if self._settle_at is not None and mono >= self._settle_at and not self.reading.pending:
            self._settle_at = None
            if isinstance(self.stage, Reported) and self.project is not None:
                self._start(self._settle_reported(self.project, self.stage.result))
            else:
                self.load()

    # Reading

    async def _scores(self, block_id: int) -> BlockScores:
        if self.project is None or self.impulse_id is None:
            return BlockScores(reason="The service has not been asked yet.")
        scored = await self.project.scores(self.impulse_id, block_id)
        # The results may not show that there are several heads: those without scores do not.
        learn = () if self.impulse is None else self.impulse.learn
        network = next((block.network for block in learn if block.id == block_id), None)
        untested = isinstance(scored, NoScores) and scored.untested
        if network is not None and network.has_several_heads and not untested:
            scored = NoScores.of_heads([key for key, _ in network.dependencies.heads])
        return await asyncio.to_thread(block_scores, scored)

    async def _read(self) -> Impulse | None:
        project = self.project = self.project or await self._open()
        known = self.impulse_id is not None
        if known:
            await self._settle(project.sender)
        impulse = self._taken(await self._find(project))
        # Of a trial's impulse it is only known now whose earlier changes to look for.
        if not known and self.impulse_id is not None:
            self.reading.learn(impulse)
            if await self._settle(project.sender):
                impulse = self._taken(await self._find(project))
        if impulse is not None:
            self.reading.learn(impulse)
            impulse = self._taken(await project.with_anomalies(impulse))
        if not self._key_asked:
            self.reading.learn(impulse)
            self._key_asked = True
            # Where the service does not say that the key may change nothing, it is found out by sending.
            with suppress(ApiError):
                info = await project.key_info()
                if info.changes_nothing:
                    self._powerless_key = f"the API key, whose role is {info.role}"
        return impulse

    async def _find(self, project: ProjectClient) -> Impulse | None:
        table = await project.impulses()
        if self.impulse_id is None:
            made = table.from_trial(self.trial_id) if self.trial_id is not None else ()
            found = next((impulse for impulse in made if impulse.id is not None), None)
            self.nowhere = found is None
            self.impulse_id = found.id if found is not None else None
            return found
        found = table.impulse(self.impulse_id)
        if found is None:
            raise NoProject(f"The project has no impulse {self.impulse_id}", "It may have been deleted meanwhile.")
        return found

    def _taken(self, impulse: Impulse | None) -> Impulse | None:
        """Return `impulse`, whose values are taken into the session."""
        if impulse is None:
            return None
        if self.impulse is None:
            self.session = editing.start(impulse.thresholds)
            return impulse
        rebased = editing.rebase(self.session, impulse.thresholds)
        self.session = rebased.session
        moved = [f"{one.ref.name} is {format_value(one.new)} now, not {format_value(one.old)}" for one in rebased.moved]
        moved += [
            f"{one.ref.name} was {format_value(one.change.old)} and is {format_value(one.now)} now; "
            f"your draft stays {format_value(one.change.new)}"
            for one in rebased.conflicts
        ]
        if moved:
            self.note = f"Changed by somebody else: {'; '.join(moved)}"
        return impulse

    # What is not settled

    async def _settle(self, sender: Sender) -> bool:
        """Settle this impulse's changes with unknown outcome, and show what that led to; return whether any were."""
        try:
            waiting = [one for one in await sender.unsettled() if one.edit.impulse_id == self.impulse_id]
        except Exception as error:
            found = problem(error)
            self._halt(found.what, f"{found.advice} Until then nothing can be sent.".strip())
            return False
        if not waiting:
            # Another process may have settled what was shown.
            self.stage = Editing() if isinstance(self.stage, Settling) else self.stage
            return False
        if self._edits or isinstance(self.stage, Reported):
            self.stage = Settling(tuple(map(EarlierChange, waiting)))
        self._changed()
        items: list[EarlierChange] = []
        for entry in waiting:
            items.append(await _settled(sender, entry))
            if isinstance(self.stage, Settling):
                self.stage = Settling((*items, *map(EarlierChange, waiting[len(items) :])))
        self._settle_later(item.result.again_in_s for item in items if item.result is not None)
        return True

    def _settle_later(self, waits: Iterable[float]) -> None:
        last = max(waits, default=0.0)
        self._settle_at = self.mono + last if last > 0 else None

    async def _settle_reported(self, project: ProjectClient, before: Result) -> None:
        item = await _settled(project.sender, before.entry)
        shown = self.stage.result.entry.number if isinstance(self.stage, Reported) else None
        if item.result is not None and shown == before.entry.number:
            self._report(project, replace(item.result, code=before.code))
        else:
            self.note = item.problem
        self._changed()

    # Sending

    async def _send(self, project: ProjectClient, edit: Edit, undoing: Entry | None) -> None:
        try:
            result = await project.sender.send(edit, self._reached)
        except Conflicted as error:
            self.session = editing.rebase(self.session, error.thresholds).session
            mine = (False,) * len(error.conflicts)
            self.stage = Conflicting(edit, error.conflicts, mine, undoing=undoing)
        except Underway as error:
            again = None if error.again_in_s is None else self.mono + error.again_in_s
            self._halt(error.what, error.advice, edit=edit, undoing=undoing, again_at=again)
        except (AlreadySent, ReadOnly) as error:
            self._halt(error.what, error.advice)
        except (NoSuchThreshold, Unfit) as error:
            self._halt(error.what, hint=Hint.READ)
        except ChangeError as error:
            self._halt(error.what, error.advice, edit=edit, undoing=undoing)
        except ApiError as error:
            self._halt(f"The present values could not be read: {error.what}", error.advice, edit=edit, undoing=undoing)
        except Exception as error:
            sent = isinstance(self.stage, Sending) and self.stage.step is not SendStep.READING
            safe = "It may have been sent: it is in the journal." if sent else "Nothing was sent."
            self.stage = Halted(problem(error).what, hint=Hint.READ, safe=safe)
        else:
            self._report(project, result)
        self._changed()

    def _reached(self, step: SendStep) -> None:
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
        hint: Hint | None = None,
    ) -> None:
        self.stage = Halted(what, advice, hint, edit=edit, undoing=undoing, again_at=again_at)

    def _report(self, project: ProjectClient, result: Result) -> None:
        """Show what became of a change, and go on from the values that the service has now."""
        self.stage = Reported(result)
        self._settle_later([result.again_in_s])
        entry, changes, stored = result.entry, result.entry.edit.changes, result.stored
        if stored is None:
            stored = entry.stored if entry.outcome.applied else (None,) * len(changes)
        now = {change.ref: value for change, value in zip(changes, stored, strict=True) if value is not None}
        fresh: list[Threshold] = [
            # What other parts of the answer say of it now was not read back.
            replace(draft.threshold, value=now[draft.ref], others=()) if draft.ref in now else draft.threshold
            for draft in self.session.drafts
        ]
        session = editing.rebase(self.session, fresh).session
        for change in changes:
            draft = session.draft(change.ref)
            # What was sent has been dealt with, also where the service has rounded it.
            if entry.outcome.applied and draft is not None and same(draft.value, change.new):
                session = editing.take_theirs(session, change.ref)
        self.session = session

        if entry.outcome is Outcome.REFUSED and result.code is Code.KEY_REFUSED:
            self._powerless_key = self._powerless_key or "the API key"
        if entry.outcome.applied:
            self.scores.outdate()
            if entry.report.regenerate_status in _PERHAPS_NEW:
                self.scores.refresh()
            if entry.report.job_id is not None:
                self._follow(project, entry.report.job_id)

    # Undoing, and testing again

    async def _undo(self, sender: Sender, impulse_id: int) -> None:
        try:
            last = await sender.last_applied(impulse_id)
        except Exception as error:
            found = problem(error)
            self._halt(found.what, found.advice)
        else:
            if last is None:
                self.note = "No change of this impulse was made from this machine: there is nothing to undo."
            elif self._edits:
                self.undo_change(last)
        self._changed()

    async def _test(self, project: ProjectClient, impulse_id: int) -> None:
        actor, name = project.actor, self.impulse.name if self.impulse is not None else ""
        try:
            result = await actor.send(actor.action(ActionKind.TEST, impulse_id, name))
        except ReadOnly as error:
            self._halt(error.what, error.advice)
        except ChangeError as error:
            self._halt(f"Model testing: {error.what}", error.advice)
        except Exception as error:
            failed = as_api_error(error)
            self._not_tested(failed.what, failed.advice, perhaps=failed.may_have_acted)
        else:
            report = result.entry.report
            if report.outcome is Outcome.APPLIED:
                self.stage = Editing()
                if report.job_id is not None:
                    self._follow(project, report.job_id)
            else:
                perhaps = report.outcome not in (Outcome.REFUSED, Outcome.NOT_SENT)
                self._not_tested(report.detail, result.advice, perhaps=perhaps)
        self._changed()

    def _not_tested(self, why: str, advice: str, *, perhaps: bool) -> None:
        safe = "It may have been started all the same." if perhaps else "It was not started."
        self.stage = Halted(f"Model testing: {why}", advice, safe=f"{safe} No threshold was changed.")

    def _follow(self, project: ProjectClient, job_id: int) -> None:
        """Follow a model-testing job to its end; then there are new scores."""
        self.job = Followed(Job(job_id))
        self._start(self._follow_to_end(project, job_id))

    async def _follow_to_end(self, project: ProjectClient, job_id: int) -> None:
        try:
            async for followed in project.follow_job(job_id):
                if self.job is None or self.job.job.id != job_id:
                    return  # Another was started since.
                self.job = followed
                self._changed()
        except Exception as error:
            self.job = Followed(Job(job_id), problem(error), over=True)
            self._changed()
        if self.job is not None and self.job.job.successful is not False:
            self.scores.outdate()
            self.scores.refresh()
            self._changed()


async def _settled(sender: Sender, entry: Entry) -> EarlierChange:
    try:
        return EarlierChange(entry, await sender.settle(entry))
    except Exception as error:
        return EarlierChange(entry, problem=problem(error).what)
