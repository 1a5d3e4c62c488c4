"""Write the log into a file: cleaned, without API keys, never on the terminal, and never waiting for the disk."""

import atexit
import io
import logging
import os
import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue

from eitui.config.files import NotWritten, why_not_written
from eitui.config.hiding import hide_pieces
from eitui.domain.text import clean
from eitui.log import log

MOST_BYTES, FILES = 1_000_000, 5
"""Size at which a file is full, and how many are kept: FILE, then FILE.1, which is the newest of the full ones, …"""

_WAITING = 10_000
"""Entries that may wait for the disk; of more the newest are lost."""

_PATIENCE_S = 1.0
"""Seconds that the end of the program waits for what is still to be written."""

LINE = 2000
"""Longest line, in characters."""


class Formatter(logging.Formatter):
    """UTC, and nothing in it that drives a terminal, holds an API key, or looks like another entry."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """Return the time of an entry, to the microsecond."""
        return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def format(self, record: logging.LogRecord) -> str:
        """Return an entry: its further lines, which may come from elsewhere, are indented."""
        # Hidden before it is cut to length: half a key must not remain at the cut.
        first, *rest = hide_pieces(super().format(record)).splitlines() or [""]
        return "\n    ".join(clean(line, LINE) for line in (first, *rest))


class _File(RotatingFileHandler):
    """A file for its owner alone. What cannot be written is lost: there is no place to say so."""

    def _open(self) -> io.TextIOWrapper:
        # O_NONBLOCK: a pipe that nobody reads is refused, not waited for.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(self.baseFilename, flags, 0o600)
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="replace")  # noqa: PTH123 - of a descriptor

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: stderr is the screen."""


class LogFile(logging.Handler):
    """Hands entries to a thread that writes them to a file."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`.

        Raises:
            NotWritten: it cannot be.
        """
        super().__init__(logging.DEBUG)
        self.path = path
        try:
            self._file = _File(path, maxBytes=MOST_BYTES, backupCount=FILES - 1)
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
            raise NotWritten(path, why_not_written(error)) from None
        self.setFormatter(Formatter("%(asctime)s %(levelname)-8s %(process)d %(threadName)s: %(message)s"))
        # Its `put` may be interrupted by a signal handler that logs too.
        self._entries: SimpleQueue[str | None] = SimpleQueue()
        # A daemon: a write may never return.
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Have `record` written. Never waits, and never fails."""
        if self._entries.qsize() < _WAITING:
            with suppress(Exception):  # the code of an exception whose message is asked for, which may do anything
                self._entries.put(self.format(record))

    def close(self) -> None:
        """Write what is still to be written, for at most `_PATIENCE_S` seconds."""
        if self._thread.is_alive():
            self._entries.put(None)
            self._thread.join(_PATIENCE_S)
        super().close()

    def _work(self) -> None:
        while (entry := self._entries.get()) is not None:
            self._file.handle(logging.makeLogRecord({"msg": entry}))
        self._file.close()


def write_log(path: Path) -> None:
    """Write the log into the file at `path` from now on, instead of into another one; do nothing where it is already.

    Raises:
        NotWritten: it cannot be.
    """
    before = [handler for handler in log.handlers if isinstance(handler, LogFile)]
    if any(handler.path == path for handler in before):
        return
    new = LogFile(path)
    end_log()
    log.addHandler(new)
    log.setLevel(logging.DEBUG)


def end_log() -> None:
    """Write what is still to be written, and close the file, if there is one."""
    for handler in [handler for handler in log.handlers if isinstance(handler, LogFile)]:
        log.removeHandler(handler)
        handler.close()


# Its last words are written also where something else than the command line began it.
atexit.register(end_log)
