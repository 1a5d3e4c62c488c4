"""Gather what the state does not keep: epochs, when trials ran, what workers do and since when, and who is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from statistics import median

from eitui.domain.curve import EMPTY_CURVE, Curve, Epoch, Epochs, LogPart, agree, phases_of, with_part
from eitui.domain.moment import Assignment, History, Moment, TrialSpan
from eitui.domain.run import Run
from eitui.domain.trial import RUNNING, Trial


def update_history(
    history: History,
    before: Run,
    after: Run,
    now: float,
    stall_after_s: float,
    *,
    score: tuple[int, float] | None,
    fit_score: tuple[int, float] | None = None,
    gap: bool = False,
    service_now: float | None = None,
) -> History:
    """Return `history` with what `after`, whose best trial has `score`, adds to `before`.

    `now` is in seconds since the Unix epoch, `service_now` the same instant by the service's clock. `fit_score` is that
    of the best trial within the limits.

    Trials that are the same in both are not looked at, so the cost follows what changed. After a `gap` nobody
    knows when what changed in it did.
    """
    first = gap or history.began is None
    old = {trial.id: trial for trial in before.trials}
    changed = [trial for trial in after.trials if not trial.is_unchanged(old.get(trial.id))]
    # The same answer again says more than one did.
    waiting = {trial_id for trial_id, curve in history.curves.items() if curve.doubtful is not None}
    waiting -= {trial.id for trial in changed}
    curves, spans = dict(history.curves), dict(history.spans)
    for trial in changed:
        curves[trial.id] = extend(curves.get(trial.id, EMPTY_CURVE), trial, now)
        spans[trial.id] = _span(spans.get(trial.id), old.get(trial.id), trial, now, service_now, first=first)
    for trial_id in waiting:
        if (silent := after.trial(trial_id)) is not None:
            curves[trial_id] = extend(curves[trial_id], silent, now)
    grown = History(
        began=now if history.began is None else history.began,
        curves=curves if changed or waiting else history.curves,
        spans=spans if changed else history.spans,
        assignments=_assignments(history.assignments, after, now, first=first),
        best_score=_better(history.best_score, score) if changed else history.best_score,
        fit_score=_better(history.fit_score, fit_score) if changed else history.fit_score,
        run_id=history.run_id if after.coordinator_job_id is None else after.coordinator_job_id,
        gaps=history.gaps,
    )
    return replace(grown, stalled=stalled(grown, after, now, stall_after_s))


def _better(one: tuple[int, float] | None, other: tuple[int, float] | None) -> tuple[int, float] | None:
    return max((score for score in (one, other) if score is not None), default=None)


def extend(curve: Curve, trial: Trial, now: float) -> Curve:
    """Return `curve` with the latest epoch of `trial`.

    A new attempt begins with the first new figures after the trial's retries grew. A lower epoch with the same retries
    begins a phase of training, such as fine-tuning, when the service says that it was completed later than the one
    before; without such times when it is still there at the next poll, or the phase has this epoch with other figures.
    Any other lower epoch is an old answer, from a service that has several copies of the state.
    """
    progress, completed = trial.progress, trial.last_completed_epoch
    if progress.epoch is None:
        return curve
    figures = (progress.loss, progress.val_loss, progress.accuracy, progress.val_accuracy)
    new = Epoch(progress.epoch, *figures, now, completed)
    if not curve.epochs:
        return replace(curve, polled=(new,), retries=trial.retries)
    last = curve.polled[-1] if curve.polled else None
    before = None if last is None else last.completed_at
    later = completed is not None and before is not None and completed > before
    same = last is not None and (last.epoch, last.loss, last.val_loss, last.accuracy, last.val_accuracy) == (
        new.epoch,
        *figures,
    )
    if same and curve.doubtful is None and not later:
        return curve
    old = same or (last is None and _is_among(new, curve.epochs))
    if trial.retries > curve.retries and not old:
        return Curve((new,), (*curve.earlier, curve.epochs), trial.retries)
    if last is None:
        return replace(curve, polled=(new,))
    if completed is not None and before is not None and completed < before:
        return replace(curve, polled=_with_old_answer(curve.polled, new))
    timeless = completed is None or before is None
    if timeless and _is_of_another_phase(new, curve.polled):
        doubtful = curve.doubtful
        begun = (new,) if doubtful is None or doubtful.epoch >= new.epoch else (doubtful, new)
        return replace(curve, polled=(*curve.polled, *begun), doubtful=None)
    if timeless and new.epoch == last.epoch and not agree(new, last):
        return curve  # an old answer, of an earlier phase
    if new.epoch == last.epoch and not (later and not agree(new, last)):
        return _settled(replace(curve, polled=(*curve.polled[:-1], replace(new, seen_at=last.seen_at))))
    if new.epoch > last.epoch:
        return _settled(curve, new)
    if later:
        return replace(curve, polled=(*curve.polled, new), doubtful=None)
    return _doubted(curve, new)


def _is_of_another_phase(new: Epoch, polled: Epochs) -> bool:
    """Return whether the latest phase has an epoch with this number and other figures, and so has every phase."""
    latest = phases_of(polled)[-1]
    return any(epoch.epoch == new.epoch for epoch in latest) and not _is_among(new, polled)


def _settled(curve: Curve, *following: Epoch) -> Curve:
    """Return `curve` with epochs that follow; what was doubtful was an old answer."""
    polled = curve.polled if curve.doubtful is None else _with_old_answer(curve.polled, curve.doubtful)
    return replace(curve, polled=(*polled, *following), doubtful=None)


def _doubted(curve: Curve, new: Epoch) -> Curve:
    """Return `curve` after a poll with a lower epoch, of which the service does not say when it was completed."""
    doubtful = curve.doubtful
    if _is_among(new, curve.polled):
        return curve
    if doubtful is None or new.epoch < doubtful.epoch:
        return replace(_settled(curve), doubtful=new)
    begun = (doubtful,) if _is_among(new, (doubtful,)) else (doubtful, new)
    return replace(curve, polled=(*curve.polled, *begun), doubtful=None)


def _with_old_answer(polled: Epochs, old: Epoch) -> Epochs:
    """Return `polled` with an epoch from before its last one: by time, else in the latest phase that goes so far."""
    at = old.completed_at
    times = [epoch.completed_at for epoch in polled]
    if at is not None and None not in times:
        place = sum(time is not None and time < at for time in times)
        around = polled[max(0, place - 1) : place + 1]
        return polled if _is_among(old, around) else (*polled[:place], old, *polled[place:])
    phases = phases_of(polled)
    phase = max((place for place, phase in enumerate(phases) if phase[-1].epoch >= old.epoch), default=None)
    if phase is None or any(epoch.epoch == old.epoch for epoch in phases[phase]):
        return polled
    phases[phase] = tuple(sorted((*phases[phase], old), key=lambda epoch: epoch.epoch))
    return tuple(chain.from_iterable(phases))


def _is_among(epoch: Epoch, others: Epochs) -> bool:
    return any(epoch.epoch == other.epoch and agree(epoch, other) for other in others)


def fill(curve: Curve, told: LogPart, retries: int) -> Curve:
    """Return `curve` with the epochs that the log told of the attempt after so many `retries`."""
    if retries < curve.retries:
        return curve
    # A trial that is tried again still has the log of the attempt before.
    old = any(_is_among(epoch, told.epochs) for epoch in curve.epochs)
    if retries > curve.retries and told.epochs and not old:
        curve = Curve((), (*curve.earlier, curve.epochs) if curve.epochs else curve.earlier, retries)
    *parts, last = curve.logged or (LogPart(),)
    if any(_is_among(epoch, last.epochs) for epoch in told.epochs):
        # One part: it goes on from what was read before.
        told = LogPart(with_part(last.epochs, told), last.from_start or told.from_start, told.to_end)
    else:
        parts.append(last)
    logged = tuple(part for part in (*parts, told) if part.epochs)
    return replace(curve, logged=logged, log_read=True, log_ended=curve.log_ended or told.to_end)


def _span(
    span: TrialSpan | None, old: Trial | None, new: Trial, now: float, service_now: float | None, *, first: bool
) -> TrialSpan:
    span = span or TrialSpan()
    started, ended = span.started, span.ended
    if new.status == RUNNING:
        begins = old.status != RUNNING if old is not None else not first
        started, ended = (now if begins else started), None
    elif not new.over:
        ended = None
    elif ended is None and not first and not (old is not None and old.over):
        ended = now
    silence = 0.0
    if first or (old is not None and _without_times(old) == _without_times(new)):
        # It has done nothing for as long as the service's own times say, where these are known.
        times = (new.last_completed_epoch, new.last_completed_training, *(block.last_active for block in new.blocks))
        known = [time for time in times if time is not None]
        silence = max(0.0, service_now - max(known)) if known and service_now is not None else 0.0
    return TrialSpan(started, ended, now - silence)


def _without_times(trial: Trial) -> Trial:
    """Return what of a trial is news when it changes: of its times the service says itself how old they are."""
    blocks = tuple(replace(block, last_active=None) for block in trial.blocks)
    return replace(trial, blocks=blocks, last_completed_epoch=None, last_completed_training=None)


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
        span, curve = history.spans.get(trial.id), history.curves.get(trial.id)
        # A single epoch tells no pace: a long first one must not raise an alarm.
        each = epoch_seconds(curve) if curve is not None else None
        patience = max(after_s, STALL_BEFORE_FIRST_EPOCH if each is None else STALL_EPOCHS * each)
        if span is not None and now - span.last_change > patience:
            silent.add(trial.id)
    return frozenset(silent)


def epoch_seconds(curve: Curve) -> float | None:
    """Return the usual time between a trial's epochs in seconds, from when polls told them; None below two epochs.

    Of the latest phase alone: fine-tuning trains more layers, and takes longer for each epoch.
    """
    phases = phases_of(curve.polled)
    steps = [
        (later.seen_at - earlier.seen_at) / (later.epoch - earlier.epoch)
        for earlier, later in pairwise(phases[-1] if phases else ())
        if later.seen_at is not None and earlier.seen_at is not None
    ]
    return median(steps) if steps else None


@dataclass(frozen=True)
class Stuck:
    """Running trials that have said nothing new for too long, or a run without any in which nothing happens."""

    running: int
    silent: int
    """How many of these are silent."""
    since: float
    """The last news of any of the silent ones, or of the whole run; comparable with `own_time`."""

    @property
    def entirely(self) -> bool:
        """Whether nothing of the run moves."""
        return self.silent == self.running


def stuck(moment: Moment) -> Stuck | None:
    """Return what of the run does not move, as of the last answer; None while all does, and of a run that is over."""
    run, history, good = moment.run, moment.history, moment.connection.last_good
    if run.finished or not run.trials or good is None:
        return None
    news = {trial_id: span.last_change for trial_id, span in history.spans.items()}
    silent = [news[trial_id] for trial_id in history.stalled if trial_id in news]
    if silent:
        return Stuck(run.counts.running, len(silent), max(silent))
    last = max(news.values(), default=good.wall)
    if run.counts.running or good.wall - last <= STALL_BEFORE_FIRST_EPOCH:
        return None
    return Stuck(0, 0, last)
