"""Gather what the service does not keep: epochs, when trials ran, what workers do and since when."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import median

from eitui.domain.history import EMPTY_CURVE, Assignment, Curve, Epoch, History, TrialSpan
from eitui.domain.run import Run
from eitui.domain.trial import RUNNING, Trial


def update_history(
    history: History,
    before: Run,
    after: Run,
    now: float,
    stall_after_s: float,
    *,
    score: tuple[bool, float] | None,
    gap: bool = False,
) -> History:
    """Return `history` with what `after`, whose best trial has `score`, adds to `before`.

    `now` is in seconds since the Unix epoch.

    Trials that are the same in both are not looked at, so the cost follows what changed. After a `gap` nobody
    knows when what changed in it did.
    """
    first = gap or history.began is None
    old = {trial.id: trial for trial in before.trials}
    changed = [trial for trial in after.trials if not trial.is_unchanged(old.get(trial.id))]
    curves, spans = dict(history.curves), dict(history.spans)
    for trial in changed:
        curves[trial.id] = extend(curves.get(trial.id, EMPTY_CURVE), trial, now)
        spans[trial.id] = _span(spans.get(trial.id), old.get(trial.id), trial, now, first=first)
    grown = History(
        began=now if history.began is None else history.began,
        curves=curves if changed else history.curves,
        spans=spans if changed else history.spans,
        assignments=_assignments(history.assignments, after, now, first=first),
        best_score=_better(history.best_score, score) if changed else history.best_score,
        run_id=history.run_id if after.coordinator_job_id is None else after.coordinator_job_id,
        gaps=history.gaps,
    )
    return replace(grown, stalled=stalled(grown, after, now, stall_after_s))


def _better(one: tuple[bool, float] | None, other: tuple[bool, float] | None) -> tuple[bool, float] | None:
    return max((score for score in (one, other) if score is not None), default=None)


def extend(curve: Curve, trial: Trial, now: float) -> Curve:
    """Return `curve` with the latest epoch of `trial`.

    A new attempt begins with the first new figures after the trial's retries grew, or with an epoch less than half the
    last one seen. Any other lower epoch is an old answer, from a service that has several copies of the state.
    """
    progress = trial.progress
    if progress.epoch is None:
        return curve
    new = Epoch(progress.epoch, progress.loss, progress.val_loss, progress.accuracy, progress.val_accuracy, now)
    if not curve.epochs:
        return Curve((new,), curve.earlier, trial.retries)
    last = curve.epochs[-1]
    same = replace(new, seen_at=last.seen_at)
    if same == last:
        return curve
    if trial.retries > curve.retries or 2 * new.epoch < last.epoch:
        return Curve((new,), (*curve.earlier, curve.epochs), trial.retries)
    if new.epoch < last.epoch:
        return curve
    kept, latest = (curve.epochs, new) if new.epoch > last.epoch else (curve.epochs[:-1], same)
    return replace(curve, epochs=(*kept, latest))


def _span(span: TrialSpan | None, old: Trial | None, new: Trial, now: float, *, first: bool) -> TrialSpan:
    span = span or TrialSpan()
    started, ended = span.started, span.ended
    if new.status == RUNNING:
        begins = old.status != RUNNING if old is not None else not first
        started, ended = (now if begins else started), None
    elif not new.over:
        ended = None
    elif ended is None and not first and not (old is not None and old.over):
        ended = now
    return TrialSpan(started, ended, now)


def _assignments(known: Mapping[str, Assignment], run: Run, now: float, *, first: bool) -> Mapping[str, Assignment]:
    trial_of = {trial.worker_id: trial.id for trial in run.trials if trial.status == RUNNING and trial.worker_id}
    assignments: dict[str, Assignment] = {}
    for worker in run.workers:
        trial_id = trial_of.get(worker.id)
        last = known.get(worker.id)
        if last is not None and (last.status, last.trial_id) == (worker.status, trial_id):
            assignments[worker.id] = last
        else:
            assignments[worker.id] = Assignment(worker.id, worker.status, trial_id, now, since_known=not first)
    return assignments


STALL_BEFORE_FIRST_EPOCH = 30 * 60.0
"""Seconds a trial may say nothing before its first epoch: feature generation is slow and shows no progress."""

STALL_EPOCHS = 10
"""A trial is stalled when it has been silent for this many times its usual epoch."""


def stalled(history: History, run: Run, now: float, after_s: float) -> frozenset[str]:
    """Return the running trials that have said nothing new for too long.

    Too long is `after_s` seconds or ten of the trial's own epochs, whichever is more, and half an hour before its
    first epoch.
    """
    silent = set()
    for trial in run.trials:
        if trial.status != RUNNING:
            continue
        span = history.spans.get(trial.id)
        if span is not None and now - span.last_change > _patience(history.curves.get(trial.id), after_s):
            silent.add(trial.id)
    return frozenset(silent)


def _patience(curve: Curve | None, after_s: float) -> float:
    if curve is None or not curve.epochs:
        return max(after_s, STALL_BEFORE_FIRST_EPOCH)
    pace = epoch_seconds(curve)
    # A single epoch tells no pace: a long first one must not raise an alarm.
    return max(after_s, STALL_EPOCHS * pace) if pace is not None else max(after_s, STALL_BEFORE_FIRST_EPOCH)


def epoch_seconds(curve: Curve) -> float | None:
    """Return the usual time between a trial's epochs in seconds, from when they were seen; None below two epochs."""
    steps = [
        (later.seen_at - earlier.seen_at) / (later.epoch - earlier.epoch)
        for earlier, later in zip(curve.epochs, curve.epochs[1:], strict=False)
        if later.epoch > earlier.epoch
    ]
    return median(steps) if steps else None
