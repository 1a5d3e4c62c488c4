"""The keys of the group "Trials": what the table shows, of which trials, in which order."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events

from eitui.analysis.figures import is_parameter
from eitui.analysis.lens import Lens, next_part, next_precision, usual_lens
from eitui.domain.moment import Alert
from eitui.feed.clock import Clock
from eitui.tui.keys import Key, keys_of, keys_typing
from eitui.tui.memory import Forgotten, Memory
from eitui.tui.messages import CopyAsked, MomentArrived
from eitui.tui.screens.travelling import Travelling
from eitui.tui.widgets.filter_table import FilterTable
from eitui.tui.widgets.footer import Footer
from eitui.tui.widgets.pane import Pane
from eitui.view.arrangement import USUAL, Arrangement
from eitui.view.columns import COLUMNS, FIXED, Column, column_of
from eitui.view.depths import AT_ONCE
from eitui.view.marks import SIGNS, assign

MOST_MARKED = len(SIGNS)
"""Trials: each has a sign of its own."""


class TableKeys(Travelling):
    """A screen with the table of trials."""

    GROUPS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, clock: Clock, endpoint: str, keys: Sequence[Key], memory: Memory) -> None:
        super().__init__(clock)
        self.keys = keys
        self.marked: tuple[str, ...] = ()
        """Ids of the trials marked for comparison, in the order of marking."""
        self.chosen: Lens | None = None
        """Whose figures the user chose to look at; None: what the run itself is about."""
        self._memory = memory
        self._numbers: Mapping[str, int] = {}
        self._alert: Alert | None = None
        self._table = FilterTable(endpoint, keys)
        self._footer = Footer(keys_of(keys, *self.GROUPS, "Program"))

    def on_mount(self) -> None:
        """Take up the columns that were kept."""
        try:
            self._table.show_columns(self._memory.columns())
        except Forgotten as said:
            self.notify(str(said), severity="warning", markup=False)

    def on_moment_arrived(self, message: MomentArrived) -> None:
        """Let go of the marks of trials that are no more; those that the screen still shows stay."""
        # Beside the handler of `Travelling`, not in its place: Textual calls those of all classes.
        runs = [message.moment.run, *([self.shown.run] if self.paused or self.travelling else [])]
        self.marked = tuple(marked for marked in self.marked if any(run.trial(marked) for run in runs))

    # Whose figures

    @property
    def lens(self) -> Lens:
        """The part of the data and the precision whose figures count."""
        return self.chosen or usual_lens(self.shown.run)

    def action_part(self) -> None:
        """Look at the figures of another part of the data."""
        found = next_part(self.shown.run, self.lens)
        if found == self.lens:
            self.notify(f"Only {found.part} data at {found.precision} is available so far.", markup=False)
            return
        self._look_at(found)

    def action_precision(self) -> None:
        """Look at the figures of another precision."""
        found = next_precision(self.shown.run, self.lens)
        if found == self.lens:
            self.notify(f"Only {found.precision} is available so far.", markup=False)
            return
        self._look_at(found)

    def _look_at(self, lens: Lens) -> None:
        self.chosen = None if lens == usual_lens(self.shown.run) else lens
        self.show_now()

    # Order

    def action_sort(self) -> None:
        """Ask which column to sort by."""
        from eitui.tui.screens.sort import SortChoice

        rows = self._table.rows
        choices = [(column.key, column.heading(self.lens) or "Best, then marked") for column in self._columns()]
        self.app.push_screen(SortChoice(rows.sort.key if rows.sort else None, choices), self._sort_by)

    def _sort_by(self, choice: str | None) -> None:
        if choice is None:
            return
        self._table.sort_by(choice or None, reverse=bool(choice) and column_of(choice).high_first)

    def _columns(self) -> list[Column]:
        """Return every column that there is, those of the hyper-parameters of this run too."""
        self._table.want_parameters()
        found = (figure.id for figure in self._table.rows.figures if is_parameter(figure.id))
        return [
            *COLUMNS,
            *map(column_of, dict.fromkeys((*found, *filter(is_parameter, self._table.arrangement.order)))),
        ]

    def action_reverse(self) -> None:
        """Sort the other way round."""
        rows = self._table.rows
        self._table.sort_by(rows.sort.key if rows.sort else None, reverse=not rows.reverse)

    # Going to a trial

    def action_best(self) -> None:
        """Go to the best trial."""
        best = self._table.rows.context.best_id
        if best is None:
            figures = "" if self.chosen is None else f" on {self.lens.part} at {self.lens.precision}"
            self.notify(f"No trial has a score{figures} yet.", markup=False)
            return
        self._table.select_trial(best)

    def action_alert(self, by: int) -> None:
        """Go to the trial of another alert."""
        about = [alert for alert in reversed(self.shown.alerts) if self.shown.run.trial(alert.trial_id)]
        if not about:
            self.notify("No alert names a trial yet.", markup=False)
            return
        at = about.index(self._alert) if self._alert in about else -1
        self._alert = about[max(0, min(at + by, len(about) - 1))]
        self._table.select_trial(self._alert.trial_id or "")

    # Marks

    def marks(self) -> Mapping[str, int]:
        """Return the number of each marked trial's sign, by id; a trial keeps its sign as long as it is marked."""
        self._numbers = assign(self.marked, self._numbers)
        return self._numbers

    def action_mark(self) -> None:
        """Mark the selected trial, or unmark it, and go to the next."""
        selected = self._table.selected
        if selected is None:
            return
        if selected.id in self.marked:
            self.marked = tuple(marked for marked in self.marked if marked != selected.id)
        elif len(self.marked) < MOST_MARKED:
            self.marked = (*self.marked, selected.id)
        else:
            self.app.clear_notifications()  # A key that is held down would say it over and over.
            self.notify(f"At most {MOST_MARKED} trials can be marked.", markup=False)
            return
        self.show_now()
        self._table.move(1)

    def action_unmark_all(self) -> None:
        """Unmark every trial."""
        self.marked = ()
        self.show_now()

    def unmark(self, trial_id: str) -> None:
        """Mark a trial no longer."""
        self.marked = tuple(marked for marked in self.marked if marked != trial_id)
        self.show_now()

    # The filter

    def action_filter(self) -> None:
        """Let a filter be typed, or changed; reached where the table has not the keyboard, which sees to it itself."""
        self.show_table()
        self._table.type_filter()

    def show_table(self) -> None:
        """Bring the table into sight, and give it the keyboard."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def on_filtered_typing(self, message: FilterTable.Typing) -> None:
        """Show the keys that matter."""
        self._footer.use(keys_typing(self.keys) if message.typing else keys_of(self.keys, *self.GROUPS, "Program"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Take the filter as it is when another pane is gone to."""
        if isinstance(event.widget, Pane) and event.widget is self.focused is not self._table:
            self._table.stop_typing()

    # Columns

    def action_choose_columns(self) -> None:
        """Ask which columns to show."""
        from eitui.tui.screens.columns import ColumnsChoice

        columns = self._columns()
        titles = {column.key: column.heading(self.lens) for column in columns}
        offered = self._table.arrangement.offering(key for key in titles if key not in FIXED)
        usual = USUAL.offering(offered.order)
        self.app.push_screen(ColumnsChoice(offered, titles, self.keys, usual), self._arrange_columns)

    def _arrange_columns(self, choice: Arrangement | None) -> None:
        if choice is None or (choice := choice.without_offers) == self._table.arrangement:
            return
        self._table.show_columns(choice)
        self.run_worker(self._remember(choice))

    async def _remember(self, choice: Arrangement) -> None:
        try:
            await asyncio.to_thread(self._memory.keep_columns, choice)
        except Forgotten as said:
            self.notify(str(said), severity="warning", markup=False)

    # Taking it elsewhere

    def action_export(self) -> None:
        """Ask for a file to write what is shown to."""
        from eitui.tui.screens.export_prompt import ExportPrompt
        from eitui.view.shown import free_name

        count = len(self._table.rows.trials)
        if not count:
            self.notify("No trial to export.", markup=False)
            return
        proposal = free_name(self.shown.run.config.name, Path())
        self.app.push_screen(ExportPrompt(proposal, f"{count} trial{'s' * (count != 1)}", self._write))

    async def _write(self, path: Path) -> str:
        """Write what is shown; return why it could not be written, or nothing."""
        from eitui.config.files import NotWritten, write
        from eitui.domain.text import clean
        from eitui.view.export import Cell, Table, as_csv, as_json
        from eitui.view.shown import shown_table

        rows, figures = self._table.rows, self._table.figures
        trials, context = tuple(rows.trials), rows.context
        lines: list[tuple[Cell, ...]] = []
        for number, trial in enumerate(trials):
            # In turns: what takes long to read is not to hold up the screen, and not for a thread.
            lines += shown_table([trial], figures, context).rows
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        table = Table(shown_table((), figures, context).columns, tuple(lines))
        form = as_json if path.suffix.lower() == ".json" else as_csv
        try:
            await asyncio.to_thread(lambda: write(path, form(table).encode()))
        except NotWritten as error:
            return f"{error}."
        self.notify(f"{len(trials)} trial{'s' * (len(trials) != 1)} → {clean(str(path))}", markup=False)
        return ""

    def action_copy_row(self) -> None:
        """Copy the selected row, with its header."""
        from eitui.view.export import as_tsv
        from eitui.view.shown import shown_table

        table = self._table
        if table.selected is None:
            self.notify("No trial to copy.", markup=False)
            return
        row = shown_table([table.selected], table.figures, table.rows.context)
        named = table.selected.name or table.selected.id
        self.post_message(CopyAsked(as_tsv(row), f"{named}, a header and {len(row.columns)} cells"))
