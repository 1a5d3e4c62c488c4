"""Choose the table's columns, and the one to sort by."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eitui.tui.keys import Key, bindings, keys_of
from eitui.tui.kit.lines import Lines
from eitui.tui.kit.list import RowList
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.lines import EMPTY_LINE, Line, Span
from eitui.view.kit.status import DONE
from eitui.view.run.columns import USUAL, Arrangement

_GROUP = "Columns"

PAGES = frozenset({"move.page_down", "move.page_up", "move.first", "move.last"})
"""Ids of keys that move as in every list."""

AROUND = 4
"""Lines around the columns: the border, and what the keys do."""


class ColumnsChoice(ModalScreen[Arrangement | None]):
    """Returns which columns to show in which order, or None when it was left as it was."""

    GROUPS: ClassVar = (_GROUP,)
    BINDINGS: ClassVar = [*bindings(_GROUP), *bindings("Moving", only=PAGES)]

    def __init__(
        self, current: Arrangement, titles: Mapping[str, str], keys: Sequence[Key], usual: Arrangement = USUAL
    ) -> None:
        """Let `current` be changed, or `usual` be taken; `titles` has what the columns are called, by key."""
        super().__init__()
        self._usual = usual
        self._list = ColumnList(current, titles)
        self._hints = Hints(keys_of(keys, _GROUP))

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """What the keys do that the dialog has no room for, for the footer."""
        return ((key_name("columns.keep"), "Save"), (key_name("columns.discard"), "Discard"))

    def compose(self) -> ComposeResult:
        """Show the columns, and what the keys do."""
        with Vertical(id="columns") as box:
            box.border_title = "Columns"
            box.border_subtitle = keyed("{columns.keep} keeps, {columns.discard} discards")
            yield self._list
            yield self._hints

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the border and what the keys do."""
        self._list.styles.height = max(1, min(len(self._list.arrangement.order), event.size.height - AROUND))

    def action_move(self, by: int) -> None:
        """Go to another column."""
        self._list.move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        self._list.move_page(by)

    def on_row_list_opened(self) -> None:
        """Hide the column that was clicked twice, or show it: `enter` is about all of them."""
        self._list.toggle()

    def action_carry(self, by: int) -> None:
        """Move the column to another place."""
        self._list.carry(by)

    def action_hide(self) -> None:
        """Hide the column, or show it."""
        self._list.toggle()

    def action_usual(self) -> None:
        """Take the usual columns."""
        self._list.set(self._usual)

    def action_keep(self) -> None:
        """Return the choice."""
        self.dismiss(self._list.arrangement)

    def action_discard(self) -> None:
        """Return nothing."""
        self.dismiss(None)


class ColumnList(RowList[str], can_focus=False):
    """A line a column; the cursor's begins with a sign."""

    TITLED = 0

    def __init__(self, arrangement: Arrangement, titles: Mapping[str, str]) -> None:
        super().__init__("", "", id="columns-list")
        self.arrangement = arrangement
        self._titles = titles
        self.select_key(arrangement.order[0])

    def set(self, arrangement: Arrangement) -> None:
        """Show another choice."""
        self.arrangement = arrangement
        self.redraw()

    def keys(self) -> Sequence[str]:
        """Return the columns in their order."""
        return self.arrangement.order

    def carry(self, by: int) -> None:
        """Move the cursor's column to another place."""
        if self.cursor is not None:
            self.set(self.arrangement.moved(self.cursor, by))

    def toggle(self) -> None:
        """Hide the cursor's column, or show it."""
        if self.cursor is not None:
            self.set(self.arrangement.toggled(self.cursor))

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the columns in sight."""
        lines: list[Line] = []
        for key in self.keys()[first : first + most]:
            shown, here = key not in self.arrangement.hidden, key == self.cursor
            lines.append(
                (
                    ("▸ " if here else "  ", "title"),
                    (f"{DONE.sign} " if shown else "· ", "good" if shown else "dim"),
                    (self._titles[key], ("title" if here else "") if shown else "dim"),
                )
            )
        return lines


class Hints(Lines):
    """What the keys do."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(id="columns-hints")
        self._keys = [key for key in keys if key.footer]

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return them on one line, apart from the columns."""
        spans: list[Span] = []
        # Keys of one label are two directions of one thing.
        for label, keys in groupby(self._keys, key=lambda key: key.label):
            spans += [(" ".join(key.first for key in keys), "key"), (f" {label.lower()}  ", "dim")]
        return [EMPTY_LINE, tuple(spans)]


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

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """What the keys do, for the footer."""
        return (("↑↓", "Choose"), ("enter", "Sort"), ("esc", "Back"))

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
