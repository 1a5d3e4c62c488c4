"""Which trial is best."""

from itertools import groupby

from eitui.analysis.figures import cost, over_limits
from eitui.analysis.lens import Lens, usual_lens
from eitui.domain.moment import Moment
from eitui.domain.run import EMPTY_STANDING, Run, Standing
from eitui.domain.trial import Trial


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
    """Rank the completed trials of `run`: highest accuracy, or lowest loss where no trial has an accuracy.

    A trial that was not evaluated is ranked by its last epoch, and only where no trial was evaluated.
    Equal ones: the faster, then the smaller, then the earlier. A trial with unknown cost counts as within the limits.
    `lens`: None for what the run itself is about, which is its val_accuracy or val_loss.
    """
    lens = lens or usual_lens(run)
    completed = lens.comparable(run.completed)
    rated = [(score, trial) for trial in completed if (score := lens.accuracy(trial)) is not None]
    if not rated:
        rated = [(-loss, trial) for trial in completed if (loss := lens.loss(trial)) is not None]
    rated.sort(key=_score, reverse=True)
    first, target = None, run.config.target
    # From the top: what each costs is worked out only for those that are as good as each other.
    for _, equals in groupby(rated, key=_score):
        trials = sorted(
            (trial for _, trial in equals), key=lambda trial: _cheapness(trial, lens.precision), reverse=True
        )
        first = first or trials[0]
        fitting = next((trial for trial in trials if not over_limits(trial, lens.precision, target)), None)
        if fitting is not None:
            return Standing(first, fitting, _score_of(first, lens), run)
    return Standing(first, None, None if first is None else _score_of(first, lens), run)


def _score_of(trial: Trial, lens: Lens) -> tuple[bool, float] | None:
    accuracy, loss = lens.accuracy(trial), lens.loss(trial)
    if accuracy is not None:
        return True, accuracy
    return None if loss is None else (False, -loss)


def _score(rated: tuple[float, Trial]) -> float:
    return rated[0]


def _cheapness(trial: Trial, precision: str) -> tuple[float, float]:
    """Return latency and memory so that cheaper compares as greater; what is unknown is dearest."""
    known, unknown = cost(trial, precision), float("inf")
    latency = unknown if known.latency_ms is None else known.latency_ms
    memory = unknown if known.ram_bytes is None else known.ram_bytes
    return -latency, -memory
