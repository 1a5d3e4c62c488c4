"""Every private name of Textual that eitui uses, each behind a plain name.

The minor version of Textual is pinned for these. `tests/unit/test_textual_internals.py` asserts that each exists as it
is used here: where it fails after an update, this is the file to change.
"""

import asyncio
from typing import Any, cast

from rich.console import RenderableType
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App, ReturnType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import NoColor
from textual.notifications import Notification
from textual.screen import Screen
from textual.strip import Strip

__all__ = ["IDLE_WAITS", "OpenApp", "OpenDriver", "XTermParser", "forget_drawn_widgets"]

IDLE_WAITS = ("textual.app.wait_for_idle", "textual.pilot.wait_for_idle")
"""What a test's pilot waits with, 20 ms at least each time."""


class OpenDriver(LinuxDriver):
    """`LinuxDriver` with hooks for its input thread, its SIGCONT handler and the size of its terminal."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        # Otherwise the app would ask its console, which may say something else; the two layouts would take turns.
        self._size = self._size or self._get_terminal_size()

    # Hooks

    def read_input(self) -> None:
        """Read the terminal until `exit_event` is set; called in a thread of its own."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def continued(self) -> None:
        """Go on after SIGCONT; called in the signal handler."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def terminal_size(self) -> tuple[int, int] | None:
        """Return columns and lines; None where the terminal does not say, and stdout is asked."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def _run_input_thread(self) -> None:
        self.read_input()

    def _sigcont_application(self, *_: object) -> None:
        self.continued()

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size() or super()._get_terminal_size()

    # State

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The app's event loop."""
        return self._loop

    @property
    def restarts(self) -> bool:
        """Whether it takes the terminal back after a stop; not while the app ends or has suspended it."""
        return self._auto_restart

    @property
    def stopped_by_user(self) -> bool:
        """Whether ctrl+z gave the terminal back."""
        return self._must_signal_resume

    def end_stock_writer(self) -> bool:
        """End Textual's writer thread, which is given nothing to write; False where the start was given up."""
        if self._writer_thread is None:
            return False
        super().close()
        self._writer_thread = None
        return True

    def tell_resumed(self) -> None:
        """Have the app publish that it is resumed."""
        self._app.post_message(self.SignalResume())


class OpenApp(App[ReturnType]):
    """`App` with hooks for what is drawn and for exceptions that nothing handled."""

    # Hooks

    def crashed(self, error: Exception) -> None:
        """End after an exception that nothing handled: `note_crash`, then `stop`."""
        raise NotImplementedError(type(self).__name__)  # pragma: no cover

    def show_frame(self, screen: Screen[Any], frame: RenderableType | None) -> None:
        """Draw a frame, or drop it in a batch; None: nothing is to be drawn."""
        super()._display(screen, frame)

    def _handle_exception(self, error: Exception) -> None:
        self.crashed(error)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.show_frame(screen, renderable)

    # State

    def note_crash(self, error: Exception, code: int) -> bool:
        """Let `run_test` raise `error` and the app return `code`; False where another was noted before."""
        self._return_code = code
        if self._exception is not None:
            return False
        self._exception = error
        # mypy takes Textual's own cached_property for Never.
        cast(asyncio.Event, self._exception_event).set()
        return True

    def stop(self) -> None:
        """End the app's message pump after the messages that it has."""
        self._close_messages_no_wait()

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop; None before the start and after the end."""
        return self._loop

    @property
    def terminal_driver(self) -> Driver | None:
        """The driver; None before the start."""
        return self._driver

    def drop_all_colours(self) -> None:
        """Send none: with NO_COLOR Textual turns them into greys, on a dark ground of its own."""
        self._filters = [NoColor()]

    def set_clipboard(self, text: str) -> None:
        """Set what the app's own ctrl+v pastes, and send nothing to the terminal."""
        self._clipboard = text

    # For tests

    @property
    def notices(self) -> list[Notification]:
        """The notifications on the screen, oldest first."""
        return list(self._notifications)

    def resize_now(self) -> None:
        """Take a new size at once: Textual gathers the resizes of a twentieth of a second."""
        self._check_resize()

    def drawn(self) -> list[Strip]:
        """Return the lines on the screen, as they would be sent."""
        return list(self.screen._compositor.render_strips())


def forget_drawn_widgets() -> None:
    """Let go of what an `lru_cache` on a method of Textual keeps of closed screens.

    Each of its 1,024 entries holds the cache of a widget with all the lines it drew, 100 MB in all after some hundred
    dialogs.
    """
    StylesCache.get_inner_outer.cache_clear()
