"""Screens over the monitor that show one thing of several, in tabs, of which some may be logs."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult

from eitui.feed.events import Logged
from eitui.tui.jumping import JumpTarget
from eitui.tui.kit.list import List, Pane
from eitui.tui.screens.overlay import Overlay, Scene, pane_targets
from eitui.tui.services import CopyAsked, Order, Services
from eitui.tui.widgets.log_pane import LogPane
from eitui.view.run.failures import plain_log_line


class Tabbed(Overlay):
    """One thing, in panes of which one is in sight; others of its kind are a key away."""

    TABS: ClassVar[tuple[str, ...]] = ()
    """The ids of the panes, in their order; the screen opens on the first."""
    KIND: ClassVar[str] = ""
    """What is gone through, in a word."""

    def __init__(self, services: Services, scene: Scene, order: Order, reached: Callable[[str], object]) -> None:
        """Go through the things of `order`; `reached` is told of each that is gone to."""
        super().__init__(services, scene)
        self.tab = self.TABS[0]
        self._order, self._reached = order, reached

    @property
    def panes(self) -> Mapping[str, Pane]:
        """The panes by their ids."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    @property
    def thing(self) -> str:
        """The id of what is shown."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def turn_to(self, thing: str) -> None:
        """Show another thing from now on."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def body(self) -> ComposeResult:
        """Lay out the tabs, one of which is in sight."""
        panes = tuple(self.panes.values())
        for pane in panes:
            pane.among = panes
            pane.display = pane.id == self.tab
            yield pane

    def on_mount(self) -> None:
        """Begin on the first tab."""
        self._footer.use(self.footer_keys())
        self.set_focus(self.panes[self.tab])

    def place(self, thing: str) -> str:
        """Return where a thing stands among those that are gone through; empty where it is none of them."""
        order = list(self._order())
        return f"{order.index(thing) + 1} of {len(order)}" if thing in order else ""

    # Tabs

    def action_tab(self, name: str) -> None:
        """Go to a tab."""
        self.tab = name
        self._footer.use(self.footer_keys())
        for pane in self.panes.values():
            pane.display = pane.id == name
        self.set_focus(self.panes[name], scroll_visible=False)
        # Once it has its size: what is drawn before would be drawn twice.
        self.call_after_refresh(self.follow)

    def action_next_tab(self, by: int) -> None:
        """Go to the tab beside this one."""
        self.action_tab(self.TABS[(self.TABS.index(self.tab) + by) % len(self.TABS)])

    def on_descendant_blur(self) -> None:
        """Give the keyboard back to a tab that was hidden and is shown again: it hears late that it was hidden."""
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        if self.focused is None and self.is_current:
            self.set_focus(self.panes[self.tab], scroll_visible=False)

    def own_targets(self) -> list[JumpTarget]:
        """Return the tabs."""
        return pane_targets(self.panes[self.tab], self.action_tab)

    # Moving

    def action_other(self, by: int) -> None:
        """Go to the next thing, or the one before."""
        order = list(self._order())
        if not order:
            return
        to = (order.index(self.thing) if self.thing in order else -1 if by > 0 else len(order)) + by
        if not 0 <= to < len(order):
            self.app.clear_notifications()  # A key that is held down would say it over and over.
            self.notify(f"This is the {'last' if by > 0 else 'first'} {self.KIND}.", markup=False)
            return
        self.turn_to(order[to])
        self._reached(order[to])
        self.show(self.scene)

    def action_move(self, by: int) -> None:
        """Move by lines, or by charts."""
        pane = self.panes[self.tab]
        if isinstance(pane, List):
            pane.move(by)

    def action_move_page(self, by: int) -> None:
        """Move by screenfuls."""
        pane = self.panes[self.tab]
        if isinstance(pane, List):
            pane.move_page(by)


class LogReader(Tabbed):
    """Follows a log while it grows, filters and copies it. Where not every tab is a log, the one called `log` is."""

    def __init__(self, services: Services, scene: Scene, order: Order, reached: Callable[[str], object]) -> None:
        super().__init__(services, scene, order, reached)
        self._logs = services.logs

    @property
    def _here(self) -> LogPane | None:
        """The log in sight."""
        pane = self.panes[self.tab]
        return pane if isinstance(pane, LogPane) else None

    @property
    def note_of_past(self) -> str:
        """What must be known of a log while the past is shown; logs are not recorded."""
        then = self.scene.past is not None and self.scene.past.live
        return "The log is the present one, not the one of the time shown." if then else ""

    def ask_for_log(self, of: Logged, *, grows: bool) -> None:
        """Ask for the log in sight, and again from time to time while it grows and is not of the past."""
        pane = self._here
        again = grows and pane is not None and self.scene.past is None and pane.is_due(of, self.scene.today.mono)
        self._logs.ask(of, again=again)

    @property
    def filtered(self) -> LogPane | None:
        """The log, while its tab is in sight."""
        return self._here

    def action_filter_log(self) -> None:
        """Let a filter of the log's lines be typed, or changed."""
        if self._here is None:
            self.action_tab("log")
        if self._here is not None:
            self._here.type_filter()

    def action_copy_log(self) -> None:
        """Copy the lines that the filter leaves."""
        if self._here is None:
            self.action_tab("log")
        lines = [] if self._here is None else self._here.shown
        if not lines:
            self.notify("No line of a log to copy.", markup=False)
            return
        text = "\n".join(map(plain_log_line, lines)) + "\n"
        self.post_message(CopyAsked(text, f"{len(lines):,} line{'s' * (len(lines) != 1)} of the log"))

    def action_tab(self, name: str) -> None:
        """Go to a tab; the filter that is being typed stays in force."""
        if self._here is not None:
            self._here.stop_typing()
        super().action_tab(name)

    def action_columns(self, by: int) -> None:
        """Move the log sideways."""
        if self._here is not None:
            self._here.move_aside(by)

    def action_back(self) -> None:
        """Show all lines again; then go back."""
        if self._here is None or not self._here.clear_filter():
            super().action_back()

    async def action_below(self, action: str) -> None:
        """Have the monitor do something; asking the service now is, where a log is in sight, asking for that, too."""
        of = self.logged
        if action == "app.poll" and self._here is not None and of is not None:
            self._logs.ask(of, again=True)
            if self.scene.past is not None:
                return  # There the monitor would only say that there is nothing to poll.
        await super().action_below(action)

    @property
    def logged(self) -> Logged | None:
        """What the log in sight is of; None where that is not there."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover
