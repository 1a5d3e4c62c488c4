"""How long a run may still take, with the reason."""

from dataclasses import dataclass, replace

from eitui.analysis.durations import coarse
from eitui.analysis.improvement import unimproved
from eitui.analysis.limits import Limit, LimitKind, limits
from eitui.analysis.pace import Pace, pace
from eitui.analysis.stuck import stuck
from eitui.analysis.timing import trials_left
from eitui.domain.moment import Moment


@dataclass(frozen=True)
class Eta:
    """A range for the time left, in seconds; None when it cannot be told."""

    low: float | None
    high: float | None
    reason: str
    """Why, in so few words that they fit on a line: what matters most."""
    detail: str
    """Why, in full: the trials left, the workers, how long a trial takes, and which limit may end the run first."""


def eta(moment: Moment, now: float) -> Eta:
    """Estimate the time left. `now`: as of `own_time`."""
    run = moment.run
    if run.finished or not run.started:
        return _unknown("the run has ended" if run.finished else "no run")
    still = stuck(moment)
    if still is not None and still.entirely:
        return _unknown("nothing moves")
    left = trials_left(run)
    if not left:
        return _unknown("all planned trials are done; the tuner is wrapping up")
    speed = pace(moment, now)
    if speed is None:
        why = "too few were watched from start to end" if run.counts.over else "none has finished yet"
        return _unknown(f"{_trials(left)} left; {why}")
    low, high = speed.between(left)
    found = {limit.kind: limit for limit in limits(moment, unimproved(run, moment.history.spans), speed, now)}
    whole = Eta(low, high, f"{_trials(left)}, {_usual(speed)}", f"{_trials(left)} left, {_in_full(speed)}")
    limited = _limited(whole, found.get(LimitKind.TRAINING_TIME), left)
    early = found.get(LimitKind.EARLY_STOPPING)
    return _stopped_early(limited, early, speed, left) if run.counts.completed else limited


def _unknown(why: str) -> Eta:
    return Eta(None, None, why, why)


def _limited(estimate: Eta, limit: Limit | None, left: int) -> Eta:
    room = limit.seconds if limit is not None else None
    low, high = estimate.low, estimate.high
    # Once it is exceeded it has not ended the run.
    if not room or low is None or high is None or high <= room:
        return estimate
    surely = low >= room
    return Eta(
        min(low, room),
        room,
        f"training time is up before {_trials(left)}" if surely else f"{_trials(left)}, or training time is up",
        f"{estimate.detail}; the limit on total training time {'comes' if surely else 'may come'} first",
    )


def _stopped_early(estimate: Eta, limit: Limit | None, speed: Pace, left: int) -> Eta:
    """Begin the range with the end by early stopping, where that may come before all others.

    The range keeps its end: one improvement, and the window begins anew.
    """
    if limit is None or limit.ends is None or limit.ends >= left or estimate.low is None:
        return estimate
    soonest, _ = speed.between(limit.ends)
    if limit.ends and soonest >= estimate.low:
        return estimate
    if not limit.ends:
        text, full = "early stopping now", "early stopping may come now: its window is full"
    else:
        text = f"{limit.trials} without improvement"
        full = f"early stopping may come first, after {limit.trials} more without improvement"
    return replace(estimate, low=soonest, reason=f"{_trials(left)}, or {text}", detail=f"{estimate.detail}; {full}")


def _usual(speed: Pace) -> str:
    if speed.duration is None:
        return f"one every {_minutes(speed.each)} so far"
    return f"median {_minutes(speed.duration)}, {_workers(speed)}"


def _in_full(speed: Pace) -> str:
    if speed.duration is None:
        return f"{_workers(speed)}, one every {_minutes(speed.each)} so far"
    failing = "" if speed.failing is None else f" ({_minutes(speed.failing)} where it fails)"
    return f"{_workers(speed)}, median duration {_minutes(speed.duration)}{failing}"


def _workers(speed: Pace) -> str:
    return f"{speed.workers} worker{'s' * (speed.workers != 1)}"


def _trials(count: int) -> str:
    return f"{count} trial{'s' * (count != 1)}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f}s" if seconds < 90 else coarse(60 * round(seconds / 60))
