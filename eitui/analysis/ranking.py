"""Which trial is best."""

from collections.abc import Iterable
from dataclasses import dataclass

from eitui.analysis.figures import Figures, figures, over_limits, precision_of
from eitui.domain.run import Run
from eitui.domain.trial import Trial


@dataclass(frozen=True, slots=True)
class Best:
    """The best finished trial of a run, and the best of those within the target's limits (often the same)."""

    trial: Trial | None = None
    within_limits: Trial | None = None


def best(run: Run) -> Best:
    """Rank the completed trials of `run`: highest val_accuracy, or lowest val_loss where no trial has an accuracy.

    Equal ones: the faster, then the smaller, then the earlier. A trial with unknown cost counts as within the limits.
    """
    precision = precision_of(run)
    rated = [(trial, figures(trial, precision)) for trial in run.completed]
    by_accuracy = any(numbers.val_accuracy is not None for _, numbers in rated)
    fitting = [(trial, numbers) for trial, numbers in rated if not over_limits(numbers, run.config.target)]
    return Best(_first(rated, by_accuracy=by_accuracy), _first(fitting, by_accuracy=by_accuracy))


def score(numbers: Figures, *, by_accuracy: bool) -> float | None:
    """What trials are ranked by, higher is better; None cannot be ranked."""
    if by_accuracy:
        return numbers.val_accuracy
    return None if numbers.val_loss is None else -numbers.val_loss


def _first(rated: Iterable[tuple[Trial, Figures]], *, by_accuracy: bool) -> Trial | None:
    ranked = [(trial, numbers, score(numbers, by_accuracy=by_accuracy)) for trial, numbers in rated]
    candidates = [(value, _cost(numbers), trial) for trial, numbers, value in ranked if value is not None]
    return max(candidates, key=lambda entry: (entry[0], entry[1]))[2] if candidates else None


def _cost(numbers: Figures) -> tuple[float, float]:
    """Cheaper compares as greater; unknown cost is dearest."""
    unknown = float("inf")
    latency = unknown if numbers.latency_ms is None else numbers.latency_ms
    memory = unknown if numbers.ram_bytes is None else numbers.ram_bytes
    return -latency, -memory
