"""The monitor's app: follows a source and hands what it says to the screen."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.screen import Screen

from eitui.api.errors import problem
from eitui.domain.moment import EMPTY_MOMENT
from eitui.errors import ExitCode
from eitui.feed.clock import Clock, SystemClock
from eitui.feed.events import PollFailed, Source
from eitui.feed.other_runs import OtherRuns
from eitui.tui.attention import Attention, Wanted
from eitui.tui.clipboard import load_tmux_buffer, to_clipboard, within_tmux
from eitui.tui.keys import bindings, keys_of, names, never_leaving, with_keymap
from eitui.tui.safe_app import SafeApp
from eitui.tui.screens.monitor import Monitor
from eitui.tui.screens.overlay import BELOW, Overlay
from eitui.tui.services import CopyAsked, MomentArrived, ProjectOpener, Services, SourceOpened
from eitui.tui.view_state import ViewState
from eitui.view.kit.keys import keyed, name_keys

if TYPE_CHECKING:
    from eitui.feed.events import Tracked
    from eitui.feed.hooks import Hooks
    from eitui.tui.screens.first_key import KeyTaker
    from eitui.view.run.run_list import ListedRun

PAINT_FIRST = 0.05
"""Seconds from the first paint to the loading of what it does not need."""

LOOK_BACK = 1.0
"""Seconds from the first moment to the look into the journal of changes, which nobody waits for."""

NOTICE = 20.0
"""Seconds that what was found there stands on the screen."""

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
        wanted: Wanted | None = None,
        hooks: "Hooks | None" = None,
        view_state: ViewState | None = None,
        open_project: ProjectOpener | None = None,
        unencrypted: bool = False,
        other_runs: OtherRuns | None = None,
        key_taker: "KeyTaker | None" = None,
    ) -> None:
        """`key_taker` is given where there is no API key yet: it is asked for before anything is followed."""
        super().__init__()
        self._key_taker = key_taker
        self._open_source = open_source
        self._attention, self._hooks = Attention(wanted or Wanted(), os.environ), hooks
        own = never_leaving(keymap or {})
        self.services = Services(
            with_keymap(own),
            clock=clock or SystemClock(),
            view_state=view_state or ViewState(),
            endpoint=endpoint,
            unencrypted=unencrypted,
            open_project=open_project,
            other_runs=other_runs,
        )
        self.services.show_run = self.show_run
        name_keys(names(self.services.keys))
        self._looked_back = False
        self.set_keymap(own)

    def get_default_screen(self) -> Screen[Any]:
        """Return the only screen that others open over."""
        return Monitor(self.services)

    def on_mount(self) -> None:
        """Paint the frame, then load the rest; without an API key ask for it first."""
        if self._key_taker is None:
            self.set_timer(PAINT_FIRST, self.follow)
            return
        from eitui.tui.screens.first_key import FirstKey

        self.push_screen(FirstKey(self._key_taker), self._key_given)

    def _key_given(self, given: bool | None) -> None:
        if given:
            self.follow()
        else:
            self.exit(return_code=ExitCode.USAGE)

    @work(exclusive=True)
    async def follow(self) -> None:
        """Hand on what the source says, for as long as the app runs."""
        from eitui.feed.track import fold, track

        monitor = self.screen_stack[0]
        try:
            self.services.source = await self._open_source()
        except Exception as error:
            failure = replace(problem(error), final=True)
            failed = PollFailed(self.services.clock.now(), failure, None)
            monitor.post_message(MomentArrived(fold(EMPTY_MOMENT, failed).moment))
            return
        monitor.post_message(SourceOpened(self.services.source))
        async for step in track(self.services.source):
            self.services.project_id = step.moment.project_id
            monitor.post_message(MomentArrived(step.moment))
            if not self._looked_back and step.moment.project_id is not None:
                self._looked_back = True
                self.set_timer(LOOK_BACK, self.look_back)
            self._call_back(step)
            if step.alerts and self._hooks is not None and self.services.live:
                self._hooks.tell(step.alerts, step.moment)

    @work(group="journal")
    async def look_back(self) -> None:
        """Say which changes and actions nobody knows the outcome of. Only the journal is read for it."""
        from eitui.thresholds.errors import ChangeError

        try:
            project = await self.services.project()
            entries = (*await project.sender.never_answered(), *await project.actor.never_answered())
        except ChangeError as error:
            self.notify(error.sentence, severity="warning", markup=False)
        except Exception as error:
            problem(error)  # Whoever wants to change something will be told.
        else:
            if entries:
                numbers = ", ".join(str(number) for number in sorted(entry.number for entry in entries))
                what = f"Change {numbers} was" if len(entries) == 1 else f"Changes {numbers} were"
                key = next(key.display for key in self.services.keys if key.id == "trial.journal")
                self.notify(
                    f"{what} never answered: whether thresholds changed is unknown. {key} shows the journal.",
                    severity="warning",
                    timeout=NOTICE,
                    markup=False,
                )

    async def on_unmount(self) -> None:
        """Close the project's connection."""
        await self.services.close()

    def _call_back(self, step: "Tracked") -> None:
        """Tell a user who looks elsewhere how it stands."""
        driver = self.terminal_driver
        if self.services.live and driver is not None and not self.is_headless:
            news = self._attention.news(step.moment, step.alerts, self.services.clock.now().mono)
            if news:
                driver.write(news)

    def tell_problem(self, line: str) -> None:
        """Say what went wrong with a program that is run on an event. Thread-safe."""
        with suppress(RuntimeError):  # the app has ended
            self.call_later(self.notify, line, severity="warning", markup=False)

    @property
    def entering(self) -> str:
        """What the terminal is sent when it is taken over."""
        return self._attention.entering

    @property
    def leaving(self) -> str:
        """What the terminal is sent when it is given back."""
        return self._attention.leaving

    def copy_to_clipboard(self, text: str) -> None:
        """Hand `text` to the clipboard, as Textual does for what is selected with the mouse, and say how far it got."""
        self._copy(text, f"{len(text)} character{'s' * (len(text) != 1)}")

    def on_copy_asked(self, message: CopyAsked) -> None:
        """Copy what a screen has chosen."""
        self._copy(message.text, message.about)

    def _copy(self, text: str, about: str) -> None:
        self.set_clipboard(text)
        if within_tmux(os.environ) and not self.is_headless:
            self._copy_within_tmux(text, about)
        else:
            self._send_to_clipboard(text, about)

    @work(group="clipboard")
    async def _copy_within_tmux(self, text: str, about: str) -> None:
        if await asyncio.to_thread(load_tmux_buffer, text):
            self.notify(f"Copied to the tmux buffer: {about}", markup=False)
        else:
            self._send_to_clipboard(text, about)

    def _send_to_clipboard(self, text: str, about: str) -> None:
        if (driver := self.terminal_driver) is not None:
            driver.write(to_clipboard(text, os.environ))
        self.notify(f"Sent to the terminal's clipboard (a terminal may refuse it): {about}", markup=False)

    def suspending(self) -> None:
        """Let another process record: this one is about to stand still."""
        for monitor in self._monitors:
            if monitor.services.source is not None:
                monitor.services.source.rest()

    def resumed(self) -> None:
        """Ask at once after ctrl+z: what is on the screen is as old as the absence."""
        if self.services.source is not None and self.services.source.live:
            self.services.source.wake()

    def on_key(self, event: events.Key) -> None:
        """Have the screen take a key that is typed into it: here, where bindings are looked up, in their turn.

        On the screen itself it would overtake keys that came in the same read of the terminal: `O /` is a filter of the
        logs that `O` opens, not of the table that still has the keyboard.
        """
        screen = self.screen
        if isinstance(screen, Overlay | Monitor) and screen.take_key(event.key, event.character):
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Have the screen take the first line of what is pasted, in its turn among the keys."""
        screen, lines = self.screen, event.text.strip().splitlines()
        if lines and isinstance(screen, Overlay | Monitor):
            screen.take_pasted(lines[0])

    def action_poll(self) -> None:
        """Ask the service now."""
        source = self._monitors[-1].services.source
        if self.services.source is None:
            self.follow()  # It could not be opened: what was wrong with a setting may have been mended.
        elif source is not None and not source.live:
            self.notify("This is a recording: it cannot be polled.", markup=False)
        elif source is not None:
            source.wake()

    @property
    def _monitors(self) -> list[Monitor]:
        """The monitor of the run that is watched, and above it that of an earlier run where one is open."""
        return [screen for screen in self.screen_stack if isinstance(screen, Monitor)]

    def action_help(self) -> None:
        """Show every key, those of the screen it is asked on first."""
        from eitui.tui.screens.help import Help

        here = keys_of(self.services.keys, *self.screen.GROUPS) if isinstance(self.screen, Overlay) else ()
        keys = (*here, *(key for key in self.services.keys if key not in here))
        does = "watches" if self.services.live else "replays"
        self.push_screen(Help(keys, f"eitui {does} {self.services.endpoint}"))

    def show_run(self, run: "ListedRun") -> None:
        """Show an earlier run over the one that is watched, which goes on, or go back to that."""
        from eitui.tui.screens.earlier import EarlierMonitor

        watched, top = self._monitors[0], self._monitors[-1]
        if isinstance(top, EarlierMonitor):
            if top.run.key == run.key:
                return
            top.dismiss(None)
        if not run.present:
            self.push_screen(EarlierMonitor(watched, run))

    def get_system_commands(self, screen: Screen[Any]) -> Any:
        """Return the palette: every key's action, by name, and the themes."""
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        over = isinstance(screen, Overlay)
        groups = {"Program", *getattr(screen, "GROUPS", ()), *(BELOW if over else ())}
        for key in self.services.keys:
            if key.group not in groups or key.id in ("app.palette", "app.leave"):
                continue
            # Textual looks for an action only where its key is bound: the program's keys are bound to the app, and
            # those of the run and of time to the monitor.
            below = self._monitors[-1] if over and key.group in BELOW else screen
            where = self if key.group == "Program" else below
            yield SystemCommand(
                key.label,
                f"{keyed(key.help)}  {key.display}",
                partial(self.run_action, key.action, default_namespace=where),
            )
