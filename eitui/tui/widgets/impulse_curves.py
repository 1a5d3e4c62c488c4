"""The graphs of an impulse's training: as many at a time as have room."""

from collections.abc import Sequence

from eitui.tui.widgets.pane import Pane
from eitui.view.kit.chart import Chart, draw
from eitui.view.kit.keys import keyed
from eitui.view.lines import Line, wrapped

LEAST = 9
"""Lines that a chart needs."""


class ImpulseCurves(Pane):
    """Charts below one another."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self._charts: Sequence[Chart] = ()
        self._empty = ""
        self._top = 0

    def show(self, charts: Sequence[Chart], empty: str) -> None:
        """Show `charts`; `empty` says why there are none."""
        self._charts, self._empty = charts, empty
        self.redraw()

    def move(self, by: int) -> None:
        """Show the next chart, or the one before."""
        self._top = max(0, self._top + by)
        self.redraw()

    def move_page(self, by: int) -> None:
        """Move by as many charts as are in sight."""
        self.move(by * self._fitting)

    @property
    def _fitting(self) -> int:
        return max(1, (self.size.height - 1) // LEAST)

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title and the charts in sight."""
        if not self._charts:
            reason = wrapped(self._empty, width - 2, "dim")
            return [self.title_line(width), *(((" ", ""), *line) for line in reason)]
        fitting = min(self._fitting, len(self._charts))
        self._top = min(self._top, len(self._charts) - fitting)
        last = self._top + fitting
        keys = keyed("{move.up}{move.down}")
        place = f"{keys} {self._top + 1}–{last} of {len(self._charts)}" if fitting < len(self._charts) else ""
        lines = [self.title_line(width, place)]
        room = (height - 1) // fitting
        for index in range(self._top, last):
            lines += self._picture(index, width, room)
        return lines

    def _picture(self, index: int, width: int, height: int) -> Sequence[Line]:
        chart = self._charts[index]
        if chart.empty:
            return [((f" {chart.title}", "title"), ("  it has no values", "dim"))]
        return [((" ", ""), *line) for line in draw(chart, width - 1, height)]
