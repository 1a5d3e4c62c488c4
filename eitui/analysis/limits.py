"""What can end a run, and how far off each of these is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from eitui.analysis.pace import Pace
from eitui.analysis.timing import elapsed, limit_of_trials, trials_left
from eitui.domain.moment import Moment
from eitui.domain.run import Run


class LimitKind(StrEnum):
    """What can end a run."""

    TRIALS = "trials"
    """No trial of the plan is left."""
    EARLY_STOPPING = "early stopping"
    """Too many completed trials in a row were no improvement."""
    TRAINING_TIME = "training time"
    """The run's total training time is used up."""


@dataclass(frozen=True)
class Limit:
    """One thing that will end the run, and how far off it is."""

    kind: LimitKind
    trials: int | None = None
    """Trials until then: any that finish (`TRIALS`), or complete without an improvement (`EARLY_STOPPING`)."""
    seconds: float | None = None
    """Time until then, at the run's pace; None while that is not known."""
    ends: int | None = None
    """Trials that will be over until then, failed ones included."""

    @property
    def reached(self) -> bool:
        """Whether there is nothing left of it."""
        return self.trials == 0 or self.seconds == 0


def limits(moment: Moment, unimproved: int, pace: Pace | None, now: float) -> tuple[Limit, ...]:
    """Return what may end the run, soonest first as far as that can be told; of a run that is over, what was reached.

    `unimproved`: completed trials since the last improvement, by the run's own figures. `now`: as of `own_time`.
    """
    run = moment.run
    found = (_trials(run, pace), _early_stopping(run, unimproved, pace), _training_time(run, elapsed(moment, now)))
    known = [limit for limit in found if limit is not None]
    if run.finished:
        return tuple(limit for limit in known if limit.reached)
    in_time = all(limit.seconds is not None for limit in known)
    return tuple(sorted(known, key=lambda limit: _distance(limit, in_time=in_time)))


def first_of(found: Sequence[Limit]) -> Limit | None:
    """Return which of `limits` comes first if nothing improves; None where that cannot be told, or there is none."""
    comparable = all(limit.seconds is not None for limit in found) or all(limit.ends is not None for limit in found)
    return found[0] if found and (found[0].reached or comparable) else None


def outlived(run: Run, unimproved: int) -> bool:
    """Return whether the run went on when its early-stopping window was full.

    The tuner then counts otherwise than we do, by objectives we cannot compute, and our count says nothing of its end.
    Trials that were under way when a search stopped still complete.
    """
    window = run.config.early_stopping_window
    if window is None:
        return False
    under_way = max(1, run.config.max_workers or len(run.workers)) if run.finished else 0
    return unimproved > window + under_way


def _distance(limit: Limit, *, in_time: bool) -> float:
    if limit.reached:
        return 0.0
    far = limit.seconds if in_time else limit.ends
    return float("inf") if far is None else far


def _trials(run: Run, pace: Pace | None) -> Limit | None:
    if not limit_of_trials(run.config):
        return None
    left = trials_left(run)
    return Limit(LimitKind.TRIALS, left, _time(left, pace), left)


def _early_stopping(run: Run, unimproved: int, pace: Pace | None) -> Limit | None:
    window = run.config.early_stopping_window
    if window is None or outlived(run, unimproved):
        return None
    left, counts = max(0, window - unimproved), run.counts
    # Only completed trials count for the window, and some of those to come will fail.
    ends = -(-left * counts.over // counts.completed) if counts.completed else left
    return Limit(LimitKind.EARLY_STOPPING, left, _time(ends, pace) if counts.completed or not left else None, ends)


def _training_time(run: Run, so_far: float | None) -> Limit | None:
    limit = run.config.max_total_training_s
    if run.total_training_time_exceeded:
        return Limit(LimitKind.TRAINING_TIME, seconds=0.0)
    if limit is None or so_far is None:
        return None if limit is None else Limit(LimitKind.TRAINING_TIME)
    # A run that goes on past the limit shows that the limit counts something else than its age.
    return Limit(LimitKind.TRAINING_TIME, seconds=limit - so_far) if limit > so_far else None


def _time(trials: int, pace: Pace | None) -> float | None:
    if trials == 0:
        return 0.0
    return None if pace is None else pace.seconds(trials)
