"""Put the states of a recorded run together from their pieces."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from eitui.api.errors import ApiError
from eitui.api.state import EMPTY_STATE, State, assemble, digest_of, pack, read_trial
from eitui.domain.trial import Payload, Trial
from eitui.feed.recording.codec import DECODE_ERRORS, MOST_PIECE, inflate
from eitui.feed.recording.rows import packed

KEPT_TRIALS = 4096
"""Trials that are kept parsed: going back and forth in time meets the same ones again."""


class States:
    """Makes states from the numbers of their pieces. Counts the pieces that cannot be read."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._trials: dict[int, Trial] = {}
        self.lost: set[int] = set()

    def state(self, rest: int, trials: Sequence[int], before: State = EMPTY_STATE) -> State:
        """Return the state that consists of these pieces. What cannot be read stays as it was in `before`."""
        then = before.run.trials

        def read(place: int) -> Trial:
            trial = self._trial(trials[place]) or (then[place] if place < len(then) else None)
            if trial is None:
                # Of JSON that is no trial's: written down anew, it is unreadable again.
                trial = replace(read_trial(pack(b"null")), id=f"?{place}", problem="the recording is damaged here")
            return trial

        payload = self.payload(rest) or before.run.payload
        try:
            return assemble(payload, trials, read, before)
        except (ApiError, *DECODE_ERRORS):
            self.lost.add(rest)
            return before

    def whole(self, rest: int, trials: Sequence[int]) -> State | None:
        """Return the state that consists of these pieces; None where one of them cannot be read."""
        if self.payload(rest) is None or any(self._trial(number) is None for number in trials):
            return None
        state = self.state(rest, trials)
        return None if state is EMPTY_STATE else state

    def payload(self, number: int) -> Payload | None:
        """Return a piece as it was recorded; None where it cannot be read."""
        found = packed(self._file, "pieces", number)
        if found is not None:
            with suppress(*DECODE_ERRORS):
                payload = Payload(*found)
                if digest_of(inflate(payload.packed, MOST_PIECE)) == payload.digest:
                    return payload
        self.lost.add(number)
        return None

    def _trial(self, number: int) -> Trial | None:
        known = self._trials.get(number)
        if known is not None:
            return known
        payload = self.payload(number)
        if payload is None:
            return None
        try:
            trial = read_trial(payload)
        except DECODE_ERRORS:
            self.lost.add(number)
            return None
        if len(self._trials) >= KEPT_TRIALS:
            del self._trials[next(iter(self._trials))]
        self._trials[number] = trial
        return trial


@dataclass
class Damage:
    """Counts what cannot be read."""

    _ranges: dict[tuple[float | None, float], None] = field(default_factory=dict)
    """When events that cannot be read were: after the first time, before the second."""
    _events: dict[float, None] = field(default_factory=dict)
    _sittings: bool = False
    _disorder: bool = False

    def events(self, since: float | None, until: float) -> None:
        """Take note that the events between two others cannot be read; times are seconds since the Unix epoch."""
        self._ranges[since, until] = None

    def event(self, wall: float) -> None:
        """Take note that one event cannot be used."""
        self._events[wall] = None

    def sitting(self) -> None:
        """Take note that it is lost how often a process asked."""
        self._sittings = True

    def disorder(self) -> None:
        """Take note that the file is not as it should be, whether or not anything is lost by that."""
        self._disorder = True

    def lines(self, pieces: int) -> list[str]:
        """Return what is lost, a line each; `pieces` is how many trials' descriptions are."""
        losses = []
        for since, until in self._ranges:
            when = f"before {_clock(until)}"
            if since is not None:
                when = f"between {_clock(since)} and {_clock(until)}"
            losses.append(f"The recording is damaged: what was {when} cannot be read")
        if self._events:
            times = sorted(self._events)
            what = "a poll" if len(times) == 1 else f"{len(times)} polls"
            losses.append(f"The recording is damaged: {what} from {_clock(times[0])} on cannot be read")
        if pieces:
            what = "one state of a trial is" if pieces == 1 else f"{pieces} states of trials are"
            losses.append(f"The recording is damaged: {what} lost; those trials are shown as they were before")
        if self._sittings:
            losses.append("The recording is damaged: how often the service was asked is lost")
        if self._disorder and not losses:
            losses.append("The file of the recording is damaged; nothing of the run is known to be lost")
        return losses


def _clock(wall: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall))
    except (OverflowError, ValueError, OSError):
        return "an unknown time"
