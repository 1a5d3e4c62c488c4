"""Ask for a time to go to."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from eitui.analysis.when import TIME_EXAMPLES

_MOST_TYPED = 40
"""Characters; no time takes more."""


class SeekPrompt(ModalScreen[float | None]):
    """Returns a time in seconds since the Unix epoch, or None when none was given.

    What cannot be understood is said beside what was typed, and may be typed again.
    """

    BINDINGS: ClassVar = [("escape", "dismiss", "Back")]

    def __init__(self, understand: Callable[[str], float | str]) -> None:
        super().__init__()
        self._understand = understand

    def compose(self) -> ComposeResult:
        """One line to type in, and one for what to type, or what was wrong with it."""
        with Vertical(id="seek") as box:
            box.border_title = "Go to a time"
            box.border_subtitle = "enter, esc"
            asked = Input(id="time", max_length=_MOST_TYPED, compact=True)
            asked.cursor_blink = False  # A blinking cursor is sent over the line for as long as nobody types.
            yield asked
            yield Static(Content(TIME_EXAMPLES), id="said", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the time, or say what was wrong with it."""
        if not self.is_current:
            return  # PollSucceeded already: the key was pressed twice.
        found = self._understand(event.value)
        if isinstance(found, float):
            self.dismiss(found)
            return
        hint = self.query_one("#said", Static)
        hint.update(Content(found))
        hint.add_class("-wrong")

    def on_input_changed(self) -> None:
        """Take back what was said of the last try."""
        hint = self.query_one("#said", Static)
        if hint.has_class("-wrong"):
            hint.remove_class("-wrong")
            hint.update(Content(TIME_EXAMPLES))
