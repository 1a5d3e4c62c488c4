"""Write down what the service says, event by event."""

import os
import time
import zlib
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import count
from pathlib import Path

from eitui.domain.curve import Curve
from eitui.domain.moment import Connection, Moment, TrialSpan
from eitui.feed.events import PollSucceeded, RecordingError, Resumed, ServiceEvent
from eitui.feed.recording import codec
from eitui.feed.recording.format import (
    About,
    DamagedRecording,
    about_of,
    begin_writing,
    close_written,
    create,
    open_to_write,
    shown,
)
from eitui.feed.recording.reader import MAKER, RecordingReader
from eitui.feed.recording.summary import Summary, encode_summary, summary_of
from eitui.feed.track import fold
from eitui.storage.sqlite import seal

WHOLE_EVERY = 64
"""Polls after which all pieces are named again: damage to the file hides no more than what is between two of these."""

CHECKPOINT_POLLS, CHECKPOINT_CHANGES = 16, 48
"""Polls, or changed trials, after which a checkpoint is due: what a look at any instant has to fold at most."""

CHECKPOINT_IDLE = 256
"""Polls after which one is due when nothing has changed."""


@dataclass
class _Written:
    """What the file holds, as of the last transaction that came to its end."""

    moment: Moment
    rest: tuple[bytes, int] = (b"", 0)
    """Digest and number of the piece that is the state without its trials."""
    trials: tuple[tuple[bytes, int], ...] = ()
    """The same of the trials, in their order."""
    since_whole: int = WHOLE_EVERY
    """Polls since all pieces were named; a sitting begins with naming them."""
    polls: int = 0
    """Polls, changed trials and whether anything changed at all since the last checkpoint."""
    changes: int = 0
    changed: bool = True
    facts: dict[str, tuple[Curve | None, TrialSpan | None, int]] = field(default_factory=dict)
    """What was gathered of each trial, and where it is."""
    first: float | None = None
    """When the first poll was, and the last: seconds since the Unix epoch."""
    last: float | None = None
    all_polls: int = 0
    summary: Summary | None = None


class RecordingWriter:
    """Adds to one recording. For one thread, and for the holder of the recording's lock."""

    def __init__(self, path: Path, about: About, interval: float, version: str) -> None:
        """Open the recording at `path`, or make it. `interval` is the seconds between polls while all is well.

        Raises:
            RecordingError: there is a file that is no recording, of another run, of a newer format, or damaged.
            OSError, sqlite3.Error: it cannot be written.
        """
        if not path.exists():
            create(path, about, version)
        self._path, self._file = path, open_to_write(path)
        self._id = _id_of(path)
        try:
            check_same_run(about_of(self._file, path), about, path)
            run = RecordingReader(self._file, path)
            newest = run.newest()
            check_whole(run)
            begin_writing(self._file)
        except BaseException:
            self._file.close()
            raise
        self._interval, self._version = interval, version
        self._event, self._sitting = newest.event, newest.sitting + 1
        self._sat_down = False
        now = newest.moment.run
        self._written = _Written(
            newest.moment,
            (now.payload.digest, newest.rest),
            tuple((trial.payload.digest, number) for trial, number in zip(now.trials, newest.trials, strict=True)),
            first=run.times[0] if run.times else None,
            last=run.last_poll,
            all_polls=len(run.times),
        )

    def sit_down(self, interval: float) -> None:
        """Begin a sitting: what comes was seen by another process, which polled every `interval` seconds."""
        if self._sat_down:
            self._sitting, self._sat_down = self._sitting + 1, False
        self._interval = interval
        self._written.since_whole = WHOLE_EVERY

    def write(self, event: ServiceEvent) -> None:
        """Write down one event, in one transaction: wholly or not at all.

        Raises:
            OSError, sqlite3.Error: it was not written; the recording is as before.
        """
        self._file.execute("BEGIN IMMEDIATE")
        try:
            written = self._store(event)
            self._file.execute("COMMIT")
        except BaseException:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise
        self._written = written
        self._sat_down = True
        self._event += 1

    @property
    def last_poll(self) -> float | None:
        """When the newest poll in it was, in seconds since the Unix epoch; None before the first."""
        return self._written.last

    @property
    def project_name(self) -> str:
        """The project's name, as far as the recording knows it."""
        return self._written.moment.project_name

    def is_in_place(self) -> bool:
        """Return whether the file is still the one at its path: what goes into a removed file is lost."""
        return self._id is not None and self._id == _id_of(self._path)

    def close(self) -> None:
        """Let go of the file."""
        close_written(self._file)

    def is_afterwards(self, event: ServiceEvent) -> bool:
        """Return whether `event` only says that a run which has ended is as it was."""
        before = self._written.moment
        if not (isinstance(event, PollSucceeded) and event.run.finished and before.run.finished):
            return False
        now = (event.run.payload.digest, *(trial.payload.digest for trial in event.run.trials))
        known = (self._written.rest[0], *(digest for digest, _ in self._written.trials))
        return before.connection.problem is None and now == known

    def _store(self, event: ServiceEvent) -> _Written:
        before = self._written.moment
        if not self._sat_down:
            sealed = seal(self._version.encode(), self._sitting, self._interval)
            sitting = (self._sitting, self._interval, self._version, sealed)
            self._file.execute("INSERT INTO sittings VALUES (?, ?, ?, ?)", sitting)
            if self._event == 0:
                before = Moment(connection=Connection(interval=self._interval))
            else:
                before = fold(before, Resumed(event.at, before)).moment
        written = _Written(**vars(self._written))
        written.moment = fold(before, event).moment
        number = self._event + 1
        if isinstance(event, PollSucceeded):
            kind, body = codec.ANSWERED, self._poll(event, written)
        else:
            kind, body = codec.encode_event(event)
        row = (number, self._sitting, kind, event.at.wall, event.at.mono)
        self._file.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, body, seal(body, *row)))
        if kind in codec.POLLS:
            written.polls += 1
            written.all_polls += 1
            written.first = event.at.wall if written.first is None else written.first
            written.last = event.at.wall
        self._summarise(written)
        due, changes = written.polls >= CHECKPOINT_POLLS, written.changes >= CHECKPOINT_CHANGES
        if (due or changes) if written.changed else written.polls >= CHECKPOINT_IDLE:
            self._checkpoint(number, written)
        return written

    def _poll(self, event: PollSucceeded, written: _Written) -> bytes:
        run, before = event.run, self._written
        known = dict((before.rest, *before.trials))
        rest, *trials = (
            (one.digest, known.get(one.digest) or self._once("pieces", one.digest, one.packed))
            for one in (run.payload, *(trial.payload for trial in run.trials))
        )
        places = [
            place for place, pair in enumerate(trials) if place >= len(before.trials) or pair != before.trials[place]
        ]
        whole = len(trials) != len(before.trials) or before.since_whole >= WHOLE_EVERY
        poll = codec.Poll(
            event.next_in,
            rest[1] if whole or rest != before.rest else None,
            [number for _, number in trials] if whole else None,
            None if whole or not places else [(place, trials[place][1]) for place in places],
            event.date,
        )
        written.rest, written.trials = rest, tuple(trials)
        written.since_whole = 0 if whole else before.since_whole + 1
        written.changes += len(places)
        written.changed = before.changed or bool(places) or rest != before.rest
        return codec.encode_body(poll)

    def _once(self, table: str, digest: bytes, packed: bytes) -> int:
        """Return the number of what has this digest, stored now if it was not before."""
        query = f"INSERT OR IGNORE INTO {table} (digest, packed) VALUES (?, ?)"  # noqa: S608 - one of two names
        new = self._file.execute(query, (digest, packed))
        if new.rowcount == 1 and new.lastrowid is not None:
            return new.lastrowid
        query = f"SELECT id FROM {table} WHERE digest = ?"  # noqa: S608
        return int(self._file.execute(query, (digest,)).fetchone()[0])

    def _summarise(self, written: _Written) -> None:
        """Keep up to date what recordings are listed by."""
        if written.first is None:
            return
        before, now = self._written.moment, written.moment
        if self._written.summary is None or before.run is not now.run or before.record is not now.record:
            written.summary = summary_of(now, written.first, written.all_polls, written.last)
        else:  # ranking the trials takes longer than all the rest
            written.summary = replace(
                self._written.summary, project_name=now.project_name, polls=written.all_polls, last=written.last
            )
        self._file.execute("INSERT OR REPLACE INTO about VALUES ('summary', ?)", (encode_summary(written.summary),))

    def _checkpoint(self, event: int, written: _Written) -> None:
        history = written.moment.history
        facts = {}
        for trial_id in {**history.curves, **history.spans}:
            curve, span = history.curves.get(trial_id), history.spans.get(trial_id)
            known = written.facts.get(trial_id)
            if known is not None and known[0] is curve and known[1] is span:
                facts[trial_id] = known
            else:
                body = codec.encode_body(codec.Fact(curve, span))
                digest = blake2b(body, digest_size=16).digest()
                facts[trial_id] = (curve, span, self._once("facts", digest, zlib.compress(body, 1)))
        numbers = {trial_id: number for trial_id, (_, _, number) in facts.items()}
        saved = codec.checkpoint_of(written.moment, written.rest[1], [number for _, number in written.trials], numbers)
        packed = zlib.compress(codec.encode_body(saved), 1)
        row = (event, MAKER, packed, seal(packed, event))
        self._file.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)", row)
        written.facts = facts
        written.polls = written.changes = 0
        written.changed = False


def _id_of(path: Path) -> tuple[int, int] | None:
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino


def check_whole(run: RecordingReader) -> None:
    """Make sure that everything read of `run` so far could be read.

    Raises:
        DamagedRecording: not everything could.
    """
    if run.lost:
        raise DamagedRecording(f"{shown(run.path)} is damaged", "What can be read of it is kept.")


def check_same_run(found: About, wanted: About, path: Path) -> None:
    """Make sure that the recording at `path` is of the run that is wanted.

    Raises:
        RecordingError: it is of another one.
    """
    if found == wanted:
        return
    if (found.host, found.project_id) != (wanted.host, wanted.project_id):
        what = f"project {found.project_id} on {found.host}, not of {wanted.project_id} on {wanted.host}"
    else:
        what = f"run {found.run_id}, not of run {wanted.run_id}"
    raise RecordingError(f"{shown(path)} is a recording of {what}", "It is left as it is. Choose another file.")


def salvage(path: Path, about: About, interval: float, version: str) -> Path:
    """Replace the damaged recording at `path` by one with all of it that can be read; return where the old one is.

    Only for the holder of its lock. A process that is killed meanwhile leaves the damaged recording as it was.

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
