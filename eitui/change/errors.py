"""Why a change was not sent. After each of these errors nothing has gone out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eitui.domain.edit import Entry
from eitui.domain.text import clean
from eitui.domain.threshold import Change, Threshold, ThresholdRef, Value


class ChangeError(Exception):
    """A change was not sent. `what` is one clean line for the user, never empty, `advice` what to do about it."""

    def __init__(self, what: str, advice: str = "") -> None:
        self.what = clean(what)
        self.advice = clean(advice)
        super().__init__(self.what)


class JournalError(ChangeError):
    """The journal cannot be read or written: without it nothing may be sent."""


class ReadOnly(ChangeError):
    """Writing is turned off."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            "Changes are turned off: this is read-only",
            f"Nothing was sent. It is set by: {origin}." if origin else "Nothing was sent.",
        )


class AlreadySent(ChangeError):
    """The very same edit was sent before."""

    def __init__(self) -> None:
        super().__init__("This change was sent before, and nothing is sent twice", "Nothing was sent. Make it anew.")


class NoSuchThreshold(ChangeError):
    """The service does not have the threshold, the block or the impulse."""


class Unfit(ChangeError):
    """The value cannot be one of this threshold's."""


class Underway(ChangeError):
    """Another change of the same impulse is not through yet."""

    def __init__(self, what: str, advice: str, again_in_s: float | None = None) -> None:
        super().__init__(what, advice)
        self.again_in_s = again_in_s
        """Seconds after which it can be known; None when nobody can say."""


@dataclass(frozen=True)
class Conflict:
    """A threshold that is no longer what it was when the new value was chosen."""

    change: Change
    now: Value | None
    """What the service says it is."""
    by: Entry | None = None
    """The change in this machine's journal that left it like this; None: somebody else's."""

    @property
    def ref(self) -> ThresholdRef:
        """Which threshold."""
        return self.change.ref


def changed_by(conflicts: Sequence[Conflict]) -> str:
    """Return who changed the thresholds: `by somebody else`, or by which changes of this machine's journal."""
    ours = {conflict.by.number: conflict.by for conflict in conflicts if conflict.by is not None}
    names = [f"by your change {number}{_when(ours[number])}" for number in sorted(ours)]
    others = ["by somebody else"] if any(conflict.by is None for conflict in conflicts) else []
    return " and ".join([*names, *others])


def _when(entry: Entry) -> str:
    try:
        return f" of {datetime.fromtimestamp(entry.intended_at):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return ""


class Conflicted(ChangeError):
    """Somebody changed a value meanwhile."""

    def __init__(self, conflicts: Sequence[Conflict], thresholds: Sequence[Threshold] = ()) -> None:
        count = "A threshold was" if len(conflicts) == 1 else f"{len(conflicts)} thresholds were"
        super().__init__(
            f"{count} changed {changed_by(conflicts)} meanwhile", "Nothing was sent. Look at both, and choose."
        )
        self.conflicts = tuple(conflicts)
        self.thresholds = tuple(thresholds)
        """All thresholds of the impulse as they were just read: what an editor starts again from."""
