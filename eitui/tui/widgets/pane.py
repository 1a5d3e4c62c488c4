"""A part of the monitor with a title line that shows whether it has the keyboard."""

from eitui.tui.widgets.lines import Lines
from eitui.view.lines import Line, spread, width_of


class Pane(Lines, can_focus=True):
    """Lines under a title. `key` is the key that goes to it."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.pane_key = key
        self.pane_title = title

    def title_line(self, width: int, right: str = "", about: str = "") -> Line:
        """Return the title, what the pane is about, a rule, and `right` at the end of it."""
        tone = "title" if self.has_focus else "accent"
        sign = "▌" if self.has_focus else " "
        left: Line = ((sign, "title"), (f"{self.pane_key} ", "key"), (self.pane_title, tone))
        if about:
            left = (*left, (f"  {about}", ""))
        end: Line = ((f" {right} ", "dim"),) if right else ()
        rule = width - width_of(left) - width_of(end) - 2
        if rule > 0:
            left = (*left, (" " + "─" * rule, "dim"))
        return spread(left, end, width)

    def on_focus(self) -> None:
        """Show it in the title."""
        self.redraw()

    def on_blur(self) -> None:
        """Show it in the title."""
        self.redraw()
