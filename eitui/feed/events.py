"""What a source says happened, in the order it happened."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from eitui.domain.curve import LogPart
from eitui.domain.log import TrialLog
from eitui.domain.moment import Alert, Instant, Moment, Problem, Recording
from eitui.domain.run import Run, RunJob, RunRecord
from eitui.domain.trial import Trial
from eitui.errors import Code, EituiError, ExitCode


class RecordingError(EituiError):
    """A recording cannot be read or written."""

    code = Code.RECORDING
    exit_code = ExitCode.USAGE


class NoRecording(RecordingError):
    """There is no recording."""


@dataclass(frozen=True)
class Frame:
    """What was to be seen after one poll, and when that was."""

    moment: Moment
    now: Instant
    """The instant of the poll, on the same monotonic clock as the times in `moment`."""


class OpenRecording(Protocol):
    """A recorded run. Every method may read the disk: none is for the event loop. Thread-safe."""

    @property
    def times(self) -> Sequence[float]:
        """When each poll was, answered or not: seconds since the Unix epoch, never decreasing."""

    @property
    def lost(self) -> Sequence[str]:
        """What of the recording could not be read, a line each; empty while all of it could."""

    def refresh(self) -> None:
        """Take in what was recorded since. The places of earlier polls do not change."""

    def frame(self, index: int) -> Frame:
        """Return what was to be seen after the poll with this place in `times`.

        Raises:
            RecordingError: nothing of the recording can be read any more.
            IndexError: there is no such poll.
        """

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True)
class Tracked:
    """What one event led to."""

    moment: Moment
    alerts: tuple[Alert, ...] = ()
    """The new ones: they are also in `moment.alerts`."""


@dataclass(frozen=True)
class PollSucceeded:
    """The service described the run. The same `Run` object as before means that nothing changed."""

    at: Instant
    run: Run
    next_in: float | None = None
    """Seconds until the next answer is due; None: as before."""
    date: float | None = None
    """The service's clock by the answer's `Date` header, in seconds since the Unix epoch; None: it did not tell.

    A header has whole seconds, rounded down.
    """
    folded: tuple[Moment, Tracked] | None = field(default=None, compare=False, repr=False)
    """A moment, and what this made of it: who folds it from an equal one, or ranks its trials, need not do it again."""


@dataclass(frozen=True)
class PollFailed:
    """The service could not be asked. What was known before stays known."""

    at: Instant
    problem: Problem
    retry_at: float | None
    """Monotonic seconds of the next try; None when there will be none until the user asks."""


@dataclass(frozen=True)
class Identified:
    """Something was learnt about the project or the run that its state does not say."""

    at: Instant
    project_id: int
    project_name: str = ""
    record: RunRecord | None = None


@dataclass(frozen=True)
class EpochsRead:
    """The log of a trial was read: it tells epochs that no poll need have told."""

    at: Instant
    project_id: int
    trial_id: str
    retries: int
    """Of the trial, when its log was asked for."""
    told: LogPart
    """The epochs of the last attempt, all its phases; none where the log has none."""


@dataclass(frozen=True)
class Resumed:
    """What an earlier watching of this run came to, before the service has said anything."""

    at: Instant
    moment: Moment


@dataclass(frozen=True)
class RecordingChanged:
    """How it stands with the recording has changed."""

    at: Instant
    recording: Recording


ServiceEvent = PollSucceeded | PollFailed | Identified | EpochsRead
"""What the service said, or did not: what is recorded."""

Event = ServiceEvent | Resumed | RecordingChanged


Logged = Trial | RunJob
"""What has a log."""


class NoLog(EituiError):
    """A log cannot be had."""

    code = Code.NO_LOG
    exit_code = ExitCode.UNREACHABLE


class Source(Protocol):
    """Where events come from: a live service, a recording."""

    @property
    def interval(self) -> float:
        """Seconds between answers while all is well."""

    @property
    def live(self) -> bool:
        """False for a recording: what it yields is the past."""

    @property
    def fills_curves(self) -> bool:
        """Whether the epochs that a log tells become events, so that it is worth reading logs for them."""

    def events(self) -> AsyncIterator[Event]:
        """Yield what happens, for as long as there is anything to follow."""

    def rest(self) -> None:
        """Let go of what others may need, before the process stands still; polling goes on afterwards by itself."""

    def wake(self) -> None:
        """Ask for the next answer now instead of when it is due."""

    def open_recording(self) -> OpenRecording:
        """Open what was recorded of the run so far. Reads the disk: not for the event loop.

        Raises:
            NoRecording: there is none.
            RecordingError: there is one that cannot be read.
        """

    async def log(self, of: Logged) -> TrialLog:
        """Return the log of a trial or of a job of the run, as it is now.

        Raises:
            NoLog: it cannot be had.
        """
