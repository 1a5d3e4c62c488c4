"""Progress of the search: the best so far against the trials that finished, and what will end the run.

Trials that completed are counted, not failed ones: they tell the search nothing, and the early stopping that the API
document describes in the words of Ax (`ImprovementGlobalStoppingStrategy`) counts completed trials too.
"""

from dataclasses import dataclass, field

from eitui.analysis.eta import Eta, Limit, eta, first_of, limits, outlived, pace
from eitui.analysis.figures import Lens
from eitui.analysis.ranking import (
    Finished,
    Merit,
    best,
    finishing_order,
    merit_of,
    quality,
    ranked,
    rated,
    since_improvement,
    usual_lens,
)
from eitui.domain.moment import Moment
from eitui.domain.run import Objective


@dataclass(frozen=True)
class RoundMark:
    """Where a round of the search begins."""

    round: int
    at: int
    """Trials that had completed before the first of this round did."""


@dataclass(frozen=True)
class Search:
    """How the search is going."""

    metric: str
    """`val_accuracy`, or `val_loss` where trials are ranked by that; less of that is better."""
    finished: tuple[Finished, ...] = ()
    """In the order in which they finished."""
    star: Finished | None = None
    """The best trial (★) as the whole program has it, which need not be the last improvement; None without any."""
    star_by: str = ""
    """What that is the best by, in words."""
    rounds: tuple[RoundMark, ...] = ()
    unimproved: int = 0
    """Completed trials since the last improvement."""
    own: Merit = field(default_factory=Merit)
    """What the run's trials are ranked by, whatever is looked at."""
    own_unimproved: int = 0
    """As `unimproved`, by that: it is as near as one comes to the tuner's count."""
    window: int | None = None
    """How many of these are to end the run (`Config.early_stopping_window`)."""
    outlived: bool = False
    """Whether the run went on when, by its own figures, the window was full: the tuner counts otherwise."""
    bar: float | None = None
    """What an improvement must exceed to count for the tuner (`Config.early_stopping_bar`)."""
    objectives: tuple[Objective, ...] = ()
    """What the search optimises, with the weights as the service gives them: more than our one metric."""
    limits: tuple[Limit, ...] = ()
    """What may end the run, soonest first as far as that can be told; of a run that is over, what was reached."""
    first: Limit | None = None
    """The one that comes first, if nothing improves; None where that cannot be told, or nothing is known to end it."""
    eta: Eta | None = None
    """The time left, by the same pace as that of the limits."""

    @property
    def steps(self) -> tuple[Finished, ...]:
        """The improvements: the best so far is level from each to the next."""
        return tuple(trial for trial in self.finished if trial.improved)

    @property
    def best(self) -> Finished | None:
        """The last improvement; None while no trial has a figure."""
        return self.steps[-1] if self.steps else None


def search(moment: Moment, now: float, lens: Lens | None = None) -> Search:
    """Return how the search is going. `now`: as of `own_time`; `lens`: None for the run's own.

    The steps follow the lens. The limits do not: the tuner looks at the run's own figures whatever we look at.
    """
    run = moment.run
    usual = usual_lens(run)
    ordered = finishing_order(run.completed, moment.history.spans)
    own, shown = merit_of(run, usual), merit_of(run, lens or usual)
    # What weighs several things has no unit that an axis could show.
    shown = shown if shown.is_loss else quality(run, lens or usual)
    finished = rated(ordered, shown)
    counted = since_improvement(finished if own == shown else rated(ordered, own))
    found = limits(moment, counted, pace(moment, now), now)
    # Rounds higher than all before: a round's last trials finish within the next one.
    rounds: list[RoundMark] = []
    for before, trial in enumerate(ordered):
        if trial.round is not None and (not rounds or trial.round > rounds[-1].round):
            rounds.append(RoundMark(trial.round, before))
    standing = ranked(moment) if lens in (None, usual) else best(run, lens)
    star_id = standing.trial.id if standing.trial is not None else None
    return Search(
        "val_loss" if shown.is_loss else "val_accuracy",
        finished,
        star=next((trial for trial in finished if trial.trial_id == star_id), None),
        star_by=standing.by,
        rounds=tuple(rounds),
        unimproved=since_improvement(finished),
        own=own,
        own_unimproved=counted,
        window=run.config.early_stopping_window,
        outlived=outlived(run, counted),
        bar=run.config.early_stopping_bar,
        objectives=run.config.objectives,
        limits=found,
        first=first_of(found),
        eta=eta(moment, now),
    )
