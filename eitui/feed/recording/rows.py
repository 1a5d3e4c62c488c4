"""Read the tables of a recording, stepping over what is damaged."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eitui.feed.tape import RecordingError

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def check_damaged(error: sqlite3.DatabaseError) -> None:
    """Return when `error` is what SQLite raises at a page that it cannot make sense of.

    Raises:
        RecordingError: the file is in use in a way that does not let it be read; nothing is wrong with it.
    """
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
        raise RecordingError("The recording is in use by another program", "Try again.") from None


@dataclass(frozen=True)
class Row:
    """One event as it was written."""

    id: int
    sitting: int
    kind: int
    wall: float
    mono: float
    body: bytes


_EVENTS = "SELECT id, sitting, kind, wall, mono, body FROM events WHERE id >= ? AND id <= ? ORDER BY id"
_INDEX = "SELECT id, kind, wall FROM events WHERE id >= ? AND id <= ? ORDER BY id"


def events(file: sqlite3.Connection, after: int, last: int) -> Iterator[Row]:
    """Yield the events after `after` up to `last` that can be read, in order."""
    for row in _readable(file, _EVENTS, after, last):
        yield Row(*row)


def index(file: sqlite3.Connection, after: int, last: int) -> Iterator[tuple[int, int, float]]:
    """Yield id, kind and wall time of the events after `after` up to `last` that can be read, in order."""
    yield from _readable(file, _INDEX, after, last)


def last_event(file: sqlite3.Connection) -> int:
    """Return the id of the newest event; 0 when there is none."""
    try:
        return int(file.execute("SELECT max(id) FROM events").fetchone()[0] or 0)
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return _last_readable(file)


def _last_readable(file: sqlite3.Connection) -> int:
    """Return the id of the last event before the first that cannot be read."""
    last = 0
    try:
        for row in file.execute("SELECT id FROM events ORDER BY id"):
            last = row[0]
    except sqlite3.DatabaseError as error:
        check_damaged(error)
    return last


def _readable(file: sqlite3.Connection, query: str, after: int, last: int) -> Iterator[Any]:
    start = after + 1
    while start <= last:
        try:
            for row in file.execute(query, (start, last)):
                start = row[0] + 1
                yield row
        except sqlite3.DatabaseError as error:
            check_damaged(error)
            start = _beyond(file, query, start, last)
        else:
            return


def _beyond(file: sqlite3.Connection, query: str, bad: int, last: int) -> int:
    """Return the first id after `bad` from which on rows can be read again; `last` + 1 when there is none."""
    step, good = 1, bad + 1
    while good <= last and not _first(file, query, good, last):
        step *= 2
        good = bad + step
    low, high = bad + step // 2, min(good, last + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _first(file, query, middle, last):
            high = middle
        else:
            low = middle
    return high


def _first(file: sqlite3.Connection, query: str, start: int, last: int) -> bool:
    try:
        return file.execute(query, (start, last)).fetchone() is not None
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return False


def piece(file: sqlite3.Connection, number: int) -> tuple[bytes, bytes] | None:
    """Return a piece's digest and its packed JSON; None where it cannot be read."""
    return _pair(file, "SELECT digest, packed FROM pieces WHERE id = ?", number)


def fact(file: sqlite3.Connection, number: int) -> tuple[bytes, bytes] | None:
    """Return a fact's digest and its packed bytes; None where it cannot be read."""
    return _pair(file, "SELECT digest, packed FROM facts WHERE id = ?", number)


def _pair(file: sqlite3.Connection, query: str, number: int) -> tuple[bytes, bytes] | None:
    try:
        row = file.execute(query, (number,)).fetchone()
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return None
    return None if row is None else (bytes(row[0]), bytes(row[1]))
