"""Read a recorded run: what was to be seen after any of its polls."""

import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, TypeVar

from eitui.analysis.ranking import best
from eitui.api.state import EMPTY_STATE, State
from eitui.domain.moment import EMPTY_MOMENT, Alert, Connection, Instant, Moment
from eitui.feed.events import Frame, PollSucceeded, Resumed, ServiceEvent
from eitui.feed.recording import codec, rows
from eitui.feed.recording.format import About, about_of, open_to_read
from eitui.feed.recording.states import Damage, States
from eitui.feed.recording.summary import decode_summary
from eitui.feed.track import KEPT_ALERTS, fold

_T = TypeVar("_T")

MAKER = "7"
"""Which way of folding made a checkpoint. To be raised whenever `fold` comes to something else than before: recordings
then are folded anew, and no checkpoint of another maker is used."""

KEPT_FACTS = 2048
"""What was gathered of trials, kept decoded: neighbouring checkpoints share nearly all of it."""

_KEPT = 512
KEPT_EVERY = 64
"""Events after which what they came to is kept in memory, where the file has no checkpoint near."""


@dataclass(frozen=True)
class Folded:
    """What the events up to one of them came to."""

    event: int = 0
    sitting: int = 0
    moment: Moment = EMPTY_MOMENT
    state: State = EMPTY_STATE
    rest: int = 0
    """Piece of the state without its trials; 0 before the first answer."""
    trials: tuple[int, ...] = ()
    """Pieces of the trials, in their order."""
    sure: bool = True
    """False while the pieces of the state are not known, after events that cannot be read."""


@dataclass
class _Polls:
    """Where the polls are among the events."""

    events: list[int] = field(default_factory=list)
    """The poll's own event, for each of them."""
    ends: list[int] = field(default_factory=list)
    """The last event of its sitting before the next poll, for each of them: what a monitor showed at last."""
    learnt: int = 0
    """The last event after the newest poll, of whatever sitting: logs of a run that has ended are read later, too."""
    times: list[float] = field(default_factory=list)
    newest: float | None = None
    """When the newest poll was, by the clock as it was set then."""
    last: int = 0
    """The newest event, poll or not."""

    sitting: int = 0
    """The newest poll's sitting, and its monotonic seconds."""
    mono: float = 0.0

    def add(self, row: rows.EventRow) -> None:
        """Take in the next poll."""
        time = row.wall
        if self.times and time < self.times[-1]:
            # A clock that was set back must not make the past disorderly: until it has caught up, the other one counts.
            time = self.times[-1] + (max(0.0, row.mono - self.mono) if row.sitting == self.sitting else 0.0)
        self.events.append(row.id)
        self.ends.append(row.id)
        self.times.append(time)
        self.newest, self.sitting, self.mono, self.learnt = row.wall, row.sitting, row.mono, row.id

    def learn(self, row: rows.EventRow) -> None:
        """Take in what was learnt after the last poll. Whoever sat down later shows it with a poll of its own."""
        self.learnt = row.id
        if self.ends and row.sitting == self.sitting:
            self.ends[-1] = row.id


class RecordingReader:
    """A recording opened for reading: an `OpenRecording`. This or another process may be writing it meanwhile."""

    def __init__(self, file: sqlite3.Connection, path: Path, about: About | None = None) -> None:
        """Read `file`, an open recording whose path is `path`. `open` is the usual way.

        `about` is for who knows better than the file which run it is of.

        Raises:
            RecordingError: it is damaged beyond reading.
        """
        self.path = path
        self.about = about or about_of(file, path)
        self._file = file
        self._lock = threading.RLock()
        self._states = States(file)
        self._facts: dict[int, codec.Fact] = {}
        self._polls = _Polls()
        self._checkpoints: list[int] = []
        self._kept: dict[int, Folded] = {}
        self._here = Folded()
        self._damage = Damage()
        self._sittings: dict[int, float] = {}
        self.refresh()

    @classmethod
    def open(cls, path: Path, about: About | None = None) -> Self:
        """Open the recording at `path`; it is not changed. `about` is for who knows which run it is of.

        Raises:
            NoRecording: there is no such file.
            RecordingError: it is no recording, cut short, of a newer format, or damaged beyond reading.
        """
        file = open_to_read(path)
        try:
            return cls(file, path, about)
        except BaseException:
            file.close()
            raise

    @property
    def times(self) -> Sequence[float]:
        """When each poll was: seconds since the Unix epoch, never decreasing."""
        return self._polls.times

    @property
    def last_poll(self) -> float | None:
        """When the last poll was, by the clock as it was set then; None before the first."""
        return self._polls.newest

    @property
    def lost(self) -> Sequence[str]:
        """What could not be read so far, a line each."""
        return self._damage.lines(len(self._states.lost))

    def refresh(self) -> None:
        """Take in what was recorded since."""
        polls = self._polls
        with self._lock:
            # What the summary says must be of the same instant as the events.
            self._file.execute("BEGIN")
            try:
                for row in rows.index(self._file, polls.last, rows.last_event(self._file)):
                    if row.id != polls.last + 1:
                        self._damage.events(polls.newest, row.wall)
                    polls.last = row.id
                    (polls.add if row.kind in codec.POLLS else polls.learn)(row)
                newest = decode_summary(rows.summary_body(self._file)).last
                if newest is not None and newest != polls.newest:
                    self._damage.events(polls.newest, newest)
                self._checkpoints = rows.checkpoints(self._file, MAKER, polls.last)
            finally:
                self._file.execute("ROLLBACK")  # of nothing: unlike a commit it works whatever could not be read

    def frame(self, index: int) -> Frame:
        """Return what was to be seen after the poll with this place in `times`.

        Raises:
            RecordingError: nothing of the recording can be read any more.
            IndexError: there is no such poll.
        """
        with self._lock:
            if not 0 <= index < len(self._polls.events):
                raise IndexError(index)
            event = self._polls.events[index]
            folded = self._fold_to(self._polls.ends[index])
            row = next(rows.event_rows(self._file, event - 1, event), None)
            now = Instant(self._polls.times[index], 0.0) if row is None else Instant(row.wall, row.mono)
            if event == self._polls.events[-1] and self._polls.learnt > self._polls.ends[-1]:
                later = self._fold_to(self._polls.learnt).moment.history.curves
                folded = replace(
                    folded, moment=replace(folded.moment, history=replace(folded.moment.history, curves=later))
                )
            return Frame(folded.moment, now)

    def newest(self) -> Folded:
        """Return what all events came to."""
        with self._lock:
            return self._fold_to(self._polls.last)

    def last_moment(self) -> Moment:
        """Return what was to be seen at the end."""
        return self.newest().moment

    def alerts(self) -> Iterator[Alert]:
        """Yield everything that ever was an alert, in order."""
        last = self.last_moment().alerts
        if len(last) < KEPT_ALERTS:
            yield from last
            return
        folded = Folded()
        for row in rows.event_rows(self._file, 0, self._polls.last):
            folded, alerts = self._next(folded, row)
            yield from alerts

    def recorded_events(self) -> Iterator[tuple[int, float, ServiceEvent]]:
        """Yield what was recorded, in order: the number of the sitting, its poll interval in seconds, and the event."""
        folded = Folded()
        for row in rows.event_rows(self._file, 0, self._polls.last):
            folded, event = self._read(folded, row)
            if event is not None:
                yield row.sitting, self._interval(row.sitting), event

    def verify(self) -> None:
        """Look at everything once, so that `lost` names all that is lost. Takes some 20 µs a piece."""
        used: set[int] = set()
        with self._lock:
            for row in rows.event_rows(self._file, 0, self._polls.last):
                if row.kind == codec.ANSWERED:
                    try:
                        used |= codec.decode_body(row.body, codec.Poll).pieces()
                    except codec.DECODE_ERRORS:
                        self._damage.event(row.wall)
        for number in used:
            with self._lock:
                self._states.payload(number)
        with self._lock:
            if not rows.is_in_order(self._file):
                self._damage.disorder()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    # Folding

    def _fold_to(self, event: int) -> Folded:
        folded = self._start(event)
        for number, row in enumerate(rows.event_rows(self._file, folded.event, event), 1):
            folded, _ = self._next(folded, row)
            if number % KEPT_EVERY == 0:
                _keep(self._kept, folded.event, folded, _KEPT)
        self._here = folded
        return folded

    def _start(self, event: int) -> Folded:
        """Return the nearest there is before `event`, or at it."""
        known = [folded for folded in (self._here, *self._kept.values()) if folded.event <= event]
        best = max(known, key=lambda folded: folded.event, default=Folded())
        for place in range(bisect_right(self._checkpoints, event) - 1, -1, -1):
            if self._checkpoints[place] <= best.event:
                break
            saved = self._saved(self._checkpoints[place])
            if saved is not None:
                return saved
        return best

    def _saved(self, event: int) -> Folded | None:
        """Return the checkpoint at `event`; None when any of it cannot be read."""
        packed, row = rows.checkpoint(self._file, event), next(rows.event_rows(self._file, event - 1, event), None)
        if packed is None or row is None:
            return None
        try:
            saved = codec.decode_body(codec.inflate(packed, codec.MOST_CHECKPOINT), codec.Checkpoint)
            facts = {}
            for trial_id, number in saved.facts.items():
                known = self._facts.get(number)
                if known is None:
                    found = rows.packed(self._file, "facts", number)
                    if found is None:
                        return None
                    known = codec.decode_body(codec.inflate(found[1], codec.MOST_CHECKPOINT), codec.Fact)
                    _keep(self._facts, number, known, KEPT_FACTS)
                facts[trial_id] = known
        except codec.DECODE_ERRORS:
            return None
        state = self._states.whole(saved.rest, saved.trials) if saved.rest else EMPTY_STATE
        if state is None:
            return None
        moment = codec.moment_of(saved, replace(EMPTY_MOMENT, run=state.run, standing=best(state.run)), facts)
        return Folded(event, row.sitting, moment, state, saved.rest, tuple(saved.trials))

    def _next(self, folded: Folded, row: rows.EventRow) -> tuple[Folded, tuple[Alert, ...]]:
        moment = folded.moment
        if row.sitting != folded.sitting and folded.sitting == 0:
            moment = replace(EMPTY_MOMENT, connection=Connection(interval=self._interval(row.sitting)))
        elif row.sitting != folded.sitting:  # the first event of a sitting meets a moment that was taken up again
            moment = fold(moment, Resumed(Instant(row.wall, row.mono), moment)).moment
        folded, event = self._read(folded, row)
        if event is None:
            return replace(folded, moment=moment), ()
        step = fold(moment, event)
        return replace(folded, moment=step.moment), step.alerts

    def _read(self, folded: Folded, row: rows.EventRow) -> tuple[Folded, ServiceEvent | None]:
        """Return what of `folded`, but for its moment, `row` makes, and what happened; None where it is lost."""
        sure = folded.sure and row.id == folded.event + 1
        folded = replace(folded, event=row.id, sitting=row.sitting, sure=sure)
        at = Instant(row.wall, row.mono)
        try:
            if row.kind not in codec.EVENT_KINDS:
                return folded, None
            if row.kind != codec.ANSWERED:
                return folded, codec.decode_event(row.kind, at, row.body)
            poll = codec.decode_body(row.body, codec.Poll)
        except codec.DECODE_ERRORS:
            self._damage.event(row.wall)
            return replace(folded, sure=False), None
        if poll.whole is None and not (sure and poll.fits(len(folded.trials))):
            self._damage.event(row.wall)
            return folded, None
        if poll.pieces():
            rest = folded.rest if poll.rest is None else poll.rest
            trials = list(folded.trials if poll.whole is None else poll.whole)
            for place, number in poll.changed or ():
                trials[place] = number
            state = folded.state
            if rest != folded.rest or tuple(trials) != folded.trials:
                state = self._states.state(rest, trials, state)
            folded = replace(folded, state=state, rest=rest, trials=tuple(trials), sure=True)
        if folded.state is EMPTY_STATE:  # nothing of any state so far can be read
            self._damage.event(row.wall)
            return folded, None
        return folded, PollSucceeded(at, folded.state.run, poll.next_in, poll.date)

    def _interval(self, sitting: int) -> float:
        if sitting not in self._sittings:
            self._sittings.update(rows.sittings(self._file))
        if sitting not in self._sittings:
            self._damage.sitting()
        return self._sittings.get(sitting, Connection().interval)


def _keep(kept: dict[int, _T], number: int, value: _T, most: int) -> None:
    if len(kept) >= most:
        del kept[next(iter(kept))]
    kept[number] = value
