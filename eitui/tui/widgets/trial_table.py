"""The trial table: one row a trial, the cursor on a trial rather than on a row, and a filter at the bottom of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.message import Message

from eitui.analysis.figures import Context, Figure, Lens, figure, is_parameter
from eitui.analysis.query.grammar import TrialQuery
from eitui.domain.curve import EMPTY_CURVE
from eitui.domain.moment import EMPTY_MOMENT, Instant, Moment
from eitui.domain.trial import RUNNING, Trial
from eitui.tui.keys import Key
from eitui.tui.widgets.filtered import Language, of_trials
from eitui.tui.widgets.table import TALL, Table
from eitui.view.kit.keys import key_name, keyed
from eitui.view.kit.table import roomy
from eitui.view.run.columns import CURVE, USUAL, Arrangement, Column, most_moved, window
from eitui.view.run.filtering import nothing_left
from eitui.view.run.panes import why_no_trials
from eitui.view.run.table import DECIDES, TrialRows


class TrialTable(Table[Trial, Context]):
    """Draws only the rows in sight and sends only those that changed; see `Lines`."""

    class Selected(Message):
        """The cursor is on another trial (None: there is none)."""

        def __init__(self, trial_id: str | None) -> None:
            super().__init__()
            self.trial_id = trial_id

    rows: TrialRows

    def __init__(self, endpoint: str, keys: Sequence[Key]) -> None:
        super().__init__(key_name("pane.trials"), "Trials", id="trials")
        self.rows = TrialRows()
        self.arrangement = USUAL
        self._endpoint = endpoint
        self._moment = EMPTY_MOMENT
        self._mono = 0.0
        self._away: str | None = None
        """The trial that the cursor goes back to: the past that is shown took it out of the table."""
        self._reading = False
        self._chosen_from: Moment | None = None
        """What the cursor's first place was chosen by; None when somebody has moved it."""
        self._before: str | None = None
        """The trial that the cursor was on before a filter was typed."""
        self._put: str | None = None
        """The trial that the filter put it on."""
        self.take_keys(keys)

    def show(
        self,
        moment: Moment,
        now: Instant,
        *,
        lens: Lens | None = None,
        marks: Mapping[str, int] | None = None,
        hold: bool = False,
    ) -> None:
        """Show the trials of `moment`; the cursor stays on its trial, wherever that has gone.

        With `hold` it comes back to its trial where that is not in the table for a time: in the past there may be no
        such trial yet, or it may be none that the filter asks for. `lens` and `marks` as of `TrialRows.show`.
        """
        at = self.rows.index_of(self.cursor) or 0
        # What an earlier watching came to is no answer yet: trials may have ended since.
        fresh = self._chosen_from is not None and self._chosen_from.connection.resumed
        self._moment, self._mono = moment, now.mono
        self.rows.show(moment, lens, marks or {})
        self._read_on()
        if self.rows.trials:
            if not hold and (self._has_no_curve if not fresh else not moment.connection.resumed):
                self._choose()
            self._stay(at, hold=hold)
        self.redraw()

    def _stay(self, at: int, *, hold: bool) -> None:
        """Put the cursor on a row that is there, `at` if need be: what keys act on must be in the table."""
        back = self.rows.index_of(self._away)
        if back is not None:
            self.select(back)
        elif self.rows.index_of(self.cursor) is None:
            wanted = self.wanted if hold else None
            if self.cursor is None:
                self._choose()
            else:
                self.select(0 if hold else at)
            self._away = wanted
        elif not hold:
            self._away = None

    @property
    def wanted(self) -> str | None:
        """The id of the trial that the cursor is on, or goes back to."""
        return self._away or self.cursor

    def _choose(self) -> None:
        """Put the cursor on the row to begin on, before anybody has moved it."""
        self.select(self._first_choice())
        self._chosen_from = self._moment

    @property
    def _has_no_curve(self) -> bool:
        """Whether the trial that was begun on, and that nobody has moved from, still has no curve."""
        trial = self.selected
        return self._chosen_from is not None and trial is not None and not self._length(trial)

    def _length(self, trial: Trial) -> int:
        """Return how long a trial's curve is; 0 where all that was seen of it is its end."""
        length = self._moment.history.curves.get(trial.id, EMPTY_CURVE).length
        return 0 if trial.over and length == 1 else length

    def _first_choice(self) -> int:
        """Return the row to begin on: of the trials under way that with the longest curve, else the best.

        Where curves are equally long, as at the first answer, the one furthest along, whose log tells most. Where no
        trial under way has trained, any other with a curve.
        """
        running = [
            (self._length(trial), trial.epoch or 0, -index)
            for index, trial in enumerate(self.rows.trials)
            if trial.status == RUNNING
        ]
        length, epoch, index = max(running, default=(0, 0, 0))
        if length or epoch:
            return -index
        best_id = self.rows.context.best_id
        trained = [(trial.id == best_id, place) for place, trial in enumerate(self.rows.trials) if self._length(trial)]
        if trained:
            return max(trained)[1]
        return -index if running else self.rows.index_of(best_id) or 0

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Sort by a column, or by nothing."""
        self.rows.sort_by(key, reverse=reverse)
        self._read_on()
        # The columns move no further than need be, so that the one sorted by is in sight, unless it is hidden.
        width, columns = self.size.width, self.arranged
        if any(column.key == key for column in columns):
            self._moved = next(
                moved
                for moved in (self._moved, *range(most_moved(width, columns) + 1))
                if any(column.key == key for column in window(width, moved, columns))
            )
        self.redraw()

    def filter_by(self, query: TrialQuery, cursor: str | None) -> None:
        """Show only the trials that `query` asks for, the cursor on the trial `cursor` where that is among them."""
        self.rows.filter_by(query)
        self._read_on()
        index, away = self.rows.index_of(cursor), self._away
        self.select(index or 0)
        if index is None:
            self._away = away
        self.redraw()

    def show_columns(self, arrangement: Arrangement) -> None:
        """Show other columns."""
        self.arrangement = arrangement
        self.rows.shows_parameters = any(map(is_parameter, arrangement.order))
        if self.rows.shows_parameters:
            self.want_parameters()
        self._moved = 0
        self.redraw()

    def _read_on(self) -> None:
        """See to it that what the filter or the order needs of trials is read, a few at a time."""
        if self.rows.to_read and not self._reading:
            self._reading = True
            self.screen.run_worker(self._read())

    @property
    def figures(self) -> list[Figure]:
        """The figures that the user chose to see, in the order of their columns."""
        return [figure(column.key) for column in self.arranged if column.key != CURVE.key]

    def want_parameters(self) -> None:
        """Have the hyper-parameters of the trials read: of many of them, by and by."""
        self.rows.want_parameters()
        self._read_on()

    async def _read(self) -> None:
        try:
            while self.rows.to_read:
                self.rows.read_on()
                await asyncio.sleep(0)
        finally:
            self._reading = False
        if self.rows.index_of(self.cursor) is None:
            self.select(0)
        if self._typed is not None:
            # What is being typed is taken as it is now understood: there may be more hyper-parameters.
            self._typed.use(self.language())
            self._follow()
        self.redraw()

    def select(self, index: int) -> None:
        """Put the cursor on row `index`, or the nearest there is."""
        if not self.rows.trials:
            return
        self._away = self._chosen_from = None
        index = max(0, min(index, len(self.rows.trials) - 1))
        trial_id = self.rows.trials[index].id
        if trial_id != self.cursor:
            self.cursor = trial_id
            self.post_message(self.Selected(trial_id))
        self.redraw()

    def select_trial(self, trial_id: str) -> bool:
        """Put the cursor on a trial; False where it is not in the table, which is said where that is by the filter."""
        index = self.rows.index_of(trial_id)
        if index is not None:
            self.select(index)
        elif (hidden := self._moment.run.trial(trial_id)) is not None:
            self.notify(
                f"The filter hides {hidden.name or hidden.id}. " + keyed("{app.back} shows all trials."), markup=False
            )
        return index is not None

    def move(self, by: int) -> None:
        """Move the cursor `by` rows."""
        self.select((self.rows.index_of(self.cursor) or 0) + by)

    def height_for(self, width: int, height: int) -> int:
        """Return how many lines the table takes with all of its rows, on a screen of so many lines."""
        if not self.rows.trials:
            return self.TITLED + 4
        filtered = int(self.typing)
        # The heading over columns of one kind is there where the table is tall.
        rows = self.TITLED + 1 + len(self.rows.trials) + filtered
        return rows + (rows + 1 >= TALL)

    def row_key(self, index: int) -> str:
        """Return the id of the trial on a row."""
        return self.rows.trials[index].id

    def settle(self) -> None:
        """Keep the cursor's row in sight."""
        index = self.rows.index_of(self.cursor)
        if index is not None:
            self.window.bring(index, index)

    @property
    def items(self) -> Sequence[Trial]:
        """The trials that pass the filter."""
        return self.rows.trials

    @property
    def lens(self) -> Lens:
        """Whose figures are shown."""
        return self.rows.context.lens

    @property
    def arranged(self) -> tuple[Column, ...]:
        """The columns that the user chose, the one sorted by with room for its arrow.

        Of the usual ones those that show nothing of this run are left out. Without an accuracy the loss decides.
        """
        rows = self.rows
        columns = [column for column in self.arrangement.columns if rows.has(column)]
        if self.arrangement == USUAL:
            idle = rows.idle
            sorted_by = rows.sort.key if rows.sort else ""
            columns = [column for column in columns if column.key not in idle or column.key == sorted_by]
            if "val_accuracy" in idle:
                columns = [replace(one, rank=DECIDES) if one.key == "val_loss" else one for one in columns]
        return roomy(columns, rows.sort, self.lens)

    def why_empty(self) -> str:
        """Why there are none."""
        rows = self.rows
        if rows.to_read:
            return f"Reading {rows.to_read} trials for this filter…"
        if rows.filter and rows.total:
            return nothing_left(rows.filter, rows.total, still_typing=self.typing)
        return why_no_trials(self._moment, self._endpoint, self._mono)

    def notes(self) -> list[str]:
        """Return what is sorted by, how many are marked, and how many are still to be read."""
        rows = self.rows
        return [
            f"by {(rows.sort.heading(self.lens) or 'best').lower()}" if rows.sort else "",
            f"{len(rows.context.marks)} marked" if rows.context.marks else "",
            f"reading {rows.to_read} trials" if rows.to_read else "",
        ]

    # The filter

    def language(self) -> Language[Trial, Context]:
        """Return what filters are written in."""
        return of_trials(self.rows.figures)

    def counts(self) -> tuple[int, int]:
        """Return how many pass, and how many there are."""
        return len(self.rows.trials), self.rows.total

    def found_nothing(self) -> bool:
        """Whether nothing passes, for sure: of some it may not be known yet."""
        return not self.rows.trials and not self.rows.to_read

    def type_filter(self) -> None:
        """Let a filter be typed, or the one in force be changed."""
        if not self.typing:
            self._before, self._put = self.wanted, self.cursor
            self.want_parameters()
        super().type_filter()

    def clear_filter(self) -> bool:
        """Show all trials again; whether there was a filter."""
        if not self.rows.filter:
            return False
        self.filter_by(TrialQuery(), self.wanted)
        return True

    def put_in_force(self, query: TrialQuery) -> None:
        """Filter by `query`; the cursor stays on its trial, or comes back to it."""
        if self.cursor != self._put:
            self._before = self.wanted  # moved since
        self.filter_by(query, self._before)
        self._put = self.cursor
