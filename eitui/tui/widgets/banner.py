"""The line at the top of a screen over the monitor."""

from collections.abc import Sequence

from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import EMPTY_LINE, Line, joined, spread


class Banner(Lines):
    """What the screen is about, and at its end which time it shows or how fresh it is."""

    def __init__(self) -> None:
        super().__init__(id="banner")
        self._about: Line = EMPTY_LINE
        self._standing: Sequence[Line] = ()

    def show(self, about: Line, standing: Sequence[Line]) -> None:
        """Show `about`, and `standing` as `eitui.view.run.header.standing` says it."""
        self._about, self._standing = about, standing
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the line; what it is about is cut where both do not fit."""
        return [spread(((" ", ""), *self._about), (*joined(self._standing, "  "), (" ", "")), width)]
