"""The file: an SQLite database of its own kind, what is in it, and how a file that is none is told.

Events are what happened, in order. A poll's event says which pieces the state consisted of; a piece is the JSON of one
trial, or of the state without its trials, as the service sent it, and is stored once. Checkpoints are a cache: what the
events up to one of them came to, so that nobody has to fold them all again.

What SQLite does not notice when a disk gives back other bytes than it was given, digests and seals do.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from eitui.domain.text import clean
from eitui.feed.events import NoRecording, RecordingError
from eitui.storage import sqlite
from eitui.storage.directory import disk_advice, make_private

RECORDING_APPLICATION_ID = 0x65697475
"""`eitu`: in the header of every recording."""

RECORDING_FORMAT = 1
"""Version of this format; a file with a greater one is left alone."""

SUFFIX = ".eitui"

_SCHEMA = """
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

KIND = sqlite.FileKind("a recording", RECORDING_APPLICATION_ID, RECORDING_FORMAT, _SCHEMA)


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


def shown(path: Path) -> str:
    """Return the path as it is shown: a file's name may hold anything."""
    return clean(str(path))


@contextmanager
def explained(path: Path, verb: str) -> Iterator[None]:
    """Turn what the system and SQLite say where a path is used into one line; `verb` is `read` or `written`.

    Raises:
        NoRecording: there is nothing at `path`.
        RecordingError: it cannot be read, or written.
    """
    try:
        yield
    except FileNotFoundError:
        raise NoRecording(f"There is no recording {shown(path)}", "`eitui runs` lists those there are.") from None
    except (OSError, ValueError, sqlite3.Error) as error:  # ValueError: a path with a NUL in it
        what, to_do = cannot(path, verb, error)
        raise RecordingError(what, to_do) from None


def cannot(path: Path, verb: str, error: Exception) -> tuple[str, str]:
    """Return why `path` cannot be used, in one line, and what to do about it."""
    why = clean((getattr(error, "strerror", None) or str(error)) or type(error).__name__)
    return f"{shown(path)} cannot be {verb}: {why}", disk_advice(path, error) if isinstance(error, OSError) else ""


def create(path: Path, about: About, version: str) -> None:
    """Make a recording without events. It appears whole or not at all.

    Raises:
        OSError, sqlite3.Error: it cannot be written.
    """
    make_private(path.parent)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    # What was watched is nobody else's business: readable by its owner only, whatever the umask.
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as file:
        file.executescript(f"BEGIN; {KIND.script} COMMIT;")
        entries = {"host": about.host, "project_id": about.project_id, "run_id": about.run_id, "made_by": version}
        file.executemany("INSERT INTO about VALUES (?, ?)", entries.items())
    unfinished.rename(path)


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a recording to add to it, without changing it yet. Only for whoever holds its lock.

    Raises:
        RecordingError: it is none, or of a newer format.
        sqlite3.Error: it cannot be written.
    """
    return _opened(path, "mode=rw")


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
    with explained(path, "read"):
        if not path.is_file():
            raise NoRecording(f"There is no recording {shown(path)}", "`eitui runs` lists those there are.")
        try:
            return _opened(path, "mode=ro", any_thread=True)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _UNSHARED:
                raise
        # On a disk that cannot be written SQLite cannot share the file with a writer; there is none then either.
        log_size = 0
        with suppress(FileNotFoundError):
            log_size = path.with_name(path.name + "-wal").stat().st_size
        # With a log beside it the file alone is not the whole recording.
        return _copied(path) if log_size else _opened(path, "mode=ro&immutable=1", any_thread=True)


_UNSHARED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _copied(path: Path) -> sqlite3.Connection:
    """Open a copy of a recording and its log, where the two cannot be read together in their place."""
    directory = TemporaryDirectory(prefix="eitui-")
    try:
        there = Path(directory.name) / "recording"
        shutil.copyfile(path, there)
        shutil.copyfile(path.with_name(path.name + "-wal"), there.with_name(there.name + "-wal"))
        file = _opened(there, "mode=rw", any_thread=True, of=path)
    except BaseException:
        directory.cleanup()
        raise
    file.on_close = directory.cleanup
    return file


def _opened(path: Path, how: str, *, any_thread: bool = False, of: Path | None = None) -> sqlite.SqliteConnection:
    """Open the file at `path`; refusals name `of`, where it is a copy of that."""
    file = sqlite.SqliteConnection.open(path, how, 1.0, any_thread=any_thread)
    try:
        try:
            sqlite.check_kind(file, path, KIND)
        except sqlite.FileRefused as error:
            raise _refused(of or path, error) from None
    except BaseException:
        file.close()
        raise
    return file


def _refused(path: Path, error: sqlite.FileRefused) -> RecordingError:
    match error:
        case sqlite.CutShort():
            export = "`eitui export --recording` makes a file that can be copied while the run is recorded."
            return DamagedRecording(f"{shown(path)} {error.why}", f"Copy it again; {export}")
        case sqlite.Strange():
            return DamagedRecording(f"{shown(path)} {error.why}")
        case sqlite.Damaged():
            return DamagedRecording(f"{shown(path)} is damaged beyond reading: {error.why}")
    return RecordingError(f"{shown(path)} {error.why}", "Update eitui." if isinstance(error, sqlite.Newer) else "")


def about_of(file: sqlite3.Connection, path: Path) -> About:
    """Return which run the recording is of.

    Raises:
        RecordingError: it does not say.
    """
    try:
        # By name, as the summary may be damaged and matters less; the host as bytes, as SQLite would refuse bad text.
        found = dict(file.execute("SELECT name, value FROM about WHERE name IN ('project_id', 'run_id')"))
        host = file.execute("SELECT CAST(value AS BLOB) FROM about WHERE name = 'host' AND typeof(value) = 'text'")
        named = host.fetchone()
    except sqlite3.DatabaseError as error:
        with explained(path, "read"):
            raise _refused(path, sqlite.file_refusal(path, KIND, error)) from None
    project_id, run_id = found.get("project_id"), found.get("run_id")
    with suppress(UnicodeDecodeError):
        if named is not None and isinstance(project_id, int) and isinstance(run_id, int):
            return About(clean(named[0].decode()), project_id, run_id)
    raise DamagedRecording(f"{shown(path)} does not say which run it is of")
