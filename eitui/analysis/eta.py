"""How long a run has taken and may still take: its pace, what can end it, and the time left, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt
from statistics import median, stdev

from eitui.analysis.clock import ODD_DATE_S, own_time, service_time
from eitui.analysis.durations import coarse
from eitui.analysis.ranking import unimproved
from eitui.analysis.update_history import stuck
from eitui.domain.moment import Instant, Moment
from eitui.domain.run import Config, Run
from eitui.domain.trial import COMPLETED, FAILED, RUNNING


def elapsed(moment: Moment, now: float) -> float | None:
    """Return the seconds since the run was created, up to its end if it has ended; None where that cannot be told.

    `now` is as of `own_time`. When a run was created stands by the service's clock, and so its age is told by that.
    """
    created = None if moment.record is None else moment.record.created
    end = latest(moment.run) if moment.run.finished else service_time(moment.connection, now)
    if created is None or end is None or end < created - ODD_DATE_S:
        return None
    return max(0.0, end - created)


def latest(run: Run) -> float | None:
    """Return when a run last did anything that it tells of, in seconds since the Unix epoch by the service's clock."""
    times = [time for trial in run.trials for time in (trial.last_completed_training, trial.last_completed_epoch)]
    times += [block.last_active for trial in run.trials for block in trial.blocks]
    known = [time for time in times if time is not None]
    return max(known) if known else None


def changed_at(moment: Moment, now: Instant) -> float:
    """Return when the service last said something new about any trial, by this machine's clock; `now` if never.

    Estimates are made as of then: one that drifts while nothing happens would be sent over the line at every poll.
    """
    changes = (span.last_change for span in moment.history.spans.values())
    return max(changes, default=own_time(moment.connection, now))


def limit_of_trials(config: Config) -> int | None:
    """Return how many trials the run is set up to have: the lower of its limits, None where it has none."""
    limits = [config.max_trials] if config.max_trials else []
    if config.initial_trials and config.rounds is not None and config.trials_per_round is not None:
        limits.append(config.initial_trials + config.rounds * config.trials_per_round)
    return min(limits, default=None)


def planned_trials(run: Run) -> int:
    """Return how many trials the run will have if nothing stops it: its lower limit, at least those there are."""
    return max(run.counts.total, limit_of_trials(run.config) or 0)


def trials_left(run: Run) -> int:
    """Return how many of the planned trials are not over."""
    return max(0, planned_trials(run) - run.counts.over)


MIN_SPANS = 3
"""Completed trials that must have been watched from start to end before durations are used: the first are the short."""

RATE_ERROR = 0.25
"""How wrong the rate so far may be, as a part of it, where no durations are known."""


@dataclass(frozen=True)
class Pace:
    """What the time until more trials are over is estimated by. All but `workers` is in seconds."""

    each: float
    """From one trial's end to the next."""
    error: float
    """Standard error of `each`."""
    scatter: float = 0.0
    """Standard deviation of one."""
    duration: float | None = None
    """Median time that a completed trial took; None where too few were watched, and the run's age is gone by."""
    failing: float | None = None
    """Median time that a failed trial took; None where none was watched."""
    workers: int = 1

    def seconds(self, trials: int) -> float:
        """Return the time until so many more are over."""
        return trials * self.each

    def between(self, trials: int) -> tuple[float, float]:
        """Return the range of that time: the standard error for all of them, and the deviation of their sum."""
        slack = trials * self.error + sqrt(trials) * self.scatter
        return max(0.0, self.seconds(trials) - slack), self.seconds(trials) + slack


def pace(moment: Moment, now: float) -> Pace | None:
    """Return how fast the run goes, None where that cannot be told. `now`: as of `own_time`.

    It is estimated from the trials watched from start to end (of those to come as many will fail), else from the run's
    age. Completed and failed trials have medians of their own: where many fail within seconds, one median for both
    would be that of the failures.
    """
    run, spans = moment.run, moment.history.spans
    present = (run.worker_counts.busy or 0) + (run.worker_counts.ready or 0)
    workers = max(1, present or run.config.max_workers or 1)
    begun = {trial_id: span.started for trial_id, span in spans.items() if span.started is not None}
    durations = {
        trial_id: ended - started for trial_id, started in begun.items() if (ended := spans[trial_id].ended) is not None
    }
    completed = durations.keys() & {trial.id for trial in run.completed}
    if len(completed) < MIN_SPANS:
        so_far, over = elapsed(moment, now), run.counts.over
        return Pace(so_far / over, RATE_ERROR * so_far / over, workers=workers) if so_far and over else None
    duration = median(durations[trial_id] for trial_id in completed)
    lost = [length for trial_id, length in durations.items() if trial_id not in completed]
    failing = median(lost) if lost else None
    usual = (len(completed) * duration + len(lost) * (failing or 0.0)) / len(durations)
    # A trial that went back to the queue, or out of the run, has nothing done that counts.
    under_way = [begun[trial.id] for trial in run.trials if trial.status == RUNNING and trial.id in begun]
    done = sum(min(max(0.0, now - started), usual) for started in under_way)
    to_do = max(0.0, usual - done / max(1, trials_left(run)))
    spread = stdev(durations.values())
    return Pace(to_do / workers, spread / sqrt(len(durations)) / workers, spread / workers, duration, failing, workers)


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
    counts, config, known = run.counts, run.config, list[Limit]()
    if limit_of_trials(config):
        left = trials_left(run)
        known.append(Limit(LimitKind.TRIALS, left, _time(left, pace), left))
    window = config.early_stopping_window
    if window is not None and not outlived(run, unimproved):
        left = max(0, window - unimproved)
        # Only completed trials count for the window, and some of those to come will fail.
        ends = -(-left * counts.over // counts.completed) if counts.completed else left
        seconds = _time(ends, pace) if counts.completed or not left else None
        known.append(Limit(LimitKind.EARLY_STOPPING, left, seconds, ends))
    longest, so_far = config.max_total_training_s, elapsed(moment, now)
    if run.total_training_time_exceeded:
        known.append(Limit(LimitKind.TRAINING_TIME, seconds=0.0))
    elif longest is not None and so_far is None:
        known.append(Limit(LimitKind.TRAINING_TIME))
    elif longest is not None and so_far is not None and longest > so_far:
        # A run that goes on past the limit shows that the limit counts something else than its age.
        known.append(Limit(LimitKind.TRAINING_TIME, seconds=longest - so_far))
    if run.finished:
        return tuple(limit for limit in known if limit.reached)

    in_time = all(limit.seconds is not None for limit in known)
    distances = [limit.seconds if in_time else limit.ends for limit in known]
    near = [0.0 if limit.reached else inf if far is None else far for limit, far in zip(known, distances, strict=True)]
    return tuple(limit for _, limit in sorted(zip(near, known, strict=True), key=lambda pair: pair[0]))


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


def _time(trials: int, pace: Pace | None) -> float | None:
    if trials == 0:
        return 0.0
    return None if pace is None else pace.seconds(trials)


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
        if run.uncounted & {COMPLETED, FAILED}:
            return _unknown("the service does not say how many trials are over")
        why = "too few were watched from start to end" if run.counts.over else "none has finished yet"
        return _unknown(f"{_trials(left)} to go; {why}")
    low, high = speed.between(left)
    found = {limit.kind: limit for limit in limits(moment, unimproved(run, moment.history.spans), speed, now)}
    workers = f"{speed.workers} worker{'s' * (speed.workers != 1)}"
    if speed.duration is None:
        usual = f"one every {_minutes(speed.each)} so far"
        reason, detail = f"{_trials(left)} to go, {usual}", f"{_trials(left)} left, {workers}, {usual}"
    else:
        usual = _minutes(speed.duration)
        failing = "" if speed.failing is None else f" ({_minutes(speed.failing)} where it fails)"
        reason = f"{_trials(left)} to go, median {usual}, {workers}"
        detail = f"{_trials(left)} left, {workers}, median duration {usual}{failing}"

    time = found.get(LimitKind.TRAINING_TIME)
    # Once it is exceeded it has not ended the run.
    if time is not None and time.seconds and high > time.seconds:
        surely = low >= time.seconds
        low, high = min(low, time.seconds), time.seconds
        reason = (
            f"training time is up before {_trials(left)}"
            if surely
            else f"{_trials(left)} to go, or training time is up"
        )
        detail = f"{detail}; the limit on total training time {'comes' if surely else 'may come'} first"

    # Early stopping may come before all else. The range keeps its end: one improvement, and the window begins anew.
    early = found.get(LimitKind.EARLY_STOPPING)
    if early is not None and early.ends is not None and early.ends < left and run.counts.completed:
        soonest, _ = speed.between(early.ends)
        if not early.ends:
            low, reason = soonest, f"{_trials(left)} to go, or early stop now"
            detail = f"{detail}; early stopping may come now: its window is full"
        elif soonest < low:
            low, reason = soonest, f"{_trials(left)} to go, or early stop after {early.trials} without improvement"
            detail = f"{detail}; early stopping may come first, after {early.trials} more without improvement"
    return Eta(low, high, reason, detail)


def _unknown(why: str) -> Eta:
    return Eta(None, None, why, why)


def _trials(count: int) -> str:
    return f"{count} trial{'s' * (count != 1)}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f}s" if seconds < 90 else coarse(60 * round(seconds / 60))
