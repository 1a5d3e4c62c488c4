"""The table of impulses without a terminal: its columns, which the service lists, and its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from eitui.analysis.impulse_states import WORST_FIRST
from eitui.analysis.impulses import ImpulseQuery, Listed, category_word, listed, repeated, states
from eitui.domain.impulse import NO_IMPULSES, NUMERIC, Impulse, ImpulseTable, MetricKey
from eitui.view.kit.cells import Align, len_cells
from eitui.view.kit.format import MISSING
from eitui.view.kit.lines import Line
from eitui.view.kit.marks import Mark
from eitui.view.kit.status import status
from eitui.view.kit.table import Cell, ColumnOf, SortKey, aligned, natural, row, sort_items
from eitui.view.run.columns import Arrangement

LEAST_METRIC, MOST_METRIC, WIDEST_METRIC = 5, 14, 24
"""Cells of a metric's column: at least, and at most where there is little room and where there is much."""

_TAGS, _AUTHOR, _TRIAL, _ID, _DATASET = "tags", "author", "trial", "id", "dataset"
_EXTRA = {
    "tags": _TAGS,
    "author": _AUTHOR,
    "createdBy": _AUTHOR,
    "createdByUser": _AUTHOR,
    "createdFromTunerTrial": _TRIAL,
    "createdFromTunerTrialId": _TRIAL,
    "datasetVersion": _DATASET,
    "datasetVersionId": _DATASET,
}
"""What the service calls columns that are no metrics, and their keys here."""

_MISSING = Cell(MISSING, "dim")


@dataclass(frozen=True)
class ImpulseContext:
    """What a row depends on beside its impulse."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    """Of the impulses that are marked, by key."""


ImpulseColumn: TypeAlias = ColumnOf[Listed, ImpulseContext]


def impulse_columns(table: ImpulseTable) -> tuple[ImpulseColumn, ...]:
    """Return every column there is for a project's impulses, in the usual order: the service's."""
    metrics = [key for keys in table.keys.values() for key in keys]
    ahead = [key for key in metrics if key.shown]
    behind = [key for key in metrics if not key.shown]
    rank = len(ahead) + 10
    twice = repeated(key.title for key in metrics)
    # The words must be read: never cut, unless they are stale besides.
    state = max((len_cells(_state_text(impulse)[0]) for impulse in table.impulses), default=10)
    ids = max((len(str(impulse.id)) for impulse in table.impulses if impulse.id is not None), default=2)
    extra = [
        _text_column(_TAGS, "Tags", 10, lambda impulse: ", ".join(impulse.tags), 50, 24),
        _text_column(_TRIAL, "From trial", 10, lambda impulse: impulse.from_trial or "", 51, 14),
        _text_column(_DATASET, "Dataset", 7, _dataset, 51.5, 14, _dataset_key),
        _text_column(_AUTHOR, "Author", 10, lambda impulse: impulse.author, 52, 20),
        _text_column(
            _ID,
            "ID",
            min(10, max(3, ids)),
            lambda impulse: "" if impulse.id is None else str(impulse.id),
            53,
            sort_key=lambda impulse: impulse.id,
            align="right",
        ),
    ]
    shown_extra = _shown_extra(table)
    return (
        ImpulseColumn("mark", "", 2, "left", _mark, _mark_key, rank=0.5),
        ImpulseColumn(
            "name", "Impulse", 18, "left", _name, lambda item, _: natural(item.impulse.name), rank=0, widest=44
        ),
        ImpulseColumn(
            "state",
            "State",
            min(16, state),
            "left",
            lambda item, _: Cell(*_state_text(item.impulse)),
            lambda item, _: float(WORST_FIRST.index(states(item.impulse)[0])),
            rank=1,
            widest=state,
        ),
        *(_metric_column(key, table, 2 + place, twice) for place, key in enumerate(ahead)),
        *sorted(extra, key=lambda column: column.key not in shown_extra),
        *(_metric_column(key, table, rank + place, twice) for place, key in enumerate(behind)),
    )


def _text_column(
    key: str,
    title: str,
    width: int,
    text: Callable[[Impulse], str],
    rank: float,
    widest: int = 0,
    sort_key: Callable[[Impulse], SortKey | None] | None = None,
    align: Align = "left",
) -> ImpulseColumn:
    """Return the column of a text, which sorts by itself where no `sort_key` is given."""

    def cell(item: Listed, _: ImpulseContext) -> Cell:
        shown = text(item.impulse)
        return Cell(shown) if shown else _MISSING

    by = sort_key or (lambda impulse: natural(text(impulse)))
    return ImpulseColumn(key, title, width, align, cell, lambda item, _: by(item.impulse), rank, widest)


def usual(table: ImpulseTable, columns: Sequence[ImpulseColumn]) -> Arrangement:
    """Return which of `columns` the service would show."""
    movable = [column.key for column in columns if column.key not in ("mark", "name")]
    shown = {"state", *map(metric_column, table.shown), *_shown_extra(table)}
    return Arrangement(tuple(movable), frozenset(movable) - shown)


def _shown_extra(table: ImpulseTable) -> set[str]:
    """Return the keys of what the service would show; the data version as soon as there are two, also unasked."""
    versions = {impulse.dataset.id for impulse in table.impulses if impulse.dataset is not None}
    return {_EXTRA.get(name, "") for name in table.extra_columns} | ({_DATASET} if len(versions) > 1 else set())


def metric_column(key: MetricKey) -> str:
    """Return the key of a metric's column."""
    return f"{key.category}/{key.name}"


def _metric_column(key: MetricKey, table: ImpulseTable, rank: float, twice: frozenset[str]) -> ImpulseColumn:
    """Return a metric's column; where another in `twice` has the same title, the category tells them apart."""
    title = f"{category_word(key.category)}: {key.title}" if key.title in twice else key.title
    texts = [metric.text for impulse in table.impulses if (metric := impulse.metric(key.category, key.name))]
    # One cell more than the title: for the arrow where it is sorted by.
    needed = max([LEAST_METRIC, len_cells(title) + 1, *map(len_cells, texts)])

    def cell(item: Listed, _: ImpulseContext) -> Cell:
        metric = item.impulse.metric(key.category, key.name)
        return Cell(metric.text) if metric is not None and metric.text else _MISSING

    def sort_key(item: Listed, _: ImpulseContext) -> SortKey | None:
        """Sort by the service's number, else by its text; those with a number come first."""
        metric = item.impulse.metric(key.category, key.name)
        if metric is None:
            return None
        return natural(metric.text) if metric.number is None else metric.number

    return ImpulseColumn(
        metric_column(key),
        title,
        min(WIDEST_METRIC if title != key.title else MOST_METRIC, needed),
        "right" if key.filtering.type == NUMERIC else "left",
        cell,
        sort_key,
        rank,
        widest=min(WIDEST_METRIC, needed),
    )


def _mark(item: Listed, beside: ImpulseContext) -> Cell:
    own = beside.marks.get(item.key)
    return Cell("") if own is None else Cell(own.sign, own.tone)


def _mark_key(item: Listed, beside: ImpulseContext) -> SortKey | None:
    return float(list(beside.marks).index(item.key)) if item.key in beside.marks else None


def _name(item: Listed, _: ImpulseContext) -> Cell:
    return Cell(item.impulse.name) if item.impulse.name else Cell(item.called, "dim")


def _state_text(impulse: Impulse) -> tuple[str, str]:
    """Return the signs of all words ahead of them, as the end of the words may be cut, and a tone."""
    words = states(impulse)
    return f"{''.join(status(word).sign for word in words)} {', '.join(words)}", status(words[0]).tone


def _dataset(impulse: Impulse) -> str:
    return "" if impulse.dataset is None else impulse.dataset.label


def _dataset_key(impulse: Impulse) -> SortKey | None:
    data = impulse.dataset
    return None if data is None else natural(data.label) if data.index is None else float(data.index)


class ImpulseRows:
    """The rows of the table: filtered and ordered impulses, and a line for each, made when first looked at."""

    def __init__(self) -> None:
        self.items: list[Listed] = []
        """Those that the filter lets through."""
        self.all: tuple[Listed, ...] = ()
        self.columns: tuple[ImpulseColumn, ...] = ()
        """Every one there is."""
        self.usual = Arrangement((), frozenset())
        """The columns that the service would show."""
        self.sort: ImpulseColumn | None = None
        """None: in the service's own order."""
        self.reverse = False
        self.filter = ImpulseQuery()
        self.beside = ImpulseContext()
        self._table = NO_IMPULSES
        self._lines: dict[str, tuple[ImpulseContext, tuple[ImpulseColumn, ...], Line]] = {}

    def show(self, table: ImpulseTable, marks: Mapping[str, Mark]) -> bool:
        """Take over the impulses and the marks; False where both are the same as before."""
        if table is self._table and marks == self.beside.marks and self.columns:
            return False
        if table is not self._table or not self.columns:
            self._table, self.all = table, listed(table)
            self.columns = impulse_columns(table)
            self.usual = usual(table, self.columns)
            self._lines.clear()
            self.sort = self._column(self.sort.key) if self.sort is not None else None
        self.beside = ImpulseContext(marks) if marks != self.beside.marks else self.beside
        self._order()
        return True

    def sort_by(self, key: str | None, *, reverse: bool) -> None:
        """Order by a column, or by nothing (None: the service's order, or its opposite)."""
        self.sort, self.reverse = (None if key is None else self._column(key)), reverse
        self._order()

    def filter_by(self, query: ImpulseQuery) -> None:
        """Show only the impulses that `query` asks for."""
        self.filter = query
        self._order()

    def item(self, key: str | None) -> Listed | None:
        """Return an impulse, whether it is shown or not; None where there is none with this key."""
        return next((item for item in self.all if item.key == key), None)

    def index_of(self, key: str | None) -> int | None:
        """Return the row of an impulse, or None where it is not in the table."""
        return next((index for index, item in enumerate(self.items) if item.key == key), None)

    def line(self, index: int, columns: tuple[ImpulseColumn, ...]) -> Line:
        """Row `index` as a line; made anew only when what it depends on changed."""
        item = self.items[index]
        kept = self._lines.get(item.key)
        if kept is not None and kept[0] is self.beside and kept[1] is columns:
            return kept[2]
        line = aligned(row(item, columns, self.beside), columns)
        self._lines[item.key] = (self.beside, columns, line)
        return line

    def _column(self, key: str) -> ImpulseColumn | None:
        return next((column for column in self.columns if column.key == key), None)

    def _order(self) -> None:
        found = self.filter.select(self.all, frozenset(self.beside.marks))
        if self.sort is not None:
            # Numbers and texts cannot be compared: numbers come first.
            numbers: list[Listed] = []
            others: list[Listed] = []
            for item in found:
                (numbers if isinstance(self.sort.sort_key(item, self.beside), float | int) else others).append(item)
            self.items = [
                *sort_items(numbers, self.sort, self.reverse, self.beside),
                *sort_items(others, self.sort, self.reverse, self.beside),
            ]
        else:
            self.items = found[:: -1 if self.reverse else 1]
