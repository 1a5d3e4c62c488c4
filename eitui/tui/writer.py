"""The one thread that writes to the terminal. Its callers never wait."""

import os
import select
import threading
from collections.abc import Callable

from eitui.tui.terminal import RESET, discard_output

HIGH_WATER = 16 * 1024
"""Bytes waiting to be written above which no more frames should be drawn: about one full repaint of 80×24."""

_CHUNK = 4096
_GONE = select.POLLHUP | select.POLLERR


class TerminalWriter:
    """Writes text to a terminal, as UTF-8, in the background.

    Textual's own writer holds 30 writes and then blocks the event loop until the terminal reads. Here `write` only
    appends; the owner is told through `on_full` when more than `HIGH_WATER` bytes wait, should stop drawing, and may
    draw again after `on_drained`. `on_lost` is called, once, when the terminal has gone away. The three are called
    from the writer's thread and must not block.

    Args:
        fd: where to write; owned by the writer and closed by `stop`. Should be non-blocking.
        watch: another descriptor whose hang-up means that the terminal is gone (the keyboard).
        on_full: drawing should stop.
        on_drained: all that was waiting has been written.
        on_lost: the terminal is gone.
        leaving: written after `RESET` to a terminal that is reset.

    """

    def __init__(
        self,
        fd: int,
        *,
        watch: int,
        on_full: Callable[[], None],
        on_drained: Callable[[], None],
        on_lost: Callable[[], None],
        leaving: str = "",
    ) -> None:
        self._fd = fd
        self._watch = watch
        self._on_full = on_full
        self._on_drained = on_drained
        self._on_lost = on_lost
        self._leaving = leaving
        # A Condition is re-entrant: the SIGTSTP handler writes too, and may interrupt a write on the same thread.
        self._changed = threading.Condition()
        self._pending = bytearray()
        self._discards = 0
        self._full = False
        self._stop_begun = False
        self._stopping = False
        self._lost = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._poller = select.poll()
        # A daemon, as a write to a descriptor that could not be made non-blocking may never return.
        self._thread = threading.Thread(target=self._run, name="terminal-writer", daemon=True)

    @property
    def pending(self) -> int:
        """Bytes waiting to be written."""
        return len(self._pending)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Append `text` to what is to be written; dropped when the terminal is gone."""
        with self._changed:
            if self._lost or self._stopping:
                return
            before = len(self._pending)
            self._pending += text.encode("utf-8", "replace")
            news = not before or before <= HIGH_WATER < len(self._pending)
        if news:
            self._wake()

    def stop(self, patience: float) -> None:
        """Write what is waiting, end the thread and close the descriptor.

        A terminal that has not taken everything after `patience` seconds is slow or frozen: what is left, here and in
        the kernel, is dropped and the terminal reset, so that it is sane should it ever read again. Takes at most
        twice `patience` and may be called from a signal handler.
        """
        if self._stop_begun:
            return  # A signal handler came in between, or this is the second time: the descriptors may be others' now.
        self._stop_begun = True
        if not self._drain(patience):
            with self._changed:
                self._pending.clear()
                self._discards += 1
            discard_output(self._fd)
            self.write(RESET.decode() + self._leaving)
            self._drain(patience)
        self._stopping = True
        self._wake()
        self._thread.join(patience)
        if not self._thread.is_alive():
            for fd in (self._fd, self._wake_read, self._wake_write):
                os.close(fd)

    def _drain(self, patience: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending or self._lost, patience)

    def _wake(self) -> None:
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:
            return  # The pipe is full of wake-ups already.

    def _run(self) -> None:
        self._poller.register(self._wake_read, select.POLLIN)
        self._poller.register(self._watch, 0)  # Hang-up is reported without being asked for.
        try:
            while not self._stopping:
                self._poller.register(self._fd, select.POLLOUT if self._pending else 0)
                self._step(self._poller.poll())
        except OSError:  # EIO, EPIPE, ENXIO: nobody will read this again.
            with self._changed:
                self._lost = True
                self._pending.clear()
                self._changed.notify_all()
            if not self._stopping:
                self._on_lost()

    def _step(self, ready: list[tuple[int, int]]) -> None:
        for fd, events in ready:
            if fd == self._wake_read:
                os.read(fd, _CHUNK)
            elif events & _GONE:
                raise BrokenPipeError
            elif events & select.POLLNVAL and fd == self._watch:
                self._poller.unregister(fd)  # Not every system can poll every terminal: /dev/tty on macOS.
        self._write_some()
        waiting = len(self._pending)
        if waiting > HIGH_WATER and not self._full:
            self._full = True
            self._on_full()
        elif not waiting and self._full:
            self._full = False
            self._on_drained()

    def _write_some(self) -> None:
        # Taken out under the lock but written outside it, so that no write can hold up the event loop.
        with self._changed:
            chunk = bytes(self._pending[:_CHUNK])
            discards = self._discards
        if not chunk:
            return
        try:
            written = os.write(self._fd, chunk)
        except BlockingIOError:
            return
        with self._changed:
            if discards == self._discards:
                del self._pending[:written]
            if not self._pending:
                self._changed.notify_all()
