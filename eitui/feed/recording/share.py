"""Make one plain file of a recording, to be taken elsewhere."""

import sqlite3
from contextlib import closing
from pathlib import Path

from eitui.feed.open_recording import RecordingError
from eitui.feed.recording.catalogue import entry_of
from eitui.feed.recording.format import open_to_read, shown
from eitui.feed.recording.place import is_locked


def copy(source: Path, target: Path) -> None:
    """Write into `target`, an empty file, what is in the recording `source`, which may be being recorded.

    The copy needs no other file beside it. Pages that are damaged are copied as they are.

    Raises:
        RecordingError: `source` cannot be read.
        sqlite3.Error: `target` cannot be written.
    """
    with closing(open_to_read(source)) as file, closing(sqlite3.connect(target, isolation_level=None)) as made:
        # All at once: page by page it would begin anew whenever a poll is recorded.
        file.backup(made)
        made.execute("PRAGMA journal_mode = DELETE")


def check_replaceable(target: Path, source: Path) -> None:
    """Make sure that nothing is lost when a copy of `source` takes the place of `target`, if that exists.

    Raises:
        RecordingError: it is not a recording, or is in use, or is `source` itself.
    """
    if not target.exists() and not target.is_symlink():
        return
    if target.exists() and target.samefile(source):
        raise RecordingError(f"{shown(target)} is the recording itself", "Give the copy another name.")
    try:
        entry_of(target)
    except RecordingError as error:
        raise RecordingError(f"It is not replaced: {error.what}", "Give the copy another name.") from None
    real = target.resolve()
    log = real.with_name(real.name + "-wal")
    if is_locked(target) or log.exists():
        raise RecordingError(f"{shown(target)} is in use: it is not replaced", "Give the copy another name.")
