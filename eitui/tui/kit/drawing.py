"""Lines that somebody else builds: the body of a screen that is one picture."""

from collections.abc import Callable, Sequence

from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import Line

Build = Callable[[int, int], Sequence[Line]]
"""Returns the lines for an area of so many cells across and down."""


class Drawing(Lines):
    """Shows what `build` returns; sends what of it changed."""

    def __init__(self, build: Build) -> None:
        super().__init__(id="drawing")
        self._build = build

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines."""
        return self._build(width, height)
