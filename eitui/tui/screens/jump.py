"""Jump labels: a letter over every pane, tab and view; the letter goes there."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from eitui.tui.jumping import JumpTarget
from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import Line

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""In the order they are given: those under the fingers first."""


class JumpLabels(ModalScreen[JumpTarget | None]):
    """Returns the target whose letter was pressed; any other key is none."""

    BINDINGS: ClassVar = [("escape,ctrl+o", "dismiss", "Back")]
    hints: ClassVar = (("a letter", "goes there"), ("esc", "Back"))

    def __init__(self, targets: Sequence[JumpTarget]) -> None:
        super().__init__()
        self.labels = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        """Put the letters where the targets are."""
        for letter, target in self.labels.items():
            label = Label(letter)
            label.styles.offset = (target.x, target.y)
            yield label

    def take_key(self, key: str, character: str | None) -> bool:
        """Go where the letter is."""
        if key in ("escape", "ctrl+o") or not self.is_current:
            return False
        self.dismiss(self.labels.get(character or ""))
        return True

    def take_pasted(self, text: str) -> None:
        """Take no notice of what is pasted."""

    def on_click(self, event: events.Click) -> None:
        """Go where the mouse points, or nowhere."""
        if self.is_current:
            self.dismiss(
                next(
                    (to for to in self.labels.values() if to.y == event.screen_y and 0 <= event.screen_x - to.x < 3),
                    None,
                )
            )


class Label(Lines):
    """One letter."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.letter = letter

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the letter."""
        return [((f"[{self.letter}]", "caret"),)]
