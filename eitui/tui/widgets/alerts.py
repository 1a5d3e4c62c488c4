"""What has happened, and the pool of workers: lists whose rows may be about a trial."""

from collections.abc import Sequence

from eitui.analysis.clock import own_time
from eitui.domain.moment import EMPTY_MOMENT, Alert, Instant, Moment
from eitui.tui.kit.lines import Lines
from eitui.tui.kit.list import RowKey, RowList, distinct_keys
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line
from eitui.view.run.panes import (
    alert_line,
    alerts,
    why_no_alerts,
    why_no_workers,
    worker_title,
    workers,
)


class Beside(RowList[RowKey]):
    """A pane beside the trial table; `enter` opens the trial that the row with the cursor is about."""

    _moment, _now = EMPTY_MOMENT, Instant(0.0, 0.0)

    def show(self, moment: Moment, now: Instant) -> None:
        """Show what `moment` tells, as of `now`."""
        self._moment, self._now = moment, now
        self.redraw()

    @property
    def trial_id(self) -> str | None:
        """The trial that the row with the cursor is about."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    @property
    def no_trial(self) -> str:
        """Why there is no trial to open."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    @property
    def cursor_shown(self) -> bool:
        """Whether the keys are for this pane."""
        return self.has_focus


class Alerts(Beside[Alert]):
    """Every alert, the newest first."""

    def __init__(self) -> None:
        super().__init__(key_name("pane.alerts"), "Alerts", id="alerts")

    @property
    def trial_id(self) -> str | None:
        """The trial that the alert under the cursor is about."""
        return None if self.cursor is None else self.cursor.trial_id

    @property
    def no_trial(self) -> str:
        """Why there is no trial to open."""
        return "There is no alert." if self.cursor is None else "This alert is not about a trial."

    def about(self) -> str:
        """How many there are, and where it is so that `enter` opens nothing."""
        count = str(len(self._moment.alerts))
        return f"{count}, no trial to open" if self.cursor_shown and self.trial_id is None else count

    def keys(self) -> Sequence[Alert]:
        """Return the alerts that are kept, the newest first."""
        return self._moment.alerts[::-1]

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return a line for each alert."""
        return self.with_cursor(alerts(self._moment, self._now.wall, first, most), first)

    def why_empty(self) -> str:
        """Why there are none."""
        return why_no_alerts(self._moment)


class Workers(Beside[tuple[str, int]]):
    """Every worker, its state, the trial it runs, and since when."""

    def __init__(self) -> None:
        super().__init__(key_name("pane.workers"), "Workers", id="workers")

    @property
    def trial_id(self) -> str | None:
        """The trial that the worker under the cursor runs."""
        job = None if self.cursor is None else self._moment.history.assignments.get(self.cursor[0])
        return None if job is None else job.trial_id

    @property
    def no_trial(self) -> str:
        """Why there is no trial to open."""
        return "There is no worker." if self.cursor is None else f"Worker {self.cursor[0]} has no trial."

    def about(self) -> str:
        """How many are in which state, or that `enter` opens nothing."""
        return "no trial to open" if self.cursor_shown and self.trial_id is None else worker_title(self._moment)

    def keys(self) -> Sequence[tuple[str, int]]:
        """Return the workers' ids."""
        return distinct_keys(worker.id for worker in self._moment.run.workers)

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return a line for each worker."""
        now = own_time(self._moment.connection, self._now)
        return self.with_cursor(workers(self._moment, now, width)[first : first + most], first)

    def why_empty(self) -> str:
        """Why there are none."""
        return why_no_workers(self._moment)


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
