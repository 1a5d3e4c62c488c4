"""Say things on stderr without ever waiting for whoever reads it."""

import os
import queue
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

MOST_WAITING = 1000
"""Lines kept for a reader who is slow; of more the oldest are lost."""

CLOSING_PATIENCE = 1.0
"""Seconds for the last lines at the end."""


def stderr() -> int | None:
    """Return the descriptor of stderr; None when whoever started us closed it: another file has its number then."""
    try:
        return None if sys.stderr is None else sys.stderr.fileno()
    except (OSError, ValueError):
        return None


class StderrWriter:
    """Writes lines to a descriptor from a thread of its own.

    A terminal that was stopped with ctrl+s, a pipe that nobody reads, a full disk and a descriptor that is closed hold
    up or break a write: what is being recorded meanwhile must not suffer. Leaving the block waits for what was said,
    but no longer than `CLOSING_PATIENCE`.

    Args:
        descriptor: where to write; None says nothing.

    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        # A daemon: a write may never return.
        self._thread = threading.Thread(target=self._run, name="stderr writer", daemon=True)

    def say(self, line: str) -> None:
        """Have `line` written."""
        self._put(line.encode("utf-8", "replace") + b"\n")

    def _put(self, line: bytes | None) -> None:
        while True:
            try:
                self._lines.put_nowait(line)
            except queue.Full:
                with suppress(queue.Empty):
                    self._lines.get_nowait()
            else:
                return

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            with suppress(OSError):
                while line and self._descriptor is not None:
                    line = line[os.write(self._descriptor, line) :]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put(None)
        self._thread.join(CLOSING_PATIENCE)
