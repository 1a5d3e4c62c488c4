"""Go on with a recording that is damaged: what can be read is written anew, and the damaged file is kept aside."""

import os
import time
from contextlib import closing
from itertools import count
from pathlib import Path

from eitui.feed.recording.format import About, DamagedRecording
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.writer import RecordingWriter


def salvage(path: Path, about: About, interval: float, version: str) -> Path:
    """Replace the damaged recording at `path` by one with all of it that can be read; return where the old one is.

    Only for whoever holds its lock. A process that is killed meanwhile leaves the damaged recording as it was.

    Raises:
        RecordingError: it is in use by another program.
        OSError, sqlite3.Error: nothing can be written there.
    """
    # Begins with a dot: it is not taken for a recording.
    fresh = path.with_name(f".{path.name}.salvaged")
    for old in _parts(fresh):
        old.unlink(missing_ok=True)
    with closing(RecordingWriter(fresh, about, interval, version)) as recorder:
        _tell_again(path, about, recorder)
    aside = _set_aside(path)
    fresh.rename(path)
    return aside


def _tell_again(path: Path, about: About, recorder: RecordingWriter) -> None:
    try:
        damaged = RecordingReader.open(path, about)
    except DamagedRecording:
        return  # beyond reading: nothing of it goes on
    with closing(damaged):
        before = 0
        for sitting, interval, event in damaged.recorded_events():
            if sitting != before:
                recorder.sit_down(interval)
            recorder.write(event)
            before = sitting


def _set_aside(path: Path) -> Path:
    """Give the recording at `path` another name; where the disk lets it, it has both until another takes its place."""
    now = int(time.time())
    # Of another suffix, so that it is not taken for the recording of a run of its own.
    names = (path.with_name(f"{path.stem}.damaged-{now + more}") for more in count())
    aside = next(name for name in names if not name.exists())
    try:
        os.link(path, aside)
    except OSError:  # a disk without such links
        path.rename(aside)
    _, log, shared = _parts(path)
    if log.exists():
        # A log must not stay beside a file that it is not the log of.
        log.rename(_parts(aside)[1])
    shared.unlink(missing_ok=True)
    return aside


def _parts(path: Path) -> tuple[Path, Path, Path]:
    """Return the recording itself, and what SQLite keeps beside it."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
