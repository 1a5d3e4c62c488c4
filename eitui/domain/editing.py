"""Thresholds while somebody edits them: what was loaded, what is drafted, what is being typed."""

from dataclasses import dataclass, replace

from eitui.domain.edit import Conflict
from eitui.domain.text import clean
from eitui.domain.threshold import Change, Threshold, ThresholdKind, ThresholdRef, ThresholdValue, same, text_of


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
