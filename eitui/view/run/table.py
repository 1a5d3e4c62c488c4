"""The trial table without a terminal: which trials, in which order, with which cells."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from operator import is_

from eitui.analysis.figures import FIGURES, Context, Figure, Lens, is_parameter, varying
from eitui.analysis.flags import curve_flags
from eitui.analysis.query.grammar import TrialQuery
from eitui.analysis.ranking import best, ranked, usual_lens
from eitui.domain.curve import EMPTY_CURVE, Curve
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.trial import Trial
from eitui.view.kit.lines import Line
from eitui.view.kit.table import aligned, row, sort_items
from eitui.view.run.columns import Column, column_of
from eitui.view.run.lazy_values import AT_ONCE, Depths

_NO_MARKS: Mapping[str, int] = {}

_TURNS_AT_ONCE = 5
"""Turns of reading that a key may wait for: some 25 ms."""


def context_of(moment: Moment, lens: Lens | None = None) -> Context:
    """Return what the rows of `moment` depend on beside their trials. `lens`: None for what the run itself is about."""
    run = moment.run
    usual = usual_lens(run)
    lens = lens or usual
    first = ranked(moment) if lens == usual else best(run, lens)
    return Context(
        config=run.config,
        lens=lens,
        best_id=first.trial.id if first.trial else None,
        best_fit_id=first.within_limits.id if first.within_limits else None,
        curve_flags=curve_flags(moment),
        stalled=moment.history.stalled,
    )


class TrialRows:
    """The rows of the table: filtered and ordered trials, and a cell for each column, made when first looked at."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        """Those that the filter lets through."""
        self.context = Context()
        self.sort: Column | None = None
        """None: in the service's own order."""
        self.reverse = False
        self.filter = TrialQuery()
        self.depths = Depths()
        self.shows_parameters = False
        """Whether there are columns of hyper-parameters: then it is to be known which of them this run has."""
        self._wants_parameters = False
        self._moment = EMPTY_MOMENT
        self._asked: tuple[Lens | None, Mapping[str, int]] = (None, _NO_MARKS)
        self._index: dict[str, int] = {}
        self._cells: dict[str, tuple[tuple[Trial, Context, tuple[Column, ...], Curve], Line]] = {}

    @property
    def total(self) -> int:
        """How many trials there are, shown or not."""
        return len(self._moment.run.trials)

    def show(self, moment: Moment, lens: Lens | None = None, marks: Mapping[str, int] = _NO_MARKS) -> None:
        """Take over the trials of `moment`. Costs nothing when its run and the rest are the same as before.

        `lens` says whose figures count, None for what the run itself is about; `marks` has numbers of marks by id.
        """
        before, asked = self._moment, self._asked
        self._moment, self._asked = moment, (lens, marks)
        same_run = (
            before.run is moment.run
            and before.history.stalled == moment.history.stalled
            # A log may have filled in a curve, which decides over flags.
            and before.history.curves is moment.history.curves
        )
        if same_run and asked == self._asked:
            return
        context = replace(context_of(moment, lens), marks=marks, details=self.depths.read, curve=self._curve)
        if context != self.context:
            self.context = context
            self.depths.look(context.lens)
        self._order()

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Order by a column, or by nothing (None: the service's order, or its opposite)."""
        self.sort, self.reverse = (column_of(key) if key else None), reverse
        self._order()

    def filter_by(self, query: TrialQuery) -> None:
        """Show only the trials that `query` asks for."""
        self.filter = query
        self._order()

    @property
    def to_read(self) -> int:
        """How many trials are still to be read until filter and order are as they should be."""
        return self.depths.wanted

    def read_on(self) -> None:
        """Read some of those; when all are, filter and order are as they should be."""
        self.depths.read_some()
        if not self.to_read:
            self._order()

    def index_of(self, trial_id: str | None) -> int | None:
        """Return the row of a trial, or None where it is not in the table."""
        return None if trial_id is None else self._index.get(trial_id)

    def line(self, index: int, columns: tuple[Column, ...]) -> Line:
        """Row `index` as a line; made anew only when its trial or what it depends on changed."""
        trial = self.trials[index]
        curve, kept = self._curve(trial), self._cells.get(trial.id)
        made_of = (trial, self.context, columns, curve)
        if kept is not None and all(map(is_, kept[0], made_of)):
            return kept[1]
        line = aligned(row(trial, columns, self.context), columns)
        self._cells[trial.id] = (made_of, line)
        return line

    def _curve(self, trial: Trial) -> Curve:
        return self._moment.history.curves.get(trial.id, EMPTY_CURVE)

    def _order(self) -> None:
        self._select()
        if 0 < self.to_read <= AT_ONCE:
            self.depths.read_some()
            self._select()
        if not self.to_read:
            self._wants_parameters = False
        self._index = {trial.id: index for index, trial in enumerate(self.trials)}
        if max(len(self._cells), self.depths.kept) > 2 * self.total + 100:
            ids = frozenset(trial.id for trial in self._moment.run.trials)
            self._cells = {key: kept for key, kept in self._cells.items() if key in ids}
            self.depths.forget(ids)

    def _select(self) -> None:
        self.depths.begin()
        asked = replace(self.context, details=self.depths.if_read)
        trials: Collection[Trial] = self._moment.run.trials
        if self.filter:
            trials = self.filter.select(trials, asked)
        if self.sort is None:
            self.trials = list(trials)[:: -1 if self.reverse else 1]
        else:
            self.trials = sort_items(trials, self.sort, self.reverse, asked)
        if self._wants_parameters or self.shows_parameters:
            for trial in self._moment.run.trials:
                self.depths.parameters.if_read(trial)

    def want_parameters(self) -> None:
        """Have the hyper-parameters of all trials read: of few at once, of many by and by (see `to_read`)."""
        self._wants_parameters = True
        self._order()
        for _ in range(_TURNS_AT_ONCE):
            if self.to_read:
                self.read_on()

    def has(self, column: Column) -> bool:
        """Whether any trial may have what a column shows; of hyper-parameters that is known when all were read."""
        names = self.depths.names
        return column.key in names or not names or bool(self.to_read) or not is_parameter(column.key)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of these trials: of the hyper-parameters those that differ among the trials that were read."""
        return (*FIGURES, *varying(self.depths.parameters.known(self._moment.run.trials)))
