"""What the commands' exit codes mean: scripts rely on them."""

from enum import IntEnum

from eitui.api.errors import ApiError, BadSettings
from eitui.change.errors import JournalError, NoSuchThreshold, ReadOnly, Unfit
from eitui.config import SettingsError
from eitui.crash import CRASHED
from eitui.feed.tape import RecordingError


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    """All is well."""
    FAILED = 1
    """The run failed, or the condition was not met."""
    USAGE = 2
    """The command or a setting is malformed, a file is not what it should be, there is no such thing to change, or this
    terminal cannot show the monitor."""
    UNREACHABLE = 3
    """The service could not be reached, or refused."""
    TIMEOUT = 4
    """The time given was up."""
    CRASHED = CRASHED
    """A bug in eitui."""
    INTERRUPTED = 130
    """Ctrl+C."""


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code for an error that ends a command."""
    match error:
        case (
            SettingsError()
            | BadSettings()
            | RecordingError()
            | JournalError()
            | ReadOnly()
            | NoSuchThreshold()
            | Unfit()
        ):
            return ExitCode.USAGE
        case ApiError():
            return ExitCode.UNREACHABLE
        case TimeoutError():
            return ExitCode.TIMEOUT
        case KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.FAILED
