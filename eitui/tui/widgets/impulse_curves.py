"""The graphs of an impulse's training: as many at a time as have room."""

from collections.abc import Sequence

from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import ROOMY, List
from eitui.view.kit.chart import Chart, draw
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line

LEAST = 9
"""Lines that a chart needs."""


class ImpulseCurves(List):
    """Charts below one another: each is a row of the list."""

    NOTCH = 1

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self._charts: Sequence[Chart] = ()
        self._empty = ""
        self._at: int | None = None

    def show(self, charts: Sequence[Chart], empty: str, at: int | None = None) -> None:
        """Show `charts`, which are read at the step `at`; `empty` says why there are none."""
        self._charts, self._empty, self._at = charts, empty, at
        self.redraw()

    def count(self) -> int:
        """Return how many charts there are."""
        return len(self._charts)

    def why_empty(self) -> str:
        """Why there are none."""
        return self._empty

    def move_page(self, by: int) -> None:
        """Move by as many charts as are in sight."""
        self.move(by * self.window.room)

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title and the charts in sight."""
        if not self._charts:
            return self.empty(width, height)
        shown = self.window.fit(len(self._charts), (height - 1) // LEAST)
        parts = [
            keyed("{move.left}{move.right} read values") if width >= ROOMY else "",
            keyed("{move.up}{move.down} ") + self.window.place if self.window.place else "",
        ]
        place = " · ".join(filter(None, parts))
        lines = [self.title_line(width, place)]
        room = (height - 1) // len(shown)
        for index in shown:
            lines += self._picture(index, width, room)
        return lines

    def _picture(self, index: int, width: int, height: int) -> Sequence[Line]:
        chart = self._charts[index]
        if chart.empty:
            return [((f" {chart.title}", "title"), ("  it has no values", "dim"))]
        return indented(draw(chart, width - 1, height, self._at))
