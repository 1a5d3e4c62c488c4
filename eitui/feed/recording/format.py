"""The file: an SQLite database of its own kind, what is in it, and how a file that is none is told.

Events are what happened, in order. A poll's event says which pieces the state consisted of; a piece is the JSON of one
trial, or of the state without its trials, as the service sent it, and is stored once. Checkpoints are a cache: what the
events up to one of them came to, so that nobody has to fold them all again.

What SQLite does not notice when a disk gives back other bytes than it was given, digests and seals do.
"""

import os
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from eitui.domain.text import clean
from eitui.feed.tape import NoRecording, RecordingError

APPLICATION_ID = 0x65697475
"""`eitu`: in the header of every recording."""

FORMAT = 1
"""Version of this format; a file with a greater one is left alone."""

SUFFIX = ".eitui"

_HEADER = 100
_MAGIC = b"SQLite format 3\x00"

_STRANGE = """
SELECT count(*) FROM sqlite_master WHERE NOT coalesce(
    type = 'table' AND sql LIKE 'CREATE TABLE %'
    OR type = 'index' AND (sql IS NULL OR sql LIKE 'CREATE INDEX %' OR sql LIKE 'CREATE UNIQUE INDEX %'), 0)
"""
"""How much there is in a file that is in no recording. What a thing is its SQL says: its type may be a lie."""

_SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
CREATE TABLE about (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID;
-- A sitting is one process's watching: its monotonic clock has nothing to do with another's.
CREATE TABLE sittings (id INTEGER PRIMARY KEY, interval REAL NOT NULL, version TEXT NOT NULL, seal INTEGER NOT NULL);
CREATE TABLE pieces (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, packed BLOB NOT NULL);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, sitting INTEGER NOT NULL, kind INTEGER NOT NULL,
    wall REAL NOT NULL, mono REAL NOT NULL, body BLOB NOT NULL, seal INTEGER NOT NULL
);
CREATE TABLE facts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, packed BLOB NOT NULL);
CREATE TABLE checkpoints (
    event INTEGER PRIMARY KEY, maker TEXT NOT NULL, packed BLOB NOT NULL, seal INTEGER NOT NULL
);
"""


@dataclass(frozen=True)
class About:
    """Which run a recording is of."""

    host: str
    """The service's host, with its port where it has one of its own."""
    project_id: int
    run_id: int
    """The run's coordinator job."""


class DamagedRecording(RecordingError):
    """A recording of which something cannot be read: nothing may be added to it."""


def seal(content: bytes, *numbers: float) -> int:
    """Return what tells whether a row still is what was written: CRC-32 of its bytes and numbers.

    Raises:
        struct.error, TypeError: no row was ever written with these.
    """
    return zlib.crc32(content, zlib.crc32(struct.pack(f"<{len(numbers)}d", *numbers)))


def create(path: Path, about: About, version: str) -> None:
    """Make a recording without events. It appears whole or not at all.

    Raises:
        OSError, sqlite3.Error: it cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    # What was watched is nobody else's business: readable by its owner only, whatever the umask.
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as file:
        file.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        entries = {"host": about.host, "project_id": about.project_id, "run_id": about.run_id, "made_by": version}
        file.executemany("INSERT INTO about VALUES (?, ?)", entries.items())
    unfinished.rename(path)


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a recording to add to it, without changing it yet. Only for whoever holds its lock.

    Raises:
        RecordingError: it is none, or of a newer format.
        sqlite3.Error: it cannot be written.
    """
    file = sqlite3.connect(f"{_uri(path)}?mode=rw", uri=True, timeout=1.0, isolation_level=None)
    try:
        check(file, path)
    except BaseException:
        file.close()
        raise
    return file


def begin_writing(file: sqlite3.Connection) -> None:
    """Have what is written from now on go to a log first, so that readers and writer do not wait for each other.

    Raises:
        sqlite3.Error: the file cannot be written.
    """
    file.execute("PRAGMA journal_mode = WAL")
    # Without a sync at every poll: a killed process loses nothing, a machine without power at most the last polls.
    file.execute("PRAGMA synchronous = NORMAL")


def close_written(file: sqlite3.Connection) -> None:
    """Close a recording that was written: as one plain file, unless somebody is reading it."""
    try:
        file.execute("PRAGMA busy_timeout = 0")
        try:
            file.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            # Somebody is reading: the log stays until they leave, but all of it is in the one file, too.
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # it stays in two files, which are read together
    finally:
        file.close()


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a recording, which may be being written, without changing it. For use in any one thread at a time.

    Raises:
        NoRecording: there is no such file.
        RecordingError: it is no recording, cut short, or of a newer format.
    """
    if not path.is_file():
        raise NoRecording(f"There is no recording {shown(path)}", "`eitui runs` lists those there are.")
    try:
        return _opened(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _UNSHARED:
            raise _cannot_read(path, error) from None
    try:
        # On a disk that cannot be written SQLite cannot share the file with a writer; there is none then either.
        return _copied(path) if _log_of(path) else _opened(path, "mode=ro&immutable=1")
    except (sqlite3.Error, OSError) as error:
        raise _cannot_read(path, error) from None


_UNSHARED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _cannot_read(path: Path, error: Exception) -> RecordingError:
    return RecordingError(f"{shown(path)} cannot be read: {clean(getattr(error, 'strerror', None) or str(error))}")


def _log_of(path: Path) -> Path | None:
    """Return the log beside a recording, without which it is not whole; None where there is nothing in it."""
    log = path.with_name(path.name + "-wal")
    try:
        return log if log.stat().st_size else None
    except OSError:
        return None


class _Reading(sqlite3.Connection):
    """An open recording; where it is a copy, that goes away with it."""

    directory: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close the file."""
        super().close()
        if self.directory is not None:
            self.directory.cleanup()


def _copied(path: Path) -> sqlite3.Connection:
    """Open a copy of a recording and its log, where the two cannot be read together in their place."""
    directory = TemporaryDirectory(prefix="eitui-")
    try:
        there = Path(directory.name) / "recording"
        shutil.copyfile(path, there)
        shutil.copyfile(path.with_name(path.name + "-wal"), there.with_name(there.name + "-wal"))
        file = _opened(there, "mode=rw", of=path)
    except BaseException:
        directory.cleanup()
        raise
    file.directory = directory
    return file


def _opened(path: Path, how: str, of: Path | None = None) -> _Reading:
    """Open the file at `path`; refusals name `of`, where it is a copy of that."""
    address = f"{_uri(path)}?{how}"
    file = sqlite3.connect(
        address, uri=True, timeout=1.0, isolation_level=None, check_same_thread=False, factory=_Reading
    )
    try:
        check(file, of or path)
    except BaseException:
        file.close()
        raise
    return file


def check(file: sqlite3.Connection, path: Path) -> None:
    """Make sure that `file`, opened from `path`, is a recording that this version can read.

    Raises:
        RecordingError: it is not.
        sqlite3.OperationalError: it cannot be opened at all.
    """
    try:
        file.execute("PRAGMA trusted_schema = OFF")
        kind = file.execute("PRAGMA application_id").fetchone()[0]
        version = file.execute("PRAGMA user_version").fetchone()[0]
        if kind == APPLICATION_ID and version > FORMAT:
            raise _newer(path, version)
        # A file may come from anywhere: a view in the place of a table could be made to go on for ever.
        if kind != APPLICATION_ID or file.execute(_STRANGE).fetchone()[0]:
            raise _no_recording(path)
        file.execute("SELECT count(*) FROM about").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # no such table
            raise _no_recording(path) from None
        raise
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says of it may be no text
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> RecordingError:
    """Say what is wrong with a file that SQLite cannot read, from its first bytes."""
    with path.open("rb") as raw:
        header = raw.read(_HEADER)
    number = {at: int.from_bytes(header[at : at + 4], "big") for at in (28, 60, 68)}
    if not header.startswith(_MAGIC) or number[68] != APPLICATION_ID:
        return _no_recording(path)
    if number[60] > FORMAT:
        return _newer(path, number[60])
    page = int.from_bytes(header[16:18], "big")
    whole, there = number[28] * (65536 if page == 1 else page), path.stat().st_size
    if there < whole:
        return DamagedRecording(
            f"{shown(path)} is cut short: {there:,} of {whole:,} bytes are there",
            "Copy it again; `eitui export --recording` makes a file that can be copied while the run is recorded.",
        )
    return DamagedRecording(f"{shown(path)} is damaged beyond reading: {clean(str(error))}")


def _no_recording(path: Path) -> RecordingError:
    return RecordingError(f"{shown(path)} is not a recording of eitui")


def _newer(path: Path, version: int) -> RecordingError:
    return RecordingError(
        f"{shown(path)} was made by a newer eitui (format {version}; this one reads up to {FORMAT})", "Update eitui."
    )


def about_of(file: sqlite3.Connection, path: Path) -> About:
    """Return which run the recording is of.

    Raises:
        RecordingError: it does not say.
    """
    try:
        entries: Mapping[str, object] = dict(file.execute("SELECT name, value FROM about").fetchall())
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, error) from None
    host, project_id, run_id = (entries.get(name) for name in ("host", "project_id", "run_id"))
    if not (isinstance(host, str) and isinstance(project_id, int) and isinstance(run_id, int)):
        raise DamagedRecording(f"{shown(path)} does not say which run it is of")
    return About(clean(host), project_id, run_id)


def shown(path: Path) -> str:
    """Return the path as it is shown: a file's name may hold anything."""
    return clean(str(path))


def _uri(path: Path) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}"
