"""A Textual app that ends well: when told to, on a crash, and on a terminal that is slow, frozen or gone."""

import sys
from contextlib import ExitStack
from functools import partial
from typing import Any

from rich.console import RenderableType
from textual import events, on
from textual.app import App, ReturnType, ScreenStackError
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.screen import Screen
from textual.worker import WorkerFailed

from eitui.config.hiding import hide
from eitui.crash import background_told, crash_report, crash_summary, tell_of_tasks
from eitui.domain.text import clean
from eitui.errors import ExitCode
from eitui.log import log
from eitui.tui.driver import SafeDriver
from eitui.tui.ending import HANG_UP, Ending
from eitui.tui.terminal import TerminalState, say, speak_utf8
from eitui.tui.textual_internals import OpenApp, forget_drawn_widgets

MOST_TOLD = 5
"""Lines kept for the end of what failed in the background: the first say most."""


class SafeApp(OpenApp[ReturnType]):
    """The base of the monitor. Start it with `run_app`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Over SSH every frame of an animation is sent, and nobody sees them in time.
        self.animation_level = "none"
        if self.no_color:
            self.drop_all_colours()
        self.ending = Ending(ask=self._ask_to_end, restore=self._restore_terminal, farewell=self._say_farewell)
        self.terminal_state: TerminalState | None = None
        """The terminal as `run_app` found it."""
        self.in_ascii = False
        """Whether the terminal is sent ASCII only."""
        self._crash_report = ""
        self._background: list[str] = []
        self._held: ExitStack | None = None
        self._frame_lost = False

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that never blocks."""
        return SafeDriver

    def exit(
        self, result: ReturnType | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End the app, within `ending.GRACE` seconds even if a thread or a handler of its own is stuck."""
        super().exit(result, return_code, message)
        self.ending.arm(return_code)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, and let go of what Textual keeps of it."""
        forget_drawn_widgets()
        return super().pop_screen()

    def suspending(self) -> None:
        """Do what must be done before ctrl+z stops the process; to be overridden."""

    def resumed(self) -> None:
        """Do what should be done at once when the user is back from ctrl+z; to be overridden."""

    @on(events.Resize)
    def _log_size(self, event: events.Resize) -> None:
        log.debug("The terminal has %d×%d", event.size.width, event.size.height)

    @on(events.Mount)
    def _watch_resume(self) -> None:
        self.app_suspend_signal.subscribe(self, lambda _: self.suspending(), immediate=True)
        self.app_resume_signal.subscribe(self, self._come_back)

    def _come_back(self, _app: App[Any]) -> None:
        log.info("Continued after a stop")
        # The alternate screen is empty when it is entered again, and nothing on it is marked as changed.
        self.refresh()
        self.resumed()

    # What the driver asks (driver.TerminalOwner)

    @property
    def entering(self) -> str:
        """What the terminal is sent when it is taken over; to be overridden."""
        return ""

    @property
    def leaving(self) -> str:
        """What the terminal is sent when it is given back, however that happens; to be overridden."""
        return ""

    def hold_frames(self) -> None:
        """Stop drawing; what changes meanwhile is drawn once, by `release_frames`."""
        if self._held is None:
            self._held = ExitStack()
            self._held.enter_context(self.batch_update())

    def release_frames(self) -> None:
        """Draw again, beginning with all that changed since `hold_frames`."""
        if self._held is None:
            return
        self._held.close()
        self._held = None
        try:
            screen = self.screen
        except ScreenStackError:
            return  # The app has ended.
        if self._frame_lost:
            self._frame_lost = False
            self.refresh()
        # The end of a batch wakes the app, but the changed widgets are in its screen's care.
        screen.check_idle()

    def terminal_lost(self) -> None:
        """End as if a hang-up had been signalled: under nohup it is not."""
        log.info("The terminal has gone")
        self.ending.begin(HANG_UP)

    def show_frame(self, screen: Screen[Any], frame: RenderableType | None) -> None:
        """Draw a frame; one that is held up is remembered, so that `release_frames` repaints the whole screen.

        A new layout is rendered even in a batch, and then dropped by Textual, its regions no longer marked as changed.
        """
        if self._held is not None and frame is not None:
            self._frame_lost = True
        super().show_frame(screen, frame)

    # The end

    def crashed(self, error: Exception) -> None:
        """End, and keep a report for the end.

        Textual would print the values of local variables, where a key or the service's escape sequences may be.
        """
        if self.note_crash(error, ExitCode.CRASHED):
            self._crash_report = crash_report(error.error if isinstance(error, WorkerFailed) else error)
        self.ending.arm(ExitCode.CRASHED)
        self.stop()

    def _ask_to_end(self, code: int) -> None:
        loop = self.loop
        if loop is None:
            return  # Not yet started, or past its end: the backstop is all that is needed.
        try:
            loop.call_soon_threadsafe(partial(self.exit, return_code=code))
        except RuntimeError:
            return  # Closed in this very moment.

    def _restore_terminal(self) -> None:
        driver = self.terminal_driver
        if self.terminal_state is not None and isinstance(driver, SafeDriver) and driver.in_use:
            self.terminal_state.restore()

    def _say_farewell(self) -> None:
        report, self._crash_report = self._crash_report, ""
        failures, self.ending.failures = self.ending.failures, []
        lines = [clean(hide(f"eitui: while ending: {crash_summary(failure)}")) for failure in failures]
        lines, self._background = self._background + lines, []
        say(sys.__stderr__, report + "".join(f"{line}\n" for line in lines))

    # What fails where nobody waits for it

    async def run_async(self, **options: Any) -> ReturnType | None:
        """Run as Textual does; what fails meanwhile in a task that nobody waits for is said at the end."""
        tell_of_tasks(self.tell_at_the_end)
        return await super().run_async(**options)

    def tell_at_the_end(self, line: str) -> None:
        """Say `line` when the terminal has been given back: on the screen it would be drawn over, or destroy it."""
        if len(self._background) < MOST_TOLD:
            self._background.append(line)


def run_app(app: SafeApp[Any], *, mouse: bool) -> int:
    """Run `app` in the terminal until it ends, and return the exit code for the process.

    The code is what `exit(return_code=…)` said (0 without), 70 after a crash, 128 + n after signal n, and 129 when the
    terminal went away. The terminal must have passed `check_terminal`. Call it from the main thread, as signal
    handlers demand. May end the process itself when the app is stuck, after giving the terminal back.

    Args:
        app: the app, not run before.
        mouse: whether the terminal reports the mouse (every movement then costs bytes in both directions).

    """
    stdin, stderr = sys.__stdin__, sys.__stderr__
    if stdin is None or stderr is None:
        raise RuntimeError("run_app needs a terminal: call check_terminal first")
    for stream in (sys.__stdout__, stderr):
        speak_utf8(stream)
    app.terminal_state = TerminalState.capture(stdin.fileno(), stderr.fileno(), app.leaving.encode())
    with background_told(app.tell_at_the_end), app.ending.watching():
        try:
            app.run(mouse=mouse)
        except Exception as error:  # Outside any handler of Textual's: still reported without locals.
            app.crashed(error)
        finally:
            app._restore_terminal()
    return app.ending.code if app.ending.code is not None else app.return_code or 0
