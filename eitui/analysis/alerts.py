"""What deserves a person's attention between one snapshot and the next."""

from eitui.analysis.durations import coarse
from eitui.analysis.figures import figure, over_limits, precision_of
from eitui.analysis.ranking import usual_lens
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
    alerts: list[Alert] = []
    known = {trial.id: trial for trial in before.trials}
    for trial in after.trials:
        if trial.status == FAILED and (trial.id not in known or known[trial.id].status != FAILED):
            block = next((block for block in trial.blocks if block.status == FAILED), None)
            retries = f"{trial.retries} {'retry' if trial.retries == 1 else 'retries'}" if trial.retries else ""
            why = ", ".join(filter(None, (block_name(block.kind) if block else "", retries)))
            alerts.append(Alert(AlertKind.FAILED, now, f"{trial.name}{f': {why}' if why else ''}", trial.id))

    # The best only where none was ever as good: else a rival that trains anew would make one.
    former, best = was.trial, stands.trial
    if best is not None and new.best_score != old.best_score and (former is None or former.id != best.id):
        over = sorted(over_limits(best, precision_of(stands.of), stands.of.config.target))
        limits = f"; over the limit of {' and '.join(figure(one).label or one for one in over)}" if over else ""
        text = f"{best.name}: {_quality(best, stands.of)}{limits}"
        alerts.append(Alert(AlertKind.NEW_BEST, now, text, best.id))
    # The best within the limits likewise, where a better one breaks them.
    former, fit = was.within_limits, stands.within_limits
    rose = fit is not best and new.fit_score != old.fit_score
    if fit is not None and rose and (former is None or former.id != fit.id):
        alerts.append(Alert(AlertKind.NEW_FIT, now, f"{fit.name}: {_quality(fit, stands.of)}", fit.id))

    for trial in after.trials:
        if trial.id in new.stalled - old.stalled:
            silent = coarse(max(0.0, now - new.spans[trial.id].last_change))
            where = f" on {trial.worker_id}" if trial.worker_id else ""
            text = f"{trial.name}: nothing new for {silent}{where}"
            alerts.append(Alert(AlertKind.STALLED, now, text, trial.id))

    alerts += _lost(before, after, old, now)
    if after.finished and not before.finished:
        text = f"{after.counts.completed} completed, {after.counts.failed} failed"
        if after.job_error:
            alerts.append(Alert(AlertKind.RUN_FAILED, now, f"{text}; {after.job_error}"))
        else:
            alerts.append(Alert(AlertKind.FINISHED, now, text))
    return tuple(alerts)


def _quality(trial: Trial, run: Run) -> str:
    lens = usual_lens(run)
    reached, loss = lens.accuracy(trial), lens.loss(trial)
    if reached is not None:
        return f"val acc {reached:.1%}"
    return "completed" if loss is None else f"val loss {loss:.4g}"


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
