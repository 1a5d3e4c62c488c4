"""Ask for a time to go to, and for a file to write to."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from eitui.analysis.position import TIME_EXAMPLES
from eitui.domain.text import clean
from eitui.tui.kit.dialog import Confirm, Prompt

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


_LONGEST = 1000
"""Characters of a path."""

ENDINGS = ("", ".csv", ".json")
"""What a file's name may end in: under another ending its contents would not be what they seem."""

Write = Callable[[Path], Awaitable[str]]
"""Writes a file; returns why it could not be written, or nothing."""


class ExportPrompt(Prompt[None]):
    """Has a file written, and stays open until it is. One that is there already is overwritten only after asking."""

    def __init__(self, proposal: str, what: str, write: Write) -> None:
        """Propose a name for `what`, and have `write` write it."""
        super().__init__(f"Export {what}", "CSV; JSON if the name ends in .json", _LONGEST, proposal)
        self._write = write
        self._writing = False

    def take(self, text: str) -> None:
        """Have the file written, or ask whether to replace what is there."""
        typed = text.strip()
        try:
            path = Path(typed).expanduser().absolute()
        except RuntimeError:  # ~somebody who is not known here
            path = Path(typed).absolute()

        if not typed:
            self.say("Type a file name.")
        elif typed.endswith("/") or _holds(path.is_dir):
            self.say(f"{clean(typed)} is a directory: type a file name.")
        elif path.suffix.lower() not in ENDINGS:
            self.say(f"{clean(path.suffix)} is not supported: use .csv or .json.")
        elif not _holds(path.exists):
            self._begin(path)
        elif not self._writing:
            lost = f"{clean(path.name)} already exists. What is in it is lost."
            self.app.push_screen(
                Confirm("Overwrite this file?", [lost], "overwrite"), lambda yes: self._begin(path) if yes else None
            )

    def _begin(self, path: Path) -> None:
        if self.is_current and not self._writing:  # else it was answered already: the key was pressed twice
            self._writing = True
            # The monitor's: it goes on when this is left meanwhile.
            self.app.screen_stack[0].run_worker(self._write_to(path))

    async def _write_to(self, path: Path) -> None:
        try:
            problem = await self._write(path)
        finally:
            self._writing = False
        if not self.is_current:
            if problem:
                self.app.notify(problem, severity="error", markup=False)
        elif problem:
            self.say(problem)
        else:
            self.dismiss(None)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (OSError, ValueError):
        return False  # Writing will say what is wrong with it.
