"""Records in a thread of its own what happens: nothing that a disk does makes the screen wait."""

import contextlib
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue

from eitui.domain.moment import Keeping, Problem, Recording
from eitui.domain.text import clean
from eitui.feed.events import Identified, PollFailed, PollSucceeded, RecordingError, ServiceEvent
from eitui.feed.recording.catalogue import last_written, lock_of
from eitui.feed.recording.format import About, DamagedRecording, shown
from eitui.feed.recording.writer import RecordingWriter, salvage
from eitui.log import log
from eitui.storage.directory import concern, disk_advice
from eitui.storage.lock import Lock

HELD_BACK = 100
"""Events that wait while there is no run yet, another process writes, or nobody can; the oldest go first."""

MOST_WAITING_EVENTS = 1000
"""Events that may wait for the disk before more of them are not recorded."""

RECORDER_PATIENCE = 2.0
"""Seconds that the end of the program waits for what is still to be written."""

REST_PATIENCE = 2.0
"""Seconds that a user who presses ctrl+z waits for it."""

SILENT_POLLS, SILENT_S = 10, 120.0
"""Polls, and seconds, without a word in the file, after which its writer is taken to hang."""

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


FOR_YOU_ALONE = "Set EITUI_RECORDINGS to a directory that is yours alone."


@dataclass
class _Rest:
    """Stands in the queue for a pause of the whole process."""

    begun: threading.Event = field(default_factory=threading.Event)


class RecorderThread:
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
        self._queue: SimpleQueue[ServiceEvent | _Rest | None] = SimpleQueue()
        self._held: deque[ServiceEvent] = deque(maxlen=HELD_BACK)
        self._identity: Identified | None = None
        self._about: About | None = None
        self._lock: Lock | None = None
        self._recorder: RecordingWriter | None = None
        self._told = Recording()
        self._elsewhere_since: float | None = None
        """When another process was first found to write it, in seconds since the Unix epoch; None: it is not."""
        self._concerned: set[Path] = set()
        """Directories of which it has been said who else has a hand in them."""
        self._rescued: set[Path] = set()
        """Recordings of which what can be read has been written anew."""
        self.kept_polls = 0
        """Polls of the run that this process wrote down."""
        self.path: Path | None = None
        """The recording of the run, also one that another process writes; None while there is no run."""
        # Not waited for at the end of the process: a disk that hangs must not keep it.
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    @property
    def run_id(self) -> int | None:
        """The run that is recorded; None while there is none, or the service does not name it."""
        return (self._about.run_id or None) if self._about is not None else None

    def keep(self, event: ServiceEvent) -> None:
        """Write down `event` in its turn. Never waits."""
        if self._queue.qsize() < MOST_WAITING_EVENTS:
            self._queue.put(event)

    def rest(self) -> None:
        """Let another process record while this one stands still; the next event takes it up again. Soon returns."""
        rest = _Rest()
        self._queue.put(rest)
        rest.begun.wait(REST_PATIENCE)

    def close(self) -> None:
        """Write what is still to be written, for at most `PATIENCE` seconds."""
        self._queue.put(None)
        self._thread.join(RECORDER_PATIENCE)

    def _work(self) -> None:
        while (event := self._queue.get()) is not None:
            try:
                if self._queue.qsize() >= MOST_WAITING_EVENTS - 1:
                    self._failed("the disk is too slow; some of what was seen is not recorded")
                if isinstance(event, _Rest):
                    self._let_go()
                    event.begun.set()
                else:
                    self._handle(event)
            except RecordingError as error:
                self._failed(error.what, error.advice)
            except OSError as error:
                log.warning("The disk refused", exc_info=error)
                why = clean(error.strerror or type(error).__name__).lower()
                to_do = "" if self.path is None else disk_advice(self.path, error)
                self._failed(f"The run cannot be recorded: {why}" if to_do else why, to_do)
            except sqlite3.Error as error:
                log.warning("SQLite refused", exc_info=error)
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                self._failed(_REASONS.get(code, clean(str(error))))
            except Exception as error:  # whatever it is: a thread that ended would end recording without a word
                log.exception("An unexpected error while recording")
                self._failed(f"an unexpected error ({type(error).__name__})")
        self._let_go()

    def _handle(self, event: ServiceEvent) -> None:
        if isinstance(event, Identified):
            known = self._identity
            self._identity = event
            if known is not None and not event.project_name and known.project_id == event.project_id:
                # The service is asked for the name only once.
                self._identity = replace(event, project_name=known.project_name)
        elif isinstance(event, PollSucceeded):
            # Without a run there is nothing to record. A run that the service does not name stays the same one.
            about, run_id = self._about, event.run.coordinator_job_id
            if self._identity is not None and event.run.started and (about is None or run_id is not None):
                run_id = event.run.tuner_job_id or 0 if run_id is None else run_id
                about = About(self._host, self._identity.project_id, run_id)
            if about is None:
                return
            if about != self._about:
                self._let_go()
                if self._about is not None:
                    self._held.clear()
                # Its links resolved: a file has one lock, whatever it is called.
                self._about, self.path = about, Path(os.path.realpath(self._place(about)))
                self._elsewhere_since = None
                self.kept_polls = 0
        self._held.append(event)
        if self._about is None or self.path is None:
            return
        self._write(self._about, self.path, event)
        if isinstance(event, PollFailed) and (event.problem.final or event.problem.refused):
            self._let_go()  # it polls seldom, or not until somebody asks: another process may have a better key

    def _write(self, about: About, path: Path, event: ServiceEvent) -> None:
        # Whether what is written can be found, and nobody else believes that nobody writes.
        recorder = self._recorder
        removed = recorder is not None and not (self._lock is not None and self._lock.held() and recorder.is_in_place())
        if removed:
            self._let_go()
        if self._recorder is None:
            lock = self._lock or Lock(lock_of(path))
            if not lock.acquire():
                self._wait_for_another(path, event)
                return
            self._lock = lock
            try:
                self._recorder = RecordingWriter(path, about, self._interval, self._version)
            except DamagedRecording:
                self._recorder = self._salvaged(about, path)
        recorder = self._recorder
        if removed:
            what = "The recording was removed while it was being written; a new one begins here"
            self._say(Recording(Keeping.HERE, Problem(what)))
        for directory in path.parents[:2]:
            if directory not in self._concerned:
                self._concerned.add(directory)
                if what := concern(directory):
                    self._say(Recording(Keeping.HERE, Problem(f"Recorded, but {what}", FOR_YOU_ALONE)))

        # Another process's polls it wrote itself; the project's name it may not have known.
        if self._elsewhere_since is not None:
            last = recorder.last_poll
            while self._held and last is not None and self._held[0].at.wall <= last:
                self._held.popleft()
            self._elsewhere_since = None
        known = self._identity
        if known is not None and known.project_name and not recorder.project_name and self._held:
            # Of the run that the record is about nothing is known here; the list of runs is asked for again.
            recorder.write(replace(known, at=self._held[0].at, record=None))
        while self._held:
            try:
                afterwards = recorder.is_afterwards(self._held[0])
                recorder = self._written(recorder, self._held[0], about, path)
                self.kept_polls += isinstance(self._held[0], PollSucceeded) and not afterwards
            except (RecordingError, OSError, sqlite3.Error):
                raise  # of the disk or the file: it is written when that is mended
            except Exception:
                self._held.popleft()  # of the event itself: it would keep all that follow from being written
                raise
            self._held.popleft()
        self._say(Recording(Keeping.HERE, self._told.problem if self._told.keeping is Keeping.HERE else None))

    def _wait_for_another(self, path: Path, event: ServiceEvent) -> None:
        """Hold back what may have to be written when the process that records now has ended."""
        now = event.at.wall
        self._elsewhere_since = now if self._elsewhere_since is None else self._elsewhere_since
        silent = now - max(last_written(path), self._elsewhere_since)
        expected = isinstance(event, PollSucceeded) and not event.run.finished
        if expected and silent > max(SILENT_S, SILENT_POLLS * self._interval):
            what = "Another process holds the recording and writes nothing"
            self._say(Recording(Keeping.FAILED, Problem(what, "End it, or wake it with fg if it was suspended.")))
        elif self._told.keeping is not Keeping.FAILED or silent < self._interval:
            self._say(Recording(Keeping.ELSEWHERE))

    def _written(self, recorder: RecordingWriter, event: ServiceEvent, about: About, path: Path) -> RecordingWriter:
        """Write `event`; return what goes on recording: another one when the file turns out to be damaged."""
        if recorder.is_afterwards(event):
            return recorder  # a recording ends with its run, however long somebody goes on looking
        try:
            recorder.write(event)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise
        else:
            return recorder

        self._recorder = None
        recorder.close()
        again = None
        try:
            # The file may only have been changed behind this process's back.
            again = RecordingWriter(path, about, self._interval, self._version)
            again.write(event)
        except (sqlite3.DatabaseError, DamagedRecording) as error:
            if again is not None:
                again.close()
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGED:
                raise
            again = self._salvaged(about, path)
            again.write(event)
        self._recorder = again
        return again

    def _salvaged(self, about: About, path: Path) -> RecordingWriter:
        if path in self._rescued:
            # A disk that damages what it is given is not to be filled with what is kept aside.
            raise RecordingError(f"{shown(path)} is damaged again", "Check the disk.")
        self._rescued.add(path)
        aside = salvage(path, about, self._interval, self._version)
        what = f"The recording was damaged: what can be read of it goes on, the file itself is kept as {aside.name}"
        self._say(Recording(Keeping.HERE, Problem(what)))
        return RecordingWriter(path, about, self._interval, self._version)

    def _failed(self, what: str, advice: str = "") -> None:
        self._let_go()
        message = what if advice else f"The run cannot be recorded: {what}"
        self._say(Recording(Keeping.FAILED, Problem(message, advice or "It is tried again at every poll.")))

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
            why = f": {now.problem.sentence}" if now.problem else ""
            log.info("Recording %s, %s%s", "nothing" if self.path is None else shown(self.path), now.keeping, why)
            self._tell(now)
