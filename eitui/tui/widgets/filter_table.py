"""The trial table with a filter that is typed at the bottom of it."""

from collections.abc import Sequence

from eitui.analysis.figures import Context
from eitui.analysis.query.grammar import TrialQuery
from eitui.domain.trial import Trial
from eitui.tui.keys import Key
from eitui.tui.widgets.filter_line import Language, of_trials
from eitui.tui.widgets.filtered import Filtered
from eitui.tui.widgets.trial_table import TrialTable
from eitui.view.run.filtering import nothing_left

OPENS = "trial.filter"
"""The id of the key that lets a filter be typed."""


class FilterTable(Filtered[Trial, Context], TrialTable):
    """The trial table of the monitor."""

    def __init__(self, endpoint: str, keys: Sequence[Key]) -> None:
        TrialTable.__init__(self, endpoint)
        self.take_keys(keys, OPENS)
        self._before: str | None = None
        self._put: str | None = None

    def language(self) -> Language[Trial, Context]:
        """Return what filters are written in."""
        return of_trials(self.rows.figures)

    def in_force(self) -> TrialQuery:
        """Return the filter that is in force."""
        return self.rows.filter

    def no_filter(self) -> TrialQuery:
        """Return the filter that everything passes."""
        return TrialQuery()

    def counts(self) -> tuple[int, int]:
        """Return how many pass, and how many there are."""
        return len(self.rows.trials), self.rows.total

    def found_nothing(self) -> bool:
        """Whether nothing passes, for sure: of some it may not be known yet."""
        return not self.rows.trials and not self.rows.to_read

    def type_filter(self) -> None:
        """Let a filter be typed, or the one in force be changed."""
        if not self.typing:
            self._before, self._put = self.wanted, self.cursor
            self.want_parameters()
        super().type_filter()

    def clear_filter(self) -> bool:
        """Show all trials again; whether there was a filter."""
        if not self.rows.filter:
            return False
        self.filter_by(TrialQuery(), self.wanted)
        return True

    def put_in_force(self, query: TrialQuery) -> None:
        """Filter by `query`; the cursor stays on its trial, or comes back to it."""
        if self.cursor != self._put:
            self._before = self.wanted  # moved since
        self.filter_by(query, self._before)
        self._put = self.cursor

    def were_read(self) -> None:
        """Take what is being typed as it is now understood: there may be more hyper-parameters."""
        if self._typed is not None:
            self._typed.use(self.language())
            self._follow()

    def _why_nothing_is_left(self) -> str:
        return nothing_left(self.rows.filter, self.rows.total, still_typing=self.typing)
