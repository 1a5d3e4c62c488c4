"""What was seen over time: the state tells only the latest epoch of each trial, so this is gathered by watching."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from eitui.domain.curve import Curve


@dataclass(frozen=True)
class TrialSpan:
    """When a trial was seen to run. Seconds since the Unix epoch, by this machine's clock."""

    started: float | None = None
    """None when it was already running, or over, when watching began."""
    ended: float | None = None
    last_change: float = 0.0
    """When the service last said something new about it."""


@dataclass(frozen=True)
class Assignment:
    """What a worker is doing, and since when."""

    worker_id: str
    status: str
    trial_id: str | None = None
    since: float = 0.0
    """Seconds since the Unix epoch."""
    since_known: bool = False
    """False when it was already so when watching began: then `since` is when watching began."""


@dataclass(frozen=True)
class Gap:
    """A time from which nothing was seen: nobody watched, or the service did not answer. Seconds since the epoch."""

    start: float
    """The last answer before it."""
    end: float
    """The first answer after it."""


@dataclass(frozen=True)
class History:
    """Everything gathered about a run so far. Keys are trial ids or worker ids."""

    began: float | None = None
    """When watching began; None before the first answer."""
    curves: Mapping[str, Curve] = field(default_factory=dict)
    spans: Mapping[str, TrialSpan] = field(default_factory=dict)
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    stalled: frozenset[str] = frozenset()
    """Running trials that have said nothing new for too long."""
    best_score: tuple[int, float] | None = None
    """The best ever reached (see `eitui.domain.run.Standing.score`): its trial may be training anew."""
    fit_score: tuple[int, float] | None = None
    """The best ever reached within the limits."""
    run_id: int | None = None
    """Coordinator job of the run this is about; kept while the service describes no run."""
    gaps: tuple[Gap, ...] = ()
    """Times from which nothing was seen, oldest first; what went on in them is lost."""


EMPTY_HISTORY = History()
