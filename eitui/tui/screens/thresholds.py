"""The threshold editor: an impulse's thresholds, their effect, and the one way to change them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult

from eitui.domain.edit import Entry
from eitui.thresholds.editor import (
    Conflicting,
    Editing,
    Editor,
    Halted,
    Reported,
    Reviewing,
    Sending,
    Settling,
    Stage,
    StartingTest,
)
from eitui.thresholds.send import SendStep
from eitui.tui.keys import bindings, keys_over
from eitui.tui.kit.lines import Drawing
from eitui.tui.screens.overlay import QUESTIONS, Overlay, Scene
from eitui.tui.services import Services
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line
from eitui.view.threshold.editor import WhatIfLook, picture

SHOWN: dict[type[Stage], dict[str, str]] = {
    Editing: {f"threshold.{name}": "" for name in ("review", "suggest", "erase", "windows", "undo", "journal")},
    Reviewing: {"confirm.yes": "Send", "threshold.switch": ""},
    Sending: {},
    Conflicting: {"threshold.review": "Go on", "threshold.switch": "Whose"},
    Halted: {"threshold.review": "Go on"},
    Reported: {"threshold.review": "Go on", **{f"threshold.{name}": "" for name in ("test", "undo", "journal")}},
    Settling: {"threshold.review": "Go on", "threshold.journal": ""},
    StartingTest: {"confirm.yes": "Start"},
}
"""Which of its keys the footer names in each stage, by id, and what it calls them where not as usual."""

CHOOSING, _WAITING = {"threshold.review": "Choose"}, dict[str, str]()
"""As above, while the list of options is open, and while model testing is being started."""

_LEAVING = {"confirm.yes": "Leave", "over.back": "Stay"}
"""As above, while it is asked whether to leave."""

_LEFT = {
    SendStep.READING: "Left before anything was sent: nothing was changed.",
    SendStep.JOURNALLED: (
        "Left before the service answered: the change is in the journal as unknown. {trial.journal} on the monitor "
        "shows it."
    ),
    SendStep.ACCEPTED: (
        "Left before the values were read back: the service accepted the change, and {trial.journal} on the monitor "
        "shows it as not verified."
    ),
    SendStep.SENT: (
        "Left before the values were read back: {trial.journal} on the monitor shows what became of the change."
    ),
}
"""What leaving at each step of sending has meant."""

_UNDER_WAY = "A change is under way: {over.back} leads back from it."

_NOT_SENT = "Changes were not sent: {threshold.review} shows them, {over.back} drops them."

NOWHERE = "No impulse was made from this trial. Choose one: {impulses.thresholds} opens its thresholds."

LEFT_TEST = "Left before the service answered: model testing may have been started. No threshold was changed."


class ThresholdEditor(Overlay):
    """Edits the thresholds of one impulse, or of the one that a trial was made into."""

    VIEW = "trial.thresholds"
    GROUPS: ClassVar[tuple[str, ...]] = ("Thresholds", "Confirmation")
    BINDINGS: ClassVar = bindings(*GROUPS)

    def __init__(
        self,
        services: Services,
        scene: Scene,
        impulse_id: int | None,
        *,
        trial_id: str | None = None,
        undo: Entry | None = None,
    ) -> None:
        """Edit the impulse `impulse_id`, or the one made from the trial `trial_id`; `undo` is a change to undo."""
        super().__init__(services, scene)
        self._undo = undo
        self._look = WhatIfLook()
        self._drawing = Drawing(self._lines)
        self._footed = SHOWN[Editing]
        self.editor = Editor(services.project, impulse_id, start=self.ask, changed=self._changed, trial_id=trial_id)

    def on_mount(self) -> None:
        """Ask for what there is."""
        self.editor.tick(self.scene.today.mono)
        self.editor.load()

    def on_screen_resume(self) -> None:
        """Show what the journal, which was over it, has led to."""
        self._did()

    # What is shown

    def body(self) -> ComposeResult:
        """Table, what-if and panels are drawn together."""
        yield self._drawing

    def heading(self) -> Line:
        """Return which impulse it is, and whether it can be changed."""
        editor = self.editor
        name = "" if editor.impulse_id is None else f"impulse {editor.impulse_id}"
        if editor.impulse is not None and editor.impulse.name:
            name += f" {editor.impulse.name}"
        # First of all, as a long name is cut.
        read_only = ((f"read only ({editor.read_only_by})  ", "warn"),) if editor.read_only_by else ()
        return (("Thresholds  ", "title"), *read_only, (name, ""))

    def follow(self) -> None:
        """Take note of the time, and draw what there is."""
        self.editor.tick(self.scene.today.mono)
        self._foot()
        self._drawing.redraw()

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        past = self.scene.past is not None and self.scene.past.live
        return picture(self.editor, self._look, width, height, past=past)

    def _labels(self) -> dict[str, str]:
        """Return which of its keys are of use in this stage, as `SHOWN` has them."""
        stage = self.editor.stage
        if isinstance(stage, Editing) and stage.option is not None:
            return CHOOSING
        if isinstance(stage, Sending | StartingTest) and stage.leaving:
            return _LEAVING
        return _WAITING if isinstance(stage, StartingTest) and stage.sent else SHOWN[type(stage)]

    def _foot(self) -> None:
        shown = self._labels()
        if shown is not self._footed:
            self._footed = shown
            self._look.top = 0
        labels = dict(shown)
        if not self.editor.offers_test:
            labels.pop("threshold.test", None)
        own = [
            replace(key, label=labels[key.id], past=(key.footer, labels[key.id])) if labels.get(key.id) else key
            for key in keys_over(self.services.keys, *self.GROUPS)
            if key.group not in self.GROUPS or key.id in labels
        ]
        self._footer.use(own)

    def works(self, id_: str) -> bool:
        """Whether the key with an id does something in this stage."""
        if not id_.startswith(("threshold.", "confirm.")):
            return super().works(id_)
        always = ("threshold.coarse_up", "threshold.coarse_down", "threshold.open", "confirm.no")
        stage = self.editor.stage
        editing = isinstance(stage, Editing) and stage.option is None
        return id_ in self._labels() or (id_ in always[:3] and editing) or (id_ == always[3] and not editing)

    def _changed(self) -> None:
        """Show that something is known that was not."""
        if not self.is_attached:
            return
        if self.editor.nowhere and self.is_current:
            # No impulse was made from the trial: one may be chosen among all.
            self.dismiss(None)
            self.app.notify(keyed(NOWHERE), markup=False)
            self.services.monitor.action_impulses()
            return
        self._review_undo()
        self.show(self.scene)

    def _review_undo(self) -> None:
        if self._undo is not None and self.editor.impulse is not None and isinstance(self.editor.stage, Editing):
            undo, self._undo = self._undo, None
            self.editor.undo_change(undo)

    def _did(self) -> None:
        """Show what a key did."""
        self._review_undo()
        self._foot()
        self._drawing.redraw()

    # Typing

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a character that is part of a value; every other key is what it is elsewhere."""
        takes = character is not None and self.editor.takes(character)
        if takes and character is not None:
            self.editor.type(character)
            self._did()
        return takes

    def take_pasted(self, text: str) -> None:
        """Type what is pasted."""
        self.editor.type(text)
        self._did()

    # Moving

    def action_move(self, by: int) -> None:
        """Go to another threshold, option or conflict."""
        before = self.editor.session.at
        self.editor.move(by)
        if self.editor.session.at != before:
            self._look.top = 0
        self._did()

    def action_move_page(self, by: int) -> None:
        """Move along the windows that flip."""
        self._look.top = max(0, self._look.top + by * self._look.page)
        self._did()

    def action_columns(self, by: int) -> None:
        """Move the value by a fine step."""
        self.editor.step(by)
        self._look.top = 0
        self._did()

    def action_coarse(self, by: int) -> None:
        """Move the value by a coarse step."""
        self.editor.step(by, coarse=True)
        self._look.top = 0
        self._did()

    # What else the keys do

    def action_suggest(self) -> None:
        """Take the suggestion."""
        self.editor.suggest()
        self._did()

    def action_erase(self) -> None:
        """Delete a typed character, else go back to the loaded value."""
        self.editor.erase()
        self._did()

    def action_review(self) -> None:
        """Accept what is typed; else show the change, or go on."""
        self.editor.enter()
        self._did()

    def action_open(self) -> None:
        """Open the list of options, or begin to type a text."""
        self.editor.open()
        self._did()

    def action_yes(self) -> None:
        """Do what is asked: send, start, leave."""
        if self.editor.yes():
            self._leave()
        else:
            self._did()

    def action_no(self) -> None:
        """Do nothing of what is asked."""
        self.editor.no()
        self._did()

    def action_switch(self) -> None:
        """Allow a job, or not; in a conflict choose whose value it is to be."""
        self.editor.switch()
        self._did()

    def action_undo(self) -> None:
        """Show what undoing the last change would send."""
        if self.editor.impulse is None:
            self.notify("The thresholds are not loaded yet.", markup=False)
        self.editor.undo()
        self._did()

    def action_test(self) -> None:
        """Ask whether to start model testing."""
        self.editor.test_again()
        self._did()

    def action_windows(self) -> None:
        """Show the windows that flip instead of the curve, or the curve again."""
        self._look.windows = not self._look.windows
        self._look.top = 0
        self._did()

    def action_journal(self) -> None:
        """Show the journal of changes."""
        if not self.editor.waits_for_answer:
            self.services.monitor.open_journal(within=self.editor)

    def reload(self) -> bool:
        """Ask for the thresholds again."""
        self.editor.load()
        self._did()
        return True

    def held_by(self) -> str:
        """Return that something is not sent, or not answered yet."""
        if not isinstance(self.editor.stage, Editing | Reported):
            return keyed(_UNDER_WAY)
        return keyed(_NOT_SENT) if self.editor.session.changes() else ""

    def left(self) -> None:
        """Ask no more."""
        self.workers.cancel_group(self, QUESTIONS)

    def action_back(self) -> None:
        """Go back by a stage, and from the first one to what is below."""
        if self.editor.back():
            self._leave()
        else:
            self._did()

    def _leave(self) -> None:
        stage, unanswered = self.editor.stage, self.editor.waits_for_answer
        # At once, not when the screen is gone: what is said of the step must still be so then.
        self.workers.cancel_group(self, QUESTIONS)
        super().action_back()
        if unanswered:
            left = keyed(_LEFT[stage.step] if isinstance(stage, Sending) else LEFT_TEST)
            self.app.notify(left, severity="warning", markup=False)
