"""Which trial is best."""

from collections.abc import Iterable
from dataclasses import dataclass

from eitui.analysis.figures import accuracy, cost, loss, over_limits, precision_of
from eitui.domain.run import Run
from eitui.domain.trial import Trial


@dataclass(frozen=True)
class Best:
    """The best finished trial of a run, and the best of those within the target's limits (often the same)."""

    trial: Trial | None = None
    within_limits: Trial | None = None


def best(run: Run) -> Best:
    """Rank the completed trials of `run`: highest val_accuracy, or lowest val_loss where no trial has an accuracy.

    Equal ones: the faster, then the smaller, then the earlier. A trial with unknown cost counts as within the limits.
    """
    precision = precision_of(run)
    by_accuracy = any(accuracy(trial, precision) is not None for trial in run.completed)
    fitting = [trial for trial in run.completed if not over_limits(trial, precision, run.config.target)]
    return Best(
        _first(run.completed, precision, by_accuracy=by_accuracy), _first(fitting, precision, by_accuracy=by_accuracy)
    )


def best_score(run: Run) -> tuple[bool, float] | None:
    """Return how good the best trial of `run` is, so that better compares as greater; any accuracy beats any loss."""
    trial, precision = best(run).trial, precision_of(run)
    if trial is None:
        return None
    by_accuracy = accuracy(trial, precision) is not None
    score = _score(trial, precision, by_accuracy=by_accuracy)
    return None if score is None else (by_accuracy, score)


def _first(trials: Iterable[Trial], precision: str, *, by_accuracy: bool) -> Trial | None:
    rated = [
        (_score(trial, precision, by_accuracy=by_accuracy), _cheapness(trial, precision), trial) for trial in trials
    ]
    ranked = [(score, cheapness, trial) for score, cheapness, trial in rated if score is not None]
    return max(ranked, key=lambda entry: entry[:2])[2] if ranked else None


def _score(trial: Trial, precision: str, *, by_accuracy: bool) -> float | None:
    if by_accuracy:
        return accuracy(trial, precision)
    value = loss(trial, precision)
    return None if value is None else -value


def _cheapness(trial: Trial, precision: str) -> tuple[float, float]:
    """Return latency and memory so that cheaper compares as greater; what is unknown is dearest."""
    known, unknown = cost(trial, precision), float("inf")
    latency = unknown if known.latency_ms is None else known.latency_ms
    memory = unknown if known.ram_bytes is None else known.ram_bytes
    return -latency, -memory
