"""Go on with a recording that is damaged: what can be read is written anew, and the damaged file is kept aside."""

import time
from contextlib import closing
from pathlib import Path

from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordedRun
from eitui.feed.recording.writer import Recorder
from eitui.feed.tape import RecordingError


def salvage(path: Path, about: About, interval: float, version: str) -> Path:
    """Replace the damaged recording at `path` by one with all of it that can be read; return where the old one is.

    Only for whoever holds its lock.

    Raises:
        OSError, sqlite3.Error: nothing can be written there.
    """
    aside = _set_aside(path)
    recorder = Recorder(path, about, interval, version)
    with closing(recorder):
        try:
            damaged = RecordedRun.open(aside)
        except RecordingError:
            return aside
        with closing(damaged):
            before = 0
            for sitting, every, event in damaged.said():
                if sitting != before:
                    recorder.sit_down(every)
                recorder.write(event)
                before = sitting
    return aside


def _set_aside(path: Path) -> Path:
    # Of another suffix, so that it is not taken for the recording of a run of its own.
    aside = path.with_name(f"{path.stem}.damaged-{int(time.time())}")
    for part in ("", "-wal"):
        old = path.with_name(path.name + part)
        if old.exists():
            old.rename(aside.with_name(aside.name + part))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside
