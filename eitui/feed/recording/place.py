"""Where recordings are, and who is writing which."""

import fcntl
import os
import re
from dataclasses import dataclass
from pathlib import Path

from eitui.feed.recording.format import SUFFIX, About

_NAME = re.compile(r"(\d+)-(\d+)")


def file_of(directory: Path, about: About) -> Path:
    """Return where the recording of a run belongs."""
    return _folder(directory, about.host) / f"{about.project_id}-{about.run_id}{SUFFIX}"


def newest_of(directory: Path, host: str, project_id: int) -> Path | None:
    """Return the recording of this project that was written last; None when there is none."""
    found = _folder(directory, host).glob(f"{project_id}-*{SUFFIX}")
    return max((path for path in found if _NAME.fullmatch(path.stem)), key=written, default=None)


def written(path: Path) -> float:
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


@dataclass
class Lock:
    """The right to write one recording: held by one process at a time, and given back by the kernel when it ends."""

    path: Path
    _file: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody has it. Never waits.

        Raises:
            OSError: the lock's file cannot be made.
        """
        while self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever had it may have removed the file just before: then the lock of a file that is gone was taken.
                if _is_at(file, self.path):
                    self._file = file
            except BlockingIOError:
                return False
            finally:
                if self._file is None:
                    os.close(file)
        return True

    def held(self) -> bool:
        """Return whether it is held, and its file is the one that others find: somebody may have removed it."""
        return self._file is not None and _is_at(self._file, self.path)

    def release(self) -> None:
        """Give it back, and leave no file behind."""
        if self._file is None:
            return
        try:
            # Where it was removed meanwhile, another process's lock may be there now.
            if self.held():
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self._file)
            self._file = None


def _is_at(file: int, path: Path) -> bool:
    try:
        there = path.stat(follow_symlinks=False)
    except OSError:
        return False
    return os.path.samestat(os.fstat(file), there)


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
