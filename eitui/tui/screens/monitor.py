"""The monitor: every pane, and what the keys do to them."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from eitui.analysis.lens import Lens, usual_lens
from eitui.domain.moment import Alert
from eitui.feed.clock import Clock
from eitui.tui.keys import Key, bindings, keys_of
from eitui.tui.screens.following import BELOW, Following, Scene
from eitui.tui.screens.travelling import Travelling
from eitui.tui.widgets.alerts import Alerts, LatestAlert
from eitui.tui.widgets.curves import Curves
from eitui.tui.widgets.footer import Footer
from eitui.tui.widgets.header import Header
from eitui.tui.widgets.pane import Pane
from eitui.tui.widgets.scrolling import ScrollingPane
from eitui.tui.widgets.trial_table import TrialTable
from eitui.tui.widgets.workers import Workers
from eitui.view.table import context_of

PANES = ("trials", "curves", "workers", "alerts")

WIDE, TALL = 100, 30
"""Columns and lines from which all panes are in sight at once."""


class Monitor(Travelling):
    """Shows one moment at a time."""

    GROUPS: ClassVar = ("Panes", "Trials", *BELOW)
    BINDINGS: ClassVar = bindings("Moving", *GROUPS)
    AUTO_FOCUS = "#trials"

    def __init__(self, clock: Clock, endpoint: str, keys: Sequence[Key]) -> None:
        super().__init__(clock)
        self.zoomed = False
        self.pane = "trials"
        self.marked: tuple[str, ...] = ()
        self.keys = keys
        self._alert: Alert | None = None
        self._header, self._footer = Header(), Footer(keys_of(keys, *self.GROUPS, "Program"))
        self._table, self._curves, self._workers = TrialTable(endpoint), Curves(), Workers()
        self._alerts, self._latest = Alerts(), LatestAlert()

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

    @property
    def lens(self) -> Lens:
        """The part of the data and the precision whose figures count."""
        return usual_lens(self.shown.run)

    # What arrives

    def tick(self) -> None:
        """Bring the ages on the screen up to date."""
        today, past = self.clock.now(), self.past()
        now = today if past is None else self.time(today)
        self._header.show(self.moment if past is None else self.shown, now, paused=self.paused, past=past, today=today)
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
        for screen in self.app.screen_stack[1:]:
            if isinstance(screen, Following):
                screen.show(self.scene())

    def show_now(self) -> None:
        """Bring the whole screen up to date."""
        past = self.past() is not None
        now = self.clock.now()
        self._table.show(self.shown, self.time(now) if past else now, hold=past)
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
        self.query_one(f"#{name}", Pane).focus()

    def action_next_pane(self, by: int) -> None:
        """Go to the pane beside this one."""
        self.action_pane(PANES[(PANES.index(self.pane) + by) % len(PANES)])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Go to a pane reached by the mouse as to one reached by its key."""
        if event.widget.id in PANES and event.widget.id != self.pane:
            self.action_pane(event.widget.id)

    def action_zoom(self) -> None:
        """Give the pane the whole screen, or take it back."""
        self.zoomed = not self.zoomed
        self._arrange(*self.size)

    def action_open(self) -> None:
        """Show the selected trial's curves on the whole screen."""
        self.zoomed = True
        self.action_pane("curves")

    def action_back(self) -> None:
        """Go back to the table and all panes."""
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

    # Trials

    def action_sort(self) -> None:
        """Ask which column to sort by."""
        from eitui.tui.screens.sort import SortChoice

        rows = self._table.rows
        self.app.push_screen(SortChoice(rows.sort.key if rows.sort else None), self._sort_by)

    def _sort_by(self, choice: str | None) -> None:
        if choice is None:
            return
        self._table.sort_by(choice or None, reverse=choice in DESCENDING)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        rows = self._table.rows
        self._table.sort_by(rows.sort.key if rows.sort else None, reverse=not rows.reverse)

    def action_best(self) -> None:
        """Go to the best trial."""
        best = context_of(self.shown).best_id
        if best is None or not self._table.select_trial(best):
            self.notify("No trial has finished with a score yet.", markup=False)

    def action_alert(self, by: int) -> None:
        """Go to the trial of another alert."""
        about = [alert for alert in reversed(self.shown.alerts) if self.shown.run.trial(alert.trial_id)]
        if not about:
            self.notify("No alert is about a trial yet.", markup=False)
            return
        at = about.index(self._alert) if self._alert in about else -1
        self._alert = about[max(0, min(at + by, len(about) - 1))]
        self._table.select_trial(self._alert.trial_id or "")

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


DESCENDING = frozenset({"accuracy", "val_accuracy", "epoch", "round", "retries"})
"""Columns whose high values are looked for first."""
