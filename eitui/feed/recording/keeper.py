"""Records in a thread of its own what happens: nothing that a disk does makes the screen wait."""

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from eitui.domain.moment import Keeping, Problem, Recording
from eitui.domain.run import Run
from eitui.domain.text import clean
from eitui.feed.events import Answered, Identified, Said
from eitui.feed.recording.format import About, DamagedRecording, shown
from eitui.feed.recording.place import Lock, lock_of
from eitui.feed.recording.salvage import salvage
from eitui.feed.recording.writer import Recorder
from eitui.feed.tape import RecordingError

HELD_BACK = 100
"""Events that wait while there is no run yet, or nothing can be written; the oldest go first."""

WAITING = 1000
"""Events that may wait for the disk before more of them are not recorded."""

PATIENCE = 2.0
"""Seconds that the end of the program waits for what is still to be written."""

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the disk, or the file, is read-only",
    sqlite3.SQLITE_IOERR: "the disk cannot be written",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_BUSY: "another program has locked the file",
    sqlite3.SQLITE_LOCKED: "another program has locked the file",
}

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CONSTRAINT)
"""What SQLite says when a page makes no sense, or holds what never was written there."""


class Keeper:
    """Writes what it is given into the recording of the run that it is about, unless another process does."""

    def __init__(
        self,
        place: Callable[[About], Path],
        host: str,
        interval: float,
        version: str,
        tell: Callable[[Recording], None],
    ) -> None:
        """Begin. `place` says where a run's recording belongs; `tell` is called, in the thread, about every change."""
        self._place, self._host, self._interval, self._version = place, host, interval, version
        self._tell = tell
        self._queue: SimpleQueue[Said | None] = SimpleQueue()
        self._held: deque[Said] = deque(maxlen=HELD_BACK)
        self._project_id: int | None = None
        self._about: About | None = None
        self._lock: Lock | None = None
        self._recorder: Recorder | None = None
        self._told = Recording()
        self._rescued: set[Path] = set()
        """Recordings of which what can be read has been written anew."""
        self.path: Path | None = None
        """The recording of the run, whoever writes it; None while there is no run."""
        # Not waited for at the end of the process: a disk that hangs must not keep it.
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def keep(self, event: Said) -> None:
        """Write down `event` in its turn. Never waits."""
        if self._queue.qsize() < WAITING:
            self._queue.put(event)

    def close(self) -> None:
        """Write what is still to be written, for at most `PATIENCE` seconds."""
        self._queue.put(None)
        self._thread.join(PATIENCE)

    def _work(self) -> None:
        while (event := self._queue.get()) is not None:
            if self._queue.qsize() >= WAITING - 1:
                self._failed("the disk is too slow; some of what was seen is not recorded")
            try:
                self._handle(event)
            except RecordingError as error:
                self._failed(error.what, error.advice)
            except OSError as error:
                self._failed(clean(error.strerror or type(error).__name__).lower())
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                self._failed(_REASONS.get(code, clean(str(error))))
        self._let_go()

    def _handle(self, event: Said) -> None:
        if isinstance(event, Identified):
            self._project_id = event.project_id
        elif isinstance(event, Answered):
            about = self._about_run(event.run)
            if about != self._about:
                self._let_go()
                if self._about is not None:
                    self._held.clear()
                self._about, self.path = about, None if about is None else self._place(about)
            if about is None:
                return  # there is no run: nothing to record
        self._held.append(event)
        if self._about is not None and self.path is not None:
            self._write(self._about, self.path)

    def _about_run(self, run: Run) -> About | None:
        """Return which run it is; None when there is none. A run that the service does not name stays the same one."""
        if self._project_id is None or not run.started:
            return self._about
        run_id = run.coordinator_job_id
        if run_id is None:
            return self._about or About(self._host, self._project_id, run.tuner_job_id or 0)
        return About(self._host, self._project_id, run_id)

    def _write(self, about: About, path: Path) -> None:
        recorder = self._recorder or self._opened(about, path)
        if recorder is None:
            self._held.clear()
            self._say(Recording(Keeping.ELSEWHERE))
            return
        while self._held:
            recorder = self._written(recorder, self._held[0], about, path)
            self._held.popleft()
        self._say(Recording(Keeping.HERE, self._told.problem if self._told.keeping is Keeping.HERE else None))

    def _opened(self, about: About, path: Path) -> Recorder | None:
        """Open the recording; None when another process writes it."""
        lock = self._lock or Lock(lock_of(path))
        if not lock.acquire():
            return None
        self._lock = lock
        try:
            self._recorder = Recorder(path, about, self._interval, self._version)
        except DamagedRecording:
            self._recorder = self._salvaged(about, path)
        return self._recorder

    def _written(self, recorder: Recorder, event: Said, about: About, path: Path) -> Recorder:
        """Write `event`; return what goes on recording: another one when the file turns out to be damaged."""
        try:
            recorder.write(event)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise
            self._recorder = None
            recorder.close()
            self._recorder = recorder = self._salvaged(about, path)
            recorder.write(event)
        return recorder

    def _salvaged(self, about: About, path: Path) -> Recorder:
        if path in self._rescued:
            # A disk that damages what it is given is not to be filled with what is kept aside.
            raise RecordingError(f"{shown(path)} is damaged again", "Check the disk.")
        self._rescued.add(path)
        aside = salvage(path, about, self._interval, self._version)
        what = f"The recording was damaged: what can be read of it goes on, the file itself is kept as {aside.name}"
        self._say(Recording(Keeping.HERE, Problem(what)))
        return Recorder(path, about, self._interval, self._version)

    def _failed(self, what: str, advice: str = "") -> None:
        self._let_go()
        said = what if advice else f"The run cannot be recorded: {what}"
        safe = "What was recorded is safe; it is tried again at every poll."
        self._say(Recording(Keeping.FAILED, Problem(said, advice or safe)))

    def _let_go(self) -> None:
        """Close the file and give back its lock; it is opened anew when there is something to write."""
        if self._recorder is not None:
            with contextlib.suppress(sqlite3.Error):
                self._recorder.close()
            self._recorder = None
        if self._lock is not None:
            with contextlib.suppress(OSError):
                self._lock.release()
            self._lock = None

    def _say(self, now: Recording) -> None:
        if now != self._told:
            self._told = now
            self._tell(now)
