"""The logs that were asked for while the monitor is open: each once, those of many trials a few at a time."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eitui.api.errors import problem
from eitui.domain.log import TrialLog
from eitui.domain.moment import Moment
from eitui.domain.trial import Trial
from eitui.feed.backfill import Backfill
from eitui.feed.events import Logged, NoLog, Source

if TYPE_CHECKING:  # these take a while to import: the first frame does not wait for them
    from eitui.analysis.failure import Cause
    from eitui.thresholds.query import Start
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
class Heard:
    """What is known of a log."""

    log: TrialLog | None = None
    """None while it has not been answered."""
    problem: str = ""
    """Why it could not be had; with a log, why it could not be had again."""
    asking: bool = False


NOTHING_HEARD = Heard()


class Logs:
    """Asks for logs, and remembers what they told.

    A log belongs to a trial in one state: when the trial is tried again, it is another.
    """

    def __init__(self, source: Callable[[], Source | None], start: "Start", changed: Callable[[], None]) -> None:
        """Ask `source`, in coroutines handed to `start`, and call `changed` when anything is known that was not."""
        self._source, self._start, self._changed = source, start, changed
        self._logs: OrderedDict[_Key, TrialLog] = OrderedDict()
        self._causes: dict[_Key, Cause] = {}
        self._problems: dict[_Key, str] = {}
        self._stale: set[_Key] = set()
        """What was read, but is to be asked for again as that failed the last time."""
        self._asked: set[_Key] = set()
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
            for kept in (self._logs, self._causes, self._problems, self._stale, self._queue):
                kept.clear()
            self._in_vain = 0
            self._backfill.clear()

    def heard(self, of: Logged) -> Heard:
        """Return what is known of the log of a trial or job."""
        key = _key(of)
        if key in self._logs:
            self._logs.move_to_end(key)  # what is looked at is not the first to be let go
        return Heard(self._logs.get(key), self._problems.get(key, ""), key in self._asked)

    def cause(self, trial: Trial) -> "Cause":
        """Return why `trial` failed; where its log was not read, only in which block."""
        from eitui.analysis.failure import cause_of

        return self._causes.get(_key(trial)) or cause_of((), trial.blocks)

    def is_read(self, trial: Trial) -> bool:
        """Whether the log of `trial` was read, so that its cause is known as far as it can be."""
        return _key(trial) in self._causes

    def problem(self, trial: Trial) -> str:
        """Return why the log of `trial` could not be had the last time; empty where it could, or was not asked for."""
        return self._problems.get(_key(trial), "")

    def ask(self, of: Logged, *, again: bool = False) -> None:
        """Ask for a log, unless it is there, or could not be had, or is under way; `again`: anew."""
        key = _key(of)
        known = key in self._problems or self.heard(of).log is not None
        if key not in self._asked and (again or not known):
            self._asked.add(key)
            self._start(self._read(of))

    def ask_all(self, trials: Iterable[Trial]) -> None:
        """Ask for the logs of `trials` that were never asked for, a few at a time; for none once it gave up."""
        if self.gave_up:
            return
        waiting = set(map(_key, self._queue))
        for trial in trials:
            key = _key(trial)
            if self._wanted(key) and key not in waiting:
                self._queue.append(trial)
        while self._readers < min(AT_A_TIME, len(self._queue) + self._readers):
            self._readers += 1
            self._start(self._read_queue())

    def _wanted(self, key: _Key) -> bool:
        known = key in self._causes and key not in self._stale
        return not known and key not in self._problems and key not in self._asked

    def fill(self, trials: Iterable[Trial], moment: Moment) -> None:
        """Read the logs of `trials` whose curves in `moment`, the present one, lack epochs: quietly, one at a time."""
        source, connection = self._source(), moment.connection
        # What was resumed may be of a run that is no more: the first answer tells.
        if source is not None and source.fills_curves and connection.problem is None and not connection.resumed:
            self._backfill.want(trials, moment.history)

    def state(self, trial: Trial) -> "LogState":
        """Return what is known of the log from which the curve of `trial` may be filled in."""
        from eitui.view.trial.curves import LogState

        return LogState(self._backfill.waits_for(trial), self.problem(trial))

    async def _fill(self, trial: Trial) -> bool:
        key = _key(trial)
        if self._wanted(key):
            self._asked.add(key)
            await self._read(trial, queued=True)
        return key not in self._problems

    def stop(self) -> None:
        """Leave those of many unread that are not under way."""
        self._queue.clear()

    def forget_problems(self) -> None:
        """Ask again for what could not be had, when it is next asked for."""
        self._stale.update(key for key in self._problems if key in self._causes)
        self._problems.clear()
        self._in_vain = 0
        self._backfill.retry()

    @property
    def gave_up(self) -> bool:
        """Whether so many could not be had that the rest is not asked for."""
        return self._in_vain >= GIVE_UP

    async def _read_queue(self) -> None:
        try:
            while self._queue and not self.gave_up:
                trial = self._queue.popleft()
                key = _key(trial)
                if self._wanted(key):
                    self._asked.add(key)
                    await self._read(trial, queued=True)
                    self._in_vain = self._in_vain + 1 if key in self._problems else 0
        finally:
            self._readers -= 1
        if self.gave_up:
            self._queue.clear()
            self._changed()

    async def _read(self, of: Logged, *, queued: bool = False) -> None:
        from eitui.analysis.failure import cause_of

        key, run = _key(of), self._run
        if not queued:
            self._changed()
        try:
            log = await self._from_source(of)
            # Of a long log it takes a while.
            cause = await asyncio.to_thread(cause_of, log.lines, of.blocks if isinstance(of, Trial) else ())
        except Exception as error:
            # What was read before stays: an outage takes nothing away.
            sentence = problem(error).sentence
            if run == self._run:
                self._problems[key] = sentence
        else:
            if run == self._run:
                self._keep(key, log, cause)
        finally:
            self._asked.discard(key)
        self._unsaid += 1
        # Of many, each of which is soon read, not every one is worth grouping all of them anew.
        if not queued or self._unsaid > len(self._queue) // _SHARE:
            self._unsaid = 0
            self._changed()

    def _keep(self, key: _Key, log: TrialLog, cause: "Cause") -> None:
        self._problems.pop(key, None)
        self._stale.discard(key)
        self._causes[key] = cause
        self._logs[key] = log
        self._logs.move_to_end(key)
        while len(self._logs) > KEPT:
            self._logs.popitem(last=False)

    async def _from_source(self, of: Logged) -> TrialLog:
        source = self._source()
        if source is None:
            raise NoLog("The service has not been reached yet")
        return await source.log(of)


def _key(of: Logged) -> _Key:
    if not isinstance(of, Trial):
        return of.role, of.id
    return of.id, of.name, of.status, of.retries, *(block.retries for block in of.blocks)
