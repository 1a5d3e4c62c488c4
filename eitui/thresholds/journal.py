"""What was sent to the service, and what became of it: written down before it goes out.

The file is an SQLite database of its own kind, safe to be used by several processes at once. Rows are only ever added:
an edit before it is sent, a report whenever something is learnt of it. The file is opened anew for every look and every
line: changes are rare, and nobody then holds it open or needs to know from which thread it is used.
"""

import json
import os
import sqlite3
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import msgspec

from eitui.config.files import sync_to_disk
from eitui.domain.action import Action, ActionEntry, ActionKind
from eitui.domain.edit import Edit, Entry, Outcome, Report
from eitui.domain.text import clean
from eitui.domain.threshold import Change, ThresholdRef, from_json, to_json
from eitui.errors import EituiError
from eitui.storage import sqlite
from eitui.storage.directory import disk_advice, make_private
from eitui.storage.lock import Lock
from eitui.storage.sqlite import seal
from eitui.thresholds.errors import AlreadySent, JournalError, Underway

JOURNAL_APPLICATION_ID = 0x65697463
"""`eitc`: in the header of every journal."""

JOURNAL_FORMAT = 2
"""Version of this format; a file with a greater one is left alone."""

_WITHOUT_ACTIONS = 1
"""Version of a journal that has changes of thresholds only: an older eitui, which knows nothing else, reads it too."""

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
_NEW = sqlite.FileKind("a journal", JOURNAL_APPLICATION_ID, _WITHOUT_ACTIONS, _SCHEMA)

NO_IMPULSE = 0
"""Stands in for an impulse's number where something is of none: no impulse has it."""

AnyEntry = TypeVar("AnyEntry", Entry, ActionEntry)

_ELSEWHERE = "Move it away to begin a new one, or set EITUI_JOURNAL to another file."


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the journal inside a transaction that, when the block has ended well, is on the disk.

    A file that is not there is made.

    Raises:
        JournalError: it is no journal, of a newer version, damaged, or cannot be written. Nothing was.
    """
    with _explained(path, "written"):
        make_private(path.parent)
        made = True
        try:
            # What was changed is nobody else's business, whatever the umask. SQLite's own files get the same mode.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            made = False
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
            sync_to_disk(path.parent)


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


def _connect(path: Path) -> sqlite.SqliteConnection:
    return sqlite.SqliteConnection.open(path, "mode=rw", _PATIENCE_S)


def _ready(file: sqlite3.Connection, path: Path) -> None:
    """Make sure that the file can be written to, and has what is needed."""
    if sqlite.is_new(file):
        for statement in _NEW.script.split(";"):
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


_INTENDED = Report(Outcome.INTENDED)


class _Unreadable(EituiError):
    """A line is not what was written."""


_NOT_WRITTEN = (_Unreadable, TypeError, ValueError, RecursionError, struct.error)
"""What comes of reading a line that is not what was written; a validation error of msgspec is a ValueError."""

_ENTRIES = """
SELECT edits.number, edits.id, edits.host, edits.project_id, edits.impulse_id, edits.at, edits.body, edits.seal,
       reports.at, reports.outcome, reports.body, reports.seal
FROM edits
LEFT JOIN reports ON reports.number = (SELECT max(number) FROM reports WHERE edit = edits.number)
"""


@dataclass(frozen=True)
class JournalHistory:
    """What the journal has of a project, as far as it can be read."""

    entries: tuple[Entry | ActionEntry, ...] = ()
    """The last changes and actions, the newest first."""
    total: int = 0
    """How many there are, also beyond `entries`."""
    unreadable: int = 0
    """How many lines of the whole journal, of any project, are not what was written, or are gone."""

    @property
    def actions(self) -> tuple[ActionEntry, ...]:
        """Those of the entries that are actions."""
        return tuple(entry for entry in self.entries if isinstance(entry, ActionEntry))

    @property
    def changes(self) -> tuple[Entry, ...]:
        """Those of the entries that are changes of thresholds."""
        return tuple(entry for entry in self.entries if isinstance(entry, Entry))


class Journal:
    """The edits and actions of this user on this machine. Every method may be called from any thread, and blocks.

    Several processes may use the same journal. Each method raises `JournalError` when the file is damaged, foreign, of
    a newer version, or cannot be read or written; then nothing was written.

    Args:
        path: where the file is; it is made when the first edit is written.
        now: gives seconds since the Unix epoch.
        mono: gives seconds of a clock that is never set; for ages of lines just written.

    """

    def __init__(
        self, path: Path, now: Callable[[], float] = time.time, mono: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self.now = now
        self.mono = mono

    def intend(self, edit: Edit) -> Entry:
        """Write down that `edit` is about to be sent. When this returns, the disk has it.

        Raises:
            AlreadySent: it was written down before.
        """
        changes = [
            _ChangeBody(change.ref.block_id, change.ref.key, to_json(change.old), to_json(change.new))
            for change in edit.changes
        ]
        body = _EditBody(edit.impulse_name, edit.who, edit.regenerate, edit.undo_of, changes)
        number, at = self._intend(edit, edit.impulse_id, body, _WITHOUT_ACTIONS)
        return Entry(number, edit, _INTENDED, at)

    def intend_action(self, action: Action) -> ActionEntry:
        """Write down that `action` is about to be sent. When this returns, the disk has it.

        Raises:
            AlreadySent: it was written down before.
        """
        told = _ActionBody(action.kind, action.target, action.name, action.new_name, list(action.known))
        body = _EditBody("", action.who, regenerate=False, undo_of=None, changes=[], action=told)
        number, at = self._intend(action, NO_IMPULSE, body, JOURNAL_FORMAT)
        return ActionEntry(number, action, _INTENDED, at)

    def _intend(self, what: Edit | Action, impulse_id: int, body: "_EditBody", version: int) -> tuple[int, float]:
        """Write a line that a reader of formats from `version` on knows; return its number and its time."""
        at, text = self.now(), _write(body)
        with writing(self.path) as file:
            if file.execute("SELECT 1 FROM edits WHERE id = ?", (what.id,)).fetchone():
                raise AlreadySent
            if file.execute("PRAGMA user_version").fetchone()[0] < version:
                file.execute(f"PRAGMA user_version = {version:d}")
            number = file.execute(
                "INSERT INTO edits (id, host, project_id, impulse_id, at, body, seal) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    what.id, what.host, what.project_id, impulse_id, at, text,
                    _edit_seal(what.id, what.host, text, what.project_id, impulse_id, at),
                ),
            ).lastrowid  # fmt: skip
        assert number is not None  # noqa: S101 - sqlite3 says so after every INSERT
        return number, at

    def report(self, entry: AnyEntry, report: Report) -> AnyEntry:
        """Write down what was learnt of an entry; return it with that. When this returns, the disk has it."""
        at = self.now()
        stored = None if report.stored is None else list(map(to_json, report.stored))
        had_results = msgspec.UNSET if report.had_results is None else report.had_results
        noted = True if report.outcome is Outcome.APPLIED and stored is None else msgspec.UNSET
        body = _write(
            _ReportBody(
                report.detail, report.regenerate_status, report.job_id, stored, report.refused, had_results, noted,
                msgspec.UNSET if report.seen is None else report.seen,
                report.found or msgspec.UNSET,
            )
        )  # fmt: skip
        with writing(self.path) as file:
            file.execute(
                "INSERT INTO reports (edit, at, outcome, body, seal) VALUES (?, ?, ?, ?, ?)",
                (entry.number, at, report.outcome, body, _report_seal(report.outcome, body, entry.number, at)),
            )
        return replace(entry, report=report, reported_at=at)

    def unsettled(self, host: str, project_id: int) -> tuple[Entry, ...]:
        """Return the changes of which it is not known what became of them, oldest first.

        One that is `INTENDED` is being sent by some process at this moment, or was when that process was killed.

        Every line is looked at, of whatever project: of one that is not what was written nobody knows whose it is.
        """
        return tuple(entry for entry in self._unsettled(host, project_id) if isinstance(entry, Entry))

    def unsettled_actions(self, host: str, project_id: int) -> tuple[ActionEntry, ...]:
        """Return the actions of which it is not known what became of them, oldest first; see `unsettled`."""
        return tuple(entry for entry in self._unsettled(host, project_id) if isinstance(entry, ActionEntry))

    def _unsettled(self, host: str, project_id: int) -> Iterator[Entry | ActionEntry]:
        found, unreadable = self._scan()
        if unreadable:
            lines = "a line of it is" if unreadable == 1 else f"{unreadable} lines of it are"
            raise damaged(self.path, f"{lines} not what was written, or gone")
        return (entry for entry in found if _is_of(entry, host, project_id) and not entry.outcome.settled)

    def look(self, host: str | None = None, project_id: int | None = None, limit: int | None = 100) -> JournalHistory:
        """Return the last `limit` changes and actions, and how many there are; None stands for any, and for all.

        Lines that cannot be read are left out, and counted.
        """
        found, unreadable = self._scan()
        entries = [entry for entry in found if _is_of(entry, host, project_id)]
        return JournalHistory(tuple(reversed(entries[-(limit or 0) :])), len(entries), unreadable)

    def entry(self, number: int) -> Entry | None:
        """Return the change with this number; None where there is none."""
        found = self._numbered(number)
        return found if isinstance(found, Entry) else None

    def action(self, number: int) -> ActionEntry | None:
        """Return the action with this number; None where there is none."""
        found = self._numbered(number)
        return found if isinstance(found, ActionEntry) else None

    def _numbered(self, number: int) -> Entry | ActionEntry | None:
        return next(iter(self._entries("WHERE edits.number = ?", (number,))), None)

    def last_applied(self, host: str, project_id: int, ref: ThresholdRef) -> Entry | None:
        """Return the last entry that changed this threshold; None where none did."""
        entries = self._entries("WHERE host = ? AND project_id = ? ORDER BY edits.number DESC", (host, project_id))
        changes = (entry for entry in entries if isinstance(entry, Entry))
        return next((entry for entry in changes if entry.outcome.applied and entry.touches(ref)), None)

    def last_applied_of(self, host: str, project_id: int, impulse_id: int) -> Entry | None:
        """Return the last entry that changed a threshold of this impulse; None where none did."""
        entries = self._entries(
            "WHERE host = ? AND project_id = ? AND impulse_id = ? ORDER BY edits.number DESC",
            (host, project_id, impulse_id),
        )
        changes = (entry for entry in entries if isinstance(entry, Entry))
        return next((entry for entry in changes if entry.outcome.applied), None)

    def lock(self, host: str, project_id: int, impulse_id: int) -> "ImpulseLock":
        """Return the right to send, or to settle, changes of an impulse: one process of this user's has it at a time.

        `NO_IMPULSE` stands for what is no impulse's: trials, runs and jobs.

        Without it somebody could read that a change was not applied just before it is sent.
        """
        # Of the host only a sum: it may hold what no file's name may.
        name = f"{self.path.name}.{crc32(host.encode('utf-8', 'replace')):08x}-{project_id}-{impulse_id}.lock"
        return ImpulseLock(Lock(self.path.with_name(name)))

    def _entries(self, which: str, values: tuple[str | int | None, ...]) -> tuple[Entry | ActionEntry, ...]:
        with open_journal_to_read(self.path) as file:
            rows: Iterable[tuple[object, ...]] = () if file is None else file.execute(_ENTRIES + which, values)
            try:
                return tuple(map(_entry, rows))
            except _NOT_WRITTEN:
                raise damaged(self.path, "a line of it is not what was written") from None

    def _scan(self) -> tuple[list[Entry | ActionEntry], int]:
        """Return all entries that can be read, oldest first, and how many lines cannot be read, or are gone."""
        found: list[Entry | ActionEntry] = []
        with open_journal_to_read(self.path) as file:
            if file is None:
                return found, 0
            # What is no text is to spoil its own line, and not the look at all the others.
            file.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            file.execute("BEGIN")
            unreadable = missing(file)
            for row in file.execute(_ENTRIES + "ORDER BY edits.number"):
                try:
                    found.append(_entry(row))
                except _NOT_WRITTEN:
                    unreadable += 1
        return found, unreadable


class ImpulseLock:
    """The right to change an impulse. Taking it and giving it back touch a file, and may block."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def acquire(self) -> None:
        """Take it.

        Raises:
            Underway: another process has it.
            JournalError: its file cannot be made.
        """
        try:
            taken = self._lock.acquire()
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise JournalError(
                f"The journal of changes cannot be locked: {why}",
                "Check the disk and the rights, or set EITUI_JOURNAL to another file.",
            ) from None
        if not taken:
            raise Underway("Another eitui is sending a change of this impulse", "Try again.")

    def release(self) -> None:
        """Give it back."""
        self._lock.release()


def _is_of(entry: Entry | ActionEntry, host: str | None, project_id: int | None) -> bool:
    what = entry.edit if isinstance(entry, Entry) else entry.action
    return host in (None, what.host) and project_id in (None, what.project_id)


def _entry(row: tuple[Any, ...]) -> Entry | ActionEntry:
    """Return a row as the entry it was written for; raise one of `_NOT_WRITTEN` where it is not what was written."""
    number, edit_id, host, project_id, impulse_id, at, body, sealed = row[:8]
    if _edit_seal(edit_id, host, body, project_id, impulse_id, at) != sealed:
        raise _Unreadable("A line of the journal is not what was written")
    fields = _read(body, _EditBody)
    reported_at, report = _report(row)
    if not isinstance(fields.action, msgspec.UnsetType):
        told = fields.action
        action = Action(
            edit_id, host, project_id, ActionKind(told.kind), told.target, told.name, fields.who, told.new_name,
            tuple(told.known),
        )  # fmt: skip
        return ActionEntry(number, action, report, at, reported_at)
    changes = []
    for change in fields.changes:
        new = from_json(change.new)
        if new is None:
            raise _Unreadable("A line of the journal is not what was written")
        changes.append(Change(ThresholdRef(impulse_id, change.block, change.key), from_json(change.old), new))
    edit = Edit(
        id=edit_id,
        host=host,
        project_id=project_id,
        impulse_id=impulse_id,
        impulse_name=fields.impulse_name,
        changes=tuple(changes),
        who=fields.who,
        regenerate=fields.regenerate,
        undo_of=fields.undo_of,
    )
    return Entry(number, edit, report, at, reported_at)


def _report(row: tuple[Any, ...]) -> tuple[float | None, Report]:
    """Return when the last of a row's entry was learnt, and what."""
    reported_at, outcome, body, sealed = row[8:]
    if outcome is None:
        return None, _INTENDED
    if _report_seal(outcome, body, row[0], reported_at) != sealed:
        raise _Unreadable("A line of the journal is not what was written")
    said = _read(body, _ReportBody)
    stored = None if said.stored is None else tuple(map(from_json, said.stored))
    had_results = None if isinstance(said.had_results, msgspec.UnsetType) else said.had_results
    noted = outcome != Outcome.APPLIED or stored is not None or said.read_back_noted is True
    seen = None if isinstance(said.seen, msgspec.UnsetType) else said.seen
    found = "" if isinstance(said.found, msgspec.UnsetType) else said.found
    known = (said.status, said.job, stored, said.refused, had_results, noted, seen, found)
    return reported_at, Report(Outcome(outcome), said.detail, *known)


def _edit_seal(edit_id: str, host: str, body: str, *numbers: float) -> int:
    return seal("\0".join((edit_id, host, body)).encode(), *numbers)


def _report_seal(outcome: str, body: str, *numbers: float) -> int:
    return seal("\0".join((outcome, body)).encode(), *numbers)


# What has no column of its own is kept as JSON. The standard library writes and reads its text: numbers keep every
# digit and words every character, where msgspec refuses integers beyond 64 bits and half a surrogate pair.


class _ChangeBody(msgspec.Struct):
    block: int
    key: str
    old: Any
    new: Any


class _ActionBody(msgspec.Struct):
    kind: str
    target: str
    name: str
    new_name: str
    known: list[int]


class _EditBody(msgspec.Struct):
    """The part of an edit or action that has no column of its own."""

    impulse_name: str
    who: str
    regenerate: bool
    undo_of: str | None
    changes: list[_ChangeBody]
    action: _ActionBody | msgspec.UnsetType = msgspec.UNSET
    """Only of an action, which has no changes."""


class _ReportBody(msgspec.Struct):
    """A report without its outcome."""

    detail: str
    status: str
    job: int | None
    stored: list[Any] | None
    refused: bool = False
    had_results: bool | msgspec.UnsetType = msgspec.UNSET
    """Only written where it is known; versions that do not know the field step over it."""
    read_back_noted: bool | msgspec.UnsetType = msgspec.UNSET
    """Written with a change that is not read back yet; versions that do not know the field step over it."""
    seen: bool | msgspec.UnsetType = msgspec.UNSET
    """Only written of an action that was read back, as the next."""
    found: str | msgspec.UnsetType = msgspec.UNSET


_Body = TypeVar("_Body", _EditBody, _ReportBody)


def _write(body: _EditBody | _ReportBody) -> str:
    return json.dumps(msgspec.to_builtins(body), allow_nan=False)


def _read(text: str, body: type[_Body]) -> _Body:
    return msgspec.convert(json.loads(text), body)
