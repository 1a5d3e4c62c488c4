"""What has happened."""

from collections.abc import Sequence

from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.tui.widgets.lines import Lines
from eitui.tui.widgets.scrolling import ScrollingPane
from eitui.view.kit.keys import key_name
from eitui.view.lines import Line
from eitui.view.panes import alert_line, alerts, why_no_alerts


class Alerts(ScrollingPane):
    """Every alert, the newest first."""

    def __init__(self) -> None:
        super().__init__(key_name("pane.alerts"), "Alerts", id="alerts")
        self._moment, self._now = EMPTY_MOMENT, Instant(0.0, 0.0)

    def show(self, moment: Moment, now: Instant) -> None:
        """Show the alerts of `moment`."""
        self._moment, self._now = moment, now
        self.redraw()

    def about(self) -> str:
        """How many there are."""
        return str(len(self._moment.alerts)) if self._moment.alerts else ""

    def count(self) -> int:
        """Return how many alerts are kept."""
        return len(self._moment.alerts)

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return a line for each alert."""
        return alerts(self._moment, self._now.wall, first, most)

    def why_empty(self) -> str:
        """Why there are none."""
        return why_no_alerts(self._moment)


class LatestAlert(Lines):
    """The newest alert, for screens too small to keep the pane in sight."""

    def __init__(self) -> None:
        super().__init__(id="latest")
        self._moment, self._now = EMPTY_MOMENT, Instant(0.0, 0.0)

    def show(self, moment: Moment, now: Instant) -> None:
        """Show the newest alert of `moment`."""
        self._moment, self._now = moment, now
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Line]:
        """One line, blank while nothing has happened."""
        return [alert_line(self._moment.alerts[-1], self._now.wall)] if self._moment.alerts else []
