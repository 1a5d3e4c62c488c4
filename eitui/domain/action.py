"""What is done to a run or a project beside changing thresholds: a trial added, a search extended, a job cancelled."""

from dataclasses import dataclass
from enum import StrEnum

from eitui.domain.edit import Journalled, Report


class ActionKind(StrEnum):
    """What is done. The words are kept in the journal."""

    ADD = "add trial"
    """A trial becomes an impulse of the project, which takes a job."""
    EXTEND = "extend search"
    """A new run goes on where a finished one ended."""
    CANCEL = "cancel job"
    TEST = "test model"
    """A job tests an impulse on the whole test set."""


@dataclass(frozen=True)
class Action:
    """One request that starts or ends something, to be sent once."""

    id: str
    """Unlike any other action's or edit's, on any machine."""
    host: str
    project_id: int
    kind: ActionKind
    target: str
    """What it is done to: a trial's id as the service sent it, a coordinator job's, a job's, an impulse's."""
    name: str
    """What people call the target; clean."""
    who: str
    """The user of this machine who did it, and the machine: `user@host`."""
    new_name: str = ""
    """Of a trial that is added: the impulse's name; empty leaves it to the service."""
    known: tuple[int, ...] = ()
    """Of a search that is extended: the coordinator jobs of the runs that there were before."""


@dataclass(frozen=True)
class ActionEntry(Journalled):
    """An action in the journal, with the last that was learnt of it."""

    number: int
    """Its number in this journal, counted with those of changes of thresholds."""
    action: Action
    report: Report
    intended_at: float
    """When it was written down, just before it was sent; seconds since the Unix epoch."""
    reported_at: float | None = None


@dataclass(frozen=True)
class Evidence:
    """What the service says of an action's target."""

    done: bool | None = None
    """Whether what the action is for is so; None where the service has no way to tell."""
    found: str = ""
    """What was found, in a few words: `impulse 7`; clean."""
    obstacle: str = ""
    """Why it makes no sense to send the action now, in a sentence without its full stop; empty where it does."""
    known: tuple[int, ...] = ()
    """See `Action.known`."""

    def certain(self, kind: ActionKind) -> bool:
        """Whether not done means never done, once the request had the time to take effect.

        A job may still be adding a trial, or be on its way to its end; and of a test nothing can be read back.
        """
        return kind is ActionKind.EXTEND and self.done is False


@dataclass(frozen=True)
class PlanLimits:
    """What the service's plan allows; None where the service does not tell."""

    job_s: float | None = None
    """Longest time of one job, in seconds."""
    left_s: float | None = None
    """Compute time that is left in this period, in seconds."""
