"""How long a run has taken and may still take, with the reason."""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import mean, stdev

from eitui.analysis.improvement import finishing_order, rated, since_improvement
from eitui.analysis.lens import usual_lens
from eitui.domain.moment import Moment
from eitui.domain.run import Run
from eitui.domain.trial import RUNNING

MIN_SPANS = 3
"""Completed trials that must have been watched from start to end before durations are used: the first are the short."""


@dataclass(frozen=True)
class Eta:
    """A range for the time left, in seconds; None when it cannot be told. `reason` says why, in a few words."""

    low: float | None
    high: float | None
    reason: str


def elapsed(moment: Moment, now: float) -> float | None:
    """Return the seconds since the run was created, up to its end if it has ended; None: the service did not say."""
    if moment.record is None or moment.record.created is None:
        return None
    end = ended(moment.run) if moment.run.finished else now
    return max(0.0, (end if end is not None else now) - moment.record.created)


def ended(run: Run) -> float | None:
    """Return when a finished run last did anything, in seconds since the Unix epoch by the service's clock."""
    times = [time for trial in run.trials for time in (trial.last_completed_training, trial.last_completed_epoch)]
    times += [block.last_active for trial in run.trials for block in trial.blocks]
    known = [time for time in times if time is not None]
    return max(known) if known else None


def changed_at(moment: Moment, now: float) -> float:
    """Return when the service last said something new about any trial, by this machine's clock; `now` if never."""
    return max((span.last_change for span in moment.history.spans.values()), default=now)


def planned_trials(run: Run) -> int:
    """Return how many trials the run will have if nothing stops it: its lower limit, at least those there are."""
    config = run.config
    limits = [config.max_trials] if config.max_trials else []
    if config.initial_trials and config.rounds is not None and config.trials_per_round is not None:
        limits.append(config.initial_trials + config.rounds * config.trials_per_round)
    return max(run.counts.total, min(limits, default=0))


def eta(moment: Moment, now: float) -> Eta:
    """Estimate the time left. `now`: seconds since the Unix epoch."""
    run = moment.run
    if run.finished or not run.started:
        return Eta(None, None, "the run has ended" if run.finished else "no run")
    left = planned_trials(run) - run.counts.over
    if left <= 0:
        return Eta(None, None, "all planned trials are done; the tuner is wrapping up")
    estimate = _estimate(moment, left, now)
    if estimate is None:
        why = "too few were watched from start to end" if run.counts.over else "none has finished yet"
        return Eta(None, None, f"{_left(left)}; {why}")
    return _stopped_early(_limited(estimate, moment, now), moment, left, now)


def _estimate(moment: Moment, left: int, now: float) -> Eta | None:
    return _from_spans(moment, left, now) or _from_rate(moment, left, now)


def _from_spans(moment: Moment, left: int, now: float) -> Eta | None:
    """Estimate from the trials watched from start to end, failed ones included: those to come will fail as often.

    The range is one standard error of the mean duration, for all that is left, and one standard deviation of the sum.
    """
    run, spans = moment.run, moment.history.spans
    begun = {trial_id: span.started for trial_id, span in spans.items() if span.started is not None}
    durations = {
        trial_id: ended - started for trial_id, started in begun.items() if (ended := spans[trial_id].ended) is not None
    }
    completed = {trial.id for trial in run.completed}
    if len(completed & durations.keys()) < MIN_SPANS:
        return None
    usual, spread, workers = mean(durations.values()), stdev(durations.values()), _workers(run)
    slack = spread * (left / sqrt(len(durations)) + sqrt(left))
    # A trial that went back to the queue, or out of the run, has nothing done that counts.
    under_way = [begun[trial.id] for trial in run.trials if trial.status == RUNNING and trial.id in begun]
    done = sum(min(now - started, usual) for started in under_way)
    low, high = ((left * usual + sign * slack - done) / workers for sign in (-1, 1))
    reason = f"{_left(left)}, {_minutes(usual)} each on {workers} worker{'s' * (workers != 1)}"
    return Eta(max(0.0, low), max(0.0, high), reason)


def _from_rate(moment: Moment, left: int, now: float) -> Eta | None:
    so_far, over = elapsed(moment, now), moment.run.counts.over
    if so_far is None or not over:
        return None
    each = so_far / over
    return Eta(left * each * 0.75, left * each * 1.25, f"{_left(left)}, one every {_minutes(each)} so far")


def _limited(estimate: Eta, moment: Moment, now: float) -> Eta:
    limit, so_far = moment.run.config.max_total_training_s, elapsed(moment, now)
    if limit is None or so_far is None or estimate.low is None or estimate.high is None:
        return estimate
    room = limit - so_far
    # A run that goes on past the limit shows that the limit counts something else than its age.
    if room <= 0 or estimate.high <= room:
        return estimate
    return Eta(min(estimate.low, room), room, "the limit on total training time comes first")


def _stopped_early(estimate: Eta, moment: Moment, left: int, now: float) -> Eta:
    """Begin the range with the end by early stopping, where that may come before all others.

    The range keeps its end: one improvement, and the window begins anew.
    """
    run = moment.run
    window = run.config.early_stopping_window
    if window is None or not run.counts.completed or estimate.low is None:
        return estimate
    _, finished = rated(finishing_order(run.completed, moment.history.spans), usual_lens(run))
    more = max(0, window - since_improvement(finished))
    # Only completed trials count for the window, and some of those to come will fail.
    soonest = _estimate(moment, ceil(more * run.counts.over / run.counts.completed), now) if more else Eta(0, 0, "")
    if soonest is None or soonest.low is None or more >= left or soonest.low >= estimate.low:
        return estimate
    if not more:
        return Eta(0.0, estimate.high, "the early stopping window is full")
    reason = f"early stopping may come first: after {more} more without improvement"
    return Eta(soonest.low, estimate.high, reason)


def _workers(run: Run) -> int:
    present = run.worker_counts.busy + run.worker_counts.ready
    return max(1, present or run.config.max_workers or 1)


def _left(trials: int) -> str:
    return f"{trials} trial{'s' * (trials != 1)} left"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
