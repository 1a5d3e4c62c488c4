"""The run on one line."""

from collections.abc import Sequence

from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.tui.kit.lines import Lines
from eitui.view.kit.lines import Line
from eitui.view.recording.timeline import seconds_per_cell, timeline


class Timeline(Lines):
    """From the run's beginning to its newest moment, and which time is on the screen; see `view.recording.timeline`."""

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._moment, self._now = EMPTY_MOMENT, Instant(0.0, 0.0)
        self._cursor: float | None = None
        self._ends: tuple[float, float] | None = None

    def show(self, moment: Moment, now: Instant, cursor: float | None, ends: tuple[float, float] | None) -> None:
        """Show the run as it is in `moment`, the newest, and the time on the screen; see `view.recording.timeline`."""
        self._moment, self._now, self._cursor, self._ends = moment, now, cursor, ends
        self.redraw()

    @property
    def cell_s(self) -> float:
        """Seconds that a cell stands for, as wide as the screen is; 0 while there is no run."""
        return seconds_per_cell(self._moment, self._now, self.app.size.width, self._ends)

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the line."""
        return [timeline(self._moment, self._now, width, cursor=self._cursor, ends=self._ends)]
