"""How long a run has taken, when it last changed, and how many trials it will have."""

from eitui.analysis.clock import ODD_DATE_S, own_time, service_time
from eitui.domain.moment import Instant, Moment
from eitui.domain.run import Config, Run


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
