"""The trial table without a terminal: which trials, in which order, with which cells."""

from collections.abc import Sequence

from eitui.analysis.figures import precision_of
from eitui.analysis.ranking import best
from eitui.domain.moment import EMPTY_MOMENT, Moment
from eitui.domain.trial import Trial
from eitui.view.cells import fit
from eitui.view.columns import BY_KEY, COLUMNS, GAP, Cell, Column, Context, choose_columns, row, sort_trials
from eitui.view.lines import Line, Span

FIXED = ("mark", "name")
"""Columns that stay at the left while the others are moved along."""

_GAP: Span = (" " * GAP, "")


def context_of(moment: Moment) -> Context:
    """Return what the rows of `moment` depend on beside their trials."""
    run = moment.run
    first = best(run)
    return Context(
        config=run.config,
        precision=precision_of(run),
        best_id=first.trial.id if first.trial else None,
        best_fit_id=first.within_limits.id if first.within_limits else None,
        stalled=moment.history.stalled,
    )


class TrialRows:
    """The rows of the table: ordered trials, and a cell for each column, made when first looked at."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.context = Context()
        self.sort: Column | None = None
        """None: in the service's own order."""
        self.reverse = False
        self._moment = EMPTY_MOMENT
        self._index: dict[str, int] = {}
        self._cells: dict[str, tuple[Trial, Context, tuple[Column, ...], Line]] = {}

    def show(self, moment: Moment) -> None:
        """Take over the trials of `moment`. Costs nothing when its run is the same as before."""
        before, self._moment = self._moment, moment
        same_run = before.run is moment.run and before.history.stalled == moment.history.stalled
        if same_run and self.trials:
            return
        context = context_of(moment)
        if context != self.context:
            self.context = context
        self._order()

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Order by a column, or by nothing (None: the service's order, or its opposite)."""
        self.sort, self.reverse = (BY_KEY[key] if key else None), reverse
        self._order()

    def index_of(self, trial_id: str | None) -> int | None:
        """Return the row of a trial, or None where it is not in the table."""
        return None if trial_id is None else self._index.get(trial_id)

    def line(self, index: int, columns: tuple[Column, ...]) -> Line:
        """Row `index` as a line; made anew only when its trial or what it depends on changed."""
        trial = self.trials[index]
        kept = self._cells.get(trial.id)
        if kept is not None and kept[0] is trial and kept[1] is self.context and kept[2] is columns:
            return kept[3]
        line = aligned(row(trial, columns, self.context), columns)
        self._cells[trial.id] = (trial, self.context, columns, line)
        return line

    def _order(self) -> None:
        trials = self._moment.run.trials
        if self.sort is None:
            self.trials = list(reversed(trials)) if self.reverse else list(trials)
        else:
            self.trials = sort_trials(trials, self.sort, self.reverse, self.context)
        self._index = {trial.id: index for index, trial in enumerate(self.trials)}
        if len(self._cells) > 2 * len(self.trials) + 100:
            self._cells = {key: kept for key, kept in self._cells.items() if key in self._index}


def aligned(cells: Sequence[Cell], columns: Sequence[Column]) -> Line:
    """Return cells at their columns' widths as one line."""
    line: list[Span] = []
    for cell, column in zip(cells, columns, strict=True):
        line += [_GAP, (fit(cell.text, column.width, column.align), cell.tone)]
    return tuple(line[1:])


def titles(columns: Sequence[Column], sort: Column | None, *, reverse: bool) -> Line:
    """Return the columns' titles; the one sorted by carries an arrow, before it where it fills its column."""
    arrow = "▼" if reverse else "▲"
    line: list[Span] = []
    for column in columns:
        by = sort is not None and sort.key == column.key
        full = by and len(column.title) >= column.width
        text = column.title
        if by and not full:
            text = arrow + text if column.align == "right" else text + arrow
        line.append((arrow, "accent") if full else _GAP)
        line.append((fit(text, column.width, column.align), "accent" if by else "dim"))
    return tuple(line[1:])


def window(width: int, moved: int) -> tuple[Column, ...]:
    """Return the columns to show in `width` cells: the important ones, or when `moved`, those from there on.

    `moved` counts columns left out after the fixed ones; 0 is the usual choice.
    """
    usual = choose_columns(width, COLUMNS)
    if moved <= 0 or len(usual) == len(COLUMNS):
        return usual
    fixed = [column for column in COLUMNS if column.key in FIXED]
    others = [column for column in COLUMNS if column.key not in FIXED][moved:]
    chosen = list(fixed)
    used = sum(column.width + GAP for column in fixed)
    for column in others:
        if used + column.width > width:
            break
        chosen.append(column)
        used += column.width + GAP
    return tuple(chosen)


def most_moved(width: int) -> int:
    """How far `window` can usefully be moved: until the last column is in sight."""
    others = [column for column in COLUMNS if column.key not in FIXED]
    moved = 0
    while moved < len(others) - 1 and window(width, moved)[-1].key != COLUMNS[-1].key:
        moved += 1
    return moved
