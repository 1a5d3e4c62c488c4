"""A part of the monitor with a title line that shows whether it has the keyboard."""

from collections.abc import Sequence

from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import Line, Span, spread, width_of

_NAMES = 64
"""Cells from which the title line has room for the names of the other panes."""


class Pane(Lines, can_focus=True):
    """Lines under a title. `key` is the key that goes to it."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.pane_key = key
        self.pane_title = title
        self.among: Sequence[Pane] = ()
        """On screens with room for one pane at a time: all of them, for the title line to name."""

    def title_line(self, width: int, right: str = "", about: str = "", *, names: bool = True) -> Line:
        """Return the title, what the pane is about, a rule, and `right` at the end of it.

        Without `names` the other panes are there by their keys alone.
        """
        left = self.titles(names=names and width >= _NAMES)
        if about:
            left.append((f"  {about}", ""))
        end: Line = ((f" {right} ", "dim"),) if right else ()
        rule = width - width_of(left) - width_of(end) - 2
        if rule > 0:
            left.append((" " + "─" * rule, "dim"))
        return spread(tuple(left), end, width)

    def titles(self, *, names: bool) -> list[Span]:
        """Return the title, among those of the other panes where they cannot be seen."""
        left: list[Span] = []
        for pane in self.among or (self,):
            here = pane is self
            tone = ("title" if self.has_focus else "accent") if here else "dim"
            left += [("▌" if here and self.has_focus else " ", "title"), (f"{pane.pane_key} ", "key")]
            if here or names:
                left += [(pane.pane_title, tone), (" " if self.among else "", "")]
        return left

    def on_focus(self) -> None:
        """Show it in the title, when Textual's own handler, which comes after this one, has noted it."""
        self.call_next(self.redraw)

    def on_blur(self) -> None:
        """Show it in the title, as above."""
        self.call_next(self.redraw)
