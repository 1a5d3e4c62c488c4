"""A change of thresholds: what was meant, and what became of it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from eitui.domain.text import clean
from eitui.domain.threshold import (
    Change,
    Threshold,
    ThresholdKind,
    ThresholdRef,
    ThresholdValue,
    can_be_sent,
    same,
    text_of,
)


@dataclass(frozen=True)
class Edit:
    """New values for thresholds of one impulse, to be sent in one request.

    Raises `ValueError` when there is nothing to change, or one threshold twice, or one of another impulse, or a value
    that is no finite number: none of these can be sent.
    """

    id: str
    """Unlike any other edit's, on any machine."""
    host: str
    """The service's host, with its port where it has one of its own."""
    project_id: int
    impulse_id: int
    impulse_name: str
    changes: tuple[Change, ...]
    who: str
    """The user of this machine who made it, and the machine: `user@host`."""
    regenerate: bool = False
    """Whether the service may start a job that brings the model-testing results up to date."""
    undo_of: str | None = None
    """The id of the edit that this one undoes."""

    def __post_init__(self) -> None:
        refs = [change.ref for change in self.changes]
        if not refs or len(set(refs)) < len(refs):
            raise ValueError("an edit changes at least one threshold, and each once")
        if any(ref.impulse_id != self.impulse_id for ref in refs):
            raise ValueError("an edit is of one impulse")
        if not all(can_be_sent(change.new) for change in self.changes):
            raise ValueError("a threshold is a finite number or a text")


class Outcome(StrEnum):
    """What became of an edit or an action, as far as is known. Of an action the “values” are what it was for."""

    INTENDED = "intended"
    """It was written down, and nothing is known since: it is being sent, or whoever sent it was killed."""
    APPLIED = "applied"
    """The service said that it changed the values; whether they were read back so is another matter, see `Entry`."""
    REFUSED = "refused"
    """The service said no: nothing was changed."""
    NOT_SENT = "not sent"
    """No byte of the request left: nothing was changed."""
    UNKNOWN = "unknown"
    """It was sent, and no answer came that can be relied on."""
    SETTLED_APPLIED = "found applied"
    """No usable answer came, or a refusal; read back, every value is the new one."""
    SETTLED_NOT_APPLIED = "found not applied"
    """No usable answer came; read back later, every value is the old one."""
    SETTLED_OTHER = "found otherwise"
    """No usable answer came; read back, the values are neither all the new ones nor all the old ones."""

    @property
    def settled(self) -> bool:
        """Whether it is known what became of the edit."""
        return self not in (Outcome.INTENDED, Outcome.UNKNOWN)

    @property
    def applied(self) -> bool:
        """Whether the service took the new values."""
        return self in (Outcome.APPLIED, Outcome.SETTLED_APPLIED)


@dataclass(frozen=True)
class Report:
    """What was learnt of an edit at one time."""

    outcome: Outcome
    detail: str = ""
    """Why, in a sentence; clean."""
    regenerate_status: str = ""
    """What the service said became of the model-testing results; clean."""
    job_id: int | None = None
    """The job that brings the model-testing results up to date, where the service started one."""
    stored: tuple[ThresholdValue | None, ...] | None = None
    """The values that were read back, in the order of the edit's changes; None where none were."""
    refused: bool = False
    """Whether the service had said no: also where the values that were read back say otherwise."""
    had_results: bool | None = None
    """Whether there were model-testing results before, which the change has invalidated; None: it was not said."""
    read_back_noted: bool = True
    """Whether the version of eitui that wrote it notes a value that is read back as it was sent: early ones did not."""
    seen: bool | None = None
    """Of an action: whether reading back showed that it was done; None where it was not read back, or cannot be."""
    found: str = ""
    """Of an action: what was read back, in a few words; clean."""


class Journalled:
    """What the journal knows of a line, whatever was sent."""

    number: int
    report: Report
    intended_at: float
    reported_at: float | None

    @property
    def outcome(self) -> Outcome:
        """What became of it, as far as is known."""
        return self.report.outcome

    @property
    def last_at(self) -> float:
        """When the last line about it was written; seconds since the Unix epoch."""
        return self.intended_at if self.reported_at is None else self.reported_at


@dataclass(frozen=True)
class Entry(Journalled):
    """An edit in the journal, with the last that was learnt of it."""

    number: int
    """Its number in this journal: what a user calls it."""
    edit: Edit
    report: Report
    intended_at: float
    """When it was written down, just before it was sent; seconds since the Unix epoch."""
    reported_at: float | None = None
    """When the last of it was learnt; None while it is only intended."""

    @property
    def stored(self) -> tuple[ThresholdValue | None, ...]:
        """The values that the service has had since: those read back, else those that were sent.

        Only of an entry whose outcome is `applied`.
        """
        return self.report.stored or tuple(change.new for change in self.edit.changes)

    @property
    def verified(self) -> bool | None:
        """Whether every value was read back as it was sent; None where the journal has no reading back."""
        stored = self.report.stored
        if stored is None:
            return None
        return all(same(change.new, value) for change, value in zip(self.edit.changes, stored, strict=True))

    def touches(self, ref: ThresholdRef) -> bool:
        """Return whether it is about this threshold."""
        return any(change.ref == ref for change in self.edit.changes)


@dataclass(frozen=True)
class Conflict:
    """A threshold that is no longer what it was when the new value was chosen."""

    change: Change
    now: ThresholdValue | None
    """What the service says it is; None where it is gone, or has no value."""
    by: Entry | None = None
    """The change in this machine's journal that left it like this; None: somebody else's, or not looked for."""
    possible: bool = True
    """False where the new value can no longer be set: the threshold is gone, of another kind, or has no such option."""

    @property
    def ref(self) -> ThresholdRef:
        """Which threshold."""
        return self.change.ref


@dataclass(frozen=True)
class Draft:
    """One threshold, and what it is to become."""

    threshold: Threshold
    """As it was loaded."""
    value: ThresholdValue | None
    """What it is to become; the loaded value until somebody changes it."""
    typed: str | None = None
    """What is being typed, exactly as it was; None while nobody types. It counts when it is accepted."""
    refusal: str = ""
    """Why the last key did nothing, or why what is typed cannot be accepted."""

    @property
    def ref(self) -> ThresholdRef:
        """Which threshold."""
        return self.threshold.ref

    @property
    def loaded(self) -> ThresholdValue | None:
        """The value on the service when it was last read."""
        return self.threshold.value

    @property
    def kind(self) -> ThresholdKind:
        """The rules for its values."""
        return self.threshold.kind

    @property
    def changed(self) -> bool:
        """Whether the draft differs from what is on the service."""
        return self.value is not None and not same(self.value, self.loaded)

    @property
    def text(self) -> str:
        """What to show: what is being typed, else the draft."""
        return text_of(self.value) if self.typed is None else clean(self.typed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the new value; nothing of the one that is on the service."""
        return self.kind.warnings(self.value) if self.changed and self.value is not None else ()


@dataclass(frozen=True)
class EditSession:
    """The thresholds of an impulse's learn blocks, one of them under the cursor. `analysis.editing` has the keys."""

    drafts: tuple[Draft, ...] = ()
    at: int = 0
    """The draft under the cursor."""

    @property
    def current(self) -> Draft | None:
        """The draft under the cursor; None of no thresholds."""
        return self.drafts[self.at] if 0 <= self.at < len(self.drafts) else None

    @property
    def typing(self) -> bool:
        """Whether something is typed that was neither accepted nor dropped yet."""
        return any(draft.typed is not None for draft in self.drafts)

    def changes(self) -> tuple[Change, ...]:
        """Return what is to be sent. What is typed and not accepted is not part of it."""
        return tuple(
            Change(draft.ref, draft.loaded, draft.value)
            for draft in self.drafts
            if draft.changed and draft.value is not None
        )

    def draft(self, ref: ThresholdRef) -> Draft | None:
        """Return the draft of one threshold."""
        return next((draft for draft in self.drafts if draft.ref == ref), None)

    def with_current(self, draft: Draft) -> "EditSession":
        """Return this with `draft` in place of the one under the cursor."""
        return replace(self, drafts=(*self.drafts[: self.at], draft, *self.drafts[self.at + 1 :]))


@dataclass(frozen=True)
class Rebased:
    """An editing session on top of what the service says now."""

    session: EditSession
    """Drafts of thresholds that nobody changed here have the new value; in conflicts the draft is still `mine`, where
    that is possible."""
    conflicts: tuple[Conflict, ...] = ()
    moved: tuple[Change, ...] = ()
    """What somebody else changed and nobody here had touched: old and new value."""
