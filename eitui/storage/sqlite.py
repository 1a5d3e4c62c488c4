"""Open an SQLite file safely: exactly our own tables, bounded values, bounded work for one statement.

A file may come from anywhere. Its schema is text that SQLite would run: a generated column, a view or an index on an
expression computes whatever its author liked. So nothing is read but from a schema that is equal to ours.
"""

import os
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from eitui.domain.text import clean
from eitui.errors import Code, EituiError, ExitCode

LONGEST_VALUE = 32 * 1024 * 1024
"""Bytes that a value, or a statement's result, may have: read or written."""

_STEP = 1_000_000
"""Instructions of SQLite's machine after which it is asked whether a statement has gone on for too long."""

STEPS = 20
"""Steps that any statement may take, some two seconds; a file's size allows for more."""

STEPS_PER_MEGABYTE = 64
"""A row of ten bytes takes up to 600 instructions where `PRAGMA quick_check` looks at it."""

_HEADER = 100
_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True)
class FileKind:
    """What tells one kind of eitui's files from any other file."""

    noun: str
    """What one is called, with its article: `a recording`."""
    application_id: int
    """In the header of every file of this kind."""
    format: int
    """Version of the format; a file with a greater one is left alone."""
    schema: str
    """Its CREATE statements."""

    @property
    def script(self) -> str:
        """The statements that make an empty file one of this kind."""
        return f"PRAGMA application_id = {self.application_id}; PRAGMA user_version = {self.format}; {self.schema}"


class FileRefused(EituiError):
    """A file cannot be used."""

    code = Code.FILE
    exit_code = ExitCode.USAGE

    def __init__(self, why: str) -> None:
        super().__init__(f"The file {why}")
        self.why = why
        """A predicate to go with the file's name: `is not a recording of eitui`."""


class NotOurs(FileRefused):
    """A file of another kind."""


class Newer(FileRefused):
    """A file of a newer format. `version` is its number."""

    def __init__(self, why: str, version: int) -> None:
        super().__init__(why)
        self.version = version


class CutShort(FileRefused):
    """A file whose end is missing."""


class Strange(FileRefused):
    """A file whose tables are not exactly as eitui makes them."""


class Damaged(FileRefused):
    """A file in which SQLite cannot make sense of what is there. `why` is what it says of that."""


class SqliteConnection(sqlite3.Connection):
    """An open file. A statement that goes on for longer than the file is big ends with `OperationalError`."""

    path: Path
    _steps = 0
    on_close: Callable[[], None] | None = None
    """What is to be done when the file has been closed."""

    @classmethod
    def open(cls, path: Path, how: str, timeout: float, *, any_thread: bool = False) -> Self:
        """Open the file at `path` as SQLite's URI parameters `how` say. Nothing is read yet.

        `timeout` is how long is waited for another process that is writing, in seconds.
        """
        address = f"file:{quote(os.fsencode(path.absolute()))}?{how}"
        file = sqlite3.connect(
            address, uri=True, timeout=timeout, isolation_level=None, check_same_thread=not any_thread, factory=cls
        )
        file.path = path
        file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        file.set_progress_handler(file._is_endless, _STEP)
        try:
            file.execute("PRAGMA trusted_schema = OFF")
        except BaseException:
            file.close()
            raise
        return file

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Run one statement."""
        self._steps = 0
        return super().execute(*arguments)

    def close(self) -> None:
        """Close the file."""
        super().close()
        if self.on_close is not None:
            self.on_close()

    def _is_endless(self) -> bool:
        # In steps and not in seconds: a slow disk is no attack, and pages that lead in circles are finished nowhere.
        self._steps += 1
        if self._steps <= STEPS:
            return False
        size = 0
        with suppress(OSError):
            parts = (self.path, self.path.with_name(f"{self.path.name}-wal"))
            size = sum(part.stat().st_size for part in parts if part.exists())
        return self._steps > STEPS + STEPS_PER_MEGABYTE * size // 2**20


def is_new(file: sqlite3.Connection) -> bool:
    """Return whether there is nothing in a file yet."""
    kind = file.execute("PRAGMA application_id").fetchone()[0]
    return not kind and not file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def check_kind(file: sqlite3.Connection, path: Path, kind: FileKind) -> None:
    """Make sure that `file`, opened from `path`, is of this kind, and that this version can read it.

    Raises:
        FileRefused: it is not.
        OSError, sqlite3.OperationalError: it cannot be opened at all, or is in use.
    """
    ours = _schema_of(kind.schema)
    try:
        identity = file.execute("PRAGMA application_id").fetchone()[0]
        version = file.execute("PRAGMA user_version").fetchone()[0]
        if identity != kind.application_id:
            raise _not_ours(kind)
        if version > kind.format:
            raise _newer(kind, version)
        # No more than could be ours: each may be as long as any value.
        found = file.execute(f"{_SCHEMA} LIMIT {len(ours) + 1}").fetchall()
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_INTERRUPT):
            raise Strange(f"is not {kind.noun} of eitui: its tables cannot be read") from None
        raise
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says of it may be no text
        raise file_refusal(path, kind, error) from None
    if len(found) == len(ours) and ours == set(found):
        return
    differing = sorted({(row[1] or b"").decode("utf-8", "replace") for row in ours.symmetric_difference(found)})
    what = f"{clean(differing[0], 40)} in it is not as eitui makes it" if differing else "its tables are not those"
    raise Strange(f"is not {kind.noun} of eitui: {what}")


# As bytes: of a damaged page it may be no text.
_SCHEMA = "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB) FROM sqlite_master"


@cache
def _schema_of(statements: str) -> frozenset[tuple[Any, ...]]:
    """Return what SQLite itself writes down of a schema. Equal text has equal columns, none of them computed."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(statements)
        return frozenset(made.execute(_SCHEMA))


def file_refusal(path: Path, kind: FileKind, error: Exception) -> FileRefused:
    """Say what is wrong with a file that SQLite cannot read, from its first bytes.

    Raises:
        OSError: not even those can be read.
    """
    with path.open("rb") as raw:
        header = raw.read(_HEADER)
    number = {at: int.from_bytes(header[at : at + 4], "big") for at in (28, 60, 68)}
    if not header.startswith(_MAGIC) or number[68] != kind.application_id:
        return _not_ours(kind)
    if number[60] > kind.format:
        return _newer(kind, number[60])
    page = int.from_bytes(header[16:18], "big")
    whole, there = number[28] * (65536 if page == 1 else page), path.stat().st_size
    if there < whole:
        return CutShort(f"is cut short: {there:,} of {whole:,} bytes are there")
    return Damaged(clean(str(error)))


def _not_ours(kind: FileKind) -> NotOurs:
    return NotOurs(f"is not {kind.noun} of eitui")


def _newer(kind: FileKind, version: int) -> Newer:
    return Newer(f"was made by a newer eitui (format {version}; this one reads up to {kind.format})", version)


def seal(content: bytes, *numbers: float) -> int:
    """Return what tells whether a row still is what was written: CRC-32 of its bytes and numbers.

    Raises:
        struct.error, TypeError: no row was ever written with these.
    """
    return zlib.crc32(content, zlib.crc32(struct.pack(f"<{len(numbers)}d", *numbers)))
