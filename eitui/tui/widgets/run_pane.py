"""The pane of runs and recordings, with a filter that is typed at the bottom of it."""

from collections.abc import Sequence

from eitui.analysis.query.grammar import QueryOf
from eitui.tui.keys import Key
from eitui.tui.kit.lines import indented
from eitui.tui.kit.list import RowList
from eitui.tui.widgets.filtered import Filtered, Language
from eitui.view.kit.keys import key_name
from eitui.view.kit.lines import Line, wrapped
from eitui.view.run.filtering import in_force, nothing_left
from eitui.view.run.run_list import RUN_EXAMPLES, ListedRun, RunKey, RunsShown, run_head, run_lines


class RunPane(Filtered[ListedRun, None], RowList[RunKey]):
    """One row a run."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(key_name("run.runs"), "Runs", id="runs")
        self._runs: Sequence[ListedRun] = ()
        self._rows: Sequence[ListedRun] = ()
        self._query: QueryOf[ListedRun, None] = QueryOf()
        self._shown = RunsShown(0.0)
        self._notes: Sequence[tuple[str, str]] = ()
        self._empty = ""
        self.take_keys(keys)

    def show(self, runs: Sequence[ListedRun], shown: RunsShown, notes: Sequence[tuple[str, str]], empty: str) -> None:
        """Show the runs below `notes`, each a text and its tone; of none, `empty` says why."""
        if runs is not self._runs:
            self._runs = runs
            self._pass()
        self._shown, self._notes, self._empty = shown, notes, empty
        self.redraw()

    @property
    def selected(self) -> ListedRun | None:
        """The run that the cursor is on."""
        index = self.index_of(self.cursor)
        return self._rows[index or 0] if self._rows else None

    def _pass(self) -> None:
        self._rows = [run for run in self._runs if self._query.matches(run, None)]

    def keys(self) -> Sequence[RunKey]:
        """Return what tells the runs apart."""
        return [run.key for run in self._rows]

    # The filter

    def language(self) -> Language[ListedRun, None]:
        """Return what filters are written in: parts of what a row says, all of which must be there."""

        def runs_with(text: str) -> QueryOf[ListedRun, None]:
            words = text.lower().split()
            return QueryOf(text.strip(), lambda run, _: all(word in run.text for word in words)) if words else QueryOf()

        return Language(runs_with, lambda text, at: (), (), RUN_EXAMPLES)

    def in_force(self) -> QueryOf[ListedRun, None]:
        """Return the filter that is in force."""
        return self._query

    def put_in_force(self, query: QueryOf[ListedRun, None]) -> None:
        """Filter by `query`."""
        self._query = query
        self._pass()
        self.redraw()

    def no_filter(self) -> QueryOf[ListedRun, None]:
        """Return the filter that everything passes."""
        return QueryOf()

    def counts(self) -> tuple[int, int]:
        """Return how many pass, and how many there are."""
        return len(self._rows), len(self._runs)

    def clear_filter(self) -> bool:
        """Show all runs again; whether there was a filter."""
        had = bool(self._query)
        self.put_in_force(QueryOf())
        return had

    # What is drawn

    def about(self) -> str:
        """Return the filter in force."""
        return in_force(self._query, *self.counts(), room=self.size.width // 2)

    def _said(self, width: int) -> list[Line]:
        return [line for text, tone in self._notes if text for line in indented(wrapped(text, width - 2, tone))]

    def above(self, width: int, height: int) -> Sequence[Line]:
        """Return the notes and the titles of the columns."""
        return [*self._said(width)[: max(0, height - 4)], ((" ", ""), *run_head(width - 2))]

    def why_empty(self) -> str:
        """Return why there is nothing."""
        if self._runs:
            return nothing_left(self._query, len(self._runs), still_typing=self.typing, what="run")
        return self._empty

    def empty(self, width: int, height: int) -> Sequence[Line]:
        """Return why there is nothing, below the notes."""
        why = indented(wrapped(self.why_empty(), width - 2, "dim"))
        return [self.title_line(width, about=self.about()), *self._said(width), *why]

    def content(self, width: int, first: int, most: int) -> Sequence[Line]:
        """Return the runs in sight."""
        lines = run_lines(self._rows[first : first + most], self._shown, width - 2)
        return self.with_cursor([((" ", ""), *line) for line in lines], first)
