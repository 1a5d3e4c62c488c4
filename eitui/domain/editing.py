"""Thresholds while somebody edits them: what was loaded, what is drafted, what is being typed."""

import math
from dataclasses import dataclass, replace

from eitui.domain.text import clean
from eitui.domain.threshold import Change, Threshold, ThresholdRef, Value, same

NUMBER, CHOICE, TEXT = "number", "choice", "text"
"""What a threshold is set with: digits and steps, a list, or free text."""

HUGE = 10**300
"""Integers from here on are not written out: Python refuses to above some 4,300 digits."""


def text_of(value: Value | None) -> str:
    """Return a value to show: a number with all its digits (`0.6`, `4`, `1e-07`), a text clean, nothing for None."""
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return ""
    if isinstance(value, int) and abs(value) >= HUGE:
        return "a number of over 300 digits"
    text = repr(value)
    return text.removesuffix(".0")


@dataclass(frozen=True)
class Draft:
    """One threshold, and what it is to become."""

    threshold: Threshold
    """As it was loaded."""
    value: Value | None
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
    def loaded(self) -> Value | None:
        """The value on the service when it was last read."""
        return self.threshold.value

    @property
    def kind(self) -> str:
        """`NUMBER`, `CHOICE` or `TEXT`; a threshold without a value and without options is taken for a number."""
        if self.threshold.options:
            return CHOICE
        return TEXT if isinstance(self.threshold.value, str) else NUMBER

    @property
    def changed(self) -> bool:
        """Whether the draft differs from what is on the service."""
        return self.value is not None and not same(self.value, self.loaded)

    @property
    def text(self) -> str:
        """What to show: what is being typed, else the draft."""
        return text_of(self.value) if self.typed is None else clean(self.typed)


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
class Conflict:
    """A threshold that somebody else changed while it was edited here."""

    threshold: Threshold
    """As it was last read; where it is gone, as it was before."""
    loaded: Value | None
    """What it was when the editing began."""
    theirs: Value | None
    """What it is now; None where it is gone, or has no value."""
    mine: Value
    """What it was to become."""
    possible: bool = True
    """False where `mine` can no longer be set: the threshold is gone, or of another kind, or has no such option."""

    @property
    def ref(self) -> ThresholdRef:
        """Which threshold."""
        return self.threshold.ref


@dataclass(frozen=True)
class Rebased:
    """An editing session on top of what the service says now."""

    session: EditSession
    """Drafts of thresholds that nobody changed here have the new value; in conflicts the draft is still `mine`, where
    that is possible."""
    conflicts: tuple[Conflict, ...] = ()
    moved: tuple[Change, ...] = ()
    """What somebody else changed and nobody here had touched: old and new value."""


def finite(value: Value) -> bool:
    """Whether a value can be sent: a text, or a number that JSON and the service can hold."""
    if isinstance(value, str):
        return True
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond any float
        return False
