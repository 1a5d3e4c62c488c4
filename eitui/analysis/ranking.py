"""Which trial is best."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from eitui.analysis.figures import LIMITED, Context, cost, finite, over_limits
from eitui.analysis.lens import Lens, usual_lens
from eitui.analysis.objective import Merit, merit_of
from eitui.domain.moment import Moment
from eitui.domain.run import EMPTY_STANDING, Run, Standing, Target
from eitui.domain.trial import Trial

_TIE = 0.015
"""Accuracies no further apart are called a tie: two trainings of one configuration differ by as much."""

TIED = "tie within 1.5 points"
"""What such a tie is called."""

TIE_SIGN = "≈"

_HAIR = 1e-9


def ranked(moment: Moment) -> Standing:
    """Return how the trials of the run of `moment` are ranked, by what the run itself is about."""
    return standing_of(moment.run, moment.standing)


def standing_of(run: Run, *known: Standing | None) -> Standing:
    """Return the one of `known` that is of `run`; where none is, rank the trials now."""
    for standing in (*known, EMPTY_STANDING):
        if standing is not None and standing.of is run:
            return standing
    return best(run)


def best(run: Run, lens: Lens | None = None) -> Standing:
    """Rank the completed trials of `run` by its objective, else by accuracy, else by loss (see `merit_of`).

    Evaluated networks come before those of which only an epoch is known. Equal ones: the faster, then the smaller, then
    the earlier. `lens`: None for what the run itself is about.
    """
    lens = lens or usual_lens(run)
    merit = merit_of(run, lens)
    target, limited = run.config.target, _judged(run, lens.precision)
    stands = Standing(by=merit.words, note=merit.note, of=run)
    # From the top: what each costs is worked out only for those that are as good as each other.
    for reached, equals in groupby(_rated(run, merit), key=_score):
        trials = sorted(
            (trial for _, trial in equals), key=lambda trial: _cheapness(trial, lens.precision), reverse=True
        )
        if stands.trial is None:
            stands = replace(stands, trial=trials[0], score=reached, tied=_tied(run, trials[0], lens))
        fitting = next((trial for trial in trials if _fits(trial, lens.precision, target, limited)), None)
        if fitting is not None:
            return replace(stands, within_limits=fitting, fit_score=reached)
    return stands


def _rated(run: Run, merit: Merit) -> list[tuple[tuple[int, float], Trial]]:
    """Return the trials that `merit` can tell of, the best first."""
    found = [
        ((_EVALUATED * is_evaluated(trial, merit.lens) + merit.rank, value), trial)
        for trial in run.completed
        if (value := merit.of(trial)) is not None
    ]
    return sorted(found, key=_score, reverse=True)


_EVALUATED = 100
"""More than any objective has terms."""


def is_evaluated(trial: Trial, lens: Lens) -> bool:
    """Return whether a trial's network was evaluated, on this part at this precision: else an epoch is all there is."""
    found = trial.evaluations.get((lens.part, lens.precision))
    return found is not None and (finite(found.accuracy) is not None or finite(found.loss) is not None)


def _judged(run: Run, precision: str) -> tuple[str, ...]:
    """Return the limits of the target that any completed trial has a figure for: of the others nothing is known."""
    context, target = Context(config=run.config, lens=Lens(precision=precision)), run.config.target
    return tuple(
        one.id
        for one in LIMITED
        if one.limit is not None
        and one.limit(target) is not None
        and any(one.read(trial, context) is not None for trial in run.completed)
    )


def _fits(trial: Trial, precision: str, target: Target, limited: Sequence[str]) -> bool:
    """Return whether a trial is known to keep the limits: what it costs where there is one is known, and none over."""
    if over_limits(trial, precision, target):
        return False
    context = Context(lens=Lens(precision=precision))
    return (bool(limited) or not has_limits(target)) and all(
        one.read(trial, context) is not None for one in LIMITED if one.id in limited
    )


def has_limits(target: Target) -> bool:
    """Return whether a target sets any limit."""
    return any(one.limit is not None and one.limit(target) is not None for one in LIMITED)


def _tied(run: Run, first: Trial, lens: Lens) -> frozenset[str]:
    reached = lens.accuracy(first)
    if reached is None or not is_evaluated(first, lens):
        return frozenset()
    return frozenset(
        trial.id
        for trial in run.completed
        if trial is not first
        and is_evaluated(trial, lens)
        and (other := lens.accuracy(trial)) is not None
        and is_tie(other, reached)
    )


def is_tie(one: float, other: float) -> bool:
    """Return whether two accuracies (0..1) are too near each other to tell which network is better."""
    return abs(one - other) <= _TIE + _HAIR


def _score(rated: tuple[tuple[int, float], Trial]) -> tuple[int, float]:
    return rated[0]


def _cheapness(trial: Trial, precision: str) -> tuple[float, float]:
    """Return latency and memory so that cheaper compares as greater; what is unknown is dearest."""
    known, unknown = cost(trial, precision), float("inf")
    latency = unknown if known.latency_ms is None else known.latency_ms
    memory = unknown if known.ram_bytes is None else known.ram_bytes
    return -latency, -memory
