"""Which trial is best."""

from dataclasses import dataclass
from itertools import groupby

from eitui.analysis.figures import cost, over_limits
from eitui.analysis.lens import Lens, usual_lens
from eitui.domain.run import Run
from eitui.domain.trial import Trial


@dataclass(frozen=True)
class Best:
    """The best finished trial of a run, and the best of those within the target's limits (often the same)."""

    trial: Trial | None = None
    within_limits: Trial | None = None


def best(run: Run, lens: Lens | None = None) -> Best:
    """Rank the completed trials of `run`: highest accuracy, or lowest loss where no trial has an accuracy.

    Equal ones: the faster, then the smaller, then the earlier. A trial with unknown cost counts as within the limits.
    `lens`: None for what the run itself is about, which is its val_accuracy or val_loss.
    """
    lens = lens or usual_lens(run)
    rated = [(score, trial) for trial in run.completed if (score := lens.accuracy(trial)) is not None]
    if not rated:
        rated = [(-loss, trial) for trial in run.completed if (loss := lens.loss(trial)) is not None]
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
            return Best(first, fitting)
    return Best(first)


def best_score(run: Run) -> tuple[bool, float] | None:
    """Return how good the best trial of `run` is, so that better compares as greater; any accuracy beats any loss."""
    lens = usual_lens(run)
    trial = best(run, lens).trial
    if trial is None:
        return None
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
