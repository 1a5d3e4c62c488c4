"""The journal's file: an SQLite database of its own kind, safe to be used by several processes at once.

Rows are only ever added. An edit is written before it is sent, a report whenever something is learnt of it.

The file is opened anew for every look and every line: changes are rare, and nobody then holds it open or needs to know
from which thread it is used.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from eitui.domain.text import clean
from eitui.storage import sqlite
from eitui.storage.directory import disk_advice, make_private
from eitui.thresholds.errors import JournalError

JOURNAL_APPLICATION_ID = 0x65697463
"""`eitc`: in the header of every journal."""

JOURNAL_FORMAT = 1
"""Version of this format; a file with a greater one is left alone."""

_PATIENCE_S = 5.0
"""How long is waited for another process that is writing, in seconds."""

_SCHEMA = """
CREATE TABLE edits (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, host TEXT NOT NULL, project_id INTEGER NOT NULL,
    impulse_id INTEGER NOT NULL, at REAL NOT NULL, body TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE INDEX edits_of ON edits (host, project_id);
CREATE TABLE reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT, edit INTEGER NOT NULL REFERENCES edits, at REAL NOT NULL,
    outcome TEXT NOT NULL, body TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE INDEX reports_of ON reports (edit);
"""

_KIND = sqlite.FileKind("a journal", JOURNAL_APPLICATION_ID, JOURNAL_FORMAT, _SCHEMA)

_ELSEWHERE = "Move it away to begin a new one, or set EITUI_JOURNAL to another file."


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the journal inside a transaction that, when the block has ended well, is on the disk.

    A file that is not there is made.

    Raises:
        JournalError: it is no journal, of a newer version, damaged, or cannot be written. Nothing was.
    """
    with _explained(path, "written"):
        made = _make(path)
        with closing(_connect(path)) as file:
            # FULL, and the directory too: without it a commit may be undone by a power cut just after it.
            file.execute("PRAGMA synchronous = EXTRA")
            file.execute("BEGIN IMMEDIATE")
            try:
                _ready(file, path)
                yield file
                file.execute("COMMIT")
            except BaseException:
                if file.in_transaction:
                    file.execute("ROLLBACK")
                raise
        if made:
            _settle(path.parent)


@contextmanager
def open_journal_to_read(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Yield the journal to read; None where there is none yet. Makes no file.

    Raises:
        JournalError: it is no journal, of a newer version, damaged, or cannot be read.
    """
    with _explained(path, "read"):
        if not path.exists() or path.stat().st_size == 0:
            yield None
            return
        # To read and write although it is read: a process that was killed may have left something to roll back.
        with closing(_connect(path)) as file:
            if sqlite.is_new(file):
                yield None
                return
            sqlite.check_kind(file, path, _KIND)
            yield file


def damaged(path: Path, what: str) -> JournalError:
    """Return what to say of a journal with something in it that was never written."""
    return JournalError(f"{_named(path)} is damaged: {what}", _ELSEWHERE)


def missing(file: sqlite3.Connection) -> int:
    """Return how many rows are gone that were once written: rows are numbered without gaps, and never taken away."""
    counts = file.execute(
        "SELECT seq - CASE name WHEN 'edits' THEN (SELECT count(*) FROM edits) ELSE (SELECT count(*) FROM reports) END"
        " FROM sqlite_sequence WHERE name IN ('edits', 'reports')"
    )
    return sum(max(0, gone) for (gone,) in counts)


def _make(path: Path) -> bool:
    make_private(path.parent)
    try:
        # What was changed is nobody else's business, whatever the umask. SQLite's own files get the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _connect(path: Path) -> sqlite.SqliteConnection:
    return sqlite.SqliteConnection.open(path, "mode=rw", _PATIENCE_S)


def _ready(file: sqlite3.Connection, path: Path) -> None:
    """Make sure that the file can be written to, and has what is needed."""
    if sqlite.is_new(file):
        for statement in _KIND.script.split(";"):
            file.execute(statement)
        return
    sqlite.check_kind(file, path, _KIND)
    if file.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("database disk image is malformed")  # as SQLite says where it stumbles over it


@contextmanager
def _explained(path: Path, verb: str) -> Iterator[None]:
    """Turn what SQLite and the system say into one line, with advice."""
    try:
        yield
    except sqlite.FileRefused as error:
        raise _refused(path, error) from None
    except sqlite3.OperationalError as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        why = "another process holds it" if busy else clean(str(error))
        raise JournalError(f"{_named(path)} cannot be {verb}: {why}", "Try again." if busy else _CHECK) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says of it may be no text
        try:
            refusal = sqlite.file_refusal(path, _KIND, error)
        except OSError:
            refusal = sqlite.Damaged(clean(str(error)))
        raise _refused(path, refusal) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        to_do = (disk_advice(path, error) if isinstance(error, OSError) else "") or _CHECK
        raise JournalError(f"{_named(path)} cannot be {verb}: {clean(why).lower()}", to_do) from None


_CHECK = "Check the disk and the rights, or set EITUI_JOURNAL to another file."


def _refused(path: Path, error: sqlite.FileRefused) -> JournalError:
    match error:
        case sqlite.Newer():
            return JournalError(
                f"{_named(path)} {error.why}", "Update eitui. Until then nothing can be changed from here."
            )
        case sqlite.CutShort() | sqlite.Damaged():
            return damaged(path, error.why)
    return JournalError(f"{_named(path)} {error.why}", _ELSEWHERE)


def _named(path: Path) -> str:
    return f"The journal of changes, {clean(str(path))},"


def _settle(directory: Path) -> None:
    """Wait until the disk has the new file's name."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
