"""The one dialog that asks before something is done that costs something or cannot be undone."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from eitui.tui.keys import bindings
from eitui.tui.kit.drawing import Drawing
from eitui.view.kit.lines import Line
from eitui.view.kit.page import question

_WIDTH = 72

_AROUND = 4
"""Cells of the border and the space within it."""

_MOST = 1000
"""Lines: more than any question has."""


class Confirm(ModalScreen[bool]):
    """Returns whether it is to be done. Enter is no answer: it may be pressed twice on a slow line."""

    BINDINGS: ClassVar = [*bindings("Confirmation"), *bindings("Over the monitor", only={"over.back"})]

    def __init__(self, title: str, consequences: Sequence[str], verb: str, *, no: str = "back") -> None:
        """Ask `title`; `consequences` are sentences about what it means, `verb` is what yes does: “overwrite”."""
        super().__init__()

        def lines(width: int, height: int) -> list[Line]:
            drawn = question(title, consequences, verb, width, no=no)
            # Where there is no room for all of it, its keys stay.
            return [*drawn.body[: max(0, height - len(drawn.keys))], *drawn.keys]

        self._drawing = Drawing(lines)

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical(id="confirm"):
            yield self._drawing

    def on_resize(self, event: events.Resize) -> None:
        """Take the lines that it needs."""
        width = min(_WIDTH, event.size.width * 96 // 100) - _AROUND
        self._drawing.styles.height = min(len(self._drawing.build(width, _MOST)), max(1, event.size.height - 2))

    def action_yes(self) -> None:
        """Say yes."""
        if self.is_current:  # else it was answered already: the key was pressed twice
            self.dismiss(True)

    def action_no(self) -> None:
        """Say no."""
        if self.is_current:
            self.dismiss(False)

    def action_back(self) -> None:
        """Say no."""
        self.action_no()
