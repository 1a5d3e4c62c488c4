"""The monitor's app: follows a source and hands what it says to the screen."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Container, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual import events, work
from textual.screen import ModalScreen, Screen

from eitui.api.errors import problem
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.text import clean
from eitui.errors import ExitCode
from eitui.feed.clock import Clock, SystemClock
from eitui.feed.events import PollFailed, Source
from eitui.feed.other_runs import OtherRuns
from eitui.tui.attention import Attention, Wanted
from eitui.tui.clipboard import load_tmux_buffer, to_clipboard, within_tmux
from eitui.tui.keys import MOVED, Key, bindings, names, never_leaving, with_keymap, written_key
from eitui.tui.safe_app import SafeApp
from eitui.tui.screens.monitor import Monitor
from eitui.tui.screens.overlay import BELOW, Overlay
from eitui.tui.services import CopyAsked, MomentArrived, ProjectOpener, Services, SourceOpened
from eitui.tui.view_state import ViewState
from eitui.view.kit.keys import keyed, name_keys

if TYPE_CHECKING:
    from eitui.feed.events import Tracked
    from eitui.feed.hooks import Hooks
    from eitui.tui.jumping import JumpTarget
    from eitui.tui.screens.first_key import KeyTaker
    from eitui.tui.screens.palette import Command
    from eitui.view.run.run_list import ListedRun

PAINT_FIRST = 0.05
"""Seconds from the first paint to the loading of what it does not need."""

LOOK_BACK = 1.0
"""Seconds from the first moment to the look into the journal of changes, which nobody waits for."""

_PROBLEM = 160
"""Characters of what went wrong."""

NOTICE = 20.0
"""Seconds that what was found there stands on the screen."""

OpenSource = Callable[[], Awaitable[Source]]
"""Makes the source; called once the first frame is on the screen, as what it imports is slow to load."""


@runtime_checkable
class TakesKeys(Protocol):
    """A screen that something can be typed into."""

    def take_key(self, key: str, character: str | None) -> bool:
        """Take a key that is typed, in place of what it does elsewhere; return whether it was taken."""

    def take_pasted(self, text: str) -> None:
        """Take the line that was pasted."""


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
        self._asked_at: float | None = None
        """When the user asked for a poll that was not answered yet, by the monotonic clock."""
        self._connection = EMPTY_MOMENT.connection
        """As it was at the last event."""
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

    async def action_quit(self) -> None:
        """Quit. While an action is being sent ask first; pressed once more, it quits at once."""
        from eitui.tui.kit.dialog import Confirm

        monitor = self.screen_stack[0]
        if not isinstance(monitor, Monitor) or not monitor.acting.sending or isinstance(self.screen, Confirm):
            self.exit()
            return
        means = ["An action is being sent. The journal will hold it as unknown until it is read back."]
        self.push_screen(Confirm("Quit now?", means, "quit"), lambda yes: self.exit() if yes else None)

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
            self._tell_of_poll(step.moment)
            if not self._looked_back and step.moment.project_id is not None:
                self._looked_back = True
                self.set_timer(LOOK_BACK, self.look_back)
            self._call_back(step)
            if step.alerts and self._hooks is not None and self.services.live:
                self._hooks.tell(step.alerts, step.moment)

    def _tell_of_poll(self, moment: Moment) -> None:
        """Say how the poll went that the user asked for."""
        connection, before = moment.connection, self._connection
        self._connection = connection
        if self._asked_at is None or connection is before:
            return
        last = connection.last_good
        if connection.problem is not None:
            self._say(f"Refresh failed: {clean(connection.problem.what, _PROBLEM)}.")
        elif last is not None and last.mono >= self._asked_at:
            self._say(f"Up to date, {datetime.fromtimestamp(last.wall):%H:%M:%S}.")
        else:
            return
        self._asked_at = None

    @work(group="journal")
    async def look_back(self) -> None:
        """Say which changes and actions nobody knows the outcome of. Only the journal is read for it."""
        from eitui.thresholds.errors import ChangeError

        try:
            project = await self.services.project()
            changes, actions = await project.sender.never_answered(), await project.actor.never_answered()
            entries = (*changes, *actions)
        except ChangeError as error:
            self.notify(error.sentence, severity="warning", markup=False)
        except Exception as error:
            problem(error)  # Whoever wants to change something will be told.
        else:
            if entries:
                numbers = ", ".join(str(number) for number in sorted(entry.number for entry in entries))
                of = "Changes and action" if changes and actions else "Change" if changes else "Action"
                what = f"{of} {numbers} was" if len(entries) == 1 else f"{of}s {numbers} were"
                key = next(key.display for key in self.services.keys if key.id == "trial.journal")
                self.notify(
                    f"{what} never answered: the outcome at the service is unknown. {key} shows the journal.",
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
        if isinstance(screen, TakesKeys) and screen.take_key(event.key, event.character):
            event.prevent_default()
        elif event.key not in self._bound(screen):
            self._say(self._about_unbound(event.key, screen))

    def _bound(self, screen: Screen[Any]) -> Container[str]:
        if not isinstance(screen, Overlay | Monitor):
            return screen.active_bindings
        return {name for key in self.keys_on(screen) for name in key.names}

    def _about_unbound(self, name: str, screen: Screen[Any]) -> str:
        """Return what is said of a key that does nothing: the key that now does what this one did, or where all are."""
        here = {key.id: key for key in self.keys_on(screen)}
        moved = next((here[id_] for id_ in MOVED.get(name, ()) if id_ in here), None)
        nothing = f"{written_key(name)} does nothing here"
        if moved is not None:
            return f"{nothing}: {moved.label} is {moved.first}."
        return f"{nothing}; {keyed('{app.help} shows the keys.')}"

    def _say(self, text: str) -> None:
        self.clear_notifications()  # A key that is held down would say it over and over.
        self.notify(text, markup=False)

    def keys_on(self, screen: Screen[Any]) -> list[Key]:
        """Return the keys that are bound on a screen, its own first."""
        over = isinstance(screen, Overlay)
        own = getattr(screen, "GROUPS", ())
        rest = ("Over the monitor",) if over or screen is not self._monitors[0] else ()
        groups = [*own, *(group for group in (*BELOW, *rest, "Moving", "Program") if group not in own)]
        if isinstance(screen, ModalScreen):
            groups = [*own, "Program"]
        also = getattr(screen, "WITH", ())
        keys = self.services.keys
        found = [key for group in groups[: len(own)] for key in keys if key.group == group]
        found += [key for key in keys if key.id in also]
        return found + [key for group in groups[len(own) :] for key in keys if key.group == group]

    def on_paste(self, event: events.Paste) -> None:
        """Have the screen take the first line of what is pasted, in its turn among the keys."""
        screen, lines = self.screen, event.text.strip().splitlines()
        if lines and isinstance(screen, TakesKeys):
            screen.take_pasted(lines[0])

    def action_poll(self) -> None:
        """Ask the service now."""
        self._asked_at = self.services.clock.now().mono
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
        """Show the keys that work on this screen; from there, all keys and signs."""
        from eitui.tui.screens.help import Help

        screen = self.screen
        if isinstance(screen, Help):
            screen.action_back()
            return
        works = screen.works if isinstance(screen, Overlay | Monitor) else lambda _: True
        here = [key for key in self.keys_on(screen) if works(key.id)]
        does = "watches" if self.services.live else "replays"
        called = screen.called if isinstance(screen, Overlay | Monitor) else "this dialog"
        self.push_screen(Help(called, here, self.services.keys, f"{does} {self.services.endpoint}"))

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

    def action_jump(self) -> None:
        """Put letters over panes, tabs and views."""
        from eitui.tui.screens.jump import JumpLabels

        screen = self.screen
        if not isinstance(screen, Overlay | Monitor):
            self._say("Close this dialog first.")
            return
        self.push_screen(JumpLabels(screen.targets()), self._jump)

    async def _jump(self, target: "JumpTarget | None") -> None:
        if target is not None and (going := target.go()) is not None:
            await going

    def action_command_palette(self) -> None:
        """Offer everything that can be done on this screen, by name."""
        from eitui.tui.screens.palette import Palette

        if isinstance(self.screen, Overlay | Monitor):
            self.push_screen(Palette(self.commands()), self._run_command)
        else:
            self._say("Close this dialog first.")

    async def _run_command(self, command: "Command | None") -> None:
        if command is not None and (running := command.run()) is not None:
            await running

    def commands(self) -> "list[Command]":
        """Return what can be done on the screen that is shown, the screen's own first, and the themes."""
        from eitui.tui.screens.palette import Command

        screen = self.screen
        found = []
        works = screen.works if isinstance(screen, Overlay | Monitor) else lambda _: True
        for key in self.keys_on(screen):
            if not works(key.id) or key.group == "Moving" or key.id in ("app.palette", "app.leave"):
                continue
            # Textual looks for an action only where its key is bound: the program's keys are bound to the app, and
            # those of the run and of time to the monitor.
            over = isinstance(screen, Overlay) and key.group in BELOW
            action = f"below({key.action!r})" if over else key.action
            where = self if key.group == "Program" else screen
            run = partial(self.run_action, action, default_namespace=where)
            found.append(Command(key.group, key.label, keyed(key.help), key.display, run))
        theme = Command("Program", "Theme", "Choose the colours", "", self.action_change_theme)
        return [*found, theme]
