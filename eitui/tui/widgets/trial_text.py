"""The tabs of a trial that are text."""

from collections.abc import Callable, Sequence

from eitui.analysis.failure import Cause
from eitui.domain.log import TrialLog
from eitui.domain.trial import Trial
from eitui.tui.kit.list import List
from eitui.tui.logs import NOTHING_HEARD, Heard
from eitui.view.kit.lines import Line, wrapped
from eitui.view.trial import log as log_view

_LEAST_WIDTH = 60
"""Cells that a tab is laid out for; where there are fewer, its lines are cut."""

ROOMY = 110
"""Cells from which a title has room for a hint."""

ASIDE = 16
"""Cells that a log is moved sideways at a time."""

Draw = Callable[[int], Sequence[Line]]


class TextPane(List):
    """Text about a trial, made anew when what it is about has changed."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self._draw: Draw = lambda _: ()
        self._about: object = None
        self._made: tuple[int, Sequence[Line]] | None = None
        self.hint = ""
        """What keys do here, said where there is room."""

    def show(self, about: object, draw: Draw) -> None:
        """Show what `draw` makes for a width; it is not called again while `about` is equal and so is the width."""
        if about != self._about or self._made is None:
            self._about, self._draw, self._made = about, draw, None
        self.redraw()

    def about(self) -> str:
        """Return the hint where there is room for it beside the names of the tabs."""
        return self.hint if self.size.width >= ROOMY else ""

    def _lines(self, width: int) -> Sequence[Line]:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._draw(max(_LEAST_WIDTH, width - 2)))
        return self._made[1]

    def count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines(self.size.width))

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines in sight."""
        # At the least width there is no cell to spare.
        lead: Line = ((" ", ""),) if width > _LEAST_WIDTH else ()
        return [(*lead, *line) for line in self._lines(width)[first : first + most]]

    def why_empty(self) -> str:
        """Return what to say of nothing."""
        return "There is nothing to show."


class LogPane(List):
    """A log, at its end until it is moved, below why the trial failed."""

    def __init__(self, key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(key, title, id=id)
        self._trial: Trial | None = None
        self._heard = NOTHING_HEARD
        self._cause = Cause()
        self._note = self._gone = ""
        self._at_end = True
        self._aside = 0

    def show(self, trial: Trial | None, heard: Heard, cause: Cause, *, note: str = "", gone: str = "") -> None:
        """Show the log of `trial`; of none, `gone` says why. `note` is what must be known of it."""
        if trial is None or self._trial is None or trial.id != self._trial.id:
            self._at_end, self._aside = True, 0
        self._trial, self._heard, self._cause, self._note, self._gone = trial, heard, cause, note, gone
        self.redraw()

    @property
    def _log(self) -> TrialLog:
        return self._heard.log or TrialLog()

    def count(self) -> int:
        """Return how many lines the log has."""
        return len(self._log.lines) if self._trial is not None else 0

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return why the trial failed, and what must be known of its log."""
        if self._trial is None:
            return []
        log = self._heard.log
        return _indented(
            log_view.head(self._trial, self._cause, log, width - 2, problem=self._heard.problem, note=self._note)
        )[: max(0, height - 3)]

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return why there are no lines, below why the trial failed."""
        trial = self._trial
        if trial is None:
            return [self.title_line(width), *_indented(wrapped(self._gone, width - 2, "dim"))]
        why = log_view.why_empty(trial, self._heard.log, self._heard.problem, width - 2)
        return [self.title_line(width), *self.above(width, height + 3), *_indented(why)]

    def settle(self) -> None:
        """Stay at the end."""
        if self._at_end:
            self.window.move(self.window.count)
            self.window.fit(self.window.count, self.window.room)

    def title(self, width: int) -> Line:
        """Return the title, with which lines are in sight, and how far they are moved sideways."""
        window = self.window
        aside = f"← {self._aside} cells, " if self._aside else ""
        last = min(window.top + window.room, window.count)
        return self.title_line(width, f"{aside}{window.top + 1}–{last} of {window.count}")

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines in sight."""
        return log_view.trial_log_lines(self._log, self._cause.telling, first, most, width, aside=self._aside)

    def move(self, by: int) -> None:
        """Move along by `by` lines; at the end it stays with the end."""
        self.window.move(by)
        self._at_end = self.window.top >= self.window.count - self.window.room
        self.redraw()

    def move_aside(self, by: int) -> None:
        """Move sideways, as far as there is anything."""
        longest = max((len(line.text) for line in self._log.lines), default=0)
        self._aside = max(0, min(self._aside + by * ASIDE, longest // ASIDE * ASIDE))
        self.redraw()


def _indented(lines: Sequence[Line]) -> list[Line]:
    return [((" ", ""), *line) for line in lines]
