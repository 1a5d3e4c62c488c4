"""A dialog that asks for a line of text."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

Given = TypeVar("Given")


class Prompt(ModalScreen[Given]):
    """What is wrong with the text is said below it, until it is changed."""

    BINDINGS: ClassVar = [("escape", "dismiss", "Back")]

    def __init__(self, title: str, hint: str, most: int, proposal: str = "") -> None:
        """Ask for at most so many characters, beginning with `proposal`; `hint` says what may be typed."""
        super().__init__()
        self._heading, self._hint = title, Static(Content(hint), id="hint", markup=False)
        self._usual = hint
        self.input = Input(proposal, max_length=most, compact=True, select_on_focus=False)
        self.input.cursor_blink = False  # A blinking cursor is sent over the line for as long as nobody types.

    def compose(self) -> ComposeResult:
        """One line to type in, and one that says what to type, or what is wrong with it."""
        with Vertical(id="prompt") as box:
            box.border_title = Content(self._heading)
            box.border_subtitle = "enter, esc"
            yield self.input
            yield self._hint

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the text."""
        if self.is_current:  # else it was taken already: the key was pressed twice
            self.take(event.value)

    def take(self, text: str) -> None:
        """Do what the text is for, or say what is wrong with it."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def say(self, problem: str) -> None:
        """Say what is wrong with the text."""
        self._hint.update(Content(problem))
        self._hint.add_class("-wrong")

    def on_input_changed(self) -> None:
        """Take back what was said of the last text."""
        if self._hint.has_class("-wrong"):
            self._hint.remove_class("-wrong")
            self._hint.update(Content(self._usual))
