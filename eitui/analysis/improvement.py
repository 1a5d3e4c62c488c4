"""Which trials that finished were an improvement on all before them, and how long ago the last one was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eitui.analysis.figures import finite
from eitui.analysis.lens import usual_lens
from eitui.analysis.objective import Merit, merit_of
from eitui.domain.moment import TrialSpan
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


def rated(ordered: Sequence[Trial], merit: Merit) -> tuple[Finished, ...]:
    """Return `ordered` with their figures in what `merit` measures; of a loss less is better."""
    comparable = frozenset(trial.id for trial in merit.lens.comparable(ordered))
    finished: list[Finished] = []
    best: float | None = None
    for number, trial in enumerate(ordered, start=1):
        reached = merit.of(trial) if trial.id in comparable else None
        value = reached if reached is None or not merit.is_loss else -reached
        improved = reached is not None and (best is None or reached > best)
        best = reached if improved else best
        shown = best if best is None or not merit.is_loss else -best
        finished.append(Finished(number, trial.id, trial.round, value, shown, improved))
    return tuple(finished)


def since_improvement(finished: Sequence[Finished]) -> int:
    """Return how many have finished since the last improvement."""
    return len(finished) - max((trial.number for trial in finished if trial.improved), default=0)


def unimproved(run: Run, spans: Mapping[str, TrialSpan]) -> int:
    """Return how many have completed since the last improvement, by what the run's trials are ranked by.

    It is as near as one comes to the tuner's count, whose objectives may be others.
    """
    return since_improvement(rated(finishing_order(run.completed, spans), merit_of(run, usual_lens(run))))
