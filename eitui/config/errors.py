"""What is wrong with a setting."""

from eitui.config.hiding import hide
from eitui.errors import Code, EituiError, ExitCode


class SettingsError(EituiError):
    """A setting is missing or malformed: one line that says which, and advice. Neither ever holds a value."""

    code = Code.SETTINGS
    exit_code = ExitCode.USAGE

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(hide(what), hide(advice))
