"""The logs that were asked for while the monitor is open: each once, those of many trials a few at a time."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eitui.domain.log import TrialLog
from eitui.domain.moment import Moment
from eitui.domain.trial import Trial
from eitui.feed.backfill import Backfill
from eitui.feed.events import Logged, NoLog, Source
from eitui.feed.query import Asker, Query, Start

if TYPE_CHECKING:  # these take a while to import: the first frame does not wait for them
    from eitui.analysis.failure import Cause
    from eitui.view.trial.curves import LogState

AT_A_TIME = 3
"""Logs asked for together, where many are to be read."""

KEPT = 24
"""Logs kept, the latest; of the others only what they told is."""

GIVE_UP = 3
"""So many in a row that cannot be had, and the rest of many is not asked for."""

_SHARE = 16
"""Part of the logs still to be read, after which it is told what was read meanwhile."""

_Key = tuple[object, ...]


@dataclass(frozen=True)
class _Told:
    """What a log told; `log` is None where it is kept no longer."""

    log: TrialLog | None
    cause: "Cause"


class Logs:
    """Asks for logs, and remembers what they told.

    A log belongs to a trial in one state: when the trial is tried again, it is another.
    """

    def __init__(self, source: Callable[[], Source | None], start: Start, changed: Callable[[], None]) -> None:
        """Ask `source`, in coroutines handed to `start`, and call `changed` when anything is known that was not."""
        self._source, self._start, self._changed = source, start, changed
        self._by = Asker(start, changed, lambda: 0.0)
        self._queries: dict[_Key, Query[_Told]] = {}
        self._kept: OrderedDict[_Key, Query[_Told]] = OrderedDict()
        self._queue: deque[Trial] = deque()
        self._readers = 0
        self._in_vain = 0
        self._unsaid = 0
        """Logs of the queue that were read since `changed` was last called."""
        self._run: int | None = None
        self._backfill = Backfill(self._fill, start)

    def turn_to(self, run_id: int | None) -> None:
        """Forget what trials of another run told: theirs may be called alike."""
        if run_id == self._run:
            return
        known, self._run = self._run is not None, run_id
        if known:
            for kept in (self._queries, self._kept, self._queue):
                kept.clear()
            self._in_vain = 0
            self._backfill.clear()

    # What is known

    def log(self, of: Logged) -> TrialLog | None:
        """Return the log of a trial or job; None while it has not been answered."""
        key = _key(of)
        if key in self._kept:
            self._kept.move_to_end(key)  # what is looked at is not the first to be let go
        told = self._of(of).answer
        return told.log if told is not None else None

    def problem(self, of: Logged) -> str:
        """Return why a log could not be had the last time; empty where it could, or was not asked for."""
        why = self._of(of).problem
        return why.sentence if why is not None else ""

    def cause(self, trial: Trial) -> "Cause":
        """Return why `trial` failed; where its log was not read, only in which block."""
        from eitui.analysis.failure import cause_of

        told = self._of(trial).answer
        return told.cause if told is not None else cause_of((), trial.blocks)

    def is_read(self, trial: Trial) -> bool:
        """Whether the log of `trial` was read, so that its cause is known as far as it can be."""
        return self._of(trial).answer is not None

    def state(self, trial: Trial) -> "LogState":
        """Return what is known of the log from which the curve of `trial` may be filled in."""
        from eitui.view.trial.curves import LogState

        return LogState(self._backfill.waits_for(trial), self.problem(trial))

    @property
    def gave_up(self) -> bool:
        """Whether so many could not be had that the rest is not asked for."""
        return self._in_vain >= GIVE_UP

    # Asking

    def ask(self, of: Logged, *, again: bool = False) -> None:
        """Ask for a log, unless it is there, or could not be had, or is under way; `again`: anew."""
        if again or (self.log(of) is None and not self.problem(of)):
            self._of(of).refresh()

    def ask_all(self, trials: Iterable[Trial]) -> None:
        """Ask for the logs of `trials` that were never asked for, a few at a time; for none once it gave up."""
        if self.gave_up:
            return
        waiting = set(map(_key, self._queue))
        self._queue.extend(trial for trial in trials if _is_wanted(self._of(trial)) and _key(trial) not in waiting)
        while self._readers < min(AT_A_TIME, len(self._queue) + self._readers):
            self._readers += 1
            self._start(self._read_queue())

    def fill(self, trials: Iterable[Trial], moment: Moment) -> None:
        """Read the logs of `trials` whose curves in `moment`, the present one, lack epochs: quietly, one at a time."""
        source, connection = self._source(), moment.connection
        # What was resumed may be of a run that is no more: the first answer tells.
        if source is not None and source.fills_curves and connection.problem is None and not connection.resumed:
            self._backfill.want(trials, moment.history, moment.run.config.training_cycles)

    def stop(self) -> None:
        """Leave those of many unread that are not under way."""
        self._queue.clear()

    def forget_problems(self) -> None:
        """Ask again for what could not be had, when it is next asked for."""
        for query in self._queries.values():
            query.outdated = query.outdated or (query.problem is not None and query.answer is not None)
            query.problem = None
        self._in_vain = 0
        self._backfill.retry()

    def _of(self, of: Logged) -> Query[_Told]:
        key = _key(of)
        if key not in self._queries:
            self._queries[key] = query = Query(lambda: self._read(query, of), self._by)
        return self._queries[key]

    async def _read(self, query: Query[_Told], of: Logged) -> _Told:
        from eitui.analysis.failure import cause_of

        source, key = self._source(), _key(of)
        if source is None:
            raise NoLog("The service has not been reached yet")
        log = await source.log(of)
        # Of a long log it takes a while.
        cause = await asyncio.to_thread(cause_of, log.lines, of.blocks if isinstance(of, Trial) else ())
        if self._queries.get(key) is query:  # else it is of a run that is no more
            self._kept[key] = query
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                _, oldest = self._kept.popitem(last=False)
                oldest.answer = replace(oldest.answer, log=None) if oldest.answer is not None else None
        return _Told(log, cause)

    async def _read_quietly(self, query: Query[_Told]) -> None:
        """Read a log of many, each of which is soon read: not every one is worth grouping all of them anew."""
        await query.refresh_quietly()
        self._unsaid += 1
        if self._unsaid > len(self._queue) // _SHARE:
            self._unsaid = 0
            self._changed()

    async def _read_queue(self) -> None:
        try:
            while self._queue and not self.gave_up:
                query = self._of(self._queue.popleft())
                if _is_wanted(query):
                    await self._read_quietly(query)
                    self._in_vain = self._in_vain + 1 if query.problem is not None else 0
        finally:
            self._readers -= 1
        if self.gave_up:
            self._queue.clear()
            self._changed()

    async def _fill(self, trial: Trial) -> bool:
        query = self._of(trial)
        if _is_wanted(query):
            await self._read_quietly(query)
        return query.problem is None


def _is_wanted(query: Query[_Told]) -> bool:
    return not query.pending and query.problem is None and (query.answer is None or query.outdated)


def _key(of: Logged) -> _Key:
    if not isinstance(of, Trial):
        return of.role, of.id
    return of.id, of.name, of.status, of.retries, *(block.retries for block in of.blocks)
