"""What a filter depends on beside the trial."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from eitui.analysis.lens import Lens
from eitui.domain.run import Target
from eitui.domain.trial import Trial


@dataclass(frozen=True)
class QueryContext:
    """What a filter depends on beside the trial: what the table that it filters shows."""

    lens: Lens = field(default_factory=Lens)
    target: Target = field(default_factory=Target)
    marked: frozenset[str] = field(default_factory=frozenset)
    """Ids of the trials the user has marked."""
    stalled: frozenset[str] = field(default_factory=frozenset)
    """Ids of the running trials that have said nothing new for too long."""
    best_id: str | None = None
    worst_recall: Callable[[Trial], float | None] | None = None
    """Gives the lowest recall (0..1) of any class; where there is none, no trial has such a figure."""
    block_titles: Callable[[Trial], Iterable[str]] | None = None
    """Gives what a trial's blocks are called; where there is none, `block:` looks at kinds and names alone."""
