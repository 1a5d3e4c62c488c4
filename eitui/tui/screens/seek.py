"""Ask for a time to go to."""

from collections.abc import Callable

from eitui.analysis.position import TIME_EXAMPLES
from eitui.tui.kit.prompt import Prompt

_MOST_TYPED = 40
"""Characters; no time takes more."""


class SeekPrompt(Prompt[float | None]):
    """Returns a time in seconds since the Unix epoch, or None when none was given.

    What cannot be understood is said beside what was typed, and may be typed again.
    """

    def __init__(self, understand: Callable[[str], float | str]) -> None:
        super().__init__("Go to a time", TIME_EXAMPLES, _MOST_TYPED)
        self._understand = understand

    def take(self, text: str) -> None:
        """Return the time, or say what was wrong with it."""
        found = self._understand(text)
        if isinstance(found, float):
            self.dismiss(found)
        else:
            self.say(found)
