"""Which trials that finished were an improvement on all before them, and how long ago the last one was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eitui.analysis.figures import finite
from eitui.analysis.lens import Lens, usual_lens
from eitui.domain.history import TrialSpan
from eitui.domain.run import Run
from eitui.domain.trial import Trial

_UNSEEN = TrialSpan()


@dataclass(frozen=True)
class Finished:
    """A completed trial, in its place among those that completed."""

    number: int
    """From 1."""
    trial_id: str
    round: int | None
    value: float | None
    """Its own figure; None where it has none."""
    best: float | None
    """The best up to and with this one."""
    improved: bool
    """Whether it was better than all before it; the first with a figure is."""


def finishing_order(trials: Sequence[Trial], spans: Mapping[str, TrialSpan]) -> list[Trial]:
    """Return completed trials in the order in which they finished.

    By when the service says a trial's training completed, else by when it was seen to end. One of which neither is
    known follows the trial before it, as the service lists them.
    """
    keyed: list[tuple[float, int, Trial]] = []
    time = float("-inf")
    for index, trial in enumerate(trials):
        finished_at, seen = finite(trial.last_completed_training), spans.get(trial.id, _UNSEEN).ended
        known = finished_at if finished_at is not None else finite(seen)
        time = known if known is not None else time
        keyed.append((time, index, trial))
    return [trial for _, _, trial in sorted(keyed, key=lambda entry: entry[:2])]


def rated(ordered: Sequence[Trial], lens: Lens) -> tuple[str, tuple[Finished, ...]]:
    """Return the metric, and `ordered` with their figures in it: `val_loss` where none of them has an accuracy."""
    comparable = frozenset(trial.id for trial in lens.comparable(ordered))
    accuracies = [lens.accuracy(trial) if trial.id in comparable else None for trial in ordered]
    by_accuracy = not ordered or any(value is not None for value in accuracies)
    losses = [lens.loss(trial) if trial.id in comparable else None for trial in ordered]
    values = accuracies if by_accuracy else losses
    finished: list[Finished] = []
    best: float | None = None
    for number, (trial, value) in enumerate(zip(ordered, values, strict=True), start=1):
        improved = value is not None and (best is None or (value > best if by_accuracy else value < best))
        best = value if improved else best
        finished.append(Finished(number, trial.id, trial.round, value, best, improved))
    return ("val_accuracy" if by_accuracy else "val_loss"), tuple(finished)


def since_improvement(finished: Sequence[Finished]) -> int:
    """Return how many have finished since the last improvement."""
    return len(finished) - max((trial.number for trial in finished if trial.improved), default=0)


def unimproved(run: Run, spans: Mapping[str, TrialSpan]) -> int:
    """Return how many have completed since the last improvement, by the run's own figures.

    It is as near as one comes to the tuner's count, whose objectives may be others.
    """
    return since_improvement(rated(finishing_order(run.completed, spans), usual_lens(run))[1])
