"""What deserves a person's attention between one snapshot and the next."""

from eitui.analysis.durations import coarse
from eitui.analysis.figures import accuracy, figure, loss_of, over_limits, precision_of
from eitui.domain.moment import Alert, AlertKind, History
from eitui.domain.run import Run, Standing
from eitui.domain.trial import FAILED, RUNNING, Trial, block_name


def run_alerts(
    before: Run, after: Run, old: History, new: History, now: float, *, was: Standing, stands: Standing
) -> tuple[Alert, ...]:
    """Return the alerts that `after` gives rise to. Nothing is said of what was already so at the first answer.

    `was` and `stands` are how the trials of `before` and `after` are ranked.
    """
    if old.began is None:
        return ()
    known = {trial.id: trial for trial in before.trials}
    return (
        *_failed(known, after, now),
        *_new_best(was, stands, old, new, now),
        *_new_fit(was, stands, old, new, now),
        *_stalled(after, old, new, now),
        *_lost(before, after, old, now),
        *_finished(before, after, now),
    )


def _failed(known: dict[str, Trial], after: Run, now: float) -> list[Alert]:
    return [
        Alert(AlertKind.FAILED, now, f"{trial.name}{_where(trial)}", trial.id)
        for trial in after.trials
        if trial.status == FAILED and (trial.id not in known or known[trial.id].status != FAILED)
    ]


def _where(trial: Trial) -> str:
    block = next((block for block in trial.blocks if block.status == FAILED), None)
    retries = f"{trial.retries} {'retry' if trial.retries == 1 else 'retries'}" if trial.retries else ""
    text = ", ".join(part for part in (block_name(block.kind) if block else "", retries) if part)
    return f": {text}" if text else ""


def _new_best(was: Standing, stands: Standing, old: History, new: History, now: float) -> list[Alert]:
    """Return the best trial where none was ever as good: without this, a rival that trains anew would make one."""
    if new.best_score == old.best_score:
        return []
    former, trial = was.trial, stands.trial
    if trial is None or (former is not None and former.id == trial.id):
        return []
    over = sorted(over_limits(trial, precision_of(stands.of), stands.of.config.target))
    limits = f"; over the limit of {' and '.join(figure(one).label or one for one in over)}" if over else ""
    return [Alert(AlertKind.NEW_BEST, now, f"{trial.name}: {_quality(trial, stands.of)}{limits}", trial.id)]


def _new_fit(was: Standing, stands: Standing, old: History, new: History, now: float) -> list[Alert]:
    """Return the best trial within the limits where none there was ever as good, and a better one breaks them."""
    former, trial = was.within_limits, stands.within_limits
    if trial is None or trial is stands.trial or new.fit_score == old.fit_score:
        return []
    if former is not None and former.id == trial.id:
        return []
    return [Alert(AlertKind.NEW_FIT, now, f"{trial.name}: {_quality(trial, stands.of)}", trial.id)]


def _quality(trial: Trial, run: Run) -> str:
    precision = precision_of(run)
    reached, loss = accuracy(trial, precision), loss_of(trial, precision)
    if reached is not None:
        return f"val acc {reached:.1%}"
    return "completed" if loss is None else f"val loss {loss:.4g}"


def _stalled(after: Run, old: History, new: History, now: float) -> list[Alert]:
    alerts = []
    for trial in after.trials:
        if trial.id in new.stalled - old.stalled:
            silent = coarse(max(0.0, now - new.spans[trial.id].last_change))
            where = f" on {trial.worker_id}" if trial.worker_id else ""
            text = f"{trial.name}: nothing new for {silent}{where}"
            alerts.append(Alert(AlertKind.STALLED, now, text, trial.id))
    return alerts


def _lost(before: Run, after: Run, old: History, now: float) -> list[Alert]:
    """Workers that went away while they had a trial in hand: the pool shrinking between trials is normal."""
    present = {worker.id for worker in after.workers}
    alerts = []
    for worker in before.workers:
        assignment = old.assignments.get(worker.id)
        if worker.id in present or assignment is None or assignment.trial_id is None or after.finished:
            continue
        trial = after.trial(assignment.trial_id)
        if trial is not None and not trial.over:
            now_is = "" if trial.status == RUNNING else f", now {trial.status}"
            text = f"{worker.id} left {trial.name} unfinished{now_is}"
            alerts.append(Alert(AlertKind.WORKER_LOST, now, text, trial.id))
    return alerts


def _finished(before: Run, after: Run, now: float) -> list[Alert]:
    if before.finished or not after.finished:
        return []
    counts = after.counts
    text = f"{counts.completed} completed, {counts.failed} failed"
    if after.job_error:
        return [Alert(AlertKind.RUN_FAILED, now, f"{text}; {after.job_error}")]
    return [Alert(AlertKind.FINISHED, now, text)]
