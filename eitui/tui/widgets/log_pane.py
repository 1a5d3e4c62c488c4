"""The pane of a log, with a filter that is typed at the bottom of it."""

from collections.abc import Sequence

from eitui.analysis.failure import Cause
from eitui.analysis.query.grammar import QueryOf
from eitui.domain.log import LogLine, TrialLog
from eitui.feed.events import Logged
from eitui.tui.keys import Key
from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import List
from eitui.tui.widgets.filtered import Filtered, Language
from eitui.view.kit.lines import Line, wrapped
from eitui.view.run import failures as log_view
from eitui.view.run.filtering import in_force, nothing_left

ASIDE = 16
"""Cells that a log is moved sideways at a time."""

FOLLOW_S = 10.0
"""Seconds after which a log that still grows, and whose end is in sight, is asked for again."""

_NO_CAUSE = Cause()


class LogPane(Filtered[LogLine, None], List):
    """A log, at its end until it is moved, below why the trial failed."""

    def __init__(self, keys: Sequence[Key], key: str, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(key, title, id=id)
        self._of: Logged | None = None
        self._log: TrialLog | None = None
        self._cause = _NO_CAUSE
        self._problem = self._note = self._gone = ""
        self._query: QueryOf[LogLine, None] = QueryOf()
        self._found: tuple[object, Sequence[tuple[int, LogLine]]] = (None, ())
        self._at_end = True
        self._aside = 0
        self._asked_at = 0.0
        self.take_keys(keys)

    def show(
        self,
        of: Logged | None,
        log: TrialLog | None = None,
        cause: Cause = _NO_CAUSE,
        *,
        problem: str = "",
        note: str = "",
        gone: str = "",
    ) -> None:
        """Show the log of a trial or job; of none, `gone` says why.

        `log` is None while there is no answer, `problem` why it could not be had the last time, and `note` what must
        be known of it.
        """
        if not self._is_about(of):
            self._at_end, self._aside = True, 0
        self._of, self._log, self._cause = of, log, cause
        self._problem, self._note, self._gone = problem, note, gone
        self.redraw()

    def _is_about(self, of: Logged | None) -> bool:
        return of is not None and self._of is not None and (type(of), of.id) == (type(self._of), self._of.id)

    def is_due(self, of: Logged, now: float) -> bool:
        """Return whether the log of `of`, which still grows, is to be asked for again; `now` in monotonic seconds.

        Not while an earlier part of it is read: the service sends the last entries alone, and the lines would move.
        """
        if not self._is_about(of):
            self._asked_at = now  # it is asked for anyway
        due = self._at_end and now - self._asked_at >= FOLLOW_S
        if due:
            self._asked_at = now
        return due

    # The filter

    def language(self) -> Language[LogLine, None]:
        """Return what filters are written in: a part of a line."""

        def lines_with(text: str) -> QueryOf[LogLine, None]:
            wanted = text.strip().lower()
            return QueryOf(text.strip(), lambda line, _: wanted in line.text.lower()) if wanted else QueryOf()

        return Language(lines_with, lambda text, at: (), (), log_view.LINE_EXAMPLES)

    def in_force(self) -> QueryOf[LogLine, None]:
        """Return the filter that is in force."""
        return self._query

    def put_in_force(self, query: QueryOf[LogLine, None]) -> None:
        """Filter by `query`."""
        self._query, self._at_end = query, True

    def no_filter(self) -> QueryOf[LogLine, None]:
        """Return the filter that everything passes."""
        return QueryOf()

    def counts(self) -> tuple[int, int]:
        """Return how many lines pass, and how many there are."""
        return len(self._rows), len(self._lines)

    def clear_filter(self) -> bool:
        """Show all lines again; whether there was a filter."""
        had = bool(self._query)
        self._query = QueryOf()
        self.redraw()
        return had

    @property
    def shown(self) -> Sequence[LogLine]:
        """The lines that the filter leaves."""
        return [line for _, line in self._rows]

    @property
    def _lines(self) -> Sequence[LogLine]:
        return () if self._log is None else self._log.lines

    @property
    def _rows(self) -> Sequence[tuple[int, LogLine]]:
        """The lines that the filter leaves, each with its index in the log."""
        about = (self._log, self._query)
        if self._found[0] is None or self._found[0] != about:
            lines = enumerate(self._lines)
            self._found = (about, [(index, line) for index, line in lines if self._query.matches(line, None)])
        return self._found[1]

    # What is drawn

    def count(self) -> int:
        """Return how many lines there are."""
        return len(self._rows) if self._of is not None else 0

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return why the trial failed, and what must be known of its log."""
        if self._of is None:
            return []
        head = log_view.log_head(self._of, self._cause, self._log, width - 2, problem=self._problem, note=self._note)
        return indented(head)[: max(0, height - 3)]

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return why there are no lines, below why the trial failed."""
        if self._of is None:
            return [self.title_line(width), *indented(wrapped(self._gone, width - 2, "dim"))]
        if self._lines:
            none = nothing_left(self._query, len(self._lines), still_typing=self.typing, what="line")
            why = wrapped(none, width - 2, "dim")
        else:
            why = log_view.why_empty(self._of, self._log, self._problem, width - 2)
        return [self.title_line(width), *self.above(width, height + 3), *indented(why)]

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
        about = in_force(self._query, *self.counts(), room=width // 3)
        return self.title_line(width, f"{aside}{window.top + 1}–{last} of {window.count}", about)

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the lines in sight."""
        return log_view.trial_log_lines(self._rows[first : first + most], self._cause.telling, width, aside=self._aside)

    # Moving

    def move(self, by: int) -> None:
        """Move along by `by` lines; at the end it stays with the end."""
        self.window.move(by)
        self._at_end = self.window.top >= self.window.count - self.window.room
        self.redraw()

    def move_aside(self, by: int) -> None:
        """Move sideways, as far as there is anything."""
        longest = max((len(line.text) for _, line in self._rows), default=0)
        self._aside = max(0, min(self._aside + by * ASIDE, longest // ASIDE * ASIDE))
        self.redraw()
