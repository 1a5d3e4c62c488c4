"""A pane with more lines than it may have room for."""

from collections.abc import Sequence

from eitui.tui.widgets.pane import Pane
from eitui.view.lines import Line, wrapped


class ScrollingPane(Pane):
    """A title over lines that are moved along with the arrow keys."""

    _top = 0

    def count(self) -> int:
        """Return how many lines there are."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines from `first` on, `most` of them, `width` cells wide at most."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def why_empty(self) -> str:
        """Return what to say while there are no lines."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def about(self) -> str:
        """Return what stands beside the title."""
        return ""

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title and the lines in sight."""
        count, room = self.count(), max(1, height - 1)
        if not count:
            reason = wrapped(self.why_empty(), width - 2, "dim")
            return [self.title_line(width), *(((" ", ""), *line) for line in reason)]
        self._top = max(0, min(self._top, count - room))
        last = min(self._top + room, count)
        place = f"{self._top + 1}–{last} of {count}" if count > room else ""
        return [self.title_line(width, place, self.about()), *self.content(width, self._top, room)]

    def move(self, by: int) -> None:
        """Move along by `by` lines."""
        self._top = max(0, self._top + by)
        self.redraw()

    def move_page(self, by: int) -> None:
        """Move along by `by` screenfuls."""
        self.move(by * max(1, self.size.height - 2))
