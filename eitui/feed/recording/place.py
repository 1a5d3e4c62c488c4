"""Where recordings are, and who is writing which."""

import fcntl
import os
import re
from pathlib import Path

from eitui.feed.open_recording import NoRecording
from eitui.feed.recording.format import SUFFIX, About, explained

_NAME = re.compile(r"(\d+)-(\d+)")


def file_of(directory: Path, about: About) -> Path:
    """Return where the recording of a run belongs."""
    return _folder(directory, about.host) / f"{about.project_id}-{about.run_id}{SUFFIX}"


def newest_of(directory: Path, host: str, project_id: int) -> Path | None:
    """Return the recording of this project that was written last; None when there is none.

    Raises:
        RecordingError: the directory cannot be read.
    """
    folder = _folder(directory, host)
    try:
        with explained(folder, "read"):
            inside = list(folder.iterdir())
    except NoRecording:
        return None
    found = (path for path in inside if path.suffix == SUFFIX)
    return max((path for path in found if _is_of(path, project_id)), key=last_written, default=None)


def _is_of(path: Path, project_id: int) -> bool:
    name = _NAME.fullmatch(path.stem)
    return name is not None and int(name[1]) == project_id


def last_written(path: Path) -> float:
    """Return when a recording was last written, in seconds since the Unix epoch; 0 when it is gone."""
    times = []
    for part in (path, path.with_name(path.name + "-wal")):
        try:
            times.append(part.stat().st_mtime)
        except OSError:
            times.append(0.0)
    return max(times)


def _folder(directory: Path, host: str) -> Path:
    # A host is checked when it is set, but a name that leaves the directory must not depend on that.
    return directory / re.sub(r"[^A-Za-z0-9.-]", "_", host).lstrip(".")


def lock_of(path: Path) -> Path:
    """Return the file whose lock is held by the process that writes the recording at `path`."""
    # A name that nobody else gives a file: it is removed again.
    return path.with_name(f".{path.name}.lock")


def is_locked(path: Path) -> bool:
    """Return whether a process is writing the recording at `path`. Makes no file."""
    try:
        # Its links resolved, as the lock's holder does: a file has one lock, whatever it is called.
        file = os.open(lock_of(Path(os.path.realpath(path))), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(file)
    return False
