"""How fast a run goes: the one estimate behind the time left and the time until each limit."""

from dataclasses import dataclass
from math import sqrt
from statistics import median, stdev

from eitui.analysis.timing import elapsed, trials_left
from eitui.domain.moment import Moment
from eitui.domain.run import Run
from eitui.domain.trial import RUNNING

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
    """Return how fast the run goes, None where that cannot be told. `now`: as of `own_time`."""
    return _from_spans(moment, now) or _from_rate(moment, now)


def _from_spans(moment: Moment, now: float) -> Pace | None:
    """Estimate from the trials watched from start to end: of those to come as many will fail.

    Completed and failed trials have medians of their own: where many fail within seconds, one median for both would
    be that of the failures.
    """
    run, spans = moment.run, moment.history.spans
    begun = {trial_id: span.started for trial_id, span in spans.items() if span.started is not None}
    durations = {
        trial_id: ended - started for trial_id, started in begun.items() if (ended := spans[trial_id].ended) is not None
    }
    completed = durations.keys() & {trial.id for trial in run.completed}
    if len(completed) < MIN_SPANS:
        return None
    duration = median(durations[trial_id] for trial_id in completed)
    lost = [length for trial_id, length in durations.items() if trial_id not in completed]
    failing = median(lost) if lost else None
    usual = (len(completed) * duration + len(lost) * (failing or 0.0)) / len(durations)
    # A trial that went back to the queue, or out of the run, has nothing done that counts.
    under_way = [begun[trial.id] for trial in run.trials if trial.status == RUNNING and trial.id in begun]
    done = sum(min(max(0.0, now - started), usual) for started in under_way)
    to_do = max(0.0, usual - done / max(1, trials_left(run)))
    spread, workers = stdev(durations.values()), _workers(run)
    return Pace(to_do / workers, spread / sqrt(len(durations)) / workers, spread / workers, duration, failing, workers)


def _from_rate(moment: Moment, now: float) -> Pace | None:
    so_far, over = elapsed(moment, now), moment.run.counts.over
    if not so_far or not over:
        return None
    return Pace(so_far / over, RATE_ERROR * so_far / over, workers=_workers(moment.run))


def _workers(run: Run) -> int:
    present = (run.worker_counts.busy or 0) + (run.worker_counts.ready or 0)
    return max(1, present or run.config.max_workers or 1)
