"""Whether the journal explains every value on the service, and what sequences of steps have in common."""

from dataclasses import dataclass
from pathlib import Path

from changing import FakeService

from eitui.domain.edit import Entry, Outcome
from eitui.domain.threshold import ThresholdRef, ThresholdValue
from eitui.thresholds.journal import Journal

_HARMLESS = {Outcome.REFUSED, Outcome.NOT_SENT, Outcome.SETTLED_NOT_APPLIED}
"""After these the service has nothing of an edit."""


@dataclass(frozen=True)
class Meddle:
    """Somebody else sets a value."""

    ref: ThresholdRef
    value: ThresholdValue


@dataclass(frozen=True)
class Wait:
    seconds: float


def check_explained(service: FakeService, path: Path) -> dict[str, Entry]:
    """Fail where a value is not explained; return the journal's entries by their edit's id."""
    service.arrive()
    entries = {entry.edit.id: entry for entry in Journal(path).look(limit=1000).changes}
    for ref, edit_id in service.origin.items():
        entry = entries[edit_id]
        assert entry.outcome not in _HARMLESS, f"{ref} has a value that the journal says was never set: {entry}"
        assert service.values[ref] in [change.new for change in entry.edit.changes if change.ref == ref]
    return entries
