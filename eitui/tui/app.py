"""The monitor's app: follows a source and hands what it says to the screen."""

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePath
from typing import Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.screen import Screen

from eitui.api.errors import ApiError
from eitui.config import SettingsError
from eitui.domain.moment import EMPTY_MOMENT, Problem
from eitui.feed.clock import Clock, SystemClock
from eitui.feed.events import Missed, Source
from eitui.tui.attention import notification
from eitui.tui.keys import bindings, with_keymap
from eitui.tui.messages import AlertsRaised, MomentArrived, SourceOpened
from eitui.tui.safe_app import SafeApp
from eitui.tui.screens.following import BELOW, Following
from eitui.tui.screens.monitor import Monitor

PAINT_FIRST = 0.05
"""Seconds from the first paint to the loading of what it does not need."""

OpenSource = Callable[[], Awaitable[Source]]
"""Makes the source; called once the first frame is on the screen, as what it imports is slow to load."""


class MonitorApp(SafeApp[None]):
    """Shows a run until the user leaves. The source never ends it."""

    TITLE = "eitui"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/monitor.tcss"]
    BINDINGS: ClassVar = bindings("Program")
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        open_source: OpenSource,
        *,
        endpoint: str,
        clock: Clock | None = None,
        keymap: Mapping[str, str] | None = None,
        notify: bool = True,
    ) -> None:
        super().__init__()
        self._open_source = open_source
        self._endpoint = endpoint
        self._clock = clock or SystemClock()
        self._source: Source | None = None
        self._notify = notify
        self._keys = with_keymap(keymap or {})
        self.set_keymap(dict(keymap or {}))

    def get_default_screen(self) -> Screen[Any]:
        """Return the only screen that others open over."""
        return Monitor(self._clock, self._endpoint, self._keys)

    def on_mount(self) -> None:
        """Paint the frame, then load the rest."""
        self.set_timer(PAINT_FIRST, self.follow)

    @work(exclusive=True)
    async def follow(self) -> None:
        """Hand on what the source says, for as long as the app runs."""
        from eitui.feed.track import fold, track

        monitor = self.screen_stack[0]
        try:
            self._source = await self._open_source()
        except (SettingsError, ApiError) as error:
            said = Problem(error.what, error.advice, final=True)
            monitor.post_message(MomentArrived(fold(EMPTY_MOMENT, Missed(self._clock.now(), said, None)).moment))
            return
        monitor.post_message(SourceOpened(self._source))
        async for step in track(self._source):
            monitor.post_message(MomentArrived(step.moment))
            if step.alerts:
                self.post_message(AlertsRaised(step.alerts))

    def on_alerts_raised(self, message: AlertsRaised) -> None:
        """Call back a user who looks elsewhere."""
        live = self._source is None or self._source.live
        if self._notify and live and self._driver is not None and not self.is_headless:
            self._driver.write(notification(message.alerts, os.environ))

    def resumed(self) -> None:
        """Ask at once after ctrl+z: what is on the screen is as old as the absence."""
        if self._source is not None and self._source.live:
            self._source.wake()

    def action_poll(self) -> None:
        """Ask the service now."""
        if self._source is None:
            return
        if not self._source.live:
            self.notify("This is a recording: there is nothing to ask.", markup=False)
            return
        self._source.wake()

    def action_help(self) -> None:
        """Show every key."""
        from eitui.tui.screens.help import Help

        watched = self._source is None or self._source.live
        self.push_screen(Help(self._keys, f"eitui {'watches' if watched else 'replays'} {self._endpoint}"))

    def get_system_commands(self, screen: Screen[Any]) -> Any:
        """Return the palette: every key's action, by name, and the themes."""
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        over = isinstance(screen, Following)
        groups = {"Program", *getattr(screen, "GROUPS", ()), *(BELOW if over else ())}
        for key in self._keys:
            if key.group not in groups or key.id in ("app.palette", "app.leave"):
                continue
            # Textual looks for an action only where its key is bound: the program's keys are bound to the app, and
            # those of the run and of time to the monitor.
            below = self.screen_stack[0] if over and key.group in BELOW else screen
            where = self if key.group == "Program" else below
            yield SystemCommand(key.label, f"{key.help} ({key.display})", self._runner(where, key.action))

    def _runner(self, where: "Screen[Any] | MonitorApp", action: str) -> Callable[[], Any]:
        async def run() -> None:
            await self.run_action(action, default_namespace=where)

        return run
