"""How long a run has taken, when it last changed, and how many trials it will have."""

from eitui.domain.moment import Moment
from eitui.domain.run import Config, Run


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
