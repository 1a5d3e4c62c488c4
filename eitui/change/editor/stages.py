"""What the threshold editor is doing: each stage has its own keys, and its own picture."""

from dataclasses import dataclass

from eitui.change.errors import Conflict
from eitui.change.send import Result, Step
from eitui.domain.edit import Edit, Entry
from eitui.domain.threshold import Threshold


@dataclass(frozen=True)
class Editing:
    """Thresholds are moved and typed. Nothing is sent from here."""


@dataclass(frozen=True)
class Choosing:
    """An option is chosen from a list."""

    at: int
    """The option under the cursor."""


@dataclass(frozen=True)
class Settled:
    """Earlier changes of the impulse, of which it was not known what became of them, and what reading back said."""

    items: tuple["Settling", ...]


@dataclass(frozen=True)
class Settling:
    """One of them."""

    entry: Entry
    """As it was found in the journal."""
    result: Result | None = None
    """None while it is read back, or where that failed."""
    problem: str = ""
    """Why it could not be read back; one line, or empty."""

    @property
    def over(self) -> bool:
        """Whether it is known what became of it."""
        return self.result is not None and self.result.entry.outcome.settled


@dataclass(frozen=True)
class Reviewing:
    """The change is shown before it is sent."""

    edit: Edit
    undoing: Entry | None = None
    """The change that it takes back."""


@dataclass(frozen=True)
class Sending:
    """The request is on its way, or about to be."""

    edit: Edit
    step: Step = Step.READING
    """How far it has come."""


@dataclass(frozen=True)
class Conflicting:
    """Somebody else changed thresholds meanwhile. Nothing was sent."""

    edit: Edit
    conflicts: tuple[Conflict, ...]
    thresholds: tuple[Threshold, ...]
    """All of the impulse, as they are now."""
    mine: tuple[bool, ...]
    """For each conflict whether the own value is to be sent all the same; else theirs stays."""
    at: int = 0
    """The conflict under the cursor."""
    undoing: Entry | None = None


@dataclass(frozen=True)
class Halted:
    """Something was not done, and why."""

    what: str
    advice: str = ""
    safe: str = "Nothing was sent."
    """What can be relied on."""
    edit: Edit | None = None
    """What can be shown and sent again, where that makes sense."""
    undoing: Entry | None = None
    again_at: float | None = None
    """When that makes sense, where it is known; a monotonic time in seconds."""


@dataclass(frozen=True)
class Told:
    """What became of a change that was sent."""

    result: Result


@dataclass(frozen=True)
class AskingTest:
    """Whether model testing is to be started."""


@dataclass(frozen=True)
class StartingTest:
    """It is being started."""


Stage = (
    Editing
    | Choosing
    | Settled
    | Reviewing
    | Sending
    | Conflicting
    | Halted
    | Told
    | AskingTest
    | StartingTest
)  # fmt: skip
