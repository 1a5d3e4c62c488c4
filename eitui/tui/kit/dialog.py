"""Dialogs: the one that asks before something is done that cannot be undone, and the one for a line of text."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from eitui.tui.keys import bindings
from eitui.tui.kit.lines import Drawing
from eitui.view.kit.lines import Line
from eitui.view.kit.page import question

_WIDTH = 72

_AROUND = 4
"""Cells of the border and the space within it."""

_ASKING = "The service is asked what this means…"

_MOST = 1000
"""Lines: more than any question has."""


class Confirm(ModalScreen[bool]):
    """Returns whether it is to be done. Enter is no answer: it may be pressed twice on a slow line."""

    BINDINGS: ClassVar = [*bindings("Confirmation"), *bindings("Over the monitor", only={"over.back"})]

    def __init__(self, title: str, consequences: Sequence[str] | None, verb: str, *, no: str = "back") -> None:
        """Ask `title`; `consequences` are sentences about what it means, `verb` what yes does: “overwrite”.

        While they are None, until they are told, yes is no answer.
        """
        super().__init__()
        self._consequences = consequences

        def lines(width: int, height: int) -> list[Line]:
            known = self._consequences
            drawn = question(title, [_ASKING] if known is None else known, verb, width, no=no)
            # Where there is no room for all of it, its keys stay.
            return [*drawn.body[: max(0, height - len(drawn.keys))], *drawn.keys]

        self._drawing = Drawing(lines)

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical(id="confirm"):
            yield self._drawing

    def tell(self, consequences: Sequence[str]) -> None:
        """Show what it means; from now on yes is an answer."""
        self._consequences = consequences
        if self.is_attached:
            self._fit(*self.app.size)
            self._drawing.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Take the lines that it needs."""
        self._fit(*event.size)

    def _fit(self, columns: int, lines: int) -> None:
        width = min(_WIDTH, columns * 96 // 100) - _AROUND
        self._drawing.styles.height = min(len(self._drawing.build(width, _MOST)), max(1, lines - 2))

    def action_yes(self) -> None:
        """Say yes."""
        # Not current, it was answered already: the key was pressed twice.
        if self.is_current and self._consequences is not None:
            self.dismiss(True)

    def action_no(self) -> None:
        """Say no."""
        if self.is_current:
            self.dismiss(False)

    def action_back(self) -> None:
        """Say no."""
        self.action_no()


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
