"""The strip that says which pane is in sight, on screens too small for all of them."""

from collections.abc import Sequence

from eitui.tui.widgets.lines import Lines
from eitui.view.lines import Line, Span


class Tabs(Lines):
    """The panes' keys and names, the one in sight marked."""

    def __init__(self, panes: Sequence[str]) -> None:
        super().__init__(id="tabs")
        self._panes, self._current = panes, panes[0]

    def show(self, current: str) -> None:
        """Mark the pane that is in sight."""
        self._current = current
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """One line."""
        spans: list[Span] = []
        for number, name in enumerate(self._panes, 1):
            here = name == self._current
            spans += [
                (f" {number} ", "key"),
                (f"[{name.title()}]" if here else f" {name.title()} ", "title" if here else "dim"),
            ]
        return [tuple(spans)]
