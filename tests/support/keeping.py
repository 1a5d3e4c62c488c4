"""Processes that record, one or several at a time, without waiting for any of them: and what they have recorded."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any
from unittest.mock import patch

from states import PROJECT, RUN, body, runs, trial_json

from eitui.domain.moment import Instant, Problem, Recording
from eitui.feed.events import Identified, PollFailed, PollSucceeded, ServiceEvent
from eitui.feed.recording import recorder_thread
from eitui.feed.recording.catalogue import file_of, lock_of
from eitui.feed.recording.format import About
from eitui.feed.recording.reader import RecordingReader
from eitui.feed.recording.recorder_thread import RecorderThread
from eitui.feed.recording.writer import RecordingWriter
from eitui.storage.lock import Lock

HOST = "studio.edgeimpulse.com"
ABOUT = About(HOST, PROJECT, RUN)
T = 1_760_000_000.0
LONG = 30.0
"""Seconds after which a test gives up on something that should have happened at once."""


class Turns(Queue[Any]):
    """A queue that knows when all that was put into it has been dealt with."""

    taken = False

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if self.taken:
            self.task_done()
        self.taken = True
        return super().get(block, timeout)

    def wait(self) -> None:
        with self.all_tasks_done:
            assert self.all_tasks_done.wait_for(lambda: not self.unfinished_tasks, LONG)


@dataclass
class Process:
    """A process that records, and what it has told of that."""

    keeping: RecorderThread
    told: list[Recording]
    turns: Turns

    def say(self, *events: ServiceEvent) -> Recording:
        """Let the service say `events`; return how it stands when they have been dealt with."""
        for event in events:
            self.keeping.keep(event)
        self.turns.wait()
        return self.told[-1] if self.told else Recording()


Start = Callable[..., Process]


@contextmanager
def processes(directory: Path) -> Iterator[Start]:
    """Yield what starts processes that record into the usual places below `directory`, or into `place`."""
    queues: list[Turns] = []
    started: list[Process] = []

    def turns() -> Turns:
        queues.append(Turns())
        return queues[-1]

    def start(place: Path | Callable[[About], Path] | None = None, interval: float = 5.0) -> Process:
        told: list[Recording] = []
        where = place if callable(place) else lambda about: place or file_of(directory, about)
        started.append(Process(RecorderThread(where, HOST, interval, "0", told.append), told, queues[-1]))
        started[-1].say(Identified(at(0), PROJECT))
        return started[-1]

    with patch.multiple(recorder_thread, SimpleQueue=turns, RECORDER_PATIENCE=LONG, REST_PATIENCE=LONG):
        try:
            yield start
        finally:
            for process in started:
                process.keeping.close()


def at(seconds: float) -> Instant:
    return Instant(T + seconds, 1000.0 + seconds)


def poll(seconds: float, *, run: int = RUN, status: str = "running", epoch: int | None = None) -> PollSucceeded:
    """Return a poll that was answered; each at another epoch unless it is given."""
    result = body([trial_json("a", epoch=int(seconds) if epoch is None else epoch)], run=run, status=status)
    return PollSucceeded(at(seconds), runs([result])[0])


def miss(seconds: float, *, final: bool = False) -> PollFailed:
    return PollFailed(at(seconds), Problem("Refused", final=final), None if final else 1005.0 + seconds)


def recorded(path: Path) -> list[ServiceEvent]:
    """Return the events of a recording, in which nothing is lost."""
    with closing(RecordingReader.open(path)) as run:
        run.verify()
        assert list(run.lost) == []
        return [event for _, _, event in run.recorded_events()]


def times(path: Path) -> list[float]:
    """Return when the polls of a recording were, in seconds since `T`."""
    return [event.at.wall - T for event in recorded(path) if not isinstance(event, Identified)]


def write(path: Path, *events: ServiceEvent) -> None:
    """Be another process, which has the lock, and write."""
    with closing(RecordingWriter(path, ABOUT, 5.0, "0")) as recorder:
        for event in events:
            recorder.write(event)


def held(path: Path) -> Lock:
    lock = Lock(lock_of(path))
    assert lock.acquire()
    return lock


def damage(path: Path) -> None:
    """Make what the newest state of a trial was unreadable."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("DELETE FROM checkpoints")
        file.execute("UPDATE pieces SET packed = x'00' WHERE id = (SELECT max(id) FROM pieces)")


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.damaged-*"))
