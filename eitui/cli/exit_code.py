"""Which exit code an error ends a command with."""

from eitui.errors import EituiError, ExitCode

__all__ = ["ExitCode", "exit_code"]


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code for an error that ends a command."""
    match error:
        case EituiError():
            return error.exit_code
        case TimeoutError():
            return ExitCode.TIMEOUT
        case KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.FAILED
