"""A small app on SafeApp that misbehaves on request, for the tests of how a session ends.

Run as `python tiny_app.py FD`: it tells on that descriptor what happens behind the screen, a line each.
"""

import asyncio
import os
import sys
import threading
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from eitui.config.hiding import remember
from eitui.tui.safe_app import SafeApp, run_app

KEY = "ei_synthetic_key_0123456789"
LOCAL = "a-value-only-a-local-variable-has"


class TinyApp(SafeApp[None]):
    """Counts, and draws the count over the whole screen once asked to (`d`)."""

    CSS = "#count { height: auto; } #wall { height: 1fr; }"
    BINDINGS: ClassVar = [("q", "quit", "Quit"), ("z", "suspend_process", "Suspend")]

    def __init__(self, report: int) -> None:
        super().__init__()
        self.report = report
        self.count = 0
        self.drawing = False
        remember(lambda: KEY)
        self.ending.add_hook(lambda: self.tell("hook"))

    def tell(self, line: str) -> None:
        os.write(self.report, f"{line}\n".encode())

    def compose(self) -> ComposeResult:
        yield Static("ready ✓", id="count")
        yield Static("", id="wall")

    def on_mount(self) -> None:
        self.set_interval(0.01, self.tick)

    def tick(self) -> None:
        self.count += 1
        self.tell(f"tick {self.count}")
        if self.drawing:
            self.query_one("#count", Static).update(f"count {self.count}")
            line = (f"{self.count:06} " * 40)[: self.size.width - 1] + "|"
            self.query_one("#wall", Static).update("\n".join([line] * self.size.height))

    def resumed(self) -> None:
        self.tell("resumed")

    def key_d(self) -> None:
        self.drawing = True

    def key_s(self) -> None:
        """Stop drawing, on a last line that says so."""
        self.drawing = False
        self.query_one("#count", Static).update("settled")

    def key_c(self) -> None:
        """Crash with a secret in a local variable, and one in the message."""
        secret = LOCAL
        raise ValueError(f"bad \x1b]0;forged\x07 [bold]value[/x] for {KEY}" + secret[:0])

    def key_w(self) -> None:
        self.run_worker(self.fail())

    def key_k(self) -> None:
        """Fail in a task that nobody waits for, and in a thread."""
        asyncio.ensure_future(self.fail()).add_done_callback(lambda _: self.tell("failed"))
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()

    async def fail(self) -> None:
        secret = LOCAL
        raise LookupError(f"in a worker \x1b[2J {KEY}" + secret[:0])

    def key_b(self) -> None:
        """Block the event loop for ever."""
        self.tell("blocked")
        threading.Event().wait()

    def key_h(self) -> None:
        """Have a hook hang."""
        self.ending.add_hook(self.wait_for_ever)

    def key_f(self) -> None:
        """Have a hook fail."""

        def fail() -> None:
            raise OSError(f"disk full \x1b[2J {KEY}")

        self.ending.add_hook(fail)

    def key_t(self) -> None:
        """Leave a thread behind that never ends."""
        self.run_worker(self.wait_for_ever, thread=True)

    def wait_for_ever(self) -> None:
        self.tell("waiting")
        threading.Event().wait()

    def action_quit(self) -> Any:
        self.exit(return_code=3)


if __name__ == "__main__":
    sys.exit(run_app(TinyApp(int(sys.argv[1])), mouse="--mouse" in sys.argv))
