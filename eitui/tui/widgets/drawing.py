"""Lines that somebody else builds: the body of a screen that is one picture."""

from collections.abc import Callable, Sequence

from eitui.tui.widgets.lines import Lines
from eitui.view.lines import Line

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


def windowed(lines: Sequence[Line], top: int, room: int) -> tuple[list[Line], int]:
    """Return those of `lines` that are in sight in `room` lines from `top` on, and the `top` that could be had.

    What is out of sight is told on the last line.
    """
    if len(lines) <= room:
        return list(lines), 0
    top = max(0, min(top, len(lines) - room + 1))
    shown = list(lines[top : top + room - 1])
    below = len(lines) - top - len(shown)
    sides = [f"↑ {top} more" if top else "", f"↓ {below} more" if below else ""]
    return [*shown, ((" " + "  ".join(filter(None, sides)), "dim"),)][: max(0, room)], top
