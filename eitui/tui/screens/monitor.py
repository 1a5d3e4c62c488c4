"""The monitor: every pane, and what the keys do to them."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from eitui.feed.clock import Clock
from eitui.tui.keys import Key, bindings
from eitui.tui.logs import Logs
from eitui.tui.memory import Memory
from eitui.tui.screens.following import BELOW, Following, Scene
from eitui.tui.screens.table_keys import TableKeys
from eitui.tui.widgets.alerts import Alerts, LatestAlert
from eitui.tui.widgets.curves import Curves
from eitui.tui.widgets.header import Header
from eitui.tui.widgets.pane import Pane
from eitui.tui.widgets.scrolling import ScrollingPane
from eitui.tui.widgets.trial_table import TrialTable
from eitui.tui.widgets.workers import Workers

PANES = ("trials", "curves", "workers", "alerts")

WIDE, TALL = 100, 30
"""Columns and lines from which all panes are in sight at once."""


class Monitor(TableKeys):
    """Shows one moment at a time."""

    GROUPS: ClassVar[tuple[str, ...]] = ("Panes", "Trials", *BELOW)
    BINDINGS: ClassVar = bindings("Moving", *GROUPS)
    AUTO_FOCUS = "#trials"

    def __init__(
        self, clock: Clock, endpoint: str, keys: Sequence[Key], memory: Memory, *, unencrypted: bool = False
    ) -> None:
        super().__init__(clock, endpoint, keys, memory)
        self.zoomed = False
        self.pane = "trials"
        self._header, self._curves, self._workers = Header(unencrypted=unencrypted), Curves(), Workers()
        self._alerts, self._latest = Alerts(), LatestAlert()
        self._endpoint = endpoint
        self._logs = Logs(lambda: self._source, self.run_worker, self._show_over)

    def compose(self) -> ComposeResult:
        """Lay out the panes; the style sheet says which are in sight."""
        yield self._header
        yield self._table
        with Horizontal(id="below"):
            yield self._curves
            yield self._workers
        yield self._alerts
        yield self._latest
        yield self.timeline
        yield self._footer

    def on_mount(self) -> None:
        """Begin to keep the ages on the screen true: a second that changes no text sends nothing."""
        self.set_interval(1.0, self.tick)
        self.tick()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout."""
        self._arrange(event.size.width, event.size.height)

    def _arrange(self, width: int, height: int) -> None:
        single = self.zoomed or width < WIDE or height < TALL
        self.set_class(single, "-single")
        panes = (self._table, self._curves, self._workers, self._alerts)
        for pane in panes:
            self.set_class(self.pane == pane.id, f"-{pane.id}")
            pane.among = panes if single else ()
        self.call_after_refresh(self.show_now)

    # What arrives

    def tick(self) -> None:
        """Bring the ages on the screen up to date."""
        today, past = self.clock.now(), self.past()
        now = today if past is None else self.time(today)
        self._header.show(
            self.moment if past is None else self.shown,
            now,
            paused=self.paused,
            past=past,
            today=today,
            lens=self.chosen,
        )
        self._workers.show(self.shown, self.time(today))
        self._alerts.show(self.shown, now)
        self._latest.show(self.shown, now)
        self.show_timeline(today)
        self._footer.show(past=past is not None, replay=not self.live)
        self._show_over()

    def scene(self) -> Scene:
        """Return what is on the screen, for those over it."""
        today = self.clock.now()
        return Scene(self.shown, self.time(today), self.lens, self.marked, self.paused, self.past(), today)

    def _show_over(self) -> None:
        """Bring the screens over this one up to date."""
        self._logs.turn_to(self.shown.history.run_id)
        for screen in self.app.screen_stack[1:]:
            if isinstance(screen, Following):
                screen.show(self.scene())

    def show_now(self) -> None:
        """Bring the whole screen up to date."""
        past = self.past() is not None
        now = self.clock.now()
        instant = self.time(now) if past else now
        self._table.show(self.shown, instant, lens=self.chosen, marks=self.marks(), hold=past)
        self._curves.show(self.shown, self._table.cursor)
        self.tick()

    def on_trial_table_selected(self, message: TrialTable.Selected) -> None:
        """Draw the curves of the trial that the cursor is on."""
        self._curves.show(self.shown, message.trial_id)

    # Panes

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self.pane = name
        self._arrange(*self.size)
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

    def action_zoom(self) -> None:
        """Give the pane the whole screen, or take it back."""
        self.zoomed = not self.zoomed
        self._arrange(*self.size)

    def action_open(self) -> None:
        """Show everything about the selected trial."""
        if self._table.selected is None:
            self.notify("No trial to open.", markup=False)
            return
        self.open_trial(self._table.selected.id, self._order)

    def open_trial(
        self,
        trial_id: str,
        order: Callable[[], Sequence[str]],
        reached: Callable[[str], object] = lambda trial_id: None,
    ) -> None:
        """Show everything about a trial; from it one goes to the others of `order`, of which `reached` is told."""
        from eitui.tui.screens.trial import TrialScreen
        from eitui.view.trial.progress import studio_of

        def gone_to(trial_id: str) -> None:
            self._table.select_trial(trial_id)
            reached(trial_id)

        studio = studio_of(self._endpoint) if self.live else ""
        self.app.push_screen(TrialScreen(self.keys, self.scene(), trial_id, self._logs, order, gone_to, studio))

    def _order(self) -> list[str]:
        return [trial.id for trial in self._table.rows.trials]

    def action_back(self) -> None:
        """Go back to the table and all panes; from there, to all trials."""
        if self.pane == "trials" and not self.zoomed and self._table.clear_filter():
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

    def _moved_pane(self) -> TrialTable | ScrollingPane:
        return {"workers": self._workers, "alerts": self._alerts}.get(self.pane, self._table)

    def action_columns(self, by: int) -> None:
        """Bring other columns into sight."""
        self._table.move_columns(by)

    # What opens over it

    def action_compare(self) -> None:
        """Compare the marked trials, or the selected one with the best."""
        from eitui.tui.screens.comparison import ComparisonScreen

        self.app.push_screen(
            ComparisonScreen(
                self.keys,
                self.scene(),
                self._table.cursor,
                numbers=self._numbers,
                unmark=self.unmark,
                select=self._table.select_trial,
            )
        )

    def action_trade_offs(self) -> None:
        """Show what trials are worth against what they cost."""
        from eitui.tui.screens.trade_offs import TradeOffsScreen

        self.app.push_screen(
            TradeOffsScreen(self.keys, self.scene(), self._table.cursor, select=self._table.select_trial)
        )

    def action_thresholds(self) -> None:
        """Show the thresholds of the impulse that was made from the selected trial."""
        from eitui.tui.screens.thresholds import ThresholdEditor

        self.app.push_screen(ThresholdEditor(self.keys, self.scene(), None, trial_id=self._table.cursor or ""))

    def action_journal(self) -> None:
        """Show the journal of changes."""
        from eitui.tui.screens.changes import ChangesScreen

        self.app.push_screen(ChangesScreen(self.keys, self.scene()))

    def action_failures(self) -> None:
        """Show why trials failed."""
        from eitui.tui.screens.failures import FailuresScreen

        self.app.push_screen(FailuresScreen(self.keys, self.scene(), self._logs, self.open_trial))

    def action_impulses(self) -> None:
        """Show the project's impulses."""
        from eitui.tui.screens.impulses import ImpulsesScreen

        self.app.push_screen(
            ImpulsesScreen(
                self.keys, self.scene(), self._memory, self._table.cursor, go_to_trial=self._table.select_trial
            )
        )

    def action_search(self) -> None:
        """Show how the search goes on."""
        from eitui.tui.screens.search import SearchScreen

        self.app.push_screen(SearchScreen(self.keys, self.scene()))

    # The run

    def action_pause(self) -> None:
        """Hold the screen still, or catch up; in the past, play or stand still."""
        if self.travelling:
            self.play_or_stand()
            return
        self.paused = not self.paused
        if not self.paused:
            self.shown = self.moment
        self.show_now()
