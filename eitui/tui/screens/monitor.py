"""The monitor: every pane, and what the keys do to them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.screen import Screen

from eitui.analysis.beside import RunBeside
from eitui.analysis.figures import Lens, is_parameter
from eitui.analysis.ranking import next_part, next_precision, usual_lens
from eitui.domain.moment import Alert
from eitui.tui.acting import Acting
from eitui.tui.jumping import JumpTarget
from eitui.tui.keys import Key, bindings, keys_of, keys_typing
from eitui.tui.kit.list import Pane
from eitui.tui.screens.monitor_layout import (
    ALL_PARTS,
    OVERVIEW,
    PANES,
    Chosen,
    Needs,
    Places,
    Placing,
    grown,
    is_single,
    plan,
    shows_summary,
)
from eitui.tui.screens.overlay import (
    BELOW,
    SHORT_OF_ROOM,
    Overlay,
    Scene,
    counts_of,
    pane_targets,
    view_targets,
    works_in_time,
)
from eitui.tui.screens.time_travel import TimeTravel
from eitui.tui.services import CopyAsked, MomentArrived, Order, Services, SourceOpened
from eitui.tui.view_state import Forgotten, Panes
from eitui.tui.widgets.alerts import Alerts, LatestAlert, Workers
from eitui.tui.widgets.bars import TRIALS_VIEW, Footer, Header, Views
from eitui.tui.widgets.curves import Curves
from eitui.tui.widgets.overview import ResultPane, SummaryPane, TradeOffs
from eitui.tui.widgets.trial_curves import ONE_ATTEMPT
from eitui.tui.widgets.trial_table import TrialTable
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import EMPTY_LINE, Line
from eitui.view.kit.marks import MARK_SIGNS, assign
from eitui.view.run.columns import COLUMNS, CURVE, FIXED, USUAL, Arrangement, Column, column_of
from eitui.view.run.table import AT_ONCE

_MOST_MARKED = len(MARK_SIGNS)
"""Trials: each has a sign of its own."""

if TYPE_CHECKING:
    from eitui.domain.edit import Entry
    from eitui.thresholds.editor import Editor


class Monitor(Screen[None]):
    """Shows one moment at a time."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Trials", "Panes", *BELOW)
    BINDINGS: ClassVar = bindings("Moving", *GROUPS)
    AUTO_FOCUS = "#trials"
    VERTICAL_BREAKPOINTS = SHORT_OF_ROOM

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.travel = TimeTravel(services, self, self.show_now)
        self.acting = Acting(services, self)
        self.marked: tuple[str, ...] = ()
        """Ids of the trials marked for comparison, in the order of marking."""
        self.chosen: Lens | None = None
        """Whose figures the user chose to look at; None: what the run itself is about."""
        self._numbers: Mapping[str, int] = {}
        self._alert: Alert | None = None
        self._table = TrialTable(services.endpoint, services.keys)
        self._footer = Footer(keys_of(services.keys, *self.GROUPS, "Program"))
        self._views = Views(services.keys, TRIALS_VIEW)
        self.zoomed = False
        self.pane = "trials"
        self._header, self._curves, self._workers = Header(services), Curves(), Workers()
        self._alerts, self._latest = Alerts(), LatestAlert()
        self._summary, self._result, self._trade_offs = SummaryPane(), ResultPane(), TradeOffs()
        self._sizes = Panes()
        self._plan: Places = {}
        self._placing = Placing(lambda: self._plan)
        services.serve(self, self.run_worker, self._logs_changed)

    def compose(self) -> ComposeResult:
        """Make the panes; `monitor_layout` says where they are."""
        yield self._views
        yield self._header
        yield self._result
        yield self._table
        yield self._trade_offs
        yield self._curves
        yield self._summary
        yield self._workers
        yield self._alerts
        yield self._latest
        yield self.travel.timeline
        yield self._footer

    @property
    def layout(self) -> Layout:
        """What puts the panes into their places; asked for by Textual."""
        return self._placing

    def on_mount(self) -> None:
        """Begin to keep the ages on the screen true, and take up the columns that were kept."""
        self._sizes = self.services.view_state.panes()
        # A second that changes no text sends nothing.
        self.set_interval(1.0, self.tick)
        self.tick()
        try:
            self._table.show_columns(self.services.view_state.columns())
        except Forgotten as error:
            self.notify(error.sentence, severity="warning", markup=False)

    async def on_unmount(self) -> None:
        """Close the recording."""
        await self.travel.close()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout."""
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        panes = (self._table, self._curves, self._workers, self._alerts)
        for pane in panes:
            pane.among = panes if is_single(_below(size), self._state) else ()
        self._place(size)
        self.call_after_refresh(self.show_now)

    @property
    def _state(self) -> Chosen:
        return Chosen(self.pane, self.zoomed, self.has_class("-past"), self._sizes)

    def _needs(self, size: Size) -> Needs:
        """Return how many lines every part would take, which only those that have a plan for them need to know."""
        return Needs(
            header=self._header.height_for(size.width, size.height, result=self._answers(size)),
            trials=self._table.height_for(size.width, size.height),
            workers=1 + max(1, self._workers.count()),
            alerts=1 + max(1, self._alerts.count()),
            summary=self._summary.height_for,
            result=self._result.height_for,
            latest=self._alerts.count() > 0,
            trade_offs=self._trade_offs.there,
        )

    def _answers(self, size: Size) -> bool:
        """Whether the result of the run is in sight, so that the header need not tell it."""
        if not self._result.there or self.zoomed or "overview" in self._sizes.hidden:
            return False
        return not is_single(_below(size), self._state) or self.pane == "trials"

    def _place(self, size: Size) -> None:
        """Put the panes where they have room for what they show now; nothing is done where they already are."""
        if not size.area:
            return
        # The line of views is the first, where there is room for it.
        below, state = _below(size), self._state
        above = size.height - below.height
        found = {name: place.translate((0, above)) for name, place in plan(below, self._needs(below), state).items()}
        if above:
            found["views"] = Region(0, 0, size.width, 1)
        self._header.answered = self._answers(size) and "result" in found
        self._result.titled = not is_single(_below(size), state)
        if found == self._plan:
            return
        self._plan = found
        for child in self.children:
            if child.id in ALL_PARTS:
                child.display = child.id in found
        # A child's refresh: Textual keeps the arrangement of the one that is refreshed itself.
        self._header.refresh(layout=True)

    # What arrives

    def on_source_opened(self, message: SourceOpened) -> None:
        """Learn where the past is to be had."""
        self.travel.source_opened()

    def on_moment_arrived(self, message: MomentArrived) -> None:
        """Take over a newer moment; trials that are no more are not marked, but those that the screen still shows."""
        travel = self.travel
        runs = [message.moment.run, *([travel.shown.run] if travel.paused or travel.travelling else [])]
        self.marked = tuple(marked for marked in self.marked if any(run.trial(marked) for run in runs))
        if travel.moment.connection.problem is not None and message.moment.connection.problem is None:
            self.services.logs.forget_problems()
        travel.arrived(message.moment)

    def tick(self) -> None:
        """Bring the ages on the screen up to date."""
        today, past = self.services.clock.now(), self.travel.past()
        now = today if past is None else self.travel.time(today)
        self._header.show(
            self.travel.moment if past is None else self.travel.shown,
            now,
            paused=self.travel.paused,
            past=past,
            today=today,
            lens=self.chosen,
            note=self.note(),
        )
        self._workers.show(self.travel.shown, self.travel.time(today))
        self._alerts.show(self.travel.shown, now)
        self._latest.show(self.travel.shown, now)
        self.travel.show_timeline(today)
        # Here and not with each key: trials that the cursor only passes have no log read.
        shown = self.travel.shown
        trial = shown.run.trial(self._table.cursor)
        in_sight = self.app.screen is self and "curves" in self._plan
        if trial is not None and in_sight and past is None:
            self.services.logs.fill([trial], shown)
        self._foot()
        self._views.show(counts_of(shown))
        self._result.show(shown)
        self._place(self.size)
        self._show_over()

    def scene(self) -> Scene:
        """Return what is on the screen, for those over it."""
        travel, today = self.travel, self.services.clock.now()
        past, beside = travel.past(), self.beside()
        return Scene(travel.shown, travel.time(today), self.lens, self.marked, travel.paused, past, today, beside)

    @property
    def has_filter(self) -> bool:
        """Whether the table shows some of the trials only."""
        return bool(self._table.rows.filter)

    def beside(self) -> RunBeside | None:
        """Return the run to compare with."""
        return None

    def note(self) -> Line:
        """Return what else the header says."""
        return EMPTY_LINE

    def _show_over(self) -> None:
        """Bring the screens over this one up to date."""
        self.services.logs.turn_to(self.travel.shown.history.run_id)
        for screen in self.app.screen_stack[1:]:
            if isinstance(screen, Overlay) and screen.services is self.services:
                screen.show(self.scene())

    def show_now(self) -> None:
        """Bring the whole screen up to date."""
        past = self.travel.past() is not None
        now = self.services.clock.now()
        instant = self.travel.time(now) if past else now
        self._table.show(self.travel.shown, instant, lens=self.chosen, marks=self.marks(), hold=past)
        self._show_trial(self._table.cursor)
        if self.travel.shown.run.trials:
            self._trade_offs.show(self.travel.shown, self.chosen)
        self.tick()

    def _show_trial(self, trial_id: str | None) -> None:
        """Show the curves and the summary of a trial."""
        shown, details = self.travel.shown, self._table.rows.context.details
        self._curves.show_trial(shown, trial_id, self.services.logs)
        trial = shown.run.trial(trial_id)
        if shows_summary(_below(self.size), self._state):
            parameters = {} if trial is None else details.parameters(trial)
            worst = None if trial is None else details.worst_class(trial)
            self._summary.show_trial(shown, trial, self.lens, parameters, worst)

    def _logs_changed(self) -> None:
        self._show_over()
        self._show_trial(self._table.cursor)

    def on_trial_table_selected(self, message: TrialTable.Selected) -> None:
        """Show the trial that the cursor is on."""
        self._show_trial(message.trial_id)
        self._place(self.size)

    # The footer

    def _foot(self) -> None:
        """Show the keys that matter in the pane that has the keyboard, and work now."""
        past = self.travel.past() is not None
        self._footer.show(past=past, replay=not self.travel.live)
        self._footer.use(keys_typing(self.services.keys) if self._table.typing else self.footer_keys())

    def footer_keys(self) -> Sequence[Key]:
        """Return what the footer shows."""
        rows, pane = self._table.rows, self._moved_pane()
        if isinstance(pane, TrialTable):
            not_now = {"trial.best"} if rows.context.best_id is None else set()
            not_now |= {"trial.compare"} if len(self.travel.shown.run.trials) < 2 else set()
            groups = ("Trials",) if self.travel.shown.run.trials else ()
        else:
            groups, not_now = ("Trials",), {key.id for key in keys_of(self.services.keys, "Trials")}
            if pane.trial_id is not None:
                not_now.remove("trial.open")
        if self.pane == "curves":
            groups, not_now = (), set()
        every = keys_of(self.services.keys, *groups, "Panes", *BELOW, "Program")
        return [
            key
            for key in every
            if key.id not in not_now and (self.pane == "curves" or not key.id.startswith("curves."))
        ]

    called = "Trials"
    """As in the line of views."""

    def works(self, id_: str) -> bool:
        """Whether the key with an id does something here, now; for the help."""
        if id_ == "trial.unmark":
            return bool(self.marked)
        return works_in_time(id_, self.travel.past())

    def targets(self) -> list[JumpTarget]:
        """Return the places to jump to."""
        panes = [place for pane in self.query(Pane) for place in pane_targets(pane, self.action_pane)]
        return [*view_targets(self._views)[1:], *panes]

    async def on_views_chosen(self, message: Views.Chosen) -> None:
        """Go to the view that was clicked, or jumped to."""
        action = next((key.action for key in self.services.keys if key.id == message.view), "")
        await self.app.run_action(action, default_namespace=self)

    def on_screen_suspend(self) -> None:
        """Show the keys of the dialog that is over it."""
        self._footer.redraw()

    def on_screen_resume(self) -> None:
        """Show its own keys again."""
        self._footer.redraw()

    # Panes

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self.pane = name
        if name in self._sizes.hidden:
            self._resize(replace(self._sizes, hidden=self._sizes.hidden - {name}))
        self._arrange(self.size)
        self._foot()
        # A list that was not in sight has its cursor only once it is laid out.
        self.call_after_refresh(self._foot)
        # At once, not when there is time as `focus()` does: keys that follow are for this pane.
        self.set_focus(self.query_one(f"#{name}", Pane))

    def show_table(self) -> None:
        """Bring the table into sight, and give it the keyboard."""
        if self.pane != "trials":
            self.action_pane("trials")

    def action_next_pane(self, by: int) -> None:
        """Go to the pane beside this one."""
        self.action_pane(PANES[(PANES.index(self.pane) + by) % len(PANES)])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Go to a pane reached by the mouse as to one reached by its key."""
        # An event that comes late is about a pane that was left again since.
        if event.widget is self.focused and event.widget.id in PANES and event.widget.id != self.pane:
            self.action_pane(event.widget.id)
        # The filter is taken as it is when another pane is gone to.
        if isinstance(event.widget, Pane) and event.widget is self.focused is not self._table:
            self._table.stop_typing()

    def action_zoom(self) -> None:
        """Give the pane the whole screen, or take it back."""
        self.zoomed = not self.zoomed
        self._arrange(self.size)

    def action_grow(self, by: int) -> None:
        """Make the pane larger, or smaller."""
        if is_single(_below(self.size), self._state):
            self.notify("This pane has the whole screen.", markup=False)
            return
        panes = grown(_below(self.size), self._needs(self.size), self._state, by)
        if panes is None:
            self.notify(f"This pane cannot be {'larger' if by > 0 else 'smaller'}.", markup=False)
        else:
            self._resize(panes)

    def action_hide_pane(self) -> None:
        """Hide the pane, until it is gone to; of the table what stands above or below it, or show that again."""
        if is_single(_below(self.size), self._state):
            self.notify("This pane has the whole screen.", markup=False)
        elif self.pane == "trials":
            before, sizes = self._plan, self._sizes
            self._resize(replace(sizes, hidden=sizes.hidden ^ {OVERVIEW}))
            if self._plan == before:
                # Kept, it would hide a result that comes later.
                self._resize(sizes)
                self.notify("Nothing stands above or below the table that could be hidden.", markup=False)
        else:
            hidden = self.pane
            self.action_pane("trials")
            self._resize(replace(self._sizes, hidden=self._sizes.hidden | {hidden}))

    def action_usual_panes(self) -> None:
        """Show all panes at their usual sizes."""
        if self._sizes == Panes():
            self.notify("All panes have their default sizes.", markup=False)
        self._resize(Panes())

    def _resize(self, panes: Panes) -> None:
        if panes == self._sizes:
            return
        self._sizes = panes
        self._arrange(self.size)
        self.run_worker(self._keep_panes(panes))

    async def _keep_panes(self, panes: Panes) -> None:
        try:
            await asyncio.to_thread(self.services.view_state.keep_panes, panes)
        except Forgotten as error:
            self.notify(error.sentence, severity="warning", markup=False)

    def action_open(self) -> None:
        """Show everything about the selected trial, or the one that the selected worker or alert is about."""
        pane = self._moved_pane()
        if isinstance(pane, TrialTable):
            trial = pane.selected
            trial_id, why_none = None if trial is None else trial.id, "No trial to open."
        else:
            trial_id, why_none = pane.trial_id, pane.no_trial
        if trial_id is not None and self.travel.shown.run.trial(trial_id) is None:
            trial_id, why_none = None, "Its trial is not in this run."
        if trial_id is None:
            self.notify(why_none, markup=False)
        else:
            self.open_trial(trial_id, self._order)

    def on_row_list_opened(self) -> None:
        """Open the trial that was clicked twice, or what was is about."""
        self.action_open()

    def open_trial(
        self,
        trial_id: str,
        order: Order,
        reached: Callable[[str], object] = lambda trial_id: None,
    ) -> None:
        """Show everything about a trial; from it one goes to the others of `order`, of which `reached` is told."""
        from eitui.tui.screens.trial import TrialScreen
        from eitui.view.trial.progress import studio_of

        def gone_to(trial_id: str) -> None:
            self._table.select_trial(trial_id)
            reached(trial_id)

        studio = studio_of(self.services.endpoint) if self.travel.live else ""
        self.app.push_screen(TrialScreen(self.services, self.scene(), trial_id, order, gone_to, studio))

    def _order(self) -> list[str]:
        return [trial.id for trial in self._table.rows.trials]

    def action_back(self) -> None:
        """Go back to the table and all panes; from there, to all trials."""
        if self.pane == "trials" and not self.zoomed and self._table.clear_filter():
            return
        if self.pane == "trials" and not self.zoomed:
            self.app.clear_notifications()
            self.notify(keyed("Nothing to go back from: {app.quit} quits."), markup=False)
            return
        self.zoomed = False
        self.action_pane("trials")

    # Moving

    def action_move(self, by: int) -> None:
        """Move in the pane; curves follow the table's cursor, so there too."""
        self._moved_pane().move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        self._moved_pane().move_page(by)

    def _moved_pane(self) -> TrialTable | Workers | Alerts:
        if self.pane == "workers":
            return self._workers
        return self._alerts if self.pane == "alerts" else self._table

    def action_columns(self, by: int) -> None:
        """Bring other columns into sight; in the pane of the curves read them at the next epoch."""
        if self.pane == "curves":
            self._curves.move_cursor(by)
        else:
            self._table.move_columns(by)

    # Curves

    def action_log_axis(self) -> None:
        """Make the axis of the loss logarithmic, or even again."""
        self.action_pane("curves")
        self._curves.switch_log()

    def action_smooth(self) -> None:
        """Smooth the curves more, or not at all."""
        self.action_pane("curves")
        self._curves.smooth()

    def action_attempt(self) -> None:
        """Show the curves of an earlier attempt."""
        self.action_pane("curves")
        if not self._curves.next_attempt():
            self.notify(ONE_ATTEMPT, markup=False)

    # Whose figures

    @property
    def lens(self) -> Lens:
        """The part of the data and the precision whose figures count."""
        return self.chosen or usual_lens(self.travel.shown.run)

    def action_part(self) -> None:
        """Look at the figures of another part of the data."""
        found = next_part(self.travel.shown.run, self.lens)
        if found == self.lens:
            self.notify(f"Only {found.part} data at {found.precision} is available so far.", markup=False)
            return
        self._look_at(found)

    def action_precision(self) -> None:
        """Look at the figures of another precision."""
        found = next_precision(self.travel.shown.run, self.lens)
        if found == self.lens:
            self.notify(f"Only {found.precision} is available so far.", markup=False)
            return
        self._look_at(found)

    def _look_at(self, lens: Lens) -> None:
        self.chosen = None if lens == usual_lens(self.travel.shown.run) else lens
        self.show_now()

    # Order

    def action_sort(self) -> None:
        """Ask which column to sort by."""
        from eitui.tui.screens.columns import SortChoice

        if not self.travel.shown.run.trials:
            self.notify("No trial to sort yet.", markup=False)
            return
        rows = self._table.rows
        columns = [column for column in self._columns() if column.key != CURVE.key]
        choices = [(column.key, column.heading(self.lens) or "Best, then marked") for column in columns]
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
        if not self.travel.shown.run.trials:
            self.notify("No trial to sort yet.", markup=False)
            return
        rows = self._table.rows
        self._table.sort_by(rows.sort.key if rows.sort else None, reverse=not rows.reverse)

    # Going to a trial

    def action_best(self) -> None:
        """Go to the best trial."""
        self._go_to(self._table.rows.context.best_id, "No trial has a score")

    def action_best_fit(self) -> None:
        """Go to the best trial within the limits."""
        self._go_to(self._table.rows.context.best_fit_id, "No trial is known to fit the limits")

    def _go_to(self, trial_id: str | None, none: str) -> None:
        if trial_id is None:
            figures = "" if self.chosen is None else f" on {self.lens.part} at {self.lens.precision}"
            self.notify(f"{none}{figures} yet.", markup=False)
            return
        if trial_id == self._table.cursor and self.pane == "trials":
            self.notify("This trial is selected already.", markup=False)
        self._table.select_trial(trial_id)

    def action_alert(self, by: int) -> None:
        """Go to the trial of another alert."""
        about = [alert for alert in reversed(self.travel.shown.alerts) if self.travel.shown.run.trial(alert.trial_id)]
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
            self.notify("No trial to mark.", markup=False)
        elif self.mark_trial(selected.id):
            self._table.move(1)

    def mark_trial(self, trial_id: str) -> bool:
        """Mark a trial, or unmark it; return whether there was room for its mark."""
        if trial_id in self.marked:
            self.marked = tuple(marked for marked in self.marked if marked != trial_id)
        elif len(self.marked) < _MOST_MARKED:
            self.marked = (*self.marked, trial_id)
        else:
            self.app.clear_notifications()  # A key that is held down would say it over and over.
            self.notify(f"At most {_MOST_MARKED} trials can be marked.", markup=False)
            return False
        self.show_now()
        return True

    def action_unmark_all(self) -> None:
        """Unmark every trial."""
        if not self.marked:
            self.notify("No trial is marked.", markup=False)
            return
        self.marked = ()
        self.show_now()

    def unmark(self, trial_id: str) -> None:
        """Mark a trial no longer."""
        self.marked = tuple(marked for marked in self.marked if marked != trial_id)
        self.show_now()

    # The filter

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a key for the filter that is being typed."""
        return self._table.take_key(key, character)

    def take_pasted(self, text: str) -> None:
        """Put what is pasted into the filter that is being typed."""
        self._table.take_pasted(text)

    def action_filter(self) -> None:
        """Let a filter be typed, or changed."""
        if not self.travel.shown.run.trials:
            self.notify("No trial to filter yet.", markup=False)
            return
        self.show_table()
        self._table.type_filter()

    def on_filtered_typing(self, message: TrialTable.Typing) -> None:
        """Show the keys that matter."""
        self._foot()

    # Columns

    def action_choose_columns(self) -> None:
        """Ask which columns to show."""
        from eitui.tui.screens.columns import ColumnsChoice

        columns = self._columns()
        titles = {column.key: column.heading(self.lens) for column in columns}
        offered = self._table.arrangement.offering(key for key in titles if key not in FIXED)
        usual = USUAL.offering(offered.order)
        self.app.push_screen(ColumnsChoice(offered, titles, self.services.keys, usual), self._arrange_columns)

    def _arrange_columns(self, choice: Arrangement | None) -> None:
        if choice is None or (choice := choice.without_offers) == self._table.arrangement:
            return
        self._table.show_columns(choice)
        self.run_worker(self._remember(choice))

    async def _remember(self, choice: Arrangement) -> None:
        try:
            await asyncio.to_thread(self.services.view_state.keep_columns, choice)
        except Forgotten as error:
            self.notify(error.sentence, severity="warning", markup=False)

    # Taking it elsewhere

    def action_export(self) -> None:
        """Ask for a file to write what is shown to."""
        from eitui.tui.screens.prompts import ExportPrompt
        from eitui.view.run.export import free_name

        count = len(self._table.rows.trials)
        if not count:
            self.notify("No trial to export.", markup=False)
            return
        proposal = free_name(self.travel.shown.run.config.name, Path())
        self.app.push_screen(ExportPrompt(proposal, f"{count} trial{'s' * (count != 1)}", self._write))

    async def _write(self, path: Path) -> str:
        """Write what is shown; return why it could not be written, or nothing."""
        from eitui.config.files import NotWritten, write
        from eitui.domain.text import clean
        from eitui.view.run.export import ExportCell, ExportTable, as_csv, shown_table, table_as_json

        rows, figures = self._table.rows, self._table.figures
        trials, context = tuple(rows.trials), rows.context
        lines: list[tuple[ExportCell, ...]] = []
        for number, trial in enumerate(trials):
            # In turns: what takes long to read is not to hold up the screen, and not for a thread.
            lines += shown_table([trial], figures, context).rows
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        table = ExportTable(shown_table((), figures, context).columns, tuple(lines))
        form = table_as_json if path.suffix.lower() == ".json" else as_csv
        try:
            await asyncio.to_thread(lambda: write(path, form(table).encode()))
        except NotWritten as error:
            return error.sentence
        self.notify(f"{len(trials)} trial{'s' * (len(trials) != 1)} → {clean(str(path))}", markup=False)
        return ""

    def action_copy_row(self) -> None:
        """Copy the selected row, with its header."""
        self.copy_trial(self._table.cursor)

    def copy_trial(self, trial_id: str | None) -> None:
        """Copy a trial's row, with its header."""
        from eitui.view.run.export import as_tsv, shown_table

        if (trial := self.travel.shown.run.trial(trial_id)) is None:
            self.notify("No trial to copy.", markup=False)
            return
        table = self._table
        row = shown_table([trial], table.figures, table.rows.context)
        named = trial.name or trial.id
        self.post_message(CopyAsked(as_tsv(row), f"{named}, a header and {len(row.columns)} cells"))

    # What opens over it

    def action_compare(self) -> None:
        """Compare the marked trials, or the selected one with the best."""
        self.open_comparison(self._table.cursor)

    def open_comparison(self, trial_id: str | None) -> None:
        """Compare the marked trials, or this one with the best."""
        from eitui.tui.screens.comparison import ComparisonScreen

        self.app.push_screen(ComparisonScreen(self.services, self.scene(), trial_id, numbers=self._numbers))

    def action_trade_offs(self) -> None:
        """Show what trials are worth against what they cost."""
        from eitui.tui.screens.trade_offs import TradeOffsScreen

        self.app.push_screen(TradeOffsScreen(self.services, self.scene(), self._table.cursor))

    def action_thresholds(self) -> None:
        """Show the thresholds of the impulse that was made from the selected trial."""
        self.open_thresholds(None, trial_id=self._table.cursor or "")

    def open_thresholds(
        self,
        impulse_id: int | None,
        *,
        trial_id: str | None = None,
        undo: "Entry | None" = None,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Open the threshold editor, and do `then` when it is closed: the values may be others."""
        from eitui.tui.screens.thresholds import ThresholdEditor

        editor = ThresholdEditor(self.services, self.scene(), impulse_id, trial_id=trial_id, undo=undo)

        def closed(_: None) -> None:
            if then is not None:
                then()

        self.app.push_screen(editor, closed)

    def action_journal(self) -> None:
        """Show the journal of changes."""
        self.open_journal()

    def open_journal(self, within: "Editor | None" = None) -> None:
        """Open the journal of changes, from an editor or not."""
        from eitui.tui.screens.journal import JournalScreen

        self.app.push_screen(JournalScreen(self.services, self.scene(), within=within))

    def action_failures(self) -> None:
        """Show why trials failed."""
        from eitui.tui.screens.failures import FailuresScreen

        self.app.push_screen(FailuresScreen(self.services, self.scene()))

    def select_trial(self, trial_id: str) -> None:
        """Put the cursor of the table on a trial."""
        self._table.select_trial(trial_id)

    def action_impulses(self) -> None:
        """Show the project's impulses."""
        from eitui.tui.screens.impulses import ImpulsesScreen

        self.app.push_screen(ImpulsesScreen(self.services, self.scene(), self._table.cursor))

    def action_runs(self) -> None:
        """Show the project's runs and the recordings."""
        from eitui.tui.screens.runs import RunsScreen

        self.app.push_screen(RunsScreen(self.services, self.scene()))

    def action_run_logs(self) -> None:
        """Show the logs of the run's own jobs."""
        from eitui.tui.screens.run_logs import RunLogsScreen

        if not isinstance(self.app.screen, RunLogsScreen):
            self.app.push_screen(RunLogsScreen(self.services, self.scene()))

    def action_search(self) -> None:
        """Show how the search goes on."""
        from eitui.tui.screens.search import SearchScreen

        self.app.push_screen(SearchScreen(self.services, self.scene()))

    # What starts or ends something

    def action_add_trial(self) -> None:
        """Ask whether to add the selected trial to the project as an impulse."""
        if self._table.cursor is None:
            self.notify("No trial to add.", markup=False)
        else:
            self.add_trial(self._table.cursor)

    def add_trial(self, trial_id: str) -> None:
        """Ask whether to add a trial to the project as an impulse."""
        trial = self.travel.moment.run.trial(trial_id)
        if self._is_now() and trial is not None:
            self.acting.add_trial(trial)

    def action_extend_search(self) -> None:
        """Ask whether to extend the search."""
        if self._has_run():
            self.acting.extend(self.travel.moment.run)

    def action_cancel_run(self) -> None:
        """Ask whether to cancel the run."""
        if self._has_run():
            self.acting.cancel_run(self.travel.moment.run)

    def cancel_job(self, job_id: int) -> None:
        """Ask whether to cancel a job."""
        self.acting.cancel_job(job_id)

    def _has_run(self) -> bool:
        there = self.travel.moment.run.coordinator_job_id is not None
        if not there:
            self.notify("There is no run.", markup=False)
        return there and self._is_now()

    def _is_now(self) -> bool:
        """Return whether the present is shown, of a run that is followed; say why not."""
        if not self.travel.live:
            self.notify("This is a recording: nothing can be started or cancelled.", markup=False)
        elif self.travel.past() is not None:
            self.notify(keyed("The past is shown: {time.live} goes to now."), markup=False)
        else:
            return True
        return False

    def action_copy_link(self) -> None:
        """Copy the Studio's address of what the screen on top is about, or of the selected trial."""
        from eitui.view.trial.progress import impulse_link, studio_link, studio_of, trial_link

        moment, top = self.travel.shown, self.app.screen
        trial_id, impulse_id = top.linked if isinstance(top, Overlay) else (self._table.cursor, None)
        host, trial = studio_of(self.services.endpoint), moment.run.trial(trial_id)
        link, what = impulse_link(host, moment.project_id, impulse_id), f"impulse {impulse_id}"
        if not link and trial is not None:
            link = trial_link(host, moment.project_id, moment.run, trial)
            what = trial.name or trial.id
        if not link:
            link, what = studio_link(host, moment.project_id, moment.run.coordinator_job_id), "the run"
        if link:
            self.post_message(CopyAsked(link, f"the Studio's address of {what}, {link}"))
        else:
            self.notify("The Studio's address is not known for this service.", markup=False)

    # The run

    def action_pause(self) -> None:
        """Hold the screen still, or catch up; in the past, play or stand still."""
        if self.travel.travelling:
            self.travel.play_or_stand()
            return
        self.travel.paused = not self.travel.paused
        if not self.travel.paused:
            self.travel.shown = self.travel.moment
        self.show_now()

    # Time

    def action_travel(self, by: int) -> None:
        """Go by cells of the timeline."""
        self.travel.by_cells(by)

    def action_travel_polls(self, by: int) -> None:
        """Go by polls."""
        self.travel.by_polls(by)

    def action_travel_alerts(self, direction: int) -> None:
        """Go to the poll at which another alert was raised."""
        self.travel.to_alert(direction)

    def action_travel_first(self) -> None:
        """Go to the first poll."""
        self.travel.to_first()

    def action_travel_live(self) -> None:
        """Go to the live edge; in a replay to the end."""
        self.travel.to_live_edge()

    def action_travel_speed(self, by: int) -> None:
        """Play faster, or slower."""
        self.travel.play_faster(by)

    def action_travel_to(self) -> None:
        """Ask for a time to go to."""
        self.travel.ask_for_a_time()


def _below(size: Size) -> Size:
    """Return what is left of the screen below the line of views."""
    return Size(size.width, size.height - (size.height >= SHORT_OF_ROOM[1][0]))
