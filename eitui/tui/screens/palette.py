"""The palette: everything that can be done on a screen, by name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from eitui.tui.kit.list import RowList
from eitui.view.kit.cells import fit
from eitui.view.kit.lines import Line, crop, spread

_LABEL = 22
"""Cells of a command's name."""

_AROUND = 4
"""Lines of the border and the line that is typed in, and at least one free above and below."""


@dataclass(frozen=True)
class Command:
    """One thing that can be done."""

    group: str
    name: str
    about: str
    key: str
    """How its keys are written; empty where it has none."""
    run: Callable[[], Awaitable[object] | None]


class Palette(ModalScreen[Command | None]):
    """Returns the command that was chosen. What is typed searches names and sentences."""

    BINDINGS: ClassVar = [
        ("escape,ctrl+p", "back", "Back"),
        ("enter", "choose", "Run"),
        ("down", "move(1)", "Down"),
        ("up", "move(-1)", "Up"),
        ("pagedown", "page(1)", "Page down"),
        ("pageup", "page(-1)", "Page up"),
    ]

    hints: ClassVar = (("↑↓", "Choose"), ("enter", "Run"), ("esc", "Back"))

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self.list = CommandList(commands)

    def compose(self) -> ComposeResult:
        """Lay out the list, what is typed above it."""
        with Vertical(id="palette") as box:
            box.border_title = "Commands"
            yield self.list

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the border."""
        self.list.styles.height = max(2, min(self.list.every + 1, event.size.height - _AROUND))

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a character of what is searched for."""
        if key in ("backspace", "ctrl+h"):
            self.list.search(self.list.query_text[:-1])
        elif key == "ctrl+u":
            self.list.search("")
        elif character is not None and character.isprintable():
            self.list.search(self.list.query_text + character)
        else:
            return False
        return True

    def take_pasted(self, text: str) -> None:
        """Search for what is pasted."""
        self.list.search(self.list.query_text + text)

    def action_move(self, by: int) -> None:
        """Go to another command."""
        self.list.move(by)

    def action_page(self, by: int) -> None:
        """Go on by screenfuls."""
        self.list.move_page(by)

    def action_choose(self) -> None:
        """Return the command under the cursor."""
        if self.is_current and self.list.chosen is not None:
            self.dismiss(self.list.chosen)

    def on_row_list_opened(self) -> None:
        """Take the command that was clicked twice."""
        self.action_choose()

    def action_back(self) -> None:
        """Do nothing."""
        if self.is_current:
            self.dismiss(None)


class CommandList(RowList[int], can_focus=False):
    """Commands below the headings of their groups; the keys are their numbers."""

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__("", "", id="commands")
        self._commands = commands
        self.query_text = ""
        self._rows = self._found()
        self.every = len(self._rows)
        """Lines that all of them take."""

    def _found(self) -> list[int | str]:
        words = self.query_text.casefold().split()
        numbers = [
            number
            for number, command in enumerate(self._commands)
            if all(word in f"{command.group} {command.name} {command.about}".casefold() for word in words)
        ]
        # Those whose name holds what is typed come first within their group.
        rows: list[int | str] = []
        for group, own in groupby(numbers, key=lambda number: self._commands[number].group):
            rows += [
                group,
                *sorted(own, key=lambda number: not all(w in self._commands[number].name.casefold() for w in words)),
            ]
        return rows

    def search(self, text: str) -> None:
        """Show the commands that hold every word of `text`."""
        self.query_text = text
        self._rows = self._found()
        self.window.top = 0
        self.select(0)
        self.redraw()

    @property
    def chosen(self) -> Command | None:
        """The command under the cursor."""
        return None if self.cursor is None or self.index_of(self.cursor) is None else self._commands[self.cursor]

    def keys(self) -> Sequence[int | None]:
        """Return the numbers; None for headings."""
        return [row if isinstance(row, int) else None for row in self._rows]

    def title(self, width: int) -> Line:
        """Return what is typed."""
        typed = (self.query_text, "") if self.query_text else ("type to search", "dim")
        caret = ((" ", "caret"),) if self.query_text else ()
        return crop((("> ", "key"), typed, *caret), width)

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return that nothing is found."""
        return [self.title(width), (("No command has this name.", "dim"),)]

    def first_with(self, index: int) -> int:
        """Return the heading, for the first of its group."""
        return index - 1 if index and isinstance(self._rows[index - 1], str) else index

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return headings and commands, the key at the right."""
        lines: list[Line] = []
        for row in self._rows[first : first + most]:
            if isinstance(row, str):
                lines.append(((row, "title"),))
                continue
            command = self._commands[row]
            here = row == self.cursor
            name = (("▸ " if here else "  ", "title"), (fit(command.name, _LABEL), "title" if here else ""))
            lines.append(spread((*name, (f" {command.about}", "dim")), ((command.key, "key"),), width))
        return self.with_cursor(lines, first)
