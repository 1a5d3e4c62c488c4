"""Read the tables of a recording, stepping over what is damaged."""

import sqlite3
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eitui.feed.events import RecordingError
from eitui.feed.recording.codec import is_plausible
from eitui.storage.sqlite import seal

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_NO_LIMIT = 2**62
"""Greater than the id of any event there will ever be."""


def check_damaged(error: sqlite3.DatabaseError) -> None:
    """Return when `error` is what SQLite raises at a page that it cannot make sense of.

    Raises:
        RecordingError: nothing is wrong with the file, but it is in use in a way that does not let it be read, or it
            has been closed.
    """
    if isinstance(error, sqlite3.ProgrammingError):
        raise RecordingError("The recording has been closed") from None
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
        raise RecordingError("The recording is in use by another program", "Try again.") from None


@dataclass(frozen=True)
class EventRow:
    """One event as it was written."""

    id: int
    sitting: int
    kind: int
    wall: float
    mono: float
    body: bytes


_EVENTS = "SELECT id, sitting, kind, wall, mono, body, seal FROM events WHERE id >= ? AND id <= ? ORDER BY id"


def event_rows(file: sqlite3.Connection, after: int, last: int) -> Iterator[EventRow]:
    """Yield the events after `after` up to `last` that can be read, in order."""
    for row in _readable(file, after, last):
        yield EventRow(*row[:-1])


def index(file: sqlite3.Connection, after: int, last: int) -> Iterator[EventRow]:
    """Yield the events after `after` up to `last` that can be read, in order, without their bodies."""
    for number, sitting, kind, wall, mono, *_ in _readable(file, after, last):
        yield EventRow(number, sitting, kind, wall, mono, b"")


def last_event(file: sqlite3.Connection) -> int:
    """Return the id of the newest event; 0 when there is none."""
    try:
        return int(file.execute("SELECT max(id) FROM events").fetchone()[0] or 0)
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return max((row[0] for row in _readable(file, 0, _NO_LIMIT)), default=0)


def _readable(file: sqlite3.Connection, after: int, last: int) -> Iterator[Any]:
    start = after + 1
    while start <= last:
        try:
            for row in file.execute(_EVENTS, (start, last)):
                # A damaged page may hold any number: only what is as it was written says how far this has come.
                if row[0] >= start and _is_event(row):
                    start = row[0] + 1
                    yield row
        except sqlite3.DatabaseError as error:
            check_damaged(error)
        start = _beyond(file, start, last)


def _is_sound(row: tuple[Any, ...]) -> bool:
    *numbers, body, sealed = row
    try:
        return bool(seal(body, *numbers) == sealed)
    except (struct.error, TypeError):
        return False


def _is_event(row: tuple[Any, ...]) -> bool:
    """Return whether a row is what was written, at a time that a clock may have shown."""
    return _is_sound(row) and row[3] >= 0 and is_plausible(row[3]) and is_plausible(row[4])


def _beyond(file: sqlite3.Connection, bad: int, last: int) -> int:
    """Return the first id after `bad` from which on rows can be read again; `last` + 1 when there is none."""
    if bad > last:
        return bad
    step, good = 1, bad + 1
    while good <= last and not _is_readable(file, good, last):
        step *= 2
        good = bad + step
    low, high = bad + step // 2, min(good, last + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _is_readable(file, middle, last):
            high = middle
        else:
            low = middle
    return high


def _is_readable(file: sqlite3.Connection, start: int, last: int) -> bool:
    try:
        row = file.execute(f"{_EVENTS} LIMIT 1", (start, last)).fetchone()
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return False
    return row is not None and _is_event(row)


def sittings(file: sqlite3.Connection) -> Mapping[int, float]:
    """Return the poll interval, in seconds, of every sitting that can be read, by its number."""
    found: dict[int, float] = {}
    try:
        rows = file.execute("SELECT id, interval, CAST(version AS BLOB), seal FROM sittings")
        found.update((row[0], row[1]) for row in rows if _is_sound(row) and is_plausible(row[1]))
    except sqlite3.DatabaseError as error:
        check_damaged(error)
    return found


def checkpoints(file: sqlite3.Connection, maker: str, last: int) -> list[int]:
    """Return the events up to `last` at which there is a checkpoint of this maker, in order."""
    found: list[int] = []
    try:
        query = "SELECT event FROM checkpoints WHERE maker = ? AND event <= ? ORDER BY event"
        found += (event for (event,) in file.execute(query, (maker, last)))
    except sqlite3.DatabaseError as error:
        check_damaged(error)
    return sorted(found)


def checkpoint(file: sqlite3.Connection, event: int) -> bytes | None:
    """Return the packed checkpoint at an event; None where it cannot be read."""
    row = _row(file, "SELECT event, packed, seal FROM checkpoints WHERE event = ?", event)
    return row[1] if row is not None and _is_sound(row) else None


def summary_body(file: sqlite3.Connection) -> bytes:
    """Return the summary as it was written down; empty where it cannot be read."""
    try:
        row = file.execute("SELECT CAST(value AS BLOB) FROM about WHERE name = 'summary'").fetchone()
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return b""
    return row[0] if row is not None and isinstance(row[0], bytes) else b""


def packed(file: sqlite3.Connection, table: str, number: int) -> tuple[bytes, bytes] | None:
    """Return the digest and the packed bytes of a row of `pieces` or `facts`; None where it cannot be read."""
    match _row(file, f"SELECT digest, packed FROM {table} WHERE id = ?", number):  # noqa: S608 - one of two names
        case (bytes(digest), bytes(body)):
            return digest, body
    return None


def _row(file: sqlite3.Connection, query: str, number: int) -> tuple[Any, ...] | None:
    try:
        found: tuple[Any, ...] | None = file.execute(query, (number,)).fetchone()
    except OverflowError:  # no number of a row: a recording may come from anywhere
        return None
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return None
    return found


def is_in_order(file: sqlite3.Connection) -> bool:
    """Return whether SQLite finds the file's pages in order. Reads all of them."""
    try:
        return bool(file.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError as error:
        check_damaged(error)
        return False
