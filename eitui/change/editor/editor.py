"""The threshold editor: what its keys do in each stage. Nothing here waits for anything."""

from collections.abc import Callable
from dataclasses import replace

from eitui.analysis import editing
from eitui.change.editor.figures import WhatIf, what_if
from eitui.change.editor.stages import (
    AskingTest,
    Choosing,
    Conflicting,
    Editing,
    Halted,
    Reviewing,
    Sending,
    StartingTest,
    Told,
)
from eitui.change.editor.work import Work
from eitui.change.errors import Conflict
from eitui.domain.edit import Edit
from eitui.domain.editing import CHOICE, NUMBER, TEXT, Draft, EditSession
from eitui.domain.threshold import Change, same

NUMBER_BEGINS, NUMBER_GOES_ON = frozenset("0123456789.-+e"), frozenset("0123456789.,-+eE")
"""What begins a number under the cursor, and what is part of it once it was begun."""

NEXT_STEPS = ("requires_job", "not_regenerated")
"""After these answers there are no model-testing results until somebody starts a job."""


class Editor(Work):
    """One impulse's thresholds under the keys."""

    _leaving = False

    # Moving and changing

    @property
    def what_if(self) -> WhatIf | None:
        """What the draft under the cursor would come to, as it is typed; None where there is no draft."""
        session = self._as_typed()
        return self._what_if(session, session.current) if session.current is not None else None

    @property
    def what_if_sent(self) -> tuple[tuple[Draft, WhatIf], ...]:
        """Each change that is shown before it is sent, and what it would come to with the others of its block."""
        stage = self.stage
        if not isinstance(stage, Reviewing):
            return ()
        new = {change.ref: change.new for change in stage.edit.changes}
        drafts = [Draft(draft.threshold, new.get(draft.ref, draft.loaded)) for draft in self.session.drafts]
        session = EditSession(tuple(drafts))
        return tuple((draft, self._what_if(session, draft)) for draft in drafts if draft.ref in new)

    def _what_if(self, session: EditSession, current: Draft) -> WhatIf:
        block = current.ref.block_id
        drafts = [draft for draft in session.drafts if draft.ref.block_id == block]
        return what_if(self.figures.of(block), drafts, current)

    def _as_typed(self) -> EditSession:
        """Return the session with what is being typed, as far as it is a value already."""
        current = self.session.current
        return editing.accept(self.session) if current is not None and current.kind == NUMBER else self.session

    def move(self, by: int) -> None:
        """Go to another threshold, option or conflict."""
        self._touched()
        stage = self.stage
        if isinstance(stage, Editing):
            self._edit(lambda session: editing.move(session, by))
        elif isinstance(stage, Choosing):
            current = self.session.current
            count = len(current.threshold.options) if current is not None else 0
            self.stage = Choosing(max(0, min(stage.at + by, count - 1)))
        elif isinstance(stage, Conflicting):
            self.stage = replace(stage, at=max(0, min(stage.at + by, len(stage.conflicts) - 1)))

    def step(self, direction: int, *, coarse: bool = False) -> None:
        """Move the value; in a conflict choose whose it is to be."""
        self._touched()
        stage = self.stage
        if isinstance(stage, Editing):
            self._edit(lambda session: editing.step(session, direction, coarse=coarse))
        elif isinstance(stage, Conflicting):
            mine = tuple(not one if at == stage.at else one for at, one in enumerate(stage.mine))
            self.stage = replace(stage, mine=mine)

    def suggest(self) -> None:
        """Take the suggestion."""
        self._touched()
        if isinstance(self.stage, Editing):
            self._edit(editing.suggest)

    def erase(self) -> None:
        """Take back what was typed last, or go back to the loaded value."""
        self._touched()
        if isinstance(self.stage, Editing):
            self._edit(editing.backspace)

    def takes(self, character: str) -> bool:
        """Return whether a character that is typed now is part of a value."""
        current = self.session.current
        if not isinstance(self.stage, Editing) or current is None or len(character) != 1:
            return False
        if current.typed is None:
            return current.kind == NUMBER and character in NUMBER_BEGINS
        return character in NUMBER_GOES_ON if current.kind == NUMBER else character.isprintable()

    def type(self, text: str) -> None:
        """Type, or paste, into the threshold under the cursor."""
        self._touched()
        if isinstance(self.stage, Editing) and text:
            self._edit(lambda session: editing.type_text(session, text))

    def _edit(self, change: Callable[[EditSession], EditSession]) -> None:
        self.session = change(self.session)

    def _touched(self) -> None:
        self.note, self._leaving = "", False

    # Enter, y, space

    def enter(self) -> None:
        """Accept what is typed or chosen; with nothing of that, show the change."""
        self._touched()
        stage, current = self.stage, self.session.current
        if isinstance(stage, Editing):
            if current is not None and current.typed is not None:
                self._edit(editing.accept)
            elif current is not None and current.kind != NUMBER and not current.changed:
                self.open()
            else:
                self._review()
        elif isinstance(stage, Choosing):
            self._edit(lambda session: editing.choose_option(session, stage.at))
            self.stage = Editing()
        elif isinstance(stage, Conflicting):
            self._resolve(stage)
        elif isinstance(stage, Halted) and stage.edit is not None:
            self.stage = Reviewing(stage.edit, stage.undoing)
        elif isinstance(stage, Reviewing):
            self.note = "y sends it, esc does not."
        elif not isinstance(stage, Sending | StartingTest | AskingTest):
            self.stage = Editing()

    def open(self) -> None:
        """Open the list of options, or begin to type a text."""
        self._touched()
        current = self.session.current
        if not isinstance(self.stage, Editing) or current is None:
            return
        if current.kind == CHOICE:
            values = [option.value for option in current.threshold.options]
            self.stage = Choosing(values.index(str(current.value)) if str(current.value) in values else 0)
        elif current.kind == TEXT and current.typed is None:
            self._edit(lambda session: session.with_current(replace(current, typed=str(current.value), refusal="")))

    def _review(self) -> None:
        changes = self.session.changes()
        if self.session.typing:
            self.note = "Something typed was not accepted: go to it, and press enter or esc."
        elif not changes:
            self.note = "Nothing is changed: ←→ moves the value, digits type one."
        elif (edit := self._made(changes)) is not None:
            self.stage = Reviewing(edit)

    def _made(self, changes: tuple[Change, ...]) -> Edit | None:
        """Return an edit; where nothing can be sent, say so."""
        if self.desk is None or self.impulse is None or self.impulse_id is None or self._is_read_only():
            return None
        try:
            return self.desk.sender.edit(self.impulse_id, self.impulse.name, changes)
        except ValueError:  # A number that no request can hold: larger than any float.
            self._halt("A value is larger than any number the service can keep", "Type another.")
            return None

    def _resolve(self, stage: Conflicting) -> None:
        """Go on from a conflict with what was chosen: to the diff of what is left, with theirs as the old values."""
        now = {conflict.ref: (conflict, mine) for conflict, mine in zip(stage.conflicts, stage.mine, strict=True)}
        changes = tuple(filter(None, (_resolved(change, now.get(change.ref)) for change in stage.edit.changes)))
        if stage.undoing is None:
            for ref, (_, mine) in now.items():
                if not mine:
                    self.session = editing.take_theirs(self.session, ref)
        if changes:
            self.stage = Reviewing(replace(stage.edit, changes=changes), stage.undoing)
        else:
            self.stage = Editing()
            self.note = "Theirs stay: nothing is left to send."

    def yes(self) -> None:
        """Send the change that is shown, or start model testing when that was asked."""
        self._touched()
        stage = self.stage
        if self.asking:
            self.note = "The thresholds are being read at this moment. Press y again."
        elif isinstance(stage, Reviewing) and not self._is_read_only():
            self.stage = Sending(stage.edit)
            self._start(self._send(stage.edit, stage.undoing))
        elif isinstance(stage, AskingTest) and not self._is_read_only():
            self.stage = StartingTest()
            self._start(self._test())

    def switch(self) -> None:
        """Allow the service to start a job with this change, or not; in a conflict choose."""
        self._touched()
        stage = self.stage
        if isinstance(stage, Reviewing):
            self.stage = replace(stage, edit=replace(stage.edit, regenerate=not stage.edit.regenerate))
        elif isinstance(stage, Conflicting):
            self.step(1)

    # Back, and further

    def back(self) -> bool:
        """Go back by a stage; return whether the editor is to be left."""
        current = self.session.current
        if not isinstance(self.stage, Editing):
            leaving = isinstance(self.stage, Sending | StartingTest)
            if not leaving:
                self._touched()
                self.stage = Editing()
            return leaving
        if current is not None and current.typed is not None:
            self._touched()
            self._edit(editing.cancel)
            return False
        count = len(self.session.changes())
        if count and not self._leaving:
            self._leaving = True
            what = "1 change was" if count == 1 else f"{count} changes were"
            self.note = f"{what} not sent. esc again drops {'it' if count == 1 else 'them'}, enter shows."
            return False
        return True

    def undo(self) -> None:
        """Show what taking back the last change of this impulse would send."""
        self._touched()
        if isinstance(self.stage, Told):
            self.stage = Editing()
        if isinstance(self.stage, Editing) and self.desk is not None and not self._is_read_only():
            self._start(self._undo())

    def test_again(self) -> None:
        """Ask whether to start model testing."""
        self._touched()
        if isinstance(self.stage, Editing | Told) and self.impulse is not None and not self._is_read_only():
            self.stage = AskingTest()

    @property
    def offers_test(self) -> bool:
        """Whether the last answer leaves model testing to the user."""
        stage = self.stage
        return isinstance(stage, Told) and stage.result.entry.report.regenerate_status in NEXT_STEPS


def _resolved(change: Change, found: tuple[Conflict, bool] | None) -> Change | None:
    """Return what is to be sent of a change after a conflict; None where nothing is."""
    if found is None:
        return change
    conflict, mine = found
    return Change(change.ref, conflict.now, change.new) if mine and not same(conflict.now, change.new) else None
