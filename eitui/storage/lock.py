"""A lock between processes, which the kernel gives back when its holder ends."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from eitui.storage.directory import make_private


@dataclass
class Lock:
    """The right to do something, such as to write one recording: held by one process at a time."""

    path: Path
    _file: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody has it. Never waits.

        Raises:
            OSError: the lock's file cannot be made.
        """
        while self._file is None:
            make_private(self.path.parent)
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
