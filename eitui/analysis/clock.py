"""A wall clock that is set while watching, or goes on while the machine sleeps: durations must not follow it."""

from dataclasses import replace

from eitui.domain.history import Epoch, Gap, History
from eitui.domain.moment import Instant

SMALLEST_STEP = 2.0
"""Seconds; less is a clock being steered, or two readings that were not quite simultaneous."""


def step_s(before: Instant | None, after: Instant) -> float:
    """Return by how many seconds the wall clock was set between two readings; 0 if it only ran."""
    if before is None:
        return 0.0
    step = (after.wall - before.wall) - (after.mono - before.mono)
    return step if abs(step) > SMALLEST_STEP else 0.0


def moved(history: History, seconds: float) -> History:
    """Return `history` with all its times moved by `seconds`, so that those to come can be subtracted from them."""
    if not seconds:
        return history

    def later(time: float | None) -> float | None:
        return None if time is None else time + seconds

    def epochs(some: tuple[Epoch, ...]) -> tuple[Epoch, ...]:
        return tuple(replace(epoch, seen_at=epoch.seen_at + seconds) for epoch in some)

    return replace(
        history,
        began=later(history.began),
        curves={
            trial_id: replace(curve, epochs=epochs(curve.epochs), earlier=tuple(map(epochs, curve.earlier)))
            for trial_id, curve in history.curves.items()
        },
        spans={
            trial_id: replace(
                span, started=later(span.started), ended=later(span.ended), last_change=span.last_change + seconds
            )
            for trial_id, span in history.spans.items()
        },
        assignments={
            worker_id: replace(assignment, since=assignment.since + seconds)
            for worker_id, assignment in history.assignments.items()
        },
        gaps=tuple(Gap(gap.start + seconds, gap.end + seconds) for gap in history.gaps),
    )
