"""The tabs of a trial that are text."""

from collections.abc import Callable, Sequence

from eitui.tui.kit.list import List
from eitui.view.kit.lines import Line

_LEAST_WIDTH = 60
"""Cells that a tab is laid out for; where there are fewer, its lines are cut."""

ROOMY = 110
"""Cells from which a title has room for a hint."""

Draw = Callable[[int], Sequence[Line]]


class TextPane(List):
    """Text about a trial, made anew when what it is about has changed."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self._draw: Draw = lambda _: ()
        self._about: object = None
        self._made: tuple[int, Sequence[Line]] | None = None
        self.hint = ""
        """What keys do here, said where there is room."""

    def show(self, about: object, draw: Draw) -> None:
        """Show what `draw` makes for a width; it is not called again while `about` is equal and so is the width."""
        if about != self._about or self._made is None:
            self._about, self._draw, self._made = about, draw, None
        self.redraw()

    def about(self) -> str:
        """Return the hint where there is room for it beside the names of the tabs."""
        return self.hint if self.size.width >= ROOMY else ""

    def _lines(self, width: int) -> Sequence[Line]:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._draw(max(_LEAST_WIDTH, width - 2)))
        return self._made[1]

    def count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines(self.size.width))

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines in sight."""
        # At the least width there is no cell to spare.
        lead: Line = ((" ", ""),) if width > _LEAST_WIDTH else ()
        return [(*lead, *line) for line in self._lines(width)[first : first + most]]

    def why_empty(self) -> str:
        """Return what to say of nothing."""
        return "There is nothing to show."
