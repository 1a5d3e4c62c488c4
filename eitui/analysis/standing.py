"""How a run stands: its state and its trials, the same for the monitor, `status` and the list of recordings."""

from eitui.analysis.eta import limit_of_trials, planned_trials
from eitui.analysis.figures import STALLED
from eitui.analysis.ranking import unimproved
from eitui.analysis.update_history import stuck
from eitui.domain.moment import Moment
from eitui.domain.run import CREATING, RUN_COMPLETED, Run
from eitui.domain.trial import COMPLETED, FAILED, PENDING, RUNNING

ENDED_BADLY = frozenset({"failed", "cancelled"})
"""How a job ended (API: `jobStatus`) where the run's own status does not say it."""

ENDED_WITH_ERROR = "ended with an error"
"""The state of a run whose tuner reports an error and whose job is over."""


def run_state(moment: Moment) -> str:
    """Return the state of the run in one word, or `ended with an error`; empty when there is no run.

    It is `stalled` where the service says that it goes on, and nothing of it moves.
    """
    run = moment.run
    if not run.started:
        return ""
    job, still = _job(moment), stuck(moment)
    if still is not None and still.entirely:
        return STALLED
    if run.finished and job in ENDED_BADLY:
        return job
    if run.finished and run.job_error:
        return ENDED_WITH_ERROR
    return RUN_COMPLETED if run.finished else run.status or "unknown"


def ended_badly(moment: Moment) -> bool:
    """Return whether the run is over and its job did not end well, as far as the service has said."""
    return moment.run.finished and bool(moment.run.job_error or _job(moment) in ENDED_BADLY)


def progress_of(run: Run) -> str:
    """Return how many trials are over, of how many there will be: `12/44`; empty while there are none.

    Where the service does not say how many are over: `?/44`.
    """
    planned = planned_trials(run)
    over = "?" if run.uncounted & {COMPLETED, FAILED} else run.counts.over
    return f"{over}/{planned}" if planned else ""


def by_state(run: Run) -> list[tuple[str, int | None]]:
    """Return how many trials are in which state, by the API's words, in the order in which they are told.

    None where the service does not say.
    """
    counts = run.counts
    told = [
        (COMPLETED, counts.completed),
        (RUNNING, counts.running),
        (PENDING, counts.pending),
        (FAILED, counts.failed),
        *([("in another state", counts.other)] if counts.other else []),
    ]
    return [(word, None if word in run.uncounted else count) for word, count in told]


def waiting_for(moment: Moment) -> str:
    """Return what a run that has not begun to train waits for; empty for one that has, and without a run.

    The service tells no queue: what is missing of job, workers and trials is what it waits for.
    """
    run = moment.run
    if not run.started or run.finished or run.counts.running or run.counts.over or run.uncounted:
        return ""
    if run.tuner_job_id is None and run.status == CREATING:
        return "waiting for the tuner's job to start: the service has made none yet"
    starting = [worker for worker in run.workers if worker.status == PENDING]
    if not run.workers or len(starting) == len(run.workers):
        count = max(len(starting), run.worker_counts.pending or 0)
        return f"waiting for {f'{count} workers' if count > 1 else 'a worker'} to start"
    return (
        f"waiting for the first of {run.counts.pending} trials to start"
        if run.trials
        else "waiting for its first trials"
    )


def why_ended(moment: Moment) -> str:
    """Return why a run ended before all of its trials, as far as the service tells; else nothing.

    Of a run whose job failed or was cancelled its state and its error tell more.
    """
    run, limit = moment.run, limit_of_trials(moment.run.config)
    if not run.finished or ended_badly(moment):
        return ""
    if limit is None or not run.counts.total or run.counts.over >= limit:
        return ""
    early = f"It ended after {run.counts.over} of {limit} trials"
    if run.total_training_time_exceeded:
        return f"{early}: the total training time was used up."
    window, since = run.config.early_stopping_window, unimproved(run, moment.history.spans)
    if window is not None and since >= window:
        return f"{early}, probably by early stopping: {since} completed without an improvement (window {window})."
    return f"{early}. The service names no reason."


def _job(moment: Moment) -> str:
    return moment.record.job_status if moment.record is not None else ""
