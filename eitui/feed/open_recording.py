"""A recorded run, to be looked at as it was at any of its polls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eitui.domain.moment import Instant, Moment
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
