"""The base of tabbed screens of which a tab, or all, are logs."""

from collections.abc import Callable

from eitui.feed.events import Logged
from eitui.tui.keys import keys_typing
from eitui.tui.messages import CopyAsked
from eitui.tui.screens.overlay import Scene
from eitui.tui.screens.tabbed import Tabbed
from eitui.tui.services import Order, Services
from eitui.tui.widgets.log_pane import LogPane
from eitui.view.run.failures import plain_log_line


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

    def ask_for_log(self, of: Logged, *, grows: bool) -> None:
        """Ask for the log in sight, and again from time to time while it grows and is not of the past."""
        pane = self._here
        again = grows and pane is not None and self.scene.past is None and pane.is_due(of, self.scene.today.mono)
        self._logs.ask(of, again=again)

    def action_filter_log(self) -> None:
        """Let a filter of the log's lines be typed; reached where the log has not the keyboard, which sees to it."""
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

    def on_filtered_typing(self, message: LogPane.Typing) -> None:
        """Show the keys that matter."""
        self._footer.use(keys_typing(self.services.keys) if message.typing else self.footer_keys())

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
