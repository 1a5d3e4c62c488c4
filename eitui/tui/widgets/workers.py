"""The pool of workers."""

from collections.abc import Sequence

from eitui.analysis.clock import own_time
from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.tui.widgets.scrolling import ScrollingPane
from eitui.view.kit.keys import key_name
from eitui.view.lines import Line
from eitui.view.panes import why_no_workers, worker_title, workers


class Workers(ScrollingPane):
    """Every worker, its state, the trial it runs, and since when."""

    def __init__(self) -> None:
        super().__init__(key_name("pane.workers"), "Workers", id="workers")
        self._moment, self._now = EMPTY_MOMENT, Instant(0.0, 0.0)

    def show(self, moment: Moment, now: Instant) -> None:
        """Show the workers of `moment` as of `now`."""
        self._moment, self._now = moment, now
        self.redraw()

    def about(self) -> str:
        """How many are in which state."""
        return worker_title(self._moment)

    def count(self) -> int:
        """Return how many workers there are."""
        return len(self._moment.run.workers)

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return a line for each worker."""
        return workers(self._moment, own_time(self._moment.connection, self._now), width)[first : first + most]

    def why_empty(self) -> str:
        """Why there are none."""
        return why_no_workers(self._moment)
