"""Why a change was not sent. After each of these errors nothing has gone out."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from eitui.domain.edit import Conflict
from eitui.domain.threshold import Threshold
from eitui.errors import Code, EituiError, ExitCode

NOTHING_SENT = "Nothing was sent."


class NoProject(EituiError):
    """There is no project to ask."""

    code = Code.NO_PROJECT


class ChangeError(EituiError):
    """A change was not sent."""

    def __init__(self, what: str, advice: str = "", *, safe: str = NOTHING_SENT) -> None:
        super().__init__(what, advice, safe=safe)


class JournalError(ChangeError):
    """The journal cannot be read or written: without it nothing may be sent."""

    code = Code.JOURNAL
    exit_code = ExitCode.USAGE

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what, advice, safe="")


class ReadOnly(ChangeError):
    """Writing is turned off; `origin` is where, such as `flag --read-only`."""

    code = Code.READ_ONLY
    exit_code = ExitCode.USAGE

    def __init__(self, origin: str) -> None:
        super().__init__("Changes are turned off: this is read-only", f"It is set by: {origin}." if origin else "")


class AlreadySent(ChangeError):
    """The very same edit was sent before."""

    code = Code.ALREADY_SENT

    def __init__(self) -> None:
        super().__init__("This change was sent before, and nothing is sent twice", "Make it anew.")


class NoSuchThreshold(ChangeError):
    """The service does not have the threshold, the block or the impulse."""

    code = Code.NO_SUCH_THRESHOLD
    exit_code = ExitCode.USAGE


class Unfit(ChangeError):
    """The value cannot be one of this threshold's."""

    code = Code.UNFIT
    exit_code = ExitCode.USAGE


class Pointless(ChangeError):
    """What is asked for is so already, or cannot be."""

    code = Code.POINTLESS


class Underway(ChangeError):
    """Another change of the same impulse is not through yet."""

    code = Code.UNDERWAY

    def __init__(self, what: str, advice: str, again_in_s: float | None = None) -> None:
        super().__init__(what, advice)
        self.again_in_s = again_in_s
        """Seconds after which it can be known; None when nobody can say."""


class Conflicted(ChangeError):
    """Somebody changed a value meanwhile."""

    code = Code.CONFLICT

    def __init__(self, conflicts: Sequence[Conflict], thresholds: Sequence[Threshold] = ()) -> None:
        count = "A threshold was" if len(conflicts) == 1 else f"{len(conflicts)} thresholds were"
        super().__init__(f"{count} changed {changed_by(conflicts)} meanwhile", "Look at both, and choose.")
        self.conflicts = tuple(conflicts)
        self.thresholds = tuple(thresholds)
        """All thresholds of the impulse as they were just read: what an editor starts again from."""


def changed_by(conflicts: Sequence[Conflict]) -> str:
    """Return who changed the thresholds: `by somebody else`, or by which changes of this machine's journal."""
    ours = {conflict.by.number: conflict.by for conflict in conflicts if conflict.by is not None}
    names = []
    for number, entry in sorted(ours.items()):
        when = ""
        with suppress(OverflowError, ValueError, OSError):
            when = f" of {datetime.fromtimestamp(entry.intended_at):%Y-%m-%d %H:%M}"
        names.append(f"by your change {number}{when}")
    others = ["by somebody else"] if any(conflict.by is None for conflict in conflicts) else []
    return " and ".join([*names, *others])
