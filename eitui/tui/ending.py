"""How a session ends when it is told to: signals, the exit code, and a backstop for a program that is stuck."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from eitui.log import log

GRACE = 2.0
"""Seconds from being told to end until the process is ended by force."""

LAST_WORDS = 1.0
"""Seconds for the hooks and the farewell once the process is being ended by force."""

HANG_UP = 128 + signal.SIGHUP
"""Exit code of a session whose terminal went away, signalled or not."""

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


class Ending:
    """Ends a session in an orderly way, or after `GRACE` seconds in any way that gives the terminal back.

    Signals are caught by `signal.signal`, not `loop.add_signal_handler`: a loop that is stuck never runs the latter's
    callbacks. Outside `watching` nothing is ended by force, so an app under test is only an app.

    Args:
        ask: asks the program to end soon with this exit code; must not block.
        restore: gives the terminal back; must not block.
        farewell: says what there is to say; may block, as it comes last.

    """

    def __init__(
        self, *, ask: Callable[[int], None], restore: Callable[[], None], farewell: Callable[[], None]
    ) -> None:
        self._ask = ask
        self._restore = restore
        self._farewell = farewell
        self._hooks: list[Callable[[], None]] = []
        self._watching = False
        self._armed = False
        self._forced = False
        self._default_code = 0
        self.code: int | None = None
        """The exit code, once a signal or a lost terminal has decided it."""
        self.failures: list[Exception] = []
        """What the hooks raised."""

    def add_hook(self, hook: Callable[[], None]) -> None:
        """Have `hook` called once, in the main thread, when the session ends; the last added is called first.

        Hooks share `GRACE` seconds with all else that happens at the end: they flush and close, they do not wait.
        """
        self._hooks.append(hook)

    def begin(self, code: int) -> None:
        """End with `code`, unless the session is ending with another already. May be called from any thread."""
        if self.code is None:
            self.code = code
            log.info("Told to end with exit code %d", code)
            self.arm()
            self._ask(code)

    def arm(self, default_code: int | None = None) -> None:
        """Start the clock: in `GRACE` seconds the process ends, with `default_code` if nothing has set `code`."""
        if default_code is not None:
            self._default_code = default_code
        if self._watching and not self._armed:
            self._armed = True
            signal.setitimer(signal.ITIMER_REAL, GRACE)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Handle the signals while the block runs; at its end run the hooks, say farewell, put the handlers back."""
        # A signal that was ignored stays so: that is what nohup and a shell's background jobs ask for.
        numbers = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        self._watching = True
        try:
            yield
        finally:
            self.arm()
            self._finish()
            self._watching = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _finish(self) -> None:
        while self._hooks:
            hook = self._hooks.pop()
            try:
                hook()
            except Exception as error:  # One hook's failure must not keep the next from its work.
                log.exception("Something failed while ending")
                self.failures.append(error)
        self._farewell()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.begin(128 + number)

    def _on_alarm(self, _number: int, _frame: FrameType | None) -> None:
        if not self._forced:
            self._forced = True
            # The next alarm interrupts a hook that hangs, and finds `_forced` set.
            signal.setitimer(signal.ITIMER_REAL, LAST_WORDS)
            self._restore()
            self._finish()
        os._exit(self._default_code if self.code is None else self.code)
