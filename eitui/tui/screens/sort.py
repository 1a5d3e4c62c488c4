"""Choose the column to sort by."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

SERVICE_ORDER = ""
"""The choice of no column."""


class SortChoice(ModalScreen[str | None]):
    """Returns the key of a column, `SERVICE_ORDER`, or None when nothing was chosen."""

    BINDINGS: ClassVar = [
        ("escape,q", "dismiss", "Back"),
        ("j", "move('down')", "Down"),
        ("k", "move('up')", "Up"),
    ]

    def __init__(self, current: str | None, choices: Sequence[tuple[str, str]]) -> None:
        """Let one of `choices` be taken, each a column's key and its title."""
        super().__init__()
        self._choices = choices
        self._current = current or SERVICE_ORDER

    def compose(self) -> ComposeResult:
        """Show a list, opened on the current choice."""
        choices = [(SERVICE_ORDER, "creation order")]
        choices += self._choices
        options = [Option(Content(f" {title} "), id=f"by-{key}") for key, title in choices]
        list_ = OptionList(*options, id="choices", markup=False)
        list_.border_title = "Sort by"
        list_.border_subtitle = "enter, esc"
        list_.highlighted = next((index for index, (key, _) in enumerate(choices) if key == self._current), 0)
        yield list_

    def action_move(self, where: str) -> None:
        """Move as in the table."""
        choices = self.query_one(OptionList)
        choices.action_cursor_down() if where == "down" else choices.action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the choice."""
        if not self.is_current:
            return  # Chosen already: the key was pressed twice.
        self.dismiss((event.option_id or "").removeprefix("by-"))
