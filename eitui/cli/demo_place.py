"""Where a demo keeps its recording and its changes: a directory that goes when the demo ends, however it ends."""

import os
import shutil
import stat
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eitui.storage.lock import Lock

PREFIX, _NEW = "eitui-demo-", "eitui-new-demo-"
"""Of the directory's name, and of that which it has until its lock is held."""

LOCK = ".lock"
"""File whose lock is held for as long as the demo lives: the kernel gives it back however that ends."""

UNLOCKED_S = 86_400.0
"""Seconds after which a directory without a lock is taken for one whose demo was killed while it made it."""


class DemoPlace:
    """A directory of one demo, in the directory for temporary files. Thread-safe."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent
        self._held = threading.Lock()
        self._over = False
        self._made: tuple[Path, Lock] | None = None

    def make(self) -> Path:
        """Make the directory, and remove those of demos that were killed.

        Raises:
            OSError: it cannot be made.
        """
        # A lock is an import that the first frame does not wait for.
        from eitui.storage.lock import Lock

        with self._held:
            if self._made is None:
                parent = self._parent or Path(tempfile.gettempdir())
                new = Path(tempfile.mkdtemp(prefix=_NEW, dir=parent))
                lock = Lock(new / LOCK)
                lock.acquire()
                # Under a name that others sweep only now: they would take a lock that is not held yet for a dead one's.
                path = new.rename(parent / new.name.replace(_NEW, PREFIX, 1))
                lock.path = path / LOCK
                self._made = (path, lock)
                sweep(parent)
            path = self._made[0]
        if self._over:
            self.remove()  # the demo ended meanwhile
        return path

    def remove(self) -> None:
        """Remove the directory with all that is in it. Nothing is made afterwards."""
        with self._held:
            self._over = True
            if self._made is not None:
                path, lock = self._made
                # Removed before it is unlocked: nobody else begins to.
                shutil.rmtree(path, ignore_errors=True)
                lock.release()


def sweep(parent: Path) -> None:
    """Remove the directories of demos that are no more. Never raises; one that cannot be removed stays."""
    try:
        found = [Path(entry.path) for entry in os.scandir(parent) if entry.name.startswith((PREFIX, _NEW))]
    except OSError:
        return
    for path in found:
        if _is_ours(path):
            _remove_if_dead(path)


def _is_ours(path: Path) -> bool:
    """Return whether it is a directory, and this user's: anybody may make a name in a directory for all."""
    try:
        there = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid()


def _remove_if_dead(path: Path) -> None:
    from eitui.storage.lock import Lock

    try:
        if path.name.startswith(_NEW) or not (path / LOCK).exists():
            # One that is just being made does not hold its lock yet.
            if time.time() - path.stat().st_mtime > UNLOCKED_S:
                shutil.rmtree(path, ignore_errors=True)
            return
        lock = Lock(path / LOCK)
        if lock.acquire():
            shutil.rmtree(path, ignore_errors=True)
            lock.release()
    except OSError:
        return
