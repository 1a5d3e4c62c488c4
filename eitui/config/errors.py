"""What is wrong with a setting."""

from eitui.config.hiding import hide
from eitui.domain.text import clean


class SettingsError(Exception):
    """A setting is missing or malformed: one line that says which, and advice. Neither ever holds a value."""

    def __init__(self, what: str, advice: str = "") -> None:
        self.what = clean(hide(what))
        """What is wrong, one line, never empty."""
        self.advice = clean(hide(advice))
        """What to do about it; may be empty."""
        super().__init__(self.what)
