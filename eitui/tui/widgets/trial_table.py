"""The trial table: one row a trial, the cursor on a trial rather than on a row."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.domain.trial import RUNNING
from eitui.tui.widgets.pane import Pane
from eitui.view.columns import COLUMNS, Column
from eitui.view.lines import Line, wrapped
from eitui.view.panes import why_no_trials
from eitui.view.table import TrialRows, most_moved, titles, window

_CURSOR = ("", "cursor")

HEAD = 2
"""Lines above the first row: the pane's title and the columns' titles."""


class TrialTable(Pane):
    """Draws only the rows in sight and sends only those that changed; see `Lines`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor"}

    class Selected(Message):
        """The cursor is on another trial (None: there is none)."""

        def __init__(self, trial_id: str | None) -> None:
            super().__init__()
            self.trial_id = trial_id

    def __init__(self, endpoint: str) -> None:
        super().__init__("1", "Trials", id="trials")
        self.rows = TrialRows()
        self.cursor: str | None = None
        """The id of the trial that the cursor is on."""
        self._endpoint = endpoint
        self._moment = EMPTY_MOMENT
        self._mono = 0.0
        self._top = 0
        self._moved = 0
        self._columns: tuple[tuple[int, int], tuple[Column, ...]] = ((-1, -1), ())

    def show(self, moment: Moment, now: Instant, *, hold: bool = False) -> None:
        """Show the trials of `moment`; the cursor stays on its trial, wherever that has gone.

        With `hold` it stays even where there is no such trial: in the past there may not be, yet.
        """
        at = self.rows.index_of(self.cursor) or 0
        self._moment, self._mono = moment, now.mono
        self.rows.show(moment)
        held = hold and self.cursor is not None
        if self.rows.trials and not held and self.rows.index_of(self.cursor) is None:
            self.select(self._first_choice() if self.cursor is None else at)
        self._keep_in_sight()
        self.redraw()

    def _first_choice(self) -> int:
        """Return the row to begin on: a trial under way, whose curve grows, else the best."""
        running = (index for index, trial in enumerate(self.rows.trials) if trial.status == RUNNING)
        return next(running, self.rows.index_of(self.rows.context.best_id) or 0)

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Sort by a column, or by nothing."""
        self.rows.sort_by(key, reverse=reverse)
        self._keep_in_sight()
        self.redraw()

    def select(self, index: int) -> None:
        """Put the cursor on row `index`, or the nearest there is."""
        if not self.rows.trials:
            return
        index = max(0, min(index, len(self.rows.trials) - 1))
        trial_id = self.rows.trials[index].id
        if trial_id != self.cursor:
            self.cursor = trial_id
            self.post_message(self.Selected(trial_id))
        self._keep_in_sight()
        self.redraw()

    def select_trial(self, trial_id: str) -> bool:
        """Put the cursor on a trial; False where it is not in the table."""
        index = self.rows.index_of(trial_id)
        if index is not None:
            self.select(index)
        return index is not None

    def move(self, by: int) -> None:
        """Move the cursor `by` rows."""
        self.select((self.rows.index_of(self.cursor) or 0) + by)

    def move_page(self, by: int) -> None:
        """Move the cursor `by` screenfuls."""
        self.move(by * max(1, self._room - 1))

    def move_columns(self, by: int) -> None:
        """Bring columns into sight that do not fit."""
        self._moved = max(0, min(self._moved + by, most_moved(self.size.width)))
        self.redraw()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - HEAD)

    def _keep_in_sight(self) -> None:
        index = self.rows.index_of(self.cursor)
        last_top = max(0, len(self.rows.trials) - self._room)
        if index is None:
            self._top = min(self._top, last_top)
            return
        self._top = min(max(self._top, index - self._room + 1), index, last_top)

    def build(self, width: int, height: int) -> Sequence[Line]:
        """Return the title, the columns' titles, and the rows in sight."""
        self._keep_in_sight()
        columns = self._chosen(width)
        rows = self.rows
        shown = range(self._top, min(self._top + self._room, len(rows.trials)))
        cursor = rows.index_of(self.cursor)
        if not rows.trials:
            reason = why_no_trials(self._moment, self._endpoint, self._mono)
            return [self.title_line(width), *(((" ", ""), *line) for line in wrapped(reason, width - 2))]
        lines = [rows.line(index, columns) for index in shown]
        return [
            self.title_line(width, self._place(cursor)),
            titles(columns, rows.sort, reverse=rows.reverse),
            # The mark is no tone: it makes the line differ, so that a moved cursor is sent.
            *(((*line, _CURSOR) if index == cursor else line) for index, line in zip(shown, lines, strict=True)),
        ]

    def _chosen(self, width: int) -> tuple[Column, ...]:
        key = (width, self._moved)
        if self._columns[0] != key:
            self._columns = (key, window(width, self._moved))
        return self._columns[1]

    def _place(self, cursor: int | None) -> str:
        rows = self.rows
        order = f"by {rows.sort.title.lower()}, " if rows.sort else ""
        more = "←→ more columns, " if len(self._chosen(self.size.width)) < len(COLUMNS) else ""
        place = "–" if cursor is None else str(cursor + 1)
        return f"{more}{order}{place} of {len(rows.trials)}"

    def strip(self, line: Iterable[tuple[str, str]], width: int, base: Style | None = None) -> Strip:
        """As `Lines.strip`; the cursor's line on the cursor's ground."""
        spans = tuple(line)
        if spans and spans[-1] == _CURSOR:
            base = self.rich_style + self.get_component_rich_style("table--cursor")
        return super().strip(spans, width, base)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse points."""
        if event.y >= HEAD:
            self.select(self._top + event.y - HEAD)

    def on_mouse_scroll_down(self) -> None:
        """Move with the wheel."""
        self.move(3)

    def on_mouse_scroll_up(self) -> None:
        """Move with the wheel."""
        self.move(-3)
