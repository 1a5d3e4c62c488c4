"""Read the logs of trials whose curves lack epochs, so that these are filled in: quietly, one log at a time."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from eitui.domain.curve import EMPTY_CURVE, Curve, steps_of
from eitui.domain.moment import History
from eitui.domain.trial import COMPLETED, FAILED, RUNNING, Trial

_MOST_FAILURES = 3
"""So many logs in a row that cannot be had, and no more are asked for until `retry`."""

_Key = tuple[object, ...]


class Backfill:
    """Reads logs for their epochs: never two at a time, the one that was wanted last first, each once."""

    def __init__(
        self, read: Callable[[Trial], Awaitable[bool]], start: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        """`read` reads a log and returns whether it could; `start` runs a coroutine beside all else."""
        self._read, self._start = read, start
        self._wanted: dict[_Key, Trial] = {}
        self._read_of: set[_Key] = set()
        self._failed: set[_Key] = set()
        self._in_vain = 0
        self._running = False

    @property
    def busy(self) -> bool:
        """Whether a log is being read, or is to be."""
        return self._running

    def waits_for(self, trial: Trial) -> bool:
        """Whether the log of `trial` is being read, or is to be."""
        return _key(trial) in self._wanted

    def want(self, trials: Iterable[Trial], history: History, training_cycles: int | None = None) -> None:
        """Read the logs of those `trials` whose curves in `history` lack epochs, the last of them first.

        `training_cycles`: most epochs of a phase, None where that is not known.
        """
        for trial in trials:
            key = _key(trial)
            if key in self._read_of or key in self._failed or self._in_vain >= _MOST_FAILURES:
                continue
            if lacks_epochs(trial, history.curves.get(trial.id, EMPTY_CURVE), training_cycles):
                self._wanted.pop(key, None)
                self._wanted[key] = trial
        if self._wanted and not self._running:
            self._running = True
            self._start(self._run())

    def retry(self) -> None:
        """Read again what could not be had, when it is next wanted."""
        self._failed.clear()
        self._in_vain = 0

    def clear(self) -> None:
        """Forget all trials: another run has begun, whose trials may be called alike."""
        self._wanted.clear()
        self._read_of.clear()
        self.retry()

    async def _run(self) -> None:
        try:
            while self._wanted and self._in_vain < _MOST_FAILURES:
                key, trial = next(reversed(self._wanted.items()))
                done = await self._read(trial)
                if self._wanted.pop(key, None) is not None:  # else it was of a run that is no more
                    (self._read_of if done else self._failed).add(key)
                    self._in_vain = 0 if done else self._in_vain + 1
        finally:
            self._running = False
            self._wanted.clear()


def lacks_epochs(trial: Trial, curve: Curve, training_cycles: int | None = None) -> bool:
    """Return whether the log of `trial` may tell epochs that `curve` has not.

    Where training ended early, two phases may look like one: the second seems to go on where the first ended.
    """
    if trial.status not in (RUNNING, COMPLETED, FAILED) or curve.log_ended:
        return False
    if not curve.epochs:
        return bool(trial.epoch) or trial.status == COMPLETED
    last, steps = curve.epochs[-1].epoch, steps_of(curve.epochs)
    early = trial.status == COMPLETED and steps[-1] == last < (training_cycles or 0)
    return len(curve.epochs) < steps[-1] or (trial.epoch or 0) > last or early


def _key(trial: Trial) -> _Key:
    return trial.id, trial.retries, trial.over
