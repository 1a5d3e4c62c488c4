"""Progress of the search: the best so far against the trials that finished, and what will end the run.

Trials that completed are counted, not failed ones: they tell the search nothing, and the early stopping that the API
document describes in the words of Ax (`ImprovementGlobalStoppingStrategy`) counts completed trials too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from eitui.analysis.eta import elapsed, planned_trials
from eitui.analysis.improvement import Finished, finishing_order, rated, since_improvement
from eitui.analysis.lens import Lens, usual_lens
from eitui.domain.moment import Moment
from eitui.domain.run import Counts, Objective, Run
from eitui.domain.trial import Trial


@dataclass(frozen=True)
class RoundMark:
    """Where a round of the search begins."""

    round: int
    at: int
    """Trials that had completed before the first of this round did."""


class LimitKind(StrEnum):
    """What can end a run."""

    TRIALS = "trials"
    """No trial of the plan is left."""
    EARLY_STOPPING = "early stopping"
    """Too many completed trials in a row were no improvement."""
    TRAINING_TIME = "training time"
    """The run's total training time is used up."""


@dataclass(frozen=True)
class Limit:
    """One thing that will end the run, and how far off it is."""

    kind: LimitKind
    trials: int | None = None
    """Trials until then: any that finish (`TRIALS`), or complete without an improvement (`EARLY_STOPPING`)."""
    seconds: float | None = None
    """Time until then, at the run's pace so far; None while that is not known."""

    @property
    def reached(self) -> bool:
        """Whether there is nothing left of it."""
        return self.trials == 0 or self.seconds == 0


@dataclass(frozen=True)
class Search:
    """How the search is going."""

    metric: str
    """`val_accuracy`, or `val_loss` where no completed trial has an accuracy; less of that is better."""
    finished: tuple[Finished, ...] = ()
    """In the order in which they finished."""
    rounds: tuple[RoundMark, ...] = ()
    unimproved: int = 0
    """Completed trials since the last improvement."""
    window: int | None = None
    """How many of these end the run (`Config.early_stopping_window`)."""
    objectives: tuple[Objective, ...] = ()
    """What the search optimises, with the weights as the service gives them: more than our one metric."""
    limits: tuple[Limit, ...] = ()
    """What may end the run, soonest first as far as that can be told; of a run that is over, what was reached."""
    first: Limit | None = None
    """The one that comes first, if nothing improves; None where that cannot be told, or nothing is known to end it."""

    @property
    def steps(self) -> tuple[Finished, ...]:
        """The improvements: the best so far is level from each to the next."""
        return tuple(trial for trial in self.finished if trial.improved)

    @property
    def best(self) -> Finished | None:
        """The last improvement; None while no trial has a figure."""
        return self.steps[-1] if self.steps else None


def search(moment: Moment, now: float, lens: Lens | None = None) -> Search:
    """Return how the search is going. `now`: seconds since the Unix epoch; `lens`: None for the run's own.

    The steps follow the lens. The limits do not: the tuner looks at the run's own figures whatever we look at.
    """
    run = moment.run
    usual = usual_lens(run)
    ordered = finishing_order(run.completed, moment.history.spans)
    metric, finished = rated(ordered, lens or usual)
    theirs = finished if lens in (None, usual) else rated(ordered, usual)[1]
    limits = _limits(moment, since_improvement(theirs), now)
    return Search(
        metric,
        finished,
        rounds=_rounds(ordered),
        unimproved=since_improvement(finished),
        window=run.config.early_stopping_window,
        objectives=run.config.objectives,
        limits=limits,
        first=limits[0] if limits and (limits[0].reached or _comparable(limits)) else None,
    )


def _rounds(ordered: Sequence[Trial]) -> tuple[RoundMark, ...]:
    """Return the marks of rounds higher than all before: a round's last trials finish within the next one."""
    marks: list[RoundMark] = []
    for before, trial in enumerate(ordered):
        if trial.round is not None and (not marks or trial.round > marks[-1].round):
            marks.append(RoundMark(trial.round, before))
    return tuple(marks)


def _limits(moment: Moment, unimproved: int, now: float) -> tuple[Limit, ...]:
    run = moment.run
    so_far = elapsed(moment, now)
    known = [
        limit
        for limit in (_trials(run, so_far), _early_stopping(run, unimproved, so_far), _training_time(run, so_far))
        if limit is not None
    ]
    if run.finished:
        return tuple(limit for limit in known if limit.reached)
    share = run.counts.over / run.counts.completed if run.counts.completed else 1.0
    in_time = all(limit.seconds is not None for limit in known)
    return tuple(sorted(known, key=lambda limit: _distance(limit, share, in_time=in_time)))


def _comparable(limits: Sequence[Limit]) -> bool:
    """Whether all are in time, or all in trials."""
    return all(limit.seconds is not None for limit in limits) or all(limit.trials is not None for limit in limits)


def _distance(limit: Limit, share: float, *, in_time: bool) -> float:
    """Return how far off a limit is, for comparing. `share`: so many have to finish for one to complete."""
    if limit.reached:
        return 0.0
    if in_time and limit.seconds is not None:
        return limit.seconds
    if limit.trials is None:
        return float("inf")
    return limit.trials * (share if limit.kind is LimitKind.EARLY_STOPPING else 1.0)


def _trials(run: Run, so_far: float | None) -> Limit | None:
    is_planned = planned_trials(replace(run, counts=Counts())) > 0
    if not is_planned:
        return None
    left = max(0, planned_trials(run) - run.counts.over)
    return Limit(LimitKind.TRIALS, left, _at_pace(left, run.counts.over, so_far))


def _early_stopping(run: Run, unimproved: int, so_far: float | None) -> Limit | None:
    window = run.config.early_stopping_window
    if window is None:
        return None
    left = max(0, window - unimproved)
    return Limit(LimitKind.EARLY_STOPPING, left, _at_pace(left, run.counts.completed, so_far))


def _training_time(run: Run, so_far: float | None) -> Limit | None:
    limit = run.config.max_total_training_s
    if run.total_training_time_exceeded:
        return Limit(LimitKind.TRAINING_TIME, seconds=0.0)
    if limit is None or so_far is None:
        return None if limit is None else Limit(LimitKind.TRAINING_TIME)
    # A run that goes on past the limit shows that the limit counts something else than its age.
    return Limit(LimitKind.TRAINING_TIME, seconds=limit - so_far) if limit > so_far else None


def _at_pace(left: int, done: int, so_far: float | None) -> float | None:
    if left == 0:
        return 0.0
    return None if so_far is None or not done else left * so_far / done
