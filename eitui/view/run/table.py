"""The trial table without a terminal: which trials, in which order, with which cells, and what takes long to read."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from operator import is_
from sys import intern
from typing import Generic, TypeVar

from eitui.analysis.figures import (
    FIGURES,
    Context,
    Details,
    Figure,
    FigureValue,
    Lens,
    WorstClass,
    is_parameter,
    varying,
)
from eitui.analysis.flags import curve_flags
from eitui.analysis.query.grammar import TrialQuery
from eitui.analysis.ranking import best, ranked, usual_lens
from eitui.domain.curve import EMPTY_CURVE, Curve
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.trial import COMPLETED, Trial
from eitui.view.kit.lines import Line
from eitui.view.kit.table import aligned, row, sort_items
from eitui.view.run.columns import CURVE, STAYING, Column, column_of

AT_ONCE = 20
"""Trials that are read without letting anybody else have a turn: some 5 ms."""

_T = TypeVar("_T")


class Deep(Generic[_T]):
    """One thing about trials. Asked `if_read`, it notes which trials it does not know, to be read by and by."""

    def __init__(self, read: Callable[[Trial], _T], nothing: _T) -> None:
        self._read = read
        self._nothing = nothing
        self._known: dict[str, tuple[Trial, _T]] = {}
        self.wanted: dict[str, Trial] = {}
        """The trials that were asked about and are still to be read."""

    def read(self, trial: Trial) -> _T:
        """Return it, read now where it is not known."""
        if not self._knows(trial):
            self._known[trial.id] = (trial, self._read(trial))
        return self._known[trial.id][1]

    def if_read(self, trial: Trial) -> _T:
        """Return it where it is known, else nothing."""
        if self._knows(trial):
            return self._known[trial.id][1]
        self.wanted[trial.id] = trial
        return self._nothing

    def known(self, trials: Iterable[Trial]) -> list[_T]:
        """Return it of those trials of which it was read, as they are now."""
        return [self._known[trial.id][1] for trial in trials if self._knows(trial)]

    def _knows(self, trial: Trial) -> bool:
        """Whether it was read from the same JSON. An equal trial is mostly the same object."""
        known = self._known.get(trial.id)
        return known is not None and (known[0] is trial or trial.is_unchanged(known[0]))

    def read_some(self, most: int = AT_ONCE) -> bool:
        """Read of those that are wanted, `most` at most; whether there are none left."""
        for trial_id in list(self.wanted)[:most]:
            self.read(self.wanted.pop(trial_id))
        return not self.wanted

    def __len__(self) -> int:
        """How many trials it is known of."""
        return len(self._known)

    def forget(self, ids: Collection[str]) -> None:
        """Let go of all trials but those with these ids."""
        self._known = {key: known for key, known in self._known.items() if key in ids}


_NO_PARAMETERS: Mapping[str, FigureValue] = {}


class Depths:
    """The worst classes of trials as seen through one lens, their hyper-parameters, and the titles of their blocks."""

    def __init__(self) -> None:
        self._lens = Lens()
        self.worst: Deep[WorstClass | None] = Deep(self._worst_of, None)
        self.names = set[str]()
        """The hyper-parameters that any trial was seen to have."""
        self.parameters: Deep[Mapping[str, FigureValue]] = Deep(self._parameters_of, _NO_PARAMETERS)
        self.titles: Deep[tuple[str, ...]] = Deep(_titles_of, ())
        self.read = Details(
            lambda trial: self.worst.read(trial) if _evaluated(trial) else None,
            self.parameters.read,
            self.titles.read,
        )
        """Reads at once: for what is looked at."""
        self.if_read = Details(
            lambda trial: self.worst.if_read(trial) if _evaluated(trial) else None,
            self.parameters.if_read,
            self.titles.if_read,
        )
        """Knows what was read, and notes the rest: for sorting and filtering, which ask of every trial."""

    def look(self, lens: Lens) -> None:
        """Look through another lens."""
        if lens != self._lens:
            self._lens = lens
            self.worst = Deep(self._worst_of, None)

    @property
    def _all(self) -> "tuple[Deep[WorstClass | None], Deep[Mapping[str, FigureValue]], Deep[tuple[str, ...]]]":
        return self.worst, self.parameters, self.titles

    def begin(self) -> None:
        """Forget which trials were asked about: they are about to be asked about anew."""
        for deep in self._all:
            deep.wanted.clear()

    @property
    def wanted(self) -> int:
        """How many are still to be read."""
        return sum(len(deep.wanted) for deep in self._all)

    @property
    def kept(self) -> int:
        """Of how many trials something is kept, at most."""
        return max(len(deep) for deep in self._all)

    def read_some(self) -> None:
        """Read on for a while."""
        next((deep for deep in self._all if deep.wanted), self.titles).read_some()

    def forget(self, ids: Collection[str]) -> None:
        """Let go of all trials but those with these ids."""
        for deep in self._all:
            deep.forget(ids)

    def _worst_of(self, trial: Trial) -> WorstClass | None:
        # Imported here, as in `_titles_of`: reading JSON takes long to load, which the first frame does not wait for.
        from eitui.api.detail import worst_recall

        return worst_recall(trial, self._lens.precision, self._lens.part)

    def _parameters_of(self, trial: Trial) -> Mapping[str, FigureValue]:
        from eitui.api.detail import parameters_of

        # The names are those of every other trial: kept once.
        found = {intern(name): value for name, value in parameters_of(trial).items()}
        self.names.update(found)
        return found


def _titles_of(trial: Trial) -> tuple[str, ...]:
    from eitui.api.detail import block_titles

    return block_titles(trial)


def _evaluated(trial: Trial) -> bool:
    return trial.status == COMPLETED and bool(trial.evaluations)


WORST = "worst_recall"

DECIDES = 3.0
"""Importance of the column that decides which trial is best."""

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
        self._idle: tuple[tuple[object, ...], frozenset[str]] = ((None, None), frozenset())
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
    def idle(self) -> frozenset[str]:
        """Keys of the usual columns that show nothing of any trial, once there is a completed one."""
        about = (self._moment.run, self.context)
        if not all(map(is_, self._idle[0], about)):
            self._idle = (about, self._found_idle())
        return self._idle[1]

    def _found_idle(self) -> frozenset[str]:
        run, context = self._moment.run, self.context
        if not run.counts.completed:
            return frozenset()
        # Reading the worst class takes long, and there is one where there is an accuracy.
        read = {of.id: of.read for of in FIGURES if of.column is not None and of.id not in (WORST, *STAYING)}
        read[CURVE.key] = lambda trial, _: float(context.curve(trial).length) or None
        idle = {key for key, value in read.items() if all(value(trial, context) is None for trial in run.trials)}
        return frozenset(idle | {WORST}) if "val_accuracy" in idle else frozenset(idle)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of these trials: of the hyper-parameters those that differ among the trials that were read."""
        return (*FIGURES, *varying(self.depths.parameters.known(self._moment.run.trials)))
