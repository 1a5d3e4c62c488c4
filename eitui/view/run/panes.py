"""The small panes: workers, alerts, and why a pane is empty."""

from eitui.analysis.clock import freshness
from eitui.analysis.figures import STALLED
from eitui.analysis.standing import waiting_for
from eitui.domain.moment import Alert, AlertKind, Assignment, Freshness, Moment
from eitui.domain.run import WorkerCounts
from eitui.view.kit import format as fmt
from eitui.view.kit.cells import fit, len_cells, middle
from eitui.view.kit.keys import keyed
from eitui.view.kit.lines import Line
from eitui.view.kit.status import BEST, CAUTION, DONE, FAULT, FITS, NEWS, status

ALERT_SIGN = {
    AlertKind.FINISHED: DONE,
    AlertKind.RUN_FAILED: FAULT,
    AlertKind.FAILED: FAULT,
    AlertKind.NEW_BEST: BEST,
    AlertKind.NEW_FIT: FITS,
    AlertKind.STALLED: status(STALLED),
    AlertKind.WORKER_LOST: CAUTION,
    AlertKind.CONNECTION_LOST: FAULT,
    AlertKind.CONNECTION_BACK: DONE,
    AlertKind.NEW_RUN: NEWS,
    AlertKind.NOT_WATCHED: CAUTION,
    AlertKind.NOT_RECORDED: FAULT,
    AlertKind.RECORDED_AGAIN: DONE,
}
"""The state that every kind of alert tells of."""

OPENS_LOG = "{run.logs} opens the tuner's log."
"""What to press to learn more."""

MOST_ID, MOST_STATE = 16, 10
"""Cells that a worker's id and its state may take."""


def workers(moment: Moment, now: float, width: int) -> list[Line]:
    """Return a line for every worker: its state, the trial it runs, and since when.

    `now` is as of `eitui.analysis.clock.own_time`.
    """
    run, history = moment.run, moment.history
    jobs = [history.assignments.get(worker.id, Assignment(worker.id, worker.status)) for worker in run.workers]
    names = {trial.id: trial.name for trial in run.trials}
    ids = min(MOST_ID, max((len_cells(job.worker_id) for job in jobs), default=0))
    states = [status(STALLED if job.trial_id in history.stalled else job.status) for job in jobs]
    words = min(MOST_STATE, max((len_cells(state.word) for state in states), default=0))
    # In minutes: a running count of seconds would be sent over the line for ever.
    since: list[str] = []
    for job in jobs:
        so_far = fmt.duration(now - job.since) if now - job.since >= 60 else ""
        since.append((so_far or "<1m") if job.since_known else f"≥ {so_far}" if so_far else "")
    ages = max(map(len, since), default=0)
    room = width - ids - words - ages - 10
    return [
        (
            (f" {fit(state.sign, 1)} ", state.tone),
            (fit(job.worker_id, ids), ""),
            (f"  {fit(state.word, words)}", state.tone),
            (f"  {middle(names.get(job.trial_id or '', ''), max(room, 0))}", ""),
            (f"  {age:>{ages}} ", "dim"),
        )
        for job, state, age in zip(jobs, states, since, strict=True)
    ]


def worker_title(moment: Moment) -> str:
    """How many workers are in which state, in the service's own count."""
    counts = moment.run.worker_counts
    return worker_counts(counts) if counts.busy or counts.ready or counts.pending else ""


def worker_counts(counts: WorkerCounts) -> str:
    """Return how many workers are in which state; `–` where the service does not say."""
    told = ((counts.busy, "busy"), (counts.ready, "ready"), (counts.pending, "pending"))
    return ", ".join(f"{fmt.MISSING if count is None else count} {word}" for count, word in told)


def alerts(moment: Moment, now: float, first: int = 0, most: int = 100) -> list[Line]:
    """Return a line for each alert, the newest first: `most` of them from the `first` on, counted from 0."""
    return [alert_line(alert, now) for alert in moment.alerts[::-1][first : first + most]]


def alert_line(alert: Alert, now: float) -> Line:
    """One alert on one line."""
    told = ALERT_SIGN[alert.kind]
    return (
        (f" {fmt.clock(alert.at, now)} ", "dim"),
        told.says(f"{alert.kind:<15} "),
        (alert.text, ""),
    )


def why_without_trials(moment: Moment) -> str:
    """Return why a run that is over has no trial, as far as the service tells; empty where it has, or goes on.

    That no model came close to the latency is what Edge Impulse's own client says of such a run.
    """
    run = moment.run
    if run.trials or run.counts.total or run.uncounted or not run.finished:
        return ""
    if moment.record is not None and moment.record.job_status == "cancelled":
        return "The run was cancelled before its first trial."
    if run.job_error:
        return "The run ended with an error before its first trial."
    most = run.config.target.latency_ms
    limit = "" if most is None else f" of {fmt.latency(most)}"
    return f"The run ended without a trial, usually because no model comes close to the target latency{limit}."


def why_no_trials(moment: Moment, endpoint: str, mono: float) -> str:
    """Why the trial table is empty, and what to do; empty when there are trials."""
    run = moment.run
    if run.trials:
        return ""
    if not moment.seen:
        waiting = moment.connection.problem is None
        return f"Asking {endpoint} for the tuner's state…" if waiting else "No data: no answer so far."
    if not run.started:
        return (
            "This project has no tuner run yet. Start one in the Studio, under EON Tuner: "
            "it appears here automatically."
        )
    if why := why_without_trials(moment):
        return f"{why} {keyed(OPENS_LOG)}"
    if run.counts.total or run.uncounted:
        return "The service did not list the trials."
    if waits := waiting_for(moment):
        return f"No trials yet: {waits}."
    if freshness(moment.connection, mono) is Freshness.LIVE:
        return "The run is starting: no trials yet."
    return "The last answer had no trials."


def why_no_workers(moment: Moment) -> str:
    """Why the worker pane is empty; empty when there are workers."""
    if moment.run.workers:
        return ""
    if not moment.seen:
        return "Waiting for the first answer of the service."
    if moment.run.finished:
        return "The run has ended: no workers."
    return "No workers." if moment.run.started else "Workers appear when a run starts."


def why_no_alerts(moment: Moment) -> str:
    """Why the alert pane is empty; empty when there are alerts."""
    if moment.alerts:
        return ""
    return "No alerts yet. Failures, new best trials, stalls and outages are listed here."
