"""How a run stands: its state and its trials, the same for the monitor, `status` and the list of recordings."""

from eitui.analysis.timing import planned_trials
from eitui.domain.moment import Moment
from eitui.domain.run import RUN_COMPLETED, Run

ENDED_BADLY = frozenset({"failed", "cancelled"})
"""How a job ended (API: `jobStatus`) where the run's own status does not say it."""

ENDED_WITH_ERROR = "ended with an error"
"""The state of a run whose tuner reports an error and whose job is over."""


def run_state(moment: Moment) -> str:
    """Return the state of the run in one word, or `ended with an error`; empty when there is no run."""
    run = moment.run
    if not run.started:
        return ""
    job = _job(moment)
    if run.finished and job in ENDED_BADLY:
        return job
    if run.finished and run.job_error:
        return ENDED_WITH_ERROR
    return RUN_COMPLETED if run.finished else run.status or "unknown"


def ended_badly(moment: Moment) -> bool:
    """Return whether the run is over and its job did not end well, as far as the service has said."""
    return moment.run.finished and bool(moment.run.job_error or _job(moment) in ENDED_BADLY)


def progress_of(run: Run) -> str:
    """Return how many trials are over, of how many there will be: `12/44`; empty while there are none."""
    planned = planned_trials(run)
    return f"{run.counts.over}/{planned}" if planned else ""


def by_state(run: Run) -> list[tuple[str, int]]:
    """Return how many trials are in which state, by the API's words, in the order in which they are told."""
    counts = run.counts
    return [
        ("completed", counts.completed),
        ("running", counts.running),
        ("pending", counts.pending),
        ("failed", counts.failed),
    ]


def _job(moment: Moment) -> str:
    return moment.record.job_status if moment.record is not None else ""
